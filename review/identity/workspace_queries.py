"""Workspaces, as the operator sees them: every statement about them, one function each.

Row-level security shows the service one workspace at a time, so these are asked as the owner.
"""

from dataclasses import dataclass
from datetime import datetime

from review.identity.queries import WorkspaceMissing
from review.infra.db import Tx
from review.kernel.ids import WorkspaceId

EVERY = """
SELECT w.workspace_id, w.name, w.created_at,
  (SELECT count(*) FROM identity_people p
   WHERE p.workspace_id = w.workspace_id AND p.disabled_at IS NULL) AS people,
  (SELECT count(*) FROM identity_agents a WHERE a.workspace_id = w.workspace_id) AS agents
FROM identity_workspaces w ORDER BY w.name
"""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace and how many it holds."""

    workspace_id: WorkspaceId
    name: str
    created_at: datetime
    people: int
    agents: int


async def every(tx: Tx) -> list[Workspace]:
    """Return every workspace of the service, by name."""
    return [Workspace(**row) for row in await tx.fetch(EVERY)]


async def called(tx: Tx, name: str) -> WorkspaceId:
    """Return the workspace of that name or id.

    Raises: WorkspaceMissing.
    """
    found = await tx.fetchval(
        "SELECT workspace_id FROM identity_workspaces WHERE name = $1 OR workspace_id::text = $1",
        name,
    )
    if found is None:
        raise WorkspaceMissing(workspace=name)
    return found
