"""Every statement this noun sends to PostgreSQL, one function each."""

from review.infra.db import Tx
from review.infra.ids import fresh_id
from review.kernel.ids import ActorId, ItemId, ViewId

RECORD = """
INSERT INTO attention_views (workspace_id, view_id, item_id, revision, epoch, person_id, surface,
  digest, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def record(
    tx: Tx,
    item: ItemId,
    *,
    revision: int,
    epoch: int,
    person: ActorId,
    surface: str,
    digest: str,
) -> ViewId:
    """Write down what is about to be shown, and return the name a decision will quote."""
    view = ViewId(fresh_id())
    await tx.later(
        RECORD, *(tx.tenant, view, item, revision, epoch, person, surface, digest, tx.now)
    )
    return view
