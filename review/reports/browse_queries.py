"""What people leaf through: an item with all that was said about it, and how full the house is."""

from dataclasses import dataclass
from datetime import datetime

from review.infra.db import Tx
from review.kernel.ids import ActorId, ItemId, VoteId
from review.queue.items import Revision

REVISIONS = """
SELECT revision, parent, payload, digest, action_digest, author_kind, author_id, created_at
FROM queue_revisions WHERE workspace_id = $1 AND item_id = $2 ORDER BY revision DESC LIMIT $3
"""

VOTES = """
SELECT v.vote_id, v.person_id, p.name, v.revision, v.verdict, v.reason_codes, v.note, v.at
FROM decisions_votes v
LEFT JOIN identity_people p ON p.workspace_id = v.workspace_id AND p.person_id = v.person_id
WHERE v.workspace_id = $1 AND v.item_id = $2 ORDER BY v.at, v.vote_id
"""


@dataclass(frozen=True, slots=True)
class Said:
    """One vote, with the name of whoever cast it."""

    vote_id: VoteId
    person_id: ActorId
    name: str | None
    revision: int
    verdict: str
    reason_codes: list[str]
    note: str | None
    at: datetime


async def revisions(tx: Tx, item: ItemId, *, limit: int) -> list[Revision]:
    """Return the versions of what an item asks, newest first."""
    return [Revision(**row) for row in await tx.fetch(REVISIONS, tx.tenant, item, limit)]


async def votes(tx: Tx, item: ItemId) -> list[Said]:
    """Return what people said about an item, in the order they said it."""
    return [Said(**row) for row in await tx.fetch(VOTES, tx.tenant, item)]


async def workspace_name(tx: Tx) -> str:
    """Return what this workspace is called."""
    name = await tx.fetchval(
        "SELECT name FROM identity_workspaces WHERE workspace_id = $1", tx.tenant
    )
    return str(name or tx.tenant)
