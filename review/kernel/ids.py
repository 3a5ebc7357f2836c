"""Typed identifiers: an item is not a person, and the type checker knows."""

from typing import NewType
from uuid import UUID

WorkspaceId = NewType("WorkspaceId", UUID)
ActorId = NewType("ActorId", UUID)  # a person, an agent or the system itself
CredentialId = NewType("CredentialId", UUID)
QueueId = NewType("QueueId", UUID)
ItemId = NewType("ItemId", UUID)
VoteId = NewType("VoteId", UUID)
ViewId = NewType("ViewId", UUID)
SubscriptionId = NewType("SubscriptionId", UUID)
MessageId = NewType("MessageId", UUID)

SYSTEM = ActorId(UUID(int=0))  # whoever acts when the clock does
