"""Every statement this noun sends to PostgreSQL, one function each."""

from collections.abc import Mapping

import msgspec

from review.infra.db import Tx
from review.intake.receipts import KeyInFlight, KeyReused, Receipt
from review.kernel.ids import ActorId

REMEMBER = """
INSERT INTO intake_requests (workspace_id, agent_id, key, digest, receipt, created_at)
SELECT $1, $2, g.key, g.digest, g.receipt, $4
FROM jsonb_to_recordset($3) AS g (key text, digest text, receipt jsonb)
WHERE pg_try_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text || g.key, 0))
ON CONFLICT DO NOTHING
RETURNING key
"""

KEEP = """
INSERT INTO intake_requests (workspace_id, agent_id, key, digest, receipt, created_at)
SELECT $1::uuid, $2::uuid, $3::text, $4::text, $5::jsonb, $6::timestamptz
WHERE pg_try_advisory_xact_lock(hashtextextended($1::uuid::text || $2::uuid::text || $3::text, 0))
ON CONFLICT DO NOTHING
"""

ANSWERED = """
SELECT key, digest, receipt FROM intake_requests WHERE agent_id = $1 AND key = ANY ($2)
"""


async def remember(tx: Tx, agent: ActorId, receipts: Mapping[str, tuple[str, Receipt]]) -> set[str]:
    """Keep the answers to new requests and return their keys; those already known are not kept.

    A key that another transaction is answering right now is not waited for: it is missing from the
    result, and from `answered` too.
    """
    rows = [
        {"key": key, "digest": digest, "receipt": receipt}
        for key, (digest, receipt) in receipts.items()
    ]
    kept = await tx.fetch(REMEMBER, tx.tenant, agent, rows, tx.now)
    return {row["key"] for row in kept}


async def keep(
    tx: Tx, agent: ActorId, key: str, digest: str, receipt: Receipt, *, otherwise: Exception
) -> None:
    """Keep the answer to one request; otherwise, if its key is known or being answered, raise."""
    await tx.later(KEEP, tx.tenant, agent, key, digest, receipt, tx.now, otherwise=otherwise)


async def answered(
    tx: Tx, agent: ActorId, digests: Mapping[str, str]
) -> dict[str, Receipt | KeyReused]:
    """Return the stored answers to these keys, or that the key stands for another request."""
    rows = await tx.fetch(ANSWERED, agent, list(digests))
    return {
        row["key"]: msgspec.convert(row["receipt"], Receipt)
        if row["digest"] == digests[row["key"]]
        else KeyReused(digest=row["digest"], presented=digests[row["key"]])
        for row in rows
    }


async def replay(
    tx: Tx, agent: ActorId, digests: Mapping[str, str]
) -> dict[str, Receipt | KeyReused | KeyInFlight]:
    """Return what each key that was not kept by `remember` stands for."""
    known = await answered(tx, agent, digests)
    return {key: known.get(key) or KeyInFlight() for key in digests}
