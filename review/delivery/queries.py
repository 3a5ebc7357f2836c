"""Every statement this noun sends to PostgreSQL, one function each."""

from typing import Any

from review.infra.db import Tx
from review.kernel.ids import ItemId

OWE = """
INSERT INTO delivery_messages (workspace_id, message_id, subscription_id, item_id, type, body,
  created_at, due_at)
SELECT $1, gen_random_uuid(), s.subscription_id, $2, $3::text, $4, $6, $6
FROM delivery_subscriptions s
WHERE s.workspace_id = $1 AND s.ended_at IS NULL AND (s.queue IS NULL OR s.queue = $5::text)
  AND (s.event_types = '{}' OR $3::text = ANY (s.event_types))
"""


async def owe(tx: Tx, event: str, item: ItemId, queue: str, data: dict[str, Any]) -> None:
    """Owe every subscriber of this event one message, born in the transaction that made it true."""
    if await tx.execute(OWE, tx.tenant, item, event, data, queue, tx.now):
        tx.wake("deliver")
