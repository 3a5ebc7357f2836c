"""How migrations run: one at a time, in a hurry, or not at all."""

import asyncio
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic import context
from sqlalchemy import Connection, make_url, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from review.infra import schema

for tables in sorted(Path(schema.__file__).parent.parent.glob("*/tables.py")):
    import_module(f"review.{tables.parent.name}.tables")  # a table exists if a noun declares it

DEPLOY_LOCK = 6_021_843  # any constant; all deploys must agree on it


def run(connection: Connection) -> None:
    """Claim the deploy lock, give up quickly on busy tables, commit after each revision."""
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": DEPLOY_LOCK})
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=schema.metadata,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def online() -> None:
    """Connect and run; the session-level lock goes with the connection."""
    given: Any = context.config.attributes.get("url") or os.environ["DATABASE_URL"]
    url = make_url(given).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(online())
