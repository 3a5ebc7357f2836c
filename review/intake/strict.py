"""JSON read strictly: what two parsers could read differently is refused before anyone acts."""

import json
import re
from typing import Any

from review.kernel.problems import InvalidRequest, Kind, Problem, invalid

LARGEST = 2**53 - 1
DEEPEST = 64
NUL = "contains a NUL character, which nothing here can"
HALF = re.compile("[\ud800-\udfff]")
SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # escapes worth a closer look


class NotJson(Problem):
    """The body is not JSON.

    `errors` says where reading stopped. Send an object in UTF-8 with the content type
    `application/json`.
    """

    kind = Kind.INVALID


def check(body: bytes) -> None:
    """Return quietly if a JSON text means one thing only.

    Refused: duplicate names, NaN, numbers at which a double has lost count, NUL characters, halves
    of a surrogate pair, abysses, and every encoding but UTF-8.

    >>> check(b'{"a": [1, 2.5, "x"]}')

    Raises: NotJson, InvalidRequest.
    Source: RFC 8259, sections 4 and 6; RFC 7493 (I-JSON).
    """
    try:
        document = json.loads(
            body.decode(),
            object_pairs_hook=_distinct,
            parse_int=_safe,
            parse_float=_precise,
            parse_constant=_finite,
        )
    except InvalidRequest:
        raise
    except RecursionError:
        raise invalid("/", f"is nested more than {DEEPEST} levels deep") from None
    except ValueError as error:
        raise NotJson(errors=[{"pointer": "/", "message": str(error)}]) from None
    if body.count(b"[") + body.count(b"{") > DEEPEST or SUSPECT.search(body):
        _walk(document, "", 0)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid(f"/{twice}", "is given more than once in the same object")
    return found


def _safe(digits: str) -> int:
    number = int(digits) if len(digits) <= len(str(-LARGEST)) else LARGEST + 1
    if not -LARGEST <= number <= LARGEST:
        raise invalid("/", f"the number {digits[:24]} is beyond ±(2^53-1); send it as a string")
    return number


def _precise(digits: str) -> float:
    """Read a decimal; beyond 2^53 every double is an integer, and PostgreSQL keeps it as one."""
    number = float(digits)
    if not -LARGEST <= number <= LARGEST:
        raise invalid("/", f"the number {digits[:24]} is beyond ±(2^53-1); send it as a string")
    return number


def _finite(name: str) -> float:
    raise invalid("/", f"{name} is not JSON")


def _walk(value: object, pointer: str, depth: int) -> None:
    """Refuse what is nested too deep, and characters that PostgreSQL cannot keep."""
    if depth > DEEPEST:
        raise invalid(pointer, f"is nested more than {DEEPEST} levels deep")
    if isinstance(value, str) and "\x00" in value:
        raise invalid(pointer or "/", NUL)
    if isinstance(value, str) and HALF.search(value):
        raise invalid(pointer or "/", "contains half of a surrogate pair")
    if isinstance(value, dict):
        for name, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            _walk(name, pointer, depth)  # pyright: ignore[reportUnknownArgumentType]
            _walk(inner, f"{pointer}/{name}", depth + 1)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        for place, inner in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            _walk(inner, f"{pointer}/{place}", depth + 1)  # pyright: ignore[reportUnknownArgumentType]
