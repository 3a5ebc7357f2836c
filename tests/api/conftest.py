"""One furnished workspace for a whole run of API tests; every test gets queues of its own."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from uuid import uuid4

import pytest
from httpx import AsyncClient

from review.infra.db import Database
from review.infra.ids import fresh_id
from review.kernel.ids import WorkspaceId
from tests.conftest import Backends, live
from tests.desk import Desk, a_desk
from tests.makers import House, build, furnish

serial = count(1)


@pytest.fixture(scope="session")
async def office(backends: Backends, template: str) -> AsyncIterator[House]:
    """A workspace on a database that only tests of the API share."""
    name = f"{template}_office"
    await backends.admin(f"CREATE DATABASE {name} TEMPLATE {template}")
    url = backends.database(name)
    db = await Database.connect(url)
    app = build(url, backends.redis)
    house = House(WorkspaceId(fresh_id()), app, db)
    async with db.begin(house.workspace) as tx:
        await furnish(tx, house)
    started, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(live(app, started, stop))
    await started.wait()
    yield house
    stop.set()
    await serving
    await db.close()
    await backends.admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def neighbours(office: House) -> House:
    """Another workspace behind the same app."""
    house = House(WorkspaceId(uuid4()), office.app, office.db)
    async with house.db.begin(house.workspace) as tx:
        await furnish(tx, house)
    return house


@pytest.fixture(scope="session")
async def staff(office: House) -> dict[str, AsyncClient]:
    """Everybody, signed in once."""
    people = {name: await office.person(name) for name in ("ada", "ben", "lea", "aud")}
    return {"agent": office.agent(), "other": office.agent("other-bot"), **people}


@pytest.fixture
async def desk(office: House, staff: dict[str, AsyncClient]) -> Desk:
    """Two queues of one's own."""
    return await a_desk(office, staff, f"queue-{next(serial)}")
