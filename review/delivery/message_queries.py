"""Messages as their senders and owners look at them: every statement, one function each."""

from review.delivery.letters import Attempt, Letter, MessageMissing, MessageState
from review.infra.db import Tx
from review.kernel.ids import ActorId, MessageId

LETTER = """
SELECT m.message_id, m.subscription_id, s.url, m.item_id, m.type, m.body, m.created_at, m.due_at,
  m.attempts, m.sent_at, m.dead_at, s.ended_at AS subscription_ended_at
FROM delivery_messages m JOIN delivery_subscriptions s
  ON s.workspace_id = m.workspace_id AND s.subscription_id = m.subscription_id
WHERE m.workspace_id = $1 AND ($2::uuid IS NULL OR s.owner_id = $2)
"""

IN_STATE = {
    None: "",
    MessageState.DUE: "AND m.sent_at IS NULL AND m.dead_at IS NULL",
    MessageState.SENT: "AND m.sent_at IS NOT NULL",
    MessageState.DEAD: "AND m.dead_at IS NOT NULL",
}

NEWEST = {
    state: f"""{LETTER} {condition} AND ($3::uuid IS NULL OR m.message_id < $3)
    ORDER BY m.message_id DESC LIMIT $4"""
    for state, condition in IN_STATE.items()
}

ATTEMPTS = """
SELECT message_id, attempt, at, status, error, took_ms FROM delivery_attempts
WHERE workspace_id = $1 AND message_id = ANY ($2) ORDER BY message_id, attempt
"""

REPLAY = """
UPDATE delivery_messages SET sent_at = NULL, dead_at = NULL, due_at = $3, attempts_before = attempts
WHERE workspace_id = $1 AND message_id = $2
"""


async def newest(
    tx: Tx,
    state: MessageState | None,
    *,
    owner: ActorId | None,
    before: MessageId | None,
    limit: int,
) -> list[Letter]:
    """Return messages in a state, newest first, older than a given one; all, or one owner's."""
    rows = await tx.fetch(NEWEST[state], tx.tenant, owner, before, limit)
    tries = await attempts_of(tx, [row["message_id"] for row in rows])
    return [Letter(**row, tries=tries.get(row["message_id"], [])) for row in rows]


async def lock(tx: Tx, message: MessageId, *, owner: ActorId | None) -> Letter:
    """Return one message and keep others from changing it until the transaction ends.

    Raises: MessageMissing.
    """
    sql = f"{LETTER} AND m.message_id = $3 FOR UPDATE OF m"
    row = await tx.fetchrow(sql, tx.tenant, owner, message)
    if row is None:
        raise MessageMissing(message=str(message))
    tries = await attempts_of(tx, [message])
    return Letter(**row, tries=tries.get(message, []))


async def attempts_of(tx: Tx, messages: list[MessageId]) -> dict[MessageId, list[Attempt]]:
    """Return the attempts of some messages that ended, the first first."""
    found = dict[MessageId, list[Attempt]]()
    for row in await tx.fetch(ATTEMPTS, tx.tenant, messages) if messages else []:
        fields = dict(row)
        found.setdefault(fields.pop("message_id"), []).append(Attempt(**fields))
    return found


async def replay(tx: Tx, message: MessageId) -> None:
    """Send a message again from the beginning of the schedule; its attempts are kept."""
    await tx.execute(REPLAY, tx.tenant, message, tx.now)
    tx.wake("deliver")
