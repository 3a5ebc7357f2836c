"""Every statement this noun sends to PostgreSQL, one function each."""

from review.infra.db import Tx
from review.kernel.ids import ActorId, ItemId
from review.ledger.events import Entry, Happened

APPEND = """
INSERT INTO ledger_entries (workspace_id, at, type, actor_kind, actor_id, item_id, queue, facts)
SELECT $1, $2, g.type, $3, $4, g.item, g.queue, g.facts
FROM ROWS FROM (jsonb_to_recordset($5) AS (type text, item uuid, queue text, facts jsonb))
  WITH ORDINALITY AS g (type, item, queue, facts, place)
ORDER BY g.place
"""

APPEND_ONE = """
INSERT INTO ledger_entries (workspace_id, at, type, actor_kind, actor_id, item_id, queue, facts)
VALUES ($1, $2, $5, $3, $4, $6, $7, $8)
"""

COLUMNS = "seq, xid, at, type, actor_kind, actor_id, item_id, queue, facts"

# Rows of transactions older than every transaction still open: nothing can appear before them.
SETTLED = "xid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"

OF_ITEM = f"""
SELECT {COLUMNS} FROM ledger_entries
WHERE workspace_id = $1 AND item_id = $2 AND seq > $3 ORDER BY seq LIMIT $4
"""

HORIZON = f"""
SELECT xid, seq FROM ledger_entries WHERE workspace_id = $1 AND {SETTLED}
ORDER BY xid DESC, seq DESC LIMIT 1
"""

START = (0, 0)


async def append(tx: Tx, kind: str, actor: ActorId, *events: Happened) -> None:
    """Write what happened, in the transaction that makes it true, and nudge whoever follows."""
    if len(events) == 1:
        one = events[0]
        facts = (one.type, one.item, one.queue, dict(one.facts))
        await tx.later(APPEND_ONE, tx.tenant, tx.now, kind, actor, *facts)
    elif events:
        rows = [
            {"type": one.type, "item": one.item, "queue": one.queue, "facts": dict(one.facts)}
            for one in events
        ]
        await tx.later(APPEND, tx.tenant, tx.now, kind, actor, rows)
    tx.wake("events")
    for one in events:
        if one.item is not None:
            tx.wake(f"item:{one.item}")


async def of_item(tx: Tx, item: ItemId, *, seq: int = 0, limit: int = 500) -> list[Entry]:
    """Return one item's history after an entry, oldest first.

    Every event of an item is written by a transaction that holds the item's row until it commits,
    so within one item the numbers follow the order of commits and none is ever skipped.
    """
    return [Entry(**row) for row in await tx.fetch(OF_ITEM, tx.tenant, item, seq, limit)]


async def place_of(tx: Tx, seq: int) -> tuple[int, int]:
    """Return where the entry of that number stands, or the start if there is none."""
    row = await tx.fetchrow(
        "SELECT xid, seq FROM ledger_entries WHERE workspace_id = $1 AND seq = $2", tx.tenant, seq
    )
    return START if row is None else (row["xid"], row["seq"])


async def horizon(tx: Tx) -> tuple[int, int]:
    """Return the last place before which nothing can appear any more.

    A transaction that is still open may yet commit entries with smaller numbers, so nothing from
    the oldest open transaction on counts: readers wait for it, and skip nothing.
    """
    row = await tx.fetchrow(HORIZON, tx.tenant)
    return START if row is None else (row["xid"], row["seq"])
