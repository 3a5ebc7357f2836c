"""Claims: who holds what, and for how long. Every statement about it, one function each."""

from datetime import datetime, timedelta
from typing import Any

from review.infra.db import Tx
from review.kernel.ids import ActorId, ItemId, QueueId
from review.queue.items import Item
from review.queue.queries import COLUMNS, PAYLOAD, asked_of

CLAIM_NEXT = f"""
WITH head AS (
  SELECT i.item_id FROM queue_items i
  WHERE i.workspace_id = $1 AND i.queue_id = $2 AND i.settled_at IS NULL AND i.asked_at IS NULL
    AND i.expires_at > $3 AND (i.claimed_until IS NULL OR i.claimed_until <= $3)
    AND i.requires <@ $6 AND (i.delegated_by IS NULL OR lower(btrim(i.delegated_by)) <> ALL ($7))
    AND NOT EXISTS (SELECT FROM queue_skips s
      WHERE s.workspace_id = $1 AND s.item_id = i.item_id AND s.person_id = $4)
    AND $8 > (SELECT count(*) FROM queue_items h WHERE h.workspace_id = $1 AND h.claimed_by = $4
      AND h.queue_id = $2 AND h.claimed_until > $3)
  ORDER BY i.sort_at, i.item_id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE queue_items i SET claimed_by = $4, claimed_until = $3 + $5::interval, epoch = epoch + 1
FROM head, queue_queues q
WHERE i.workspace_id = $1 AND i.item_id = head.item_id
  AND q.workspace_id = $1 AND q.queue_id = i.queue_id
RETURNING {COLUMNS}, {PAYLOAD}
"""

HOLDS = """
SELECT count(*) FROM queue_items
WHERE workspace_id = $1 AND claimed_by = $2 AND queue_id = $3 AND claimed_until > $4
"""

HOLD = """
UPDATE queue_items SET claimed_until = $3 WHERE workspace_id = $1 AND item_id = $2
"""

FREE = """
UPDATE queue_items SET claimed_by = NULL, claimed_until = NULL, asked_at = $3, question = $4
WHERE workspace_id = $1 AND item_id = $2
"""

SKIP = """
INSERT INTO queue_skips (workspace_id, item_id, person_id, reason, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""


async def claim_next(
    tx: Tx,
    queue: QueueId,
    person: ActorId,
    *,
    lease: timedelta,
    skills: frozenset[str],
    known_as: frozenset[str],
    most: int,
) -> tuple[Item, dict[str, Any]] | None:
    """Put the first eligible item of a queue in one person's hands, with what it asks.

    Not eligible: what they skipped, what needs a skill they lack, what they themselves delegated.
    Concurrent callers pass each other's item instead of waiting for it. The CTE is a fence: with a
    plain subquery the planner may run the LIMIT again and claim more than one.
    """
    row = await tx.fetchrow(
        CLAIM_NEXT,
        *(tx.tenant, queue, tx.now, person, lease, list(skills), list(known_as), most),
    )
    if row is None:
        return None
    return asked_of(row)


async def holds(tx: Tx, queue: QueueId, person: ActorId) -> int:
    """Return how many items of a queue a person holds at this moment."""
    return await tx.fetchval(HOLDS, tx.tenant, person, queue, tx.now)


async def hold(tx: Tx, item: ItemId, *, until: datetime) -> None:
    """Move the end of a lease."""
    await tx.execute(HOLD, tx.tenant, item, until)


async def free(tx: Tx, item: ItemId, *, asked: str | None = None) -> None:
    """Take an item out of everyone's hands; with a question, until its agent has answered."""
    await tx.execute(FREE, tx.tenant, item, None if asked is None else tx.now, asked)


async def skip(tx: Tx, item: ItemId, person: ActorId, *, reason: str) -> None:
    """Never offer an item to this person again."""
    await tx.execute(SKIP, tx.tenant, item, person, reason, tx.now)
