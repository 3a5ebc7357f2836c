"""The life of an item: one table says which event may follow which state, and what comes of it.

Nothing else decides this. Every pair is either in the table or refused by name; the test walks
all of them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from review.kernel.ids import ActorId
from review.kernel.problems import Kind, Problem


class State(StrEnum):
    """Where an item is. Claimed is waiting with a lease that has not run out."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    ASKED = "asked"  # a reviewer asked the agent something; the agent owes an answer
    SETTLED = "settled"


class Event(StrEnum):
    """What may happen to an item."""

    CLAIM = "claim"
    RENEW = "renew"
    RELEASE = "release"
    OPEN = "open"
    DECIDE = "decide"
    ABSTAIN = "abstain"
    ASK = "ask"
    ANSWER = "answer"
    ESCALATE = "escalate"
    REVISE = "revise"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    EXPIRE = "expire"
    MOVE = "move"  # the clock escalates what nobody decided
    ACKNOWLEDGE = "acknowledge"


class Result(StrEnum):
    """How an item ended."""

    APPROVED = "approved"
    APPROVED_WITH_EDITS = "approved_with_edits"
    DENIED = "denied"
    ANSWERED = "answered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class Cause(StrEnum):
    """Who or what ended it. Only a person denies; only policy or the clock lets expire."""

    HUMAN = "human"
    POLICY = "policy"
    CLOCK = "clock"
    AGENT = "agent"


class AlreadySettled(Problem):
    """This item has been settled already.

    `result`, `cause` and `at` say how and when. An outcome is final: read it with
    `GET /v1/items/{id}`.
    """

    kind = Kind.CONFLICT


class Expired(Problem):
    """Nobody decided in time, and the declared default has taken effect.

    `on_expiry` said beforehand what would happen at `expires_at`. A decision that comes later
    changes nothing; the agent may ask again with fresh facts.
    """

    kind = Kind.GONE


class StaleClaim(Problem):
    """You no longer hold this item; its lease ran out, or it was released or claimed anew.

    A decision quotes the epoch of the claim it was made under, so a page that was left open cannot
    decide over a newer claim. Claim the item again and look at what it says now.
    """

    kind = Kind.CONFLICT


class NothingAsked(Problem):
    """Nobody asked this item's agent a question."""

    kind = Kind.CONFLICT


class AnswerOwed(Problem):
    """A reviewer asked a question, and the item waits for its agent's answer."""

    kind = Kind.CONFLICT


class NotSettled(Problem):
    """This item has no outcome yet."""

    kind = Kind.CONFLICT


_OPEN = (State.WAITING, State.CLAIMED, State.ASKED)

ALLOWED: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.CLAIM): State.CLAIMED,
    (State.CLAIMED, Event.RENEW): State.CLAIMED,
    (State.CLAIMED, Event.OPEN): State.CLAIMED,
    (State.CLAIMED, Event.RELEASE): State.WAITING,
    (State.CLAIMED, Event.ABSTAIN): State.WAITING,
    (State.CLAIMED, Event.ESCALATE): State.WAITING,
    (State.CLAIMED, Event.ASK): State.ASKED,
    (State.CLAIMED, Event.DECIDE): State.SETTLED,
    (State.ASKED, Event.ANSWER): State.WAITING,
    **{(state, Event.REVISE): State.WAITING for state in _OPEN},
    **{(state, Event.WITHDRAW): State.SETTLED for state in _OPEN},
    **{(state, Event.SUPERSEDE): State.SETTLED for state in _OPEN},
    **{(state, Event.EXPIRE): State.SETTLED for state in _OPEN},
    **{(state, Event.MOVE): State.WAITING for state in _OPEN},
    (State.SETTLED, Event.ACKNOWLEDGE): State.SETTLED,
}


def _refusal(state: State, event: Event) -> type[Problem]:
    """Return which no fits an event that the table does not allow."""
    if event is Event.ACKNOWLEDGE:
        return NotSettled
    if state is State.SETTLED:
        return AlreadySettled
    if event is Event.ANSWER:
        return NothingAsked
    if event is Event.CLAIM and state is State.ASKED:
        return AnswerOwed
    return StaleClaim


TABLE: dict[tuple[State, Event], State | type[Problem]] = {
    (state, event): ALLOWED.get((state, event)) or _refusal(state, event)
    for state in State
    for event in Event
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the table needs to know of one item."""

    epoch: int
    claimed_by: ActorId | None
    claimed_until: datetime | None
    asked_at: datetime | None
    settled_at: datetime | None
    result: str | None = None
    cause: str | None = None

    def state(self, now: datetime) -> State:
        """Return where the item is at one instant; a lease ends at its instant, not after it."""
        if self.settled_at is not None:
            return State.SETTLED
        if self.asked_at is not None:
            return State.ASKED
        if self.claimed_until is not None and self.claimed_until > now:
            return State.CLAIMED
        return State.WAITING


def follow(standing: Standing, event: Event, now: datetime) -> State:
    """Return the state an event leads to, or raise the problem that names why it may not happen.

    Raises: AlreadySettled, Expired, StaleClaim, NothingAsked, AnswerOwed, NotSettled.
    """
    then = TABLE[standing.state(now), event]
    if isinstance(then, State):
        return then
    if then is AlreadySettled and standing.result == Result.EXPIRED:
        raise Expired(state="settled", result=standing.result, cause=standing.cause)
    if then is AlreadySettled:
        at = standing.settled_at.isoformat() if standing.settled_at else None
        raise AlreadySettled(state="settled", result=standing.result, cause=standing.cause, at=at)
    raise then(state=standing.state(now).value)


def follow_held(
    standing: Standing, event: Event, now: datetime, *, by: ActorId, epoch: int
) -> State:
    """Return the state a holder's event leads to; the claim must be theirs, live and the same.

    The epoch counts an item's claims and is the fencing token: somebody who lost the item and won
    it back must act on what they see now, not on the page they left open.

    Raises: AlreadySettled, Expired, StaleClaim.
    Source: fencing tokens, Kleppmann 2016, "How to do distributed locking".
    """
    then = follow(standing, event, now)
    if standing.claimed_by != by or standing.epoch != epoch:
        raise StaleClaim(state=standing.state(now).value, epoch=standing.epoch, presented=epoch)
    return then
