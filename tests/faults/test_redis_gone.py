"""Redis stops, is emptied or hangs: some things are later, nothing is lost."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from review.infra.embedded import Servers
from tests.makers import House, a_refund, keyed
from tests.servers import WebServer, web_server

pytestmark = pytest.mark.faults


@pytest.fixture
async def other(hurt: Servers, house: House, tmp_path: Path) -> AsyncIterator[House]:
    """The same workspace behind a second web process, which hears of the first through Redis."""
    folder = tmp_path / "other"
    folder.mkdir()
    async with web_server(hurt.database_url, hurt.redis_url, folder) as server:
        there = House(house.workspace, server.url, house.db, house.keys, house.emails)
        yield there
        await there.leave()


@asynccontextmanager
async def stopped(servers: Servers) -> AsyncGenerator[None, None]:
    await asyncio.to_thread(servers.stop_redis)
    yield


@asynccontextmanager
async def emptied(servers: Servers) -> AsyncGenerator[None, None]:
    async with Redis.from_url(servers.redis_url) as redis:  # pyright: ignore[reportUnknownMemberType]
        await redis.flushall()  # pyright: ignore[reportUnknownMemberType]
    yield


@asynccontextmanager
async def hung(servers: Servers) -> AsyncGenerator[None, None]:
    """Let Redis take connections and never answer."""
    async with Redis.from_url(servers.redis_url) as redis:  # pyright: ignore[reportUnknownMemberType]
        server: Any = await redis.info("server")  # pyright: ignore[reportUnknownMemberType]
    pid = server["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("fault", [stopped, emptied, hung])
async def test_asking_deciding_and_hearing_go_on(
    fault: Callable[[Servers], AbstractAsyncContextManager[None]],
    hurt: Servers,
    web: WebServer,
    house: House,
    other: House,
) -> None:
    agent, ada = house.agent(), await other.person()
    before = (await agent.post("/v1/items", json=a_refund(), headers=keyed())).json()["id"]
    async with fault(hurt):
        after = (await agent.post("/v1/items", json=a_refund(), headers=keyed())).json()["id"]
        for item in (before, after):
            hearing = agent.get(f"/v1/items/{item}", headers={"Prefer": "wait=30"})
            listening = asyncio.ensure_future(hearing)
            claim = (await ada.post("/v1/queues/refunds/claims", json={"wait_s": 5})).json()
            assert claim["item"] == item
            ballot = {name: claim[name] for name in ("epoch", "revision", "view")}
            decided = await ada.post(
                f"/v1/items/{item}/decisions", json={**ballot, "verdict": "approve"}
            )
            assert decided.status_code == 201, decided.text
            async with asyncio.timeout(20):  # it would have waited for longer
                heard = await listening
            assert heard.json()["outcome"]["result"] == "approved"
        async with asyncio.timeout(10):
            await web.stop()  # in good order, although nobody answers its last nudges
