"""What goes over the wire: a CloudEvent, signed as Standard Webhooks asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from standardwebhooks import Webhook

from review.kernel.ids import ItemId, MessageId, SubscriptionId, WorkspaceId

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
PREFIX = "review."  # of event types, outside


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message taken to be sent: its attempt's number, and how many count against it."""

    workspace: WorkspaceId
    message_id: MessageId
    subscription_id: SubscriptionId
    item_id: ItemId | None
    type: str
    body: dict[str, Any]
    created_at: datetime
    attempt: int
    tries: int
    url: str
    sealed_secret: bytes
    taken_at: datetime

    def content(self) -> bytes:
        """Return the body: the same bytes at every attempt, so that repeats can be recognised.

        Source: CloudEvents 1.0.2, JSON event format, structured mode.
        """
        event = {
            "specversion": "1.0",
            "id": str(self.message_id),
            "source": f"urn:uuid:{self.workspace}",
            "type": PREFIX + self.type,
            "subject": None if self.item_id is None else str(self.item_id),
            "time": self.created_at,
            "datacontenttype": "application/json",
            "data": self.body,
        }
        return msgspec.json.encode({name: value for name, value in event.items() if value})

    def headers(self, secret: str, content: bytes) -> dict[str, str]:
        """Return the headers that name and sign the body; the message's id is the event's.

        Source: Standard Webhooks 1.0.0, "Signature scheme".
        """
        name = str(self.message_id)
        return {
            "content-type": CONTENT_TYPE,
            "webhook-id": name,
            "webhook-timestamp": str(int(self.taken_at.timestamp())),
            "webhook-signature": Webhook(secret).sign(name, self.taken_at, content.decode()),
        }
