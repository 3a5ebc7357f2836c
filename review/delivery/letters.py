"""Messages as values: what is owed to one subscriber, and how often it was tried."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from review.kernel.ids import ItemId, MessageId, SubscriptionId
from review.kernel.problems import Kind, Problem


class MessageMissing(Problem):
    """There is no such message, or it is not yours to see."""

    kind = Kind.MISSING


class MessageOnItsWay(Problem):
    """This message is still being tried, so there is nothing to replay.

    `due_at` says when the next attempt is made, and `attempts` how many there were.
    """

    kind = Kind.CONFLICT


class MessageState(StrEnum):
    """Where a message is: still being tried, arrived, or given up."""

    DUE = "due"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a message; without a status no answer came, and `error` says why."""

    attempt: int
    at: datetime
    status: int | None
    error: str | None
    took_ms: int


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one subscriber, with every attempt that ended, the first first."""

    message_id: MessageId
    subscription_id: SubscriptionId
    url: str
    item_id: ItemId | None
    type: str
    body: dict[str, Any]
    created_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    dead_at: datetime | None
    subscription_ended_at: datetime | None
    tries: list[Attempt] = field(default_factory=list[Attempt])

    @property
    def state(self) -> MessageState:
        """Where the message is."""
        if self.sent_at is not None:
            return MessageState.SENT
        return MessageState.DUE if self.dead_at is None else MessageState.DEAD
