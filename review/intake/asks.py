"""Asks: what a submitter wants decided, screened before a person sees it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from review.intake.digests import digest
from review.kernel.ids import ItemId
from review.kernel.problems import doomed

SKEW = timedelta(minutes=5)  # how far a producer's clock may run ahead of ours


@dataclass(frozen=True)
class Ask:
    """One request as its submitter spelled it, with the parts the rules look at."""

    key: str
    document: dict[str, Any]
    queue: str
    kind: str
    title: str
    action: dict[str, Any] | None = None
    content: dict[str, Any] | None = None
    fetched: tuple[datetime | None, ...] = ()
    risk_tier: str | None = None
    reversible: bool = False
    rollback: str | None = None
    language: str | None = None
    requires: tuple[str, ...] = ()
    run_id: str | None = None
    delegated_by: str | None = None
    due_in_s: int | None = None
    stale_in_s: int | None = None
    expires_in_s: int | None = None
    on_expiry: str | None = None
    supersedes: ItemId | None = None

    @cached_property
    def digest(self) -> str:
        """The digest of the whole request."""
        return digest("request", self.document)

    @cached_property
    def action_digest(self) -> str | None:
        """The digest of the proposed action alone, if there is one."""
        return action_digest(self.action)


@dataclass(frozen=True, slots=True)
class Change:
    """What an agent changes of an item: whole top-level fields, each replacing the old one."""

    fields: dict[str, Any]
    fetched: tuple[datetime | None, ...] = ()
    stale_in_s: int | None = None

    @property
    def renews(self) -> bool:
        """Whether the change brings fresh facts, a fresh action or fresh content."""
        return any(self.fields.get(name) for name in ("facts", "action", "content"))


def action_digest(action: Mapping[str, Any] | None) -> str | None:
    """Return the digest of an action: its name and its exact arguments."""
    return None if action is None else digest("action", action)


def screen(ask: Ask, *, now: datetime) -> None:
    """Return quietly if the request makes sense as far as a machine can tell.

    Raises: DoomedRequest.
    """
    if ask.reversible and not (ask.rollback or "").strip():
        raise doomed("/risk/rollback", "a reversible action says how it is reversed")
    screen_facts(ask.fetched, now=now)


def screen_facts(fetched: Iterable[datetime | None], *, now: datetime) -> None:
    """Return quietly if no fact claims to have been fetched in the future.

    Raises: DoomedRequest.
    """
    for place, at in enumerate(fetched):
        if at is not None and at > now + SKEW:
            raise doomed(f"/facts/{place}/fetched_at", "lies in the future")
