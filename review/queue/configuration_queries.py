"""Queues and their configurations: every statement about them, one function each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import UniqueViolationError

from review.infra.db import Row, Tx
from review.kernel.ids import ActorId, ItemId, QueueId
from review.queue.configuration import Configuration, configuration_of
from review.queue.items import QueueExists, QueueMissing

_KNOWN: dict[tuple[QueueId, int], Configuration] = {}
_MOST_KNOWN = 4_096

CREATE = """
WITH queue AS (
  INSERT INTO queue_queues (workspace_id, queue_id, name, version, created_at)
  VALUES ($1, $2, $3, 1, $6) RETURNING queue_id
)
INSERT INTO queue_configurations (workspace_id, queue_id, version, document, created_by, created_at)
SELECT $1, queue_id, 1, $4, $5, $6 FROM queue
"""

CONFIGURE = """
WITH queue AS (
  UPDATE queue_queues SET version = version + 1 WHERE workspace_id = $1 AND queue_id = $2
  RETURNING version
)
INSERT INTO queue_configurations (workspace_id, queue_id, version, document, created_by, created_at)
SELECT $1, $2, version, $3, $4, $5 FROM queue RETURNING version
"""

NAMED = """
SELECT q.queue_id, q.version FROM queue_queues q WHERE q.workspace_id = $1 AND q.name = $2
"""

NAMED_FOR_CLAIM = """
SELECT q.queue_id, q.version, pg_advisory_xact_lock(hashtextextended($3::uuid::text, 0))
FROM queue_queues q WHERE q.workspace_id = $1 AND q.name = $2
"""

# One probe of `queue_items_open_action_idx` for each action, whatever the planner believes: the
# equality inside the LIMIT cannot become a filter on a longer scan.
NAMED_WITH_OPEN = """
SELECT q.queue_id, q.version, i.item_id, i.action_digest
FROM queue_queues q
LEFT JOIN (unnest($4::text[]) AS wanted (digest) CROSS JOIN LATERAL (
  SELECT i.item_id, i.action_digest FROM queue_items i
  WHERE i.workspace_id = $1 AND i.producer_id = $3 AND i.action_digest = wanted.digest
    AND i.settled_at IS NULL LIMIT 1) AS i) ON true
WHERE q.workspace_id = $1 AND q.name = $2
"""

ALL = """
SELECT q.queue_id, q.name, q.version, waiting.count + asked.count AS depth, waiting.claimed,
  asked.count AS asked, least(waiting.oldest, asked.oldest) AS oldest
FROM queue_queues q
CROSS JOIN LATERAL (
  SELECT count(*), count(*) FILTER (WHERE i.claimed_until > $2) AS claimed,
    min(i.created_at) AS oldest
  FROM queue_items i WHERE i.workspace_id = q.workspace_id AND i.queue_id = q.queue_id
    AND i.settled_at IS NULL AND i.asked_at IS NULL) AS waiting
CROSS JOIN LATERAL (
  SELECT count(*), min(i.created_at) AS oldest
  FROM queue_items i WHERE i.workspace_id = q.workspace_id AND i.queue_id = q.queue_id
    AND i.asked_at IS NOT NULL) AS asked
WHERE q.workspace_id = $1 ORDER BY q.name
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue under its current configuration."""

    queue_id: QueueId
    name: str
    version: int
    configuration: Configuration


@dataclass(frozen=True, slots=True)
class Depth:
    """How full a queue is. Units: counts of open items; `oldest` is an instant."""

    queue_id: QueueId
    name: str
    version: int
    depth: int
    claimed: int
    asked: int
    oldest: datetime | None


async def create(
    tx: Tx, queue: QueueId, name: str, document: dict[str, Any], *, by: ActorId
) -> None:
    """Open a queue with its first configuration.

    Raises: QueueExists.
    """
    try:
        await tx.execute(CREATE, tx.tenant, queue, name, document, by, tx.now)
    except UniqueViolationError:
        raise QueueExists(queue=name) from None


async def configure(tx: Tx, queue: QueueId, document: dict[str, Any], *, by: ActorId) -> int:
    """Give a queue its next configuration and return its version."""
    return await tx.fetchval(CONFIGURE, tx.tenant, queue, document, by, tx.now)


async def configuration(tx: Tx, queue: QueueId, version: int) -> Configuration:
    """Return one version of a queue's configuration; versions never change, so they are kept."""
    known = _KNOWN.get((queue, version))
    if known is None:
        document = await tx.fetchval(
            "SELECT document FROM queue_configurations"
            " WHERE workspace_id = $1 AND queue_id = $2 AND version = $3",
            *(tx.tenant, queue, version),
        )
        known = configuration_of(document)
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[queue, version] = known
    return known


async def named(tx: Tx, name: str) -> Queue:
    """Return the queue of that name.

    Raises: QueueMissing.
    """
    return await _queue(tx, name, await tx.fetchrow(NAMED, tx.tenant, name))


async def named_for_claim(tx: Tx, name: str, person: ActorId) -> Queue:
    """Return the queue of that name, and let one person claim once at a time until commit.

    Raises: QueueMissing.
    """
    return await _queue(tx, name, await tx.fetchrow(NAMED_FOR_CLAIM, tx.tenant, name, person))


async def named_with_open(
    tx: Tx, name: str, producer: ActorId, action_digests: list[str]
) -> tuple[Queue, dict[str, ItemId]]:
    """Return the queue of that name, and which of these actions this agent has waiting anywhere.

    Raises: QueueMissing.
    """
    rows = await tx.fetch(NAMED_WITH_OPEN, tx.tenant, name, producer, action_digests)
    queue = await _queue(tx, name, rows[0] if rows else None)
    return queue, {row["action_digest"]: row["item_id"] for row in rows if row["item_id"]}


async def depths(tx: Tx) -> list[Depth]:
    """Return every queue of the workspace with what is open in it, by name."""
    return [Depth(**row) for row in await tx.fetch(ALL, tx.tenant, tx.now)]


async def _queue(tx: Tx, name: str, row: Row | None) -> Queue:
    if row is None:
        raise QueueMissing(queue=name)
    queue, version = row["queue_id"], row["version"]
    return Queue(queue, name, version, await configuration(tx, queue, version))
