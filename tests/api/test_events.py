"""Events over HTTP: replayed from where a reader stopped, and nothing of anybody else's."""

import json

import pytest

from tests.desk import Desk, refused
from tests.streaming import events

WHOLE_LIFE = ["item.submitted", "item.claimed", "item.opened", "item.voted", "item.settled"]


async def told(desk: Desk, path: str, most: int, **headers: str) -> list[dict[str, str]]:
    """What the agent hears."""
    key = {"Authorization": f"Bearer {desk.house.keys['support-bot']}"}
    return await events(desk.house.app, path, {**key, **headers}, most=most)


async def a_life(desk: Desk) -> str:
    """One item from beginning to end."""
    item = await desk.ask()
    assert (await desk.decide(desk.ada, await desk.take(desk.ada))).status_code == 201
    return item["id"]


async def test_an_item_tells_its_story_from_wherever_the_reader_stopped(desk: Desk) -> None:
    item = await a_life(desk)
    path = f"/v1/items/{item}/events"
    story = await told(desk, path, 5)
    assert [event["event"] for event in story] == WHOLE_LIFE
    assert {json.loads(event["data"])["item"] for event in story} == {item}
    ids = [int(event["id"]) for event in story]
    assert ids == sorted(ids)
    rest = await told(desk, path, 2, **{"Last-Event-ID": story[2]["id"]})
    assert rest == story[3:]


async def test_a_workspace_is_replayed_without_loss(desk: Desk) -> None:
    first = await a_life(desk)
    start = (await told(desk, f"/v1/items/{first}/events", 5))[-1]["id"]
    lives = [await a_life(desk) for _ in range(3)]
    path = f"/v1/events?queue={desk.queue}"
    heard = await told(desk, path, 15, **{"Last-Event-ID": start})
    assert [event["event"] for event in heard] == WHOLE_LIFE * 3
    assert [json.loads(event["data"])["item"] for event in heard[::5]] == lives
    for stop in (0, 4, 13):
        rest = await told(desk, path, 14 - stop, **{"Last-Event-ID": heard[stop]["id"]})
        assert rest == heard[stop + 1 :]


@pytest.mark.parametrize("last", ["9" * 19, "9" * 30, "9" * 5_000, "-1", "x", ""])
async def test_a_place_that_cannot_be_is_the_beginning(desk: Desk, last: str) -> None:
    item = await desk.ask()
    path = f"/v1/items/{item['id']}/events"
    (event,) = await told(desk, path, 1, **{"Last-Event-ID": last})
    assert event["event"] == "item.submitted"


async def test_a_place_that_never_was_is_the_beginning_of_the_workspace(desk: Desk) -> None:
    item = await desk.ask()
    path = f"/v1/events?queue={desk.queue}"
    (event,) = await told(desk, path, 1, **{"Last-Event-ID": "9" * 18})
    assert json.loads(event["data"])["item"] == item["id"]


async def test_nobody_follows_what_is_not_theirs(desk: Desk) -> None:
    item = await desk.ask()
    answer = await desk.other.get(f"/v1/items/{item['id']}/events")
    refused(answer, 404, "item-missing")
    refused(await desk.house.client().get("/v1/events"), 401, "sign-in-needed")
