"""Lists of items: every statement about them, one function each."""

from dataclasses import dataclass

from review.infra.db import Tx
from review.kernel.ids import ActorId, ItemId
from review.queue.items import Item
from review.queue.queries import COLUMNS, FROM, item_of

NEWEST = f"""
SELECT {COLUMNS} {FROM}
WHERE i.workspace_id = $1
  AND ($2::text IS NULL OR CASE
    WHEN i.settled_at IS NOT NULL THEN 'settled'
    WHEN i.claimed_until > $3 AND i.asked_at IS NULL THEN 'claimed'
    ELSE 'waiting' END = $2)
  AND ($4::text IS NULL OR q.name = $4)
  AND ($5::text IS NULL OR i.run_id = $5)
  AND ($6::text IS NULL OR i.result = $6)
  AND ($7::uuid IS NULL OR i.producer_id = $7)
  AND ($8::uuid IS NULL OR i.item_id < $8)
  AND (NOT $9 OR (i.settled_at IS NOT NULL AND i.acknowledged_at IS NULL))
ORDER BY i.item_id DESC LIMIT $10
"""

HELD = f"""
SELECT {COLUMNS} {FROM}
WHERE i.workspace_id = $1 AND i.claimed_by = $2 AND i.claimed_until > $3 ORDER BY i.claimed_until
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None means everything."""

    status: str | None = None
    queue: str | None = None
    run_id: str | None = None
    result: str | None = None
    unacknowledged: bool = False


async def newest(
    tx: Tx, wanted: Filter, *, producer: ActorId | None, before: ItemId | None, limit: int
) -> list[Item]:
    """Return items that fit, newest first, older than a given one."""
    narrowed = (wanted.status, tx.now, wanted.queue, wanted.run_id, wanted.result)
    place = (producer, before, wanted.unacknowledged, limit)
    return [item_of(row) for row in await tx.fetch(NEWEST, tx.tenant, *narrowed, *place)]


async def held(tx: Tx, person: ActorId) -> list[Item]:
    """Return what a person holds at this moment, the lease that ends first first."""
    return [item_of(row) for row in await tx.fetch(HELD, tx.tenant, person, tx.now)]
