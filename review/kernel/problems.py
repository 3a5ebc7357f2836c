"""Problems: the answers this service gives on purpose when it says no.

The first line of a problem's docstring is the sentence everyone reads, the rest of it is its
documentation page, the class name is the code a program reads, and the kind says what sort of no
it is. HTTP is not mentioned here: `review/infra/status.py` holds the one table from kind to status.
"""

import inspect
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of no."""

    MALFORMED = "malformed"  # it could not be read at all
    UNAUTHENTICATED = "unauthenticated"  # we do not know who you are
    FORBIDDEN = "forbidden"  # we know, and you may not
    MISSING = "missing"  # there is no such thing, or it is not yours to see
    CONFLICT = "conflict"  # it was true when you looked; it is not true now
    GONE = "gone"  # its time has passed
    MOVED = "moved"  # you speak of an older version of it
    INVALID = "invalid"  # it can be read, and contradicts a rule
    EXHAUSTED = "exhausted"  # a limit was reached; later may work
    UNAVAILABLE = "unavailable"  # not your fault, and not now


class Problem(Exception):  # noqa: N818 - a problem is an answer, not an error
    """The request was understood and declined.

    Every refusal of this service is one of its subclasses.
    """

    kind: ClassVar[Kind] = Kind.INVALID
    retryable: ClassVar[bool] = False

    def __init__(self, **facts: Any) -> None:  # noqa: ANN401 - whatever JSON can say
        self.facts = facts
        super().__init__(self.sentence())

    @classmethod
    def sentence(cls) -> str:
        """Return the docstring's first line: constant per class, as RFC 9457 asks of a title."""
        return inspect.cleandoc(cls.__doc__ or cls.__name__).partition("\n")[0]

    @classmethod
    def explanation(cls) -> str:
        """Return the docstring without its first line: what it means and what to do about it."""
        return inspect.cleandoc(cls.__doc__ or "").partition("\n")[2].strip()

    @classmethod
    def code(cls) -> str:
        """Return the class name in kebab case.

        >>> DoomedRequest.code()
        'doomed-request'
        """
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class InvalidRequest(Problem):
    """The request does not fit the schema.

    `errors` lists every field that is wrong: `pointer` is a JSON Pointer (RFC 6901) into the body,
    or `query/name` or `path/name` for parameters, and `message` says what was expected there.
    Nothing was stored. Correct the fields and send the request again.
    """

    kind = Kind.INVALID


def invalid(pointer: str, message: str) -> InvalidRequest:
    """Return the refusal of one field.

    >>> invalid("/due_in_s", "must be positive").facts
    {'errors': [{'pointer': '/due_in_s', 'message': 'must be positive'}]}
    """
    return InvalidRequest(errors=[{"pointer": pointer, "message": message}])


def pointer_to(steps: Iterable[object]) -> str:
    """Return the JSON Pointer of a path of names and places; the whole document is "".

    >>> pointer_to(["facts", 0, "a/b"])
    '/facts/0/a~1b'

    Source: RFC 6901, section 3.
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


class DoomedRequest(Problem):
    """The request contradicts itself, so no reviewer could answer it well.

    `errors` says which fields disagree: a deadline that has already passed or comes after expiry,
    a reversible action without its `rollback`, approval on expiry where it is not allowed, a fact
    fetched in the future, a confidence outside 0 to 1. Nobody was asked; correct it and ask again.
    """

    kind = Kind.INVALID


def doomed(pointer: str, message: str) -> DoomedRequest:
    """Return the refusal of a request whose field contradicts another."""
    return DoomedRequest(errors=[{"pointer": pointer, "message": message}])
