"""Items as values: what is asked, what is known of it, and how it ended."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from review.kernel.ids import ActorId, ItemId, QueueId
from review.kernel.problems import Kind, Problem
from review.queue.transitions import Cause, Expired, Result, Standing, State


class ItemMissing(Problem):
    """There is no such item, or it is not yours to see."""

    kind = Kind.MISSING


class QueueMissing(Problem):
    """There is no such queue in this workspace."""

    kind = Kind.MISSING


class QueueExists(Problem):
    """A queue of this name exists already."""

    kind = Kind.CONFLICT


class KindNotTaken(Problem):
    """This queue does not take items of this kind.

    `allowed` lists the kinds it takes.
    """

    kind = Kind.INVALID


class TooManyClaims(Problem):
    """You hold as many items of this queue as one person may.

    Decide, skip or release one of them first; `limit` says how many may be open at once. Items held
    without being worked on keep others waiting.
    """

    kind = Kind.CONFLICT


class RevisionMoved(Problem):
    """The item has been revised since you looked at it.

    `revision` is the current one. A decision names the revision it was made on, and this one names
    an older: open the item again and look at what changed.
    """

    kind = Kind.MOVED


class AlreadyWaiting(Problem):
    """The same action of the same agent is already waiting.

    Two requests for it arrived at the same moment. Send yours again: it joins the one that waits.
    """

    kind = Kind.CONFLICT
    retryable = True


class TooManyHops(Problem):
    """This item has been passed on as often as it may be.

    An escalation must end with somebody who decides; `hops` says how often it has moved already.
    """

    kind = Kind.CONFLICT


MOST_HOPS = 3


@dataclass(frozen=True, slots=True)
class Ending:
    """How an item ends: the result, what caused it, and what the agent is told."""

    result: Result
    cause: Cause
    by: ActorId
    verdict: str | None = None
    arguments: dict[str, Any] | None = None
    message: str | None = None
    reason_codes: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return the part of the outcome that is kept as a document."""
        return {
            "verdict": self.verdict,
            "arguments": self.arguments,
            "message": self.message,
            "reason_codes": list(self.reason_codes),
        }


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it stands."""

    item_id: ItemId
    queue_id: QueueId
    queue: str
    configuration: int
    kind: str
    title: str
    producer_id: ActorId
    delegated_by: str | None
    run_id: str | None
    language: str | None
    requires: list[str]
    risk_tier: str | None
    digest: str
    action_digest: str | None
    revision: int
    supersedes_id: ItemId | None
    handover: str | None
    hops: int
    created_at: datetime
    due_at: datetime
    stale_at: datetime
    expires_at: datetime
    on_expiry: str
    epoch: int
    claimed_by: ActorId | None
    claimed_until: datetime | None
    asked_at: datetime | None
    question: str | None
    settled_at: datetime | None
    result: str | None
    cause: str | None
    settled_by: ActorId | None
    decision_seq: int | None
    outcome: dict[str, Any] | None
    acknowledged_at: datetime | None

    @property
    def standing(self) -> Standing:
        """The part of the item that the transition table asks about."""
        return Standing(
            epoch=self.epoch,
            claimed_by=self.claimed_by,
            claimed_until=self.claimed_until,
            asked_at=self.asked_at,
            settled_at=self.settled_at,
            result=self.result,
            cause=self.cause,
        )

    def state(self, now: datetime) -> State:
        """Return where the item is at one instant."""
        return self.standing.state(now)

    def told(self) -> dict[str, Any] | None:
        """Return the outcome as everyone outside is told it, or None while there is none."""
        if self.outcome is None or self.settled_at is None or self.cause is None:
            return None
        who = {Cause.HUMAN.value: "person", Cause.AGENT.value: "agent"}.get(self.cause, "system")
        return {
            "result": self.result,
            "cause": self.cause,
            "by": who if who == "system" else f"{who}:{self.settled_by}",
            "at": self.settled_at.isoformat(),
            "decision_seq": self.decision_seq,
            "revision": self.revision,
            **self.outcome,
            "grant": None,
        }

    def ended(self, ending: Ending, decision_seq: int, now: datetime) -> Self:
        """Return the item as it is once it has ended."""
        return replace(
            self,
            settled_at=now,
            result=ending.result.value,
            cause=ending.cause.value,
            settled_by=ending.by,
            decision_seq=decision_seq,
            outcome=ending.told(),
            claimed_by=None,
            claimed_until=None,
            asked_at=None,
            question=None,
        )

    def ensure_in_time(self, now: datetime) -> None:
        """Return quietly while nobody's default has fallen due, even if the clock's hand is late.

        Raises: Expired.
        """
        if self.settled_at is None and now >= self.expires_at:
            raise Expired(expires_at=self.expires_at.isoformat(), on_expiry=self.on_expiry)

    def ensure_revision(self, revision: int) -> None:
        """Return quietly if the caller speaks of the current revision, or nothing can change it.

        Raises: RevisionMoved.
        """
        if self.settled_at is None and revision != self.revision:
            raise RevisionMoved(revision=self.revision, presented=revision)


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of what an item asks."""

    revision: int
    parent: int | None
    payload: dict[str, Any]
    digest: str
    action_digest: str | None
    author_kind: str
    author_id: ActorId
    created_at: datetime
