"""Keys of agents: every statement about them, one function each."""

from dataclasses import dataclass
from datetime import datetime

from review.infra.db import Tx
from review.kernel.ids import ActorId, CredentialId

ADD = """
INSERT INTO identity_credentials (workspace_id, credential_id, agent_id, prefix, secret_digest,
  scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

NEWEST = """
SELECT c.credential_id, c.agent_id, a.name AS agent, c.prefix, c.scopes, c.created_at,
  c.expires_at, c.revoked_at
FROM identity_credentials c
JOIN identity_agents a ON a.workspace_id = c.workspace_id AND a.agent_id = c.agent_id
WHERE c.workspace_id = $1 AND ($2::uuid IS NULL OR c.credential_id < $2)
ORDER BY c.credential_id DESC LIMIT $3
"""

REVOKE = """
UPDATE identity_credentials SET revoked_at = $3
WHERE workspace_id = $1 AND (prefix = $2 OR credential_id::text = $2) AND revoked_at IS NULL
RETURNING prefix
"""


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key. Its secret is not: only a digest of it is kept."""

    credential_id: CredentialId
    agent_id: ActorId
    agent: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


async def add(
    tx: Tx,
    credential: CredentialId,
    agent_id: ActorId,
    *,
    agent: str,
    prefix: str,
    digest: bytes,
    scopes: list[str],
    expires_at: datetime | None,
) -> Key:
    """Keep a key: its prefix in the clear, its secret as a digest."""
    facts = (agent_id, prefix, digest, scopes, tx.now, expires_at)
    await tx.execute(ADD, tx.tenant, credential, *facts)
    return Key(credential, agent_id, agent, prefix, scopes, tx.now, expires_at, None)


async def newest(tx: Tx, *, before: CredentialId | None, limit: int) -> list[Key]:
    """Return the workspace's keys, newest first, from a place on."""
    return [Key(**row) for row in await tx.fetch(NEWEST, tx.tenant, before, limit)]


async def revoke(tx: Tx, key: str) -> str | None:
    """Revoke a live key by its prefix or its id; return its prefix if there was one."""
    return await tx.fetchval(REVOKE, tx.tenant, key, tx.now)
