"""One migrated database per run. `tx` is rolled back; `db` is a clone of one's own."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic import command
from alembic.config import Config
from litestar import Litestar

from review.infra import embedded
from review.infra.db import SETTINGS, Database, Tx, dial, opened, prepare_connection
from review.infra.ids import fresh_id
from review.kernel.ids import WorkspaceId
from tests.makers import House, build, furnish

TEMPLATE = f"review_template_{os.getpid()}"
serial = count(1)


@dataclass(frozen=True, slots=True)
class Backends:
    """The servers this run talks to."""

    postgres: str  # a URL whose database may be replaced
    redis: str

    def database(self, name: str) -> str:
        """Return the URL of one database on that server."""
        head, slash, tail = self.postgres.rpartition("/")
        _, question, options = tail.partition("?")
        return f"{head}{slash}{name}{question}{options}"

    async def admin(self, statement: str) -> None:
        """Run one statement outside any transaction, on the server's own database."""
        connection = await dial(self.database("postgres"))
        await connection.execute(statement)
        await connection.close()


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    """The servers named by the environment, or an embedded pair for this run."""
    if "DATABASE_URL" in os.environ:
        url = os.environ["DATABASE_URL"].replace("postgresql+asyncpg:", "postgresql:")
        yield Backends(url, os.environ["REDIS_URL"])
        return
    with TemporaryDirectory() as folder, embedded.servers(Path(folder)) as pair:
        yield Backends(pair.database_url, pair.redis_url)


def alembic(url: str) -> Config:
    """Return the configuration that migrates one database."""
    config = Config(Path(__file__).parent.parent / "alembic.ini")
    config.attributes["url"] = url
    return config


@pytest.fixture(scope="session")
async def template(backends: Backends) -> AsyncIterator[str]:
    """The schema as migrations make it, not as the tables wish it."""
    await backends.admin(f"CREATE DATABASE {TEMPLATE}")
    await asyncio.to_thread(command.upgrade, alembic(backends.database(TEMPLATE)), "head")
    yield TEMPLATE
    await backends.admin(f"DROP DATABASE {TEMPLATE} WITH (FORCE)")


@pytest.fixture
async def tx(backends: Backends, template: str) -> AsyncIterator[Tx]:
    """A transaction that is rolled back. Nothing below an edge commits, so nothing leaks."""
    connection = await dial(backends.database(template), SETTINGS)
    await prepare_connection(connection)
    await connection.execute("BEGIN")
    yield await opened(connection, None)
    await connection.execute("ROLLBACK")
    await connection.close()


@pytest.fixture
async def database_url(backends: Backends, template: str) -> AsyncIterator[str]:
    """A database of one's own: real commits, real races, nothing to clean up."""
    name = f"{template}_{next(serial)}"
    await backends.admin(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield backends.database(name)
    await backends.admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A pool on a database of one's own."""
    database = await Database.connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def house(backends: Backends, database_url: str, db: Database) -> AsyncIterator[House]:
    """A furnished workspace on a database of one's own, behind the real app."""
    app = build(database_url, backends.redis)
    house = House(WorkspaceId(fresh_id()), app, db)
    async with db.begin(house.workspace) as tx:
        await furnish(tx, house)
    started, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(live(app, started, stop))
    await started.wait()
    yield house
    stop.set()
    await serving


async def live(app: Litestar, started: asyncio.Event, stop: asyncio.Event) -> None:
    """Keep an app up in one task: its lifespan must end where it began."""
    async with app.lifespan():
        started.set()
        await stop.wait()
