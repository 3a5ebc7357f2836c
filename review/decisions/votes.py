"""Votes: what counts as one, and who may not cast it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from review.kernel.ids import ViewId
from review.kernel.problems import Kind, Problem


class SelfApproval(Problem):
    """You may not decide on what was asked for in your name.

    `delegated_by` names you as the person on whose behalf the agent acts. Somebody else decides.
    """

    kind = Kind.FORBIDDEN


class ViewMismatch(Problem):
    """This decision does not quote a view of what it decides on.

    A decision names the view it was made on: the record of what this person was shown, of this
    revision, under this claim. Take `view` from the claim, or from `POST /v1/items/{id}/views`.
    """

    kind = Kind.INVALID


class AlreadyVoted(Problem):
    """A verdict has been given under this claim already."""

    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a person sends in: a verdict, why, and what exactly it was made on."""

    epoch: int
    revision: int
    view: ViewId
    verdict: str
    reason_codes: tuple[str, ...] = ()
    note: str = ""
    arguments: dict[str, Any] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])


def ensure_not_self(delegated_by: str | None, known_as: frozenset[str]) -> None:
    """Return quietly unless the decider is a link of the chain in whose name it was asked.

    >>> ensure_not_self("user:jo@example.com", frozenset({"user:ada@example.com"}))

    Raises: SelfApproval.
    """
    links = re.split(r"[\s,;<>]+|->", (delegated_by or "").lower())
    named = {name for link in links for name in (link, link.rpartition(":")[2]) if name}
    if named & known_as:
        raise SelfApproval(delegated_by=delegated_by)
