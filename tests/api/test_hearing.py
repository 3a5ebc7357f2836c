"""Hearing: what an agent asked is listed, waited for, and seen by nobody else's."""

import asyncio

from tests.desk import Desk, body_of, refused
from tests.makers import House, a_refund, keyed


async def test_picking_up_the_outcome_is_remembered_once(desk: Desk) -> None:
    item = await desk.ask()
    path = f"/v1/items/{item['id']}/acknowledgements"
    refused(await desk.agent.post(path), 409, "not-settled")
    assert (await desk.decide(desk.ada, await desk.take(desk.ada))).status_code == 201
    first = body_of(await desk.agent.post(path), 201)
    assert first["acknowledged_at"] is not None
    assert body_of(await desk.agent.post(path), 201) == first
    refused(await desk.other.post(path), 404, "item-missing")


async def test_agents_see_what_is_theirs_and_people_everything(desk: Desk) -> None:
    item = await desk.ask()
    body_of(await desk.ada.get(f"/v1/items/{item['id']}"), 200)
    for call in ("", "/events"):
        refused(await desk.other.get(f"/v1/items/{item['id']}{call}"), 404, "item-missing")
    listed = body_of(await desk.other.get("/v1/items", params={"queue": desk.queue}), 200)
    assert listed["items"] == []


async def test_lists_are_paged_newest_first_and_lose_nothing(desk: Desk) -> None:
    asked = [(await desk.ask(run={"run_id": f"r-{desk.queue}"}))["id"] for _ in range(5)]
    seen, cursor = list[str](), None
    while cursor is not None or not seen:
        params = {"queue": desk.queue, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = body_of(await desk.agent.get("/v1/items", params=params), 200)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == asked[::-1]
    by_run = await desk.ada.get("/v1/items", params={"run_id": f"r-{desk.queue}"})
    assert len(by_run.json()["items"]) == 5
    await desk.take(desk.ada)
    for status, number in (("waiting", 4), ("claimed", 1), ("settled", 0)):
        page = await desk.ada.get("/v1/items", params={"queue": desk.queue, "status": status})
        assert len(page.json()["items"]) == number


async def test_an_unchanged_item_is_not_sent_again(desk: Desk) -> None:
    item = await desk.ask()
    path = f"/v1/items/{item['id']}"
    etag = (await desk.agent.get(path)).headers["etag"]
    same = await desk.agent.get(path, headers={"If-None-Match": f'"other", {etag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    await desk.take(desk.ada)
    changed = await desk.agent.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_a_reader_who_would_wait_hears_the_decision_when_it_falls(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    path = f"/v1/items/{item['id']}"
    async with asyncio.timeout(20):
        waiting = asyncio.create_task(desk.agent.get(path, headers={"Prefer": "wait=60"}))
        decided = asyncio.create_task(desk.decide(desk.ada, claim, "reject"))
        heard = body_of(await waiting, 200)
    assert (await decided).status_code == 201
    assert heard["outcome"]["result"] == "denied"
    assert heard["outcome"]["arguments"] is None


async def test_tenants_cannot_see_each_other(desk: Desk, neighbours: House) -> None:
    item = await desk.ask()
    await desk.take(desk.ada)
    stranger, cousin = neighbours.agent(), await neighbours.person("ada")
    for client in (stranger, cousin):
        refused(await client.get(f"/v1/items/{item['id']}"), 404, "item-missing")
    body = a_refund(queue=desk.queue)
    refused(await stranger.post("/v1/items", json=body, headers=keyed()), 404, "queue-missing")
    refused(await desk.claim(cousin), 404, "queue-missing")
    epoch = {"epoch": 1}
    refused(await cousin.put(f"/v1/items/{item['id']}/claim", json=epoch), 404, "item-missing")
    assert body_of(await cousin.get("/v1/items"), 200)["items"] == []
    queues = body_of(await cousin.get("/v1/queues"), 200)["items"]
    assert {queue["name"] for queue in queues} == {"refunds", "escalations"}
