"""The outbox: every statement that fills and empties it, one function each."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from review.delivery.answers import Answer
from review.delivery.envelopes import Outgoing
from review.infra.db import Row, Tx
from review.kernel.ids import ActorId, ItemId, MessageId, SubscriptionId

# A version 7 UUID (RFC 9562) made where the row is: 48 bits of time, then those of a version 4.
FRESH_ID = """
encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send(
  (extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
  'hex')::uuid
"""

OWE = f"""
INSERT INTO delivery_messages (workspace_id, message_id, subscription_id, item_id, type, body,
  created_at, due_at)
SELECT $1, {FRESH_ID}, s.subscription_id, $2, $3::text, $4, $6, $6
FROM delivery_subscriptions s
WHERE s.workspace_id = $1 AND s.ended_at IS NULL
  AND (s.queue IS NULL OR s.queue = ANY ($5::text[]))
  AND (s.producer_id IS NULL OR s.producer_id = $7)
  AND (s.event_types = '{{}}' OR $3::text = ANY (s.event_types))
"""

# Oldest first, a few of each subscriber; what is taken falls due again when the lease is over.
TAKE = """
WITH due AS (
  SELECT d.message_id, s.url, s.sealed_secret
  FROM delivery_subscriptions s CROSS JOIN LATERAL (
    SELECT m.message_id FROM delivery_messages m
    WHERE m.workspace_id = $1 AND m.subscription_id = s.subscription_id AND m.sent_at IS NULL
      AND m.dead_at IS NULL AND m.due_at <= $2
    ORDER BY m.due_at LIMIT $3 FOR UPDATE SKIP LOCKED
  ) d
  WHERE s.workspace_id = $1 AND s.ended_at IS NULL AND s.subscription_id <> ALL ($4)
  LIMIT $5
)
UPDATE delivery_messages m SET due_at = $6, attempts = attempts + 1
FROM due WHERE m.workspace_id = $1 AND m.message_id = due.message_id
RETURNING m.workspace_id AS workspace, m.message_id, m.subscription_id, m.item_id, m.type, m.body,
  m.created_at, m.attempts AS attempt, m.attempts - m.attempts_before AS tries, due.url,
  due.sealed_secret, $2::timestamptz AS taken_at
"""

BURY_STRAYS = """
UPDATE delivery_messages m SET dead_at = $2
FROM delivery_subscriptions s
WHERE m.workspace_id = $1 AND m.sent_at IS NULL AND m.dead_at IS NULL AND m.due_at <= $2
  AND s.workspace_id = $1 AND s.subscription_id = m.subscription_id AND s.ended_at IS NOT NULL
RETURNING m.message_id, m.subscription_id
"""

NOTE = """
INSERT INTO delivery_attempts (workspace_id, message_id, attempt, at, status, error, took_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""

ARRIVED = """
UPDATE delivery_messages SET sent_at = $3, dead_at = NULL
WHERE workspace_id = $1 AND message_id = $2 AND sent_at IS NULL
"""

# Only the latest attempt may say what comes next: an older one lost its lease to it.
POSTPONE = """
UPDATE delivery_messages SET due_at = $4
WHERE workspace_id = $1 AND message_id = $2 AND attempts = $3 AND sent_at IS NULL
  AND dead_at IS NULL
"""

GIVE_UP = """
UPDATE delivery_messages SET dead_at = $4
WHERE workspace_id = $1 AND message_id = $2 AND attempts = $3 AND sent_at IS NULL
  AND dead_at IS NULL
"""


async def owe(
    tx: Tx,
    event: str,
    item: ItemId,
    producer: ActorId,
    queues: Collection[str],
    data: dict[str, Any],
) -> None:
    """Owe every subscriber of this event one message, born in the transaction that made it true.

    Subscribers who confined themselves to a queue hear of what happens in any of `queues`; those
    who may hear of one agent's items only, of `producer`'s.
    """
    facts = (item, event, data, list(queues), tx.now, producer)
    await tx.later(OWE, tx.tenant, *facts, wake="deliver")


async def workspaces_due(tx: Tx) -> list[Row]:
    """Return the workspaces where some message is due."""
    rows = await tx.fetch("SELECT delivery_workspaces_due($1) AS workspace_id", tx.now)
    return [row["workspace_id"] for row in rows]


async def take(
    tx: Tx, *, until: datetime, busy: Collection[SubscriptionId], each: int, limit: int
) -> list[Outgoing]:
    """Take messages that are due, a few of each subscriber that is not busy, for a lease.

    Whoever takes them and dies loses nothing: at the end of the lease they fall due again.
    """
    rows = await tx.fetch(TAKE, tx.tenant, tx.now, each, list(busy), limit, until)
    return [Outgoing(**row) for row in rows]


async def bury_strays(tx: Tx) -> list[tuple[MessageId, SubscriptionId]]:
    """Give up what was owed, at the last moment, to subscribers who had just ended."""
    rows = await tx.fetch(BURY_STRAYS, tx.tenant, tx.now)
    return [(row["message_id"], row["subscription_id"]) for row in rows]


async def note(tx: Tx, sent: Outgoing, answer: Answer) -> None:
    """Write down how one attempt ended."""
    facts = (sent.attempt, sent.taken_at, answer.status, answer.error, answer.took_ms)
    await tx.execute(NOTE, tx.tenant, sent.message_id, *facts)


async def arrived(tx: Tx, sent: Outgoing) -> None:
    """Write down that a message arrived, whichever attempt it was."""
    await tx.execute(ARRIVED, tx.tenant, sent.message_id, tx.now)


async def postpone(tx: Tx, sent: Outgoing, *, until: datetime) -> None:
    """Let a message fall due again later."""
    await tx.execute(POSTPONE, tx.tenant, sent.message_id, sent.attempt, until)


async def give_up(tx: Tx, sent: Outgoing) -> bool:
    """Put a message with the dead letters; tell whether it was still to be sent."""
    return bool(await tx.execute(GIVE_UP, tx.tenant, sent.message_id, sent.attempt, tx.now))
