"""Servers of these tests' own, to be stopped, killed, frozen and cut off."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic import command

from review.infra import embedded
from review.infra.db import Database
from review.infra.embedded import Servers
from tests.conftest import alembic
from tests.faults.proxy import Proxy
from tests.makers import House
from tests.servers import WebServer, furnished, web_server


@pytest.fixture(scope="package")
def pair() -> Iterator[Servers]:
    """A private PostgreSQL and Redis, migrated."""
    with TemporaryDirectory() as folder, embedded.servers(Path(folder)) as pair:
        command.upgrade(alembic(pair.database_url), "head")
        yield pair


@pytest.fixture
async def hurt(pair: Servers) -> AsyncIterator[Servers]:
    """The same servers, whole again at the end whatever a test does to them."""
    yield pair
    await asyncio.to_thread(pair.start_postgres)
    await asyncio.to_thread(pair.start_redis)


@pytest.fixture
async def beside(hurt: Servers) -> AsyncIterator[Database]:
    """A way to the same database beside the web process, to see what is really there."""
    database = await Database.connect(hurt.database_url)
    yield database
    await database.close()


@pytest.fixture
async def web(hurt: Servers, tmp_path: Path) -> AsyncIterator[WebServer]:
    """A web process on these servers."""
    async with web_server(hurt.database_url, hurt.redis_url, tmp_path) as server:
        yield server


@pytest.fixture
async def house(web: WebServer, beside: Database) -> AsyncIterator[House]:
    """A furnished workspace behind that process."""
    async with furnished(beside, web.url) as house:
        yield house


@pytest.fixture
async def proxy(hurt: Servers) -> AsyncIterator[Proxy]:
    """A way to the same database that can be cut at the very moment of a commit."""
    async with Proxy.to(hurt.database_url) as proxy:
        yield proxy
