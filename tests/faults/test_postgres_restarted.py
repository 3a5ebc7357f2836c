"""PostgreSQL dies and comes back: whoever asks meanwhile is told so, and nothing is lost."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from review.api.waiting import told
from review.door import Door
from review.identity.credentials import Presented
from review.infra.db import Database, DatabaseUnavailable
from review.infra.embedded import Servers
from review.infra.nudges import Nudges
from review.kernel.ids import ItemId
from review.ledger.events import Entry
from review.ledger.queries import of_item
from tests.makers import House, a_refund, keyed
from tests.servers import until

pytestmark = pytest.mark.faults

ASKERS = 6


def is_told(answer: Response) -> bool:
    """Tell whether a caller was told in full that the database is away."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["code"]) == (503, "database-unavailable")
    return told["retryable"]


async def test_everybody_is_told_and_goes_on_afterwards_where_they_were(
    hurt: Servers, house: House
) -> None:
    agent, ada = house.agent(), await house.person()
    refund, key = a_refund(), keyed()
    asked = (await agent.post("/v1/items", json=refund, headers=key)).json()
    where = f"/v1/items/{asked['id']}"
    claim = (await ada.post("/v1/queues/refunds/claims", json={})).json()
    ballot = {name: claim[name] for name in ("epoch", "revision", "view")} | {"verdict": "approve"}
    waiting = asyncio.create_task(agent.get(where, headers={"Prefer": "wait=20"}))

    await asyncio.to_thread(hurt.kill_postgres)
    assert is_told(await waiting)
    for client, method, path, body in (
        (agent, "POST", "/v1/items", a_refund()),
        (agent, "GET", where, None),
        (agent, "GET", f"{where}/events", None),
        (ada, "POST", "/v1/queues/refunds/claims", {}),
        (ada, "PUT", f"{where}/claim", {"epoch": 1}),
        (ada, "POST", f"{where}/decisions", ballot),
        (house.client(), "GET", "/readyz", None),
        (house.client(), "POST", "/v1/sessions", {"email": "a@b.c", "password": "p"}),
    ):
        assert is_told(await client.request(method, path, json=body, headers=keyed()))
    assert (await house.client().get("/healthz")).status_code == 200

    await asyncio.to_thread(hurt.start_postgres)
    again = await agent.post("/v1/items", json=refund, headers=key)
    assert (again.status_code, again.json()["id"]) == (202, asked["id"])
    assert (await ada.put(f"{where}/claim", json={"epoch": 1})).status_code == 200
    assert (await ada.post(f"{where}/decisions", json=ballot)).status_code == 201
    heard = (await agent.get(where, headers={"Prefer": "wait=20"})).json()
    assert heard["outcome"]["result"] == "approved"


async def insist(client: AsyncClient, refund: dict[str, Any], seen: Counter[int]) -> str:
    """Ask until there is an answer, with the same key each time, as the problem advises."""
    key = keyed()
    while True:
        answer = await client.post("/v1/items", json=refund, headers=key)
        seen[answer.status_code] += 1
        if answer.status_code == 202:
            return answer.json()["id"]
        assert is_told(answer)


async def test_whoever_insists_through_a_restart_asks_once(
    hurt: Servers, house: House, beside: Database
) -> None:
    seen, agent, over = Counter[int](), house.agent(), asyncio.Event()
    found = list[str]()

    async def ask() -> None:
        while not over.is_set():
            found.append(await insist(agent, a_refund(), seen))

    async def have(status: int, more: int) -> None:
        enough = seen[status] + more
        await until(lambda: asyncio.sleep(0, seen[status] >= enough))

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for _ in range(ASKERS):
            group.create_task(ask())
        await have(202, ASKERS)
        await asyncio.to_thread(hurt.kill_postgres)
        await have(503, ASKERS)
        await asyncio.to_thread(hurt.start_postgres)
        await have(202, ASKERS)
        over.set()
    async with beside.read(house.workspace) as tx:
        stored = [row["id"] for row in await tx.fetch("SELECT item_id::text id FROM queue_items")]
    assert sorted(stored) == sorted(found)
    assert len(set(found)) == len(found)


async def test_a_stream_waits_for_the_database_and_misses_nothing(
    hurt: Servers, house: House, beside: Database
) -> None:
    agent = house.agent()
    item = (await agent.post("/v1/items", json=a_refund(), headers=keyed())).json()["id"]
    away = asyncio.Event()

    async def tell(after: int) -> tuple[list[Entry], int]:
        try:
            async with beside.read(house.workspace) as tx:
                entries = await of_item(tx, ItemId(UUID(item)), seq=after)
        except DatabaseUnavailable:
            away.set()
            raise
        return entries, entries[-1].seq if entries else after

    presented = Presented.read(house.keys["support-bot"])
    door = Door(beside, b"", presented, csrf="", unsafe=False, secure_cookies=False)
    stream = told(tell, 0, door, Nudges(), f"item:{item}")
    async with asyncio.timeout(30):
        assert (await anext(stream)).event == "item.submitted"
        await asyncio.to_thread(hurt.kill_postgres)
        second = asyncio.ensure_future(anext(stream))
        await away.wait()
        await asyncio.to_thread(hurt.start_postgres)
        withdrawn = await agent.post(f"/v1/items/{item}/withdrawal", json={})
        assert withdrawn.status_code == 200
        assert (await second).event == "item.settled"
    await stream.aclose()
