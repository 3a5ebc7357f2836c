"""Items: every statement this noun sends to PostgreSQL about them, one function each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from asyncpg import UniqueViolationError

from review.infra.db import Row, Tx
from review.kernel.ids import ActorId, ItemId, QueueId
from review.queue.items import AlreadyWaiting, Ending, Item, ItemMissing, Revision

COLUMNS = """
i.item_id, i.queue_id, q.name AS queue, i.configuration, i.kind, i.title, i.producer_id,
i.delegated_by, i.run_id, i.language, i.requires, i.risk_tier, i.digest, i.action_digest,
i.revision, i.supersedes_id, i.handover, i.hops, i.created_at, i.due_at, i.stale_at,
i.expires_at, i.on_expiry, i.epoch, i.claimed_by, i.claimed_until, i.asked_at, i.question,
i.settled_at, i.result, i.cause,
i.settled_by, i.decision_seq, i.outcome, i.acknowledged_at
"""

FROM = """
FROM queue_items i
JOIN queue_queues q ON q.workspace_id = i.workspace_id AND q.queue_id = i.queue_id
"""

PAYLOAD = """
(SELECT r.payload FROM queue_revisions r WHERE r.workspace_id = i.workspace_id
  AND r.item_id = i.item_id AND r.revision = i.revision) AS payload
"""

ADD = """
WITH given AS (
  SELECT * FROM jsonb_to_recordset($2) AS g (
    item_id uuid, queue_id uuid, configuration int, kind text, title text, delegated_by text,
    run_id text, language text, requires text[], risk_tier text, digest text, action_digest text,
    supersedes_id uuid, sort_at timestamptz, due_at timestamptz, stale_at timestamptz,
    expires_at timestamptz, on_expiry text, payload jsonb)
), item AS (
  INSERT INTO queue_items (workspace_id, item_id, queue_id, configuration, kind, title, producer_id,
    delegated_by, run_id, language, requires, risk_tier, digest, action_digest, revision,
    supersedes_id, created_at, sort_at, due_at, stale_at, expires_at, on_expiry)
  SELECT $1, item_id, queue_id, configuration, kind, title, $3, delegated_by, run_id, language,
    requires, risk_tier, digest, action_digest, 1, supersedes_id, $4, sort_at, due_at, stale_at,
    expires_at, on_expiry
  FROM given
  ON CONFLICT DO NOTHING
  RETURNING item_id
)
INSERT INTO queue_revisions (workspace_id, item_id, revision, payload, digest, action_digest,
  author_kind, author_id, created_at)
SELECT $1, given.item_id, 1, given.payload, given.digest, given.action_digest, 'agent', $3, $4
FROM given JOIN item USING (item_id)
RETURNING item_id
"""

NEW = (
    *(
        "item_id",
        "queue_id",
        "configuration",
        "kind",
        "title",
        "delegated_by",
        "run_id",
        "language",
    ),
    *("requires", "risk_tier", "digest", "action_digest", "supersedes_id", "sort_at", "due_at"),
    *("stale_at", "expires_at", "on_expiry"),
)

ADD_ONE = """
INSERT INTO queue_items (workspace_id, item_id, queue_id, configuration, kind, title, producer_id,
  delegated_by, run_id, language, requires, risk_tier, digest, action_digest, revision,
  supersedes_id, created_at, sort_at, due_at, stale_at, expires_at, on_expiry)
VALUES ($1, $4, $5, $6, $7, $8, $2, $9, $10, $11, $12, $13, $14, $15, 1, $16, $3, $17, $18, $19,
  $20, $21)
ON CONFLICT DO NOTHING
"""

ADD_FIRST_REVISION = """
INSERT INTO queue_revisions (workspace_id, item_id, revision, payload, digest, action_digest,
  author_kind, author_id, created_at)
SELECT workspace_id, item_id, 1, $1, digest, action_digest, 'agent', producer_id, created_at
FROM new_queue_items
"""

LOCK_ASKED = f"""
SELECT {COLUMNS}, {PAYLOAD} {FROM} WHERE i.workspace_id = $1 AND i.item_id = $2 FOR UPDATE OF i
"""

SETTLE = """
UPDATE queue_items SET settled_at = $3, result = $4, cause = $5, settled_by = $6,
  decision_seq = nextval('queue_decision_seq'), outcome = $7, claimed_by = NULL,
  claimed_until = NULL, asked_at = NULL, question = NULL
WHERE workspace_id = $1 AND item_id = $2 AND settled_at IS NULL
RETURNING decision_seq
"""

REVISE = """
WITH item AS (
  UPDATE queue_items SET revision = revision + 1, title = $3::jsonb ->> 'title', digest = $4,
    action_digest = $5, stale_at = $6, claimed_by = NULL, claimed_until = NULL, asked_at = NULL,
    question = NULL
  WHERE workspace_id = $1 AND item_id = $2 RETURNING revision
)
INSERT INTO queue_revisions (workspace_id, item_id, revision, parent, payload, digest,
  action_digest, author_kind, author_id, created_at)
SELECT $1, $2, revision, revision - 1, $3, $4, $5, $7, $8, $9 FROM item
RETURNING revision
"""

MOVE = """
UPDATE queue_items SET queue_id = $3, configuration = $4, sort_at = $5, due_at = $6, stale_at = $7,
  expires_at = $8, on_expiry = $9, requires = $10, handover = $11, hops = hops + 1,
  claimed_by = NULL, claimed_until = NULL, asked_at = NULL, question = NULL
