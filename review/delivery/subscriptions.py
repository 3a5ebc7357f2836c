"""Subscriptions as values: who is told of what, and where."""

from dataclasses import dataclass
from datetime import datetime

from review.kernel.ids import ActorId, SubscriptionId
from review.kernel.problems import Kind, Problem, invalid

TOLD = frozenset({"item.settled", "item.asked", "item.escalated"})
MOST = 20


class SubscriptionMissing(Problem):
    """There is no such subscription, or it is not yours to see."""

    kind = Kind.MISSING


class SubscriptionEnded(Problem):
    """This subscription has ended, so nothing more is sent to it.

    `ended_at` and `end_reason` say when and why: `deleted` by its owner, or `gone` because the
    receiver answered 410. Subscribe again to hear of what happens from then on.
    """

    kind = Kind.CONFLICT


class TooManySubscriptions(Problem):
    """You hold as many live subscriptions as one owner may.

    `limit` says how many. End one that is no longer needed.
    """

    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to be told of; no event types means all, no queue means every one."""

    url: str
    event_types: tuple[str, ...] = ()
    queue: str | None = None

    def check(self) -> None:
        """Return quietly if every event named is one that subscribers are told of.

        >>> Wish("https://hook.example", ("item.settled",)).check()

        Raises: InvalidRequest.
        """
        for place, name in enumerate(self.event_types):
            if name not in TOLD:
                allowed = ", ".join(sorted(TOLD))
                raise invalid(f"/event_types/{place}", f"is not one of {allowed}")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscriber. With a producer it hears of that agent's items alone."""

    subscription_id: SubscriptionId
    owner_id: ActorId
    producer_id: ActorId | None
    url: str
    event_types: list[str]
    queue: str | None
    created_at: datetime
    ended_at: datetime | None
    end_reason: str | None

    def ensure_live(self) -> None:
        """Return quietly while messages may still be sent.

        Raises: SubscriptionEnded.
        """
        if self.ended_at is not None:
            raise SubscriptionEnded(ended_at=self.ended_at.isoformat(), end_reason=self.end_reason)
