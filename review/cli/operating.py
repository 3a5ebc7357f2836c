"""The operator: whoever can reach the servers, acting inside one workspace at a time."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias, TypeVar

import click

from review.identity import workspace_queries as workspaces
from review.identity.actors import Actor, Permission, Principal
from review.infra.db import Database, Tx
from review.infra.migrating import SchemaBehind, as_owner, ensure_serviceable, upgrade
from review.infra.settings import Settings, settings
from review.kernel.ids import SYSTEM, WorkspaceId
from review.kernel.problems import Kind, Problem

Answer = TypeVar("Answer")
Act: TypeAlias = Callable[[Tx, Actor], Coroutine[Any, Any, Answer]]


class WorkspaceUnnamed(Problem):
    """Say which workspace.

    Name it with `--workspace` or the environment variable REVIEW_WORKSPACE; it goes without saying
    only while there is exactly one. `workspaces` lists those there are.
    """

    kind = Kind.INVALID


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command be told which workspace it is about."""
    return click.option(
        "-w",
        "--workspace",
        envvar="REVIEW_WORKSPACE",
        metavar="NAME",
        help="Workspace, by name or id; may be left out while there is only one.",
    )(command)


@contextmanager
def prepared(*, migrate: bool = False) -> Generator[Settings, None, None]:
    """Give the settings, on a database that can be worked on; one of our own is migrated first.

    Another's is migrated only if the caller says so.

    Raises: SettingMissing, SettingInvalid, SchemaBehind, WorkspacesExposed, AccessRefused.
    """
    with settings() as chosen:
        try:
            asyncio.run(ensure_serviceable(chosen.database_url))
        except SchemaBehind:
            if os.environ.get("DATABASE_URL", "").strip() and not migrate:
                raise
            upgrade(chosen.migrations_url)
            asyncio.run(ensure_serviceable(chosen.database_url))
        yield chosen


def environment_of(chosen: Settings) -> dict[str, str]:
    """Return the environment in which another process reads the same settings."""
    return {
        **os.environ,
        "DATABASE_URL": chosen.database_url,
        "MIGRATIONS_URL": chosen.migrations_url,
        "REDIS_URL": chosen.redis_url,
        "REVIEW_SECRET_KEY": chosen.secret_key.get_secret_value(),
        "REVIEW_PUBLIC_URL": chosen.public_url,
        "REVIEW_HOST": chosen.host,
        "REVIEW_DATA": str(chosen.data),
        "PORT": str(chosen.port),
    }


def operate(workspace: str | None, act: Act[Answer]) -> Answer:
    """Do one thing in a workspace, as its operator, in one transaction; return what came of it."""
    with prepared() as chosen:
        return asyncio.run(_operate(chosen, workspace, act))


async def _operate(chosen: Settings, workspace: str | None, act: Act[Answer]) -> Answer:
    found = await find_workspace(chosen, workspace)
    async with operating(chosen, found) as (tx, operator):
        return await act(tx, operator)


@asynccontextmanager
async def operating(
    chosen: Settings, workspace: WorkspaceId
) -> AsyncGenerator[tuple[Tx, Actor], None]:
    """Open a transaction in a workspace, for its operator; it commits on a clean exit."""
    database = await Database.connect(chosen.database_url, size=1)
    try:
        async with database.begin(workspace) as tx:
            yield tx, the_operator(workspace)
    finally:
        await database.close()


async def find_workspace(chosen: Settings, name: str | None) -> WorkspaceId:
    """Return the workspace of that name or id; without one, the only one there is.

    Raises: WorkspaceMissing, WorkspaceUnnamed.
    """
    async with as_owner(chosen.migrations_url) as tx:
        if name is not None:
            return await workspaces.called(tx, name)
        known = await workspaces.every(tx)
    if len(known) != 1:
        raise WorkspaceUnnamed(workspaces=[one.name for one in known])
    return known[0].workspace_id


def the_operator(workspace: WorkspaceId) -> Actor:
    """Return whoever works on a workspace from the command line: all permissions, no person."""
    return Actor(workspace, SYSTEM, Principal.SYSTEM, "operator", frozenset(Permission))