WHERE workspace_id = $1 AND item_id = $2
"""

EXPIRED = f"""
SELECT {COLUMNS} {FROM}
WHERE i.workspace_id = $1 AND i.settled_at IS NULL AND i.expires_at <= $2
ORDER BY i.expires_at LIMIT $3 FOR UPDATE OF i SKIP LOCKED
"""


def item_of(row: Row) -> Item:
    """Turn a row of COLUMNS into an item."""
    return Item(**row)


def asked_of(row: Row) -> tuple[Item, dict[str, Any]]:
    """Turn a row of COLUMNS and PAYLOAD into an item and what it asks."""
    fields = dict(row)
    payload = fields.pop("payload")
    return Item(**fields), payload


async def add(tx: Tx, producer: ActorId, rows: Sequence[dict[str, Any]]) -> set[ItemId]:
    """Put new items in their queues, each with its first revision; return those that are new.

    An item is missing from the result when the same action of the same agent came to wait in the
    meantime: the table refuses a second.
    """
    added = await tx.fetch(ADD, tx.tenant, rows, producer, tx.now)
    return {row["item_id"] for row in added}


async def add_one(
    tx: Tx, producer: ActorId, row: Mapping[str, Any], *, otherwise: Exception
) -> None:
    """Put one new item in its queue; otherwise, if the same action waits already, raise."""
    fields = [row[name] for name in NEW]
    await tx.later(ADD_ONE, tx.tenant, producer, tx.now, *fields, otherwise=otherwise)
    await tx.later(ADD_FIRST_REVISION, row["payload"])


async def find(tx: Tx, item: ItemId) -> Item:
    """Return one item.

    Raises: ItemMissing.
    """
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} {FROM} WHERE i.workspace_id = $1 AND i.item_id = $2", tx.tenant, item
    )
    if row is None:
        raise ItemMissing(item=str(item))
    return item_of(row)


async def lock(tx: Tx, item: ItemId) -> Item:
    """Return one item and keep others from changing it until the transaction ends.

    Raises: ItemMissing.
    """
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} {FROM} WHERE i.workspace_id = $1 AND i.item_id = $2 FOR UPDATE OF i",
        *(tx.tenant, item),
    )
    if row is None:
        raise ItemMissing(item=str(item))
    return item_of(row)


async def lock_asked(tx: Tx, item: ItemId) -> tuple[Item, dict[str, Any]]:
    """Return one item, locked, with what it asks at its current revision.

    Raises: ItemMissing.
    """
    row = await tx.fetchrow(LOCK_ASKED, tx.tenant, item)
    if row is None:
        raise ItemMissing(item=str(item))
    return asked_of(row)


async def revision(tx: Tx, item: ItemId, number: int) -> Revision:
    """Return one revision of an item.

    Raises: ItemMissing.
    """
    row = await tx.fetchrow(
        "SELECT revision, parent, payload, digest, action_digest, author_kind, author_id,"
        " created_at FROM queue_revisions"
        " WHERE workspace_id = $1 AND item_id = $2 AND revision = $3",
        *(tx.tenant, item, number),
    )
    if row is None:
        raise ItemMissing(item=str(item), revision=number)
    return Revision(**row)


async def settle(tx: Tx, item: ItemId, ending: Ending) -> int | None:
    """End an item and free it; return its place among all decisions, or None if it had ended."""
    return await tx.fetchval(
        SETTLE,
        *(tx.tenant, item, tx.now, ending.result, ending.cause, ending.by, ending.told()),
    )


async def revise(
    tx: Tx,
    item: ItemId,
    payload: dict[str, Any],
    *,
    digest: str,
    action_digest: str | None,
    stale_at: datetime,
    author_kind: str,
    author: ActorId,
) -> int:
    """Give an item a new revision and take it out of everyone's hands; return its number.

    Raises: AlreadyWaiting.
    """
    facts = (payload, digest, action_digest, stale_at, author_kind, author, tx.now)
    try:
        return await tx.fetchval(REVISE, tx.tenant, item, *facts)
    except UniqueViolationError:
        raise AlreadyWaiting(item=str(item)) from None


async def move(
    tx: Tx,
    item: ItemId,
    *,
    queue: QueueId,
    configuration: int,
    sort_at: datetime,
    due_at: datetime,
    stale_at: datetime,
    expires_at: datetime,
    on_expiry: str,
    requires: Sequence[str],
    handover: str | None,
) -> None:
    """Put an item in another queue, with the deadlines and the skills it has there."""
    clocks = (sort_at, due_at, stale_at, expires_at, on_expiry)
    await tx.execute(MOVE, tx.tenant, item, queue, configuration, *clocks, requires, handover)


async def acknowledge(tx: Tx, item: ItemId) -> bool:
    """Write down that the outcome was picked up; tell whether this was the first time."""
    return bool(
        await tx.execute(
            "UPDATE queue_items SET acknowledged_at = $3"
            " WHERE workspace_id = $1 AND item_id = $2 AND acknowledged_at IS NULL",
            *(tx.tenant, item, tx.now),
        )
    )


async def take_expired(tx: Tx, *, limit: int) -> list[Item]:
    """Lock items whose time is up, oldest first; what another worker has locked is passed over."""
    return [item_of(row) for row in await tx.fetch(EXPIRED, tx.tenant, tx.now, limit)]


async def workspaces_expiring(tx: Tx) -> list[Row]:
    """Return the workspaces where some item's time is up."""
    rows = await tx.fetch("SELECT queue_workspaces_expiring($1) AS workspace_id", tx.now)
    return [row["workspace_id"] for row in rows]
