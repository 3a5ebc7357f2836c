"""Expiries: items nobody decided in time end as they said they would."""

import logging
from functools import partial

from review.flows.expire import expire
from review.infra.db import Database
from review.kernel.ids import WorkspaceId
from review.queue import queries as queue
from workers.bells import in_each

log = logging.getLogger(__name__)

BATCH = 100


async def expire_due(db: Database) -> None:
    """End all that is due, batch by batch."""
    async with db.read() as tx:
        workspaces = await queue.workspaces_expiring(tx)
    await in_each(workspaces, partial(_expire_in, db))


async def _expire_in(db: Database, workspace: WorkspaceId) -> None:
    """End what is due in one workspace, however long nobody looked."""
    ended = BATCH
    while ended == BATCH:
        async with db.begin(workspace) as tx:
            ended = await expire(tx, limit=BATCH)
        if ended:
            log.info("expired %d items of workspace %s", ended, workspace)
