"""The three clocks of an item: when review should happen, how long its facts hold, when it ends.

They are never one number. `due_at` is a promise about us, `stale_at` is a property of the world the
agent described, and `expires_at` is when the declared default fires, so nothing waits for ever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from review.kernel.problems import Kind, Problem, doomed
from review.queue.configuration import Configuration, OnExpiry

LONGEST = timedelta(days=365)


class FactsStale(Problem):
    """The facts of this item are no longer fresh enough to approve on.

    They held until `stale_at`. Ask the agent for fresh ones, or reject; approving an action on
    facts that may have changed is the one thing this queue will not record.
    """

    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a request says about its deadlines; None means the queue's default. Units: seconds."""

    due_in_s: int | None = None
    stale_in_s: int | None = None
    expires_in_s: int | None = None
    on_expiry: OnExpiry | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The three clocks, wound, and what happens when the last one runs out."""

    due_at: datetime
    stale_at: datetime
    expires_at: datetime
    on_expiry: OnExpiry


def wind(
    configuration: Configuration, wishes: Wishes, *, now: datetime, reversible: bool
) -> Deadlines:
    """Return an item's deadlines: what was asked for, else what the queue says.

    A default that would come after the expiry that was asked for moves up to it; one that was asked
    for and cannot be kept is refused.

    Raises: DoomedRequest.
    """
    for name in ("due_in_s", "stale_in_s", "expires_in_s"):
        wish: int | None = getattr(wishes, name)
        if wish is not None and wish <= 0:
            raise doomed(f"/{name}", "this moment has already passed")
        if wish is not None and wish > LONGEST.total_seconds():
            raise doomed(f"/{name}", "must be at most 365 days")
    expires_in_s = wishes.expires_in_s or configuration.expires_in_s
    due_in_s = wishes.due_in_s or min(configuration.due_in_s, expires_in_s)
    if due_in_s > expires_in_s:
        raise doomed("/due_in_s", f"comes after expires_in_s, which is {expires_in_s}")
    on_expiry = wishes.on_expiry or configuration.on_expiry
    if on_expiry is OnExpiry.APPROVE:
        if not reversible:
            raise doomed("/on_expiry", "approve needs risk.reversible to be true")
        if not configuration.may_approve_on_expiry:
            raise doomed("/on_expiry", "this queue does not approve what nobody has decided")
    stale_in_s = wishes.stale_in_s or configuration.stale_in_s
    if on_expiry is OnExpiry.APPROVE and stale_in_s <= expires_in_s:
        raise doomed("/on_expiry", "approve needs stale_in_s to be more than expires_in_s")
    if on_expiry is OnExpiry.ESCALATE and configuration.escalates_to is None:
        raise doomed("/on_expiry", "this queue has nowhere to escalate to")
    return Deadlines(
        due_at=now + timedelta(seconds=due_in_s),
        stale_at=now + timedelta(seconds=stale_in_s),
        expires_at=now + timedelta(seconds=expires_in_s),
        on_expiry=on_expiry,
    )


def ensure_fresh(stale_at: datetime, *, now: datetime) -> None:
    """Return quietly while the facts still hold.

    Raises: FactsStale.
    """
    if now >= stale_at:
        raise FactsStale(stale_at=stale_at.isoformat())
