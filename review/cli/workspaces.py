"""review workspace: found one, list them."""

import asyncio

import click

from review.cli.operating import operating, prepared
from review.cli.plain import PlainGroup, table
from review.flows.administer import found_workspace
from review.identity import workspace_queries
from review.identity.workspace_queries import Workspace
from review.infra.ids import fresh_id
from review.infra.migrating import as_owner
from review.infra.settings import Settings
from review.kernel.ids import WorkspaceId


@click.group(cls=PlainGroup)
def workspace() -> None:
    """Found and list workspaces.

    A workspace is one organisation's people, agents, queues and items. Nothing in one can be seen
    from another.
    """


@workspace.command()
@click.argument("name")
def create(name: str) -> None:
    """Found a workspace called NAME and print its id.

    Example, from nothing to a person who can sign in:
      review workspace create acme
      review member add ada@example.com --name "Ada" --role admin
    """
    with prepared() as chosen:
        click.echo(asyncio.run(_create(chosen, name)))


@workspace.command("list")
def list_() -> None:
    """List every workspace of this service."""
    with prepared() as chosen:
        found = asyncio.run(_every(chosen))
    rows = [[one.name, one.workspace_id, one.people, one.agents, one.created_at] for one in found]
    click.echo(table(["name", "id", "people", "agents", "since"], rows))


async def _create(chosen: Settings, name: str) -> WorkspaceId:
    fresh = WorkspaceId(fresh_id())
    async with operating(chosen, fresh) as (tx, operator):
        await found_workspace(tx, operator, name)
    return fresh


async def _every(chosen: Settings) -> list[Workspace]:
    async with as_owner(chosen.migrations_url) as tx:
        return await workspace_queries.every(tx)
