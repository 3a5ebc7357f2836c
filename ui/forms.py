"""The decision form, read back."""

import json
from typing import Any
from uuid import UUID

from litestar.datastructures import FormMultiDict

from review.decisions.votes import Ballot
from review.door import AnyRequest
from review.kernel.ids import ViewId
from review.kernel.problems import invalid
from review.queue.configuration import Effect

LARGEST = 2**53 - 1
LONGEST_NOTE = 20_000
MOST_REASONS = 20
NEEDS_NOTE = frozenset({Effect.REQUEST_INFO, Effect.ESCALATE})


def ballot_of(form: FormMultiDict) -> Ballot:
    """Return the vote a form spells. The verdict's effect decides whether arguments are sent.

    Raises: InvalidRequest.
    """
    effect = text(form, "effect-" + text(form, "verdict"))
    edits = text(form, "arguments") if effect == Effect.APPROVE_WITH_EDITS else ""
    verdict = text(form, "verdict")
    if not verdict:
        raise invalid("/verdict", "choose a verdict first")
    note = note_of(form)
    if effect in NEEDS_NOTE and not note:
        raise invalid("/note", "write what you want to know, or why you pass it on")
    return Ballot(
        epoch=number(form, "epoch"),
        revision=number(form, "revision"),
        view=view_of(form),
        verdict=verdict,
        reason_codes=tuple(str(code) for code in form.getall("reason_codes", []))[:MOST_REASONS],
        note=note,
        arguments=arguments_of(edits) if edits else None,
    )


def text(form: FormMultiDict, name: str) -> str:
    """Return one field as text; a file or nothing at all is empty."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def note_of(form: FormMultiDict) -> str:
    """Return the note with the line ends a person typed.

    Raises: InvalidRequest.
    """
    note = text(form, "note").replace("\r\n", "\n").strip()
    if "\x00" in note:
        raise invalid("/note", "contains a NUL character")
    if len(note) > LONGEST_NOTE:
        raise invalid("/note", f"is longer than {LONGEST_NOTE:,} characters")
    return note


def number(form: FormMultiDict, name: str) -> int:
    """Return one field as a number.

    Raises: InvalidRequest.
    """
    value = text(form, name)
    if not value.isascii() or not value.isdigit() or len(value) > len(str(2**31)):
        raise invalid(f"/{name}", "is not a number")
    return int(value)


def view_of(form: FormMultiDict) -> ViewId:
    """Return the view a form quotes.

    Raises: InvalidRequest.
    """
    try:
        return ViewId(UUID(text(form, "view")))
    except ValueError:
        raise invalid("/view", "is not an identifier") from None


def arguments_of(typed: str) -> dict[str, Any]:
    """Return edited arguments, read as strictly as the API reads them.

    >>> arguments_of('{"amount": "120.00"}')
    {'amount': '120.00'}

    Raises: InvalidRequest.
    """
    try:
        found = json.loads(
            typed, object_pairs_hook=_distinct, parse_int=_safe, parse_constant=_finite
        )
        typed.encode()
        json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise invalid("/arguments", f"is not JSON: {error.msg} at {where}") from None
    except (UnicodeEncodeError, RecursionError):
        raise invalid("/arguments", "cannot be written as JSON again") from None
    if not isinstance(found, dict):
        raise invalid("/arguments", "must be an object: { … }")
    if "\\u0000" in json.dumps(found):
        raise invalid("/arguments", "contains a NUL character")
    return found  # pyright: ignore[reportUnknownVariableType] - checked to be an object


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid(f"/arguments/{twice}", "is given more than once")
    return found


def _safe(digits: str) -> int:
    value = int(digits) if len(digits) <= len(str(-LARGEST)) else LARGEST + 1
    if not -LARGEST <= value <= LARGEST:
        raise invalid("/arguments", f"the integer {digits[:24]} is too large; write it as text")
    return value


def _finite(name: str) -> float:
    raise invalid("/arguments", f"{name} is not JSON")


async def form_of(request: AnyRequest) -> FormMultiDict:
    """Return the fields of a request."""
    return await request.form()
