"""A house whose operator lets webhooks reach this machine, and somebody to receive them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

import pytest

from review.app import create_app
from review.infra.db import Database
from review.infra.ids import fresh_id
from review.infra.settings import Reach, Settings
from review.kernel.ids import WorkspaceId
from tests.conftest import Backends, live
from tests.makers import SECRET, House, a_refund, furnish, keyed, settings_for
from tests.workers.receiver import Receiver, receiving
from workers.courier import Courier
from workers.outside import Outside

LOOPBACK = Reach(networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture
def settings(backends: Backends, database_url: str) -> Settings:
    """Settings under which webhooks may reach this machine."""
    return replace(settings_for(database_url, backends.redis), webhook_allow=LOOPBACK)


@pytest.fixture
async def house(settings: Settings, db: Database) -> AsyncIterator[House]:
    """A furnished workspace behind the real app, which lets webhooks reach this machine."""
    app = create_app(settings)
    house = House(WorkspaceId(fresh_id()), app, db)
    async with db.begin(house.workspace) as tx:
        await furnish(tx, house)
    started, stop = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(live(app, started, stop))
    await started.wait()
    yield house
    stop.set()
    await serving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Somebody who listens on this machine."""
    async with receiving() as receiver:
        yield receiver


@dataclass(slots=True)
class Post:
    """What an agent does to hear, and one round of the worker at a time."""

    house: House
    courier: Courier

    async def subscribe(self, url: str, **more: Any) -> dict[str, Any]:
        """Subscribe as the agent, over HTTP."""
        made = await self.house.agent().post("/v1/subscriptions", json={"url": url, **more})
        assert made.status_code == 201, made.text
        return made.json()

    async def settle(self) -> str:
        """Ask and withdraw over HTTP: one item settled, one message owed; return the item."""
        agent = self.house.agent()
        asked = await agent.post("/v1/items", json=a_refund(), headers=keyed())
        item = asked.json()["id"]
        ended = await agent.post(f"/v1/items/{item}/withdrawal", json={})
        assert ended.status_code == 200, ended.text
        return item

    async def round(self) -> None:
        """Send what is due now, and wait until the fate of all of it is written down."""
        await self.courier.look()
        await self.courier.close()

    async def fall_due(self) -> None:
        """Let the time of every message come now."""
        async with self.house.db.begin(self.house.workspace) as tx:
            await tx.execute("UPDATE delivery_messages SET due_at = $1", tx.now)

    async def messages(self, state: str = "") -> list[dict[str, Any]]:
        """The messages as the agent sees them."""
        seen = await self.house.agent().get(
            "/v1/messages", params={"state": state} if state else {}
        )
        assert seen.status_code == 200, seen.text
        return seen.json()["items"]

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """The ledger's facts of one kind, in order."""
        async with self.house.db.read(self.house.workspace) as tx:
            rows = await tx.fetch(
                "SELECT facts FROM ledger_entries WHERE type = $1 ORDER BY seq", kind
            )
        return [row["facts"] for row in rows]


@pytest.fixture
def post(house: House, db: Database) -> Post:
    """The post of one workspace."""
    return Post(house, Courier(db, Outside(LOOPBACK), SECRET.encode(), asyncio.Event()))
