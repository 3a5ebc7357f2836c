"""Events: what the ledger can say. Names are part of the wire contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from review.kernel.ids import ActorId, ItemId


class Happening(StrEnum):
    """What happened."""

    ITEM_SUBMITTED = "item.submitted"
    ITEM_JOINED = "item.joined"
    ITEM_CLAIMED = "item.claimed"
    ITEM_RENEWED = "item.renewed"
    ITEM_RELEASED = "item.released"
    ITEM_OPENED = "item.opened"
    ITEM_VOTED = "item.voted"
    ITEM_ASKED = "item.asked"
    ITEM_ANSWERED = "item.answered"
    ITEM_REVISED = "item.revised"
    ITEM_ESCALATED = "item.escalated"
    ITEM_SETTLED = "item.settled"
    ITEM_ACKNOWLEDGED = "item.acknowledged"
    SUBSCRIPTION_CREATED = "subscription.created"
    SUBSCRIPTION_ENDED = "subscription.ended"
    MESSAGE_DIED = "message.died"
    MESSAGE_REPLAYED = "message.replayed"
    QUEUE_CREATED = "queue.created"
    QUEUE_CONFIGURED = "queue.configured"
    WORKSPACE_CREATED = "workspace.created"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    SESSION_STARTED = "session.started"
    SESSION_ENDED = "session.ended"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event about to be written. `facts` hold digests and choices, never submitted content."""

    type: Happening
    item: ItemId | None = None
    queue: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger as it is read back. `seq` is its name; order is (xid, seq)."""

    seq: int
    xid: int
    at: datetime
    type: str
    actor_kind: str
    actor_id: ActorId
    item_id: UUID | None
    queue: str | None
    facts: dict[str, Any]
