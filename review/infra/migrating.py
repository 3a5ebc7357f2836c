"""The schema: brought up to date by the operator, looked at by everyone before they serve.

Migrations run as the role that owns the tables; the service runs as one that owns nothing and
sees one workspace at a time. What is asked here in plain SQL is asked as that second role.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from review.infra.db import APP_ROLE, SETTINGS, Connection, DatabaseUnavailable, Tx, dial, opened
from review.kernel.problems import Kind, Problem

# Row-level security does not bind superusers, roles with BYPASSRLS and owners; PostgreSQL itself
# answers whether it binds us. `identity_logins` is read before anybody is known.
OPEN_TABLES = """
SELECT coalesce(array_agg(c.relname::text ORDER BY c.relname), '{}') FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND c.relname <> 'identity_logins' AND NOT row_security_active(c.oid)
"""


class SchemaBehind(Problem):
    """The database's schema is older than this program.

    `found` is the last migration it has seen and `needed` the one this program was written for.
    Run `review migrate`; it can be done while the older program still runs.
    """

    kind = Kind.UNAVAILABLE


class MigrationFailed(Problem):
    """The database could not be migrated.

    `said` is the first line of what the database or the migration said. Every migration is one
    transaction: those before this one are done, this one left nothing behind.
    """

    kind = Kind.UNAVAILABLE


class WorkspacesExposed(Problem):
    """The database would let one workspace see into another.

    Row-level security does not bind the role the service runs as, which `role` names, on the
    tables in `tables`: it is a superuser, may bypass row-level security, or owns the tables.
    `remedy` says what to do; until then nothing is served.
    """

    kind = Kind.UNAVAILABLE


class AccessRefused(Problem):
    """The database refused access.

    `said` is what it said. The service needs a log-in that may take on the role `review_app`;
    naming and listing workspaces and migrating need the one that owns the tables: MIGRATIONS_URL.
    """

    kind = Kind.UNAVAILABLE


def upgrade(url: str) -> str:
    """Bring a database's schema up to date and return the revision it is at.

    Raises: MigrationFailed.
    """
    config = _configuration()
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except (OSError, DBAPIError, asyncpg.PostgresError, CommandError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        raise MigrationFailed(said=said.partition("\n")[0]) from error
    return revisions()[0]


def revisions() -> list[str]:
    """Return the revisions this program knows, newest first."""
    return [one.revision for one in ScriptDirectory.from_config(_configuration()).walk_revisions()]


async def ensure_serviceable(url: str) -> None:
    """Return quietly if the service can run on a database, and will see one workspace at a time.

    A schema that is newer than the program is fine: migrations run beside the older program.

    Raises: SchemaBehind, WorkspacesExposed, DatabaseUnavailable, AccessRefused.
    """
    known = revisions()
    async with _connected(url, SETTINGS, known[0]) as connection:
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
        role = await connection.fetchval("SELECT current_user::text")
        tables = await connection.fetchval(OPEN_TABLES)
    if found is None or found in known[1:]:
        raise SchemaBehind(found=found, needed=known[0])
    if tables or role != APP_ROLE:
        remedy = f"ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS, and let another role own tables"
        raise WorkspacesExposed(role=role, tables=tables, remedy=remedy)


@asynccontextmanager
async def as_owner(url: str) -> AsyncGenerator[Tx, None]:
    """Open a transaction that cannot write as the tables' owner, who sees every workspace.

    Raises: SchemaBehind, DatabaseUnavailable, AccessRefused.
    """
    async with (
        _connected(url, {}, revisions()[0]) as connection,
        connection.transaction(readonly=True),
    ):
        yield await opened(connection, None)


@asynccontextmanager
async def _connected(
    url: str, settings: dict[str, str], needed: str
) -> AsyncGenerator[Connection, None]:
    """Open one connection; say plainly what stands in the way."""
    try:
        connection = await dial(url, settings)
        try:
            yield connection
        finally:
            await connection.close()
    except (asyncpg.UndefinedTableError, asyncpg.InvalidParameterValueError) as error:
        raise SchemaBehind(found=None, needed=needed) from error
    except (
        asyncpg.InsufficientPrivilegeError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
    ) as error:
        raise AccessRefused(said=str(error)) from error
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
        raise DatabaseUnavailable from error


def _configuration() -> Config:
    """Return Alembic's configuration, wherever this program is installed."""
    package = find_spec("migrations")
    if package is None or package.origin is None:
        msg = "the package `migrations` belongs to this program and is not installed"
        raise RuntimeError(msg)
    config = Config()
    config.set_main_option("script_location", str(Path(package.origin).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
