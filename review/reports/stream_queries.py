"""The workspace's events as somebody may follow them."""

from review.infra.db import Tx
from review.kernel.ids import ActorId
from review.ledger.events import Entry
from review.ledger.queries import COLUMNS, horizon

Place = tuple[int, int]

BETWEEN = f"""
SELECT {COLUMNS} FROM ledger_entries e
WHERE workspace_id = $1 AND (xid, seq) > ($2, $3) AND (xid, seq) <= ($4, $5)
  AND ($6::text IS NULL OR queue = $6)
  AND ($7::uuid IS NULL OR EXISTS (SELECT FROM queue_items i WHERE i.workspace_id = $1
    AND i.item_id = e.item_id AND i.producer_id = $7))
ORDER BY xid, seq LIMIT $8
"""


async def follow(
    tx: Tx, place: Place, *, queue: str | None, producer: ActorId | None, limit: int
) -> tuple[list[Entry], Place]:
    """Return what was written after a place and where to go on from; skips nothing.

    Entries of transactions that are still open, and all behind them, wait for the next call.
    """
    end = await horizon(tx)
    if end <= place:
        return [], place
    rows = await tx.fetch(BETWEEN, tx.tenant, *place, *end, queue, producer, limit)
    entries = [Entry(**row) for row in rows]
    return entries, (entries[-1].xid, entries[-1].seq) if len(entries) == limit else end
