"""Subscriptions: every statement about them, one function each."""

from review.delivery.subscriptions import Subscription, SubscriptionMissing, Wish
from review.infra.db import Tx
from review.kernel.ids import ActorId, MessageId, SubscriptionId

COLUMNS = """
subscription_id, owner_id, producer_id, url, event_types, queue, created_at, ended_at, end_reason
"""

ADD = """
INSERT INTO delivery_subscriptions (workspace_id, subscription_id, owner_id, producer_id, url,
  event_types, queue, sealed_secret, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

NEWEST = f"""
SELECT {COLUMNS} FROM delivery_subscriptions
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR owner_id = $2)
  AND ($3::uuid IS NULL OR subscription_id < $3)
ORDER BY subscription_id DESC LIMIT $4
"""

END = """
UPDATE delivery_subscriptions SET ended_at = $3, end_reason = $4
WHERE workspace_id = $1 AND subscription_id = $2 AND ended_at IS NULL
"""

BURY = """
UPDATE delivery_messages SET dead_at = $3
WHERE workspace_id = $1 AND subscription_id = $2 AND sent_at IS NULL AND dead_at IS NULL
RETURNING message_id
"""


async def add(
    tx: Tx,
    subscription: SubscriptionId,
    wish: Wish,
    *,
    owner: ActorId,
    producer: ActorId | None,
    sealed_secret: bytes,
) -> None:
    """Write a new subscription down; it hears of what happens from now on."""
    types = sorted(set(wish.event_types))
    facts = (wish.url, types, wish.queue, sealed_secret, tx.now)
    await tx.execute(ADD, tx.tenant, subscription, owner, producer, *facts)


async def find(
    tx: Tx, subscription: SubscriptionId, *, owner: ActorId | None, lock: bool = False
) -> Subscription:
    """Return one subscription, if it is the owner's; without an owner, whosever it is.

    Raises: SubscriptionMissing.
    """
    row = await tx.fetchrow(
        f"SELECT {COLUMNS} FROM delivery_subscriptions WHERE workspace_id = $1"
        f" AND subscription_id = $2 AND ($3::uuid IS NULL OR owner_id = $3)"
        f" {'FOR UPDATE' if lock else ''}",
        *(tx.tenant, subscription, owner),
    )
    if row is None:
        raise SubscriptionMissing(subscription=str(subscription))
    return Subscription(**row)


async def newest(
    tx: Tx, *, owner: ActorId | None, before: SubscriptionId | None, limit: int
) -> list[Subscription]:
    """Return subscriptions, newest first, older than a given one; ended ones among them."""
    rows = await tx.fetch(NEWEST, tx.tenant, owner, before, limit)
    return [Subscription(**row) for row in rows]


async def live(tx: Tx, owner: ActorId) -> int:
    """Return how many subscriptions of an owner have not ended."""
    return await tx.fetchval(
        "SELECT count(*) FROM delivery_subscriptions"
        " WHERE workspace_id = $1 AND owner_id = $2 AND ended_at IS NULL",
        *(tx.tenant, owner),
    )


async def end(tx: Tx, subscription: SubscriptionId, *, reason: str) -> bool:
    """End a subscription; tell whether it had not ended yet."""
    return bool(await tx.execute(END, tx.tenant, subscription, tx.now, reason))


async def bury(tx: Tx, subscription: SubscriptionId) -> list[MessageId]:
    """Give up every message that is still to be sent to a subscriber; return which."""
    rows = await tx.fetch(BURY, tx.tenant, subscription, tx.now)
    return [row["message_id"] for row in rows]
