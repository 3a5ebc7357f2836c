"""The web process dies, or loses its database, after a commit and before the answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest
from httpx import HTTPError, Response

from review.infra.db import Database
from review.infra.embedded import Servers
from tests.faults.proxy import Proxy
from tests.makers import House, a_refund, keyed
from tests.servers import WebServer, web_server

pytestmark = pytest.mark.faults


@pytest.fixture
async def web(hurt: Servers, proxy: Proxy, tmp_path: Path) -> AsyncIterator[WebServer]:
    """A web process that reaches its database through the proxy."""
    async with web_server(proxy.url, hurt.redis_url, tmp_path) as server:
        yield server


async def stored(db: Database, house: House) -> list[str]:
    """Return every item of the workspace, as it really is in the database."""
    async with db.read(house.workspace) as tx:
        return [row["item"] for row in await tx.fetch("SELECT item_id::text item FROM queue_items")]


async def killed_after_commit(proxy: Proxy, web: WebServer, request: Awaitable[Response]) -> None:
    """Send a request and kill the process once it is committed and nobody was told."""
    proxy.withhold_next_commit()
    asking = asyncio.ensure_future(request)
    await proxy.committed()
    await web.kill()
    with pytest.raises(HTTPError):
        await asking
    await web.start()


async def test_a_submission_cut_off_by_death_is_answered_by_its_retry(
    web: WebServer, proxy: Proxy, house: House, beside: Database
) -> None:
    agent, refund, key = house.agent(), a_refund(), keyed()
    await killed_after_commit(proxy, web, agent.post("/v1/items", json=refund, headers=key))
    found = await stored(beside, house)
    assert len(found) == 1
    again = await agent.post("/v1/items", json=refund, headers=key)
    assert (again.status_code, again.json()["id"]) == (202, found[0])
    assert not again.json()["joined"]
    assert await stored(beside, house) == found


async def test_a_decision_cut_off_by_death_stands_and_is_not_taken_twice(
    web: WebServer, proxy: Proxy, house: House
) -> None:
    agent, ada = house.agent(), await house.person()
    item = (await agent.post("/v1/items", json=a_refund(), headers=keyed())).json()["id"]
    claim = (await ada.post("/v1/queues/refunds/claims", json={})).json()
    ballot = {name: claim[name] for name in ("epoch", "revision", "view")} | {"verdict": "approve"}
    where = f"/v1/items/{item}/decisions"
    await killed_after_commit(proxy, web, ada.post(where, json=ballot))
    again = await ada.post(where, json=ballot)
    assert (again.status_code, again.json()["code"]) == (409, "already-settled")
    heard = (await agent.get(f"/v1/items/{item}")).json()
    assert heard["outcome"]["result"] == "approved"
    async with house.db.read(house.workspace) as tx:
        told = await tx.fetchval("SELECT count(*) FROM ledger_entries WHERE type = 'item.settled'")
    assert told == 1


async def test_a_connection_lost_at_the_commit_is_a_503_and_the_retry_gets_the_item(
    proxy: Proxy, house: House, beside: Database
) -> None:
    agent, refund, key = house.agent(), a_refund(), keyed()
    proxy.withhold_next_commit()
    asking = asyncio.ensure_future(agent.post("/v1/items", json=refund, headers=key))
    await proxy.committed()
    await proxy.cut()
    answer = await asking
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert answer.json()["retryable"]
    found = await stored(beside, house)
    again = await agent.post("/v1/items", json=refund, headers=key)
    assert (again.status_code, [again.json()["id"]]) == (202, found)
