"""Migrations and tables agree, in both directions, and every tenant's table is closed."""

import asyncio

from alembic import command

from review.infra.db import dial
from tests.conftest import Backends, alembic

OPEN = {"alembic_version", "identity_logins", "identity_throttles"}  # read before sign-in

TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS confined,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
       (SELECT a.attname FROM pg_index i JOIN pg_attribute a
          ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = c.oid AND i.indisprimary) AS leads
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""

CROSSINGS = """
SELECT conrelid::regclass::text AS name, conname,
       (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) AS leads
FROM pg_constraint WHERE contype = 'f'
"""


async def test_tables_match_migrations(backends: Backends, template: str) -> None:
    await asyncio.to_thread(command.check, alembic(backends.database(template)))


async def test_every_migration_goes_back_and_forth(database_url: str) -> None:
    config = alembic(database_url)
    await asyncio.to_thread(command.downgrade, config, "base")
    await asyncio.to_thread(command.upgrade, config, "head")
    await asyncio.to_thread(command.check, config)


async def test_every_tenant_table_is_confined_to_its_workspace(database_url: str) -> None:
    connection = await dial(database_url)
    tables = await connection.fetch(TABLES)
    crossings = await connection.fetch(CROSSINGS)
    await connection.close()
    tenants = [row for row in tables if row["name"] not in OPEN]
    assert len(tenants) > 10
    for row in tenants:
        assert row["confined"], row["name"]
        assert row["policies"] == 1, row["name"]
        assert row["leads"] == "workspace_id", row["name"]
    for row in crossings:
        assert row["leads"] == "workspace_id", (row["name"], row["conname"])


async def test_the_application_role_cannot_bypass_row_level_security(database_url: str) -> None:
    connection = await dial(database_url)
    role = await connection.fetchrow(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'review_app'"
    )
    owned = await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = 'review_app'::regrole"
    )
    await connection.close()
    assert tuple(role) == (False, False)
    assert owned == 0
