"""The decision form, read back."""

import json
from typing import Any
from uuid import UUID

from litestar.datastructures import FormMultiDict

from review.decisions.votes import Ballot
from review.door import AnyRequest
from review.intake.strict import NotJson, check
from review.kernel.ids import ViewId
from review.kernel.problems import InvalidRequest, Problem, invalid
from review.queue.configuration import Effect

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
        check(typed.encode())
    except UnicodeEncodeError:
        raise invalid("/arguments", "contains half of a surrogate pair") from None
    except NotJson as problem:
        raise invalid("/arguments", f"is not JSON: {said_by(problem)}") from None
    except InvalidRequest as problem:
        raise invalid("/arguments", said_by(problem)) from None
    found = json.loads(typed)
    if not isinstance(found, dict):
        raise invalid("/arguments", "must be an object: { … }")
    return found  # pyright: ignore[reportUnknownVariableType] - checked to be an object


def said_by(problem: Problem) -> str:
    """Return what the first wrong field of a refusal says, and where it is if that is inside."""
    (first, *_) = problem.facts["errors"]
    where = "" if first["pointer"] == "/" else f" (at {first['pointer']})"
    return f"{first['message']}{where}"


async def form_of(request: AnyRequest) -> FormMultiDict:
    """Return the fields of a request."""
    return await request.form()
