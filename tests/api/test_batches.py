"""Many requests at once: each gets an answer of its own, in order, as if it had come alone."""

import asyncio
from typing import Any
from uuid import uuid4

from tests.desk import Desk, body_of, pointers, refused
from tests.makers import a_refund

ITEMS = "SELECT count(*) FROM queue_items q JOIN queue_queues USING (queue_id) WHERE name = $1"


def one(desk: Desk, *, key: str | None = None, **changes: Any) -> dict[str, Any]:
    """One request of a batch."""
    body = a_refund(**{"queue": desk.queue, **changes})
    return {"idempotency_key": key or str(uuid4()), **body}


async def answers(desk: Desk, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to one batch."""
    answer = await desk.agent.post("/v1/items:batch", json={"items": requests})
    found: list[dict[str, Any]] = body_of(answer, 200)["items"]
    assert len(found) == len(requests)
    return found


def statuses(found: list[dict[str, Any]]) -> list[int]:
    return [answer["status"] for answer in found]


async def test_good_and_bad_are_answered_side_by_side(desk: Desk) -> None:
    keyless = a_refund(queue=desk.queue)
    found = await answers(
        desk,
        one(desk),
        one(desk, kind="wish"),
        one(desk, due_in_s=0),
        keyless,
        one(desk, queue="nowhere"),
        one(desk, key="two\nlines"),
        one(desk),
    )
    assert statuses(found) == [202, 422, 422, 400, 404, 400, 202]
    assert pointers(found[1]["problem"]) == ["/kind"]
    codes = [answer["problem"]["code"] for answer in found if answer["problem"]]
    assert codes == [
        "invalid-request",
        "doomed-request",
        "key-missing",
        "queue-missing",
        "key-invalid",
    ]
    assert await desk.count(ITEMS, desk.queue) == 2


async def test_a_batch_holds_one_to_a_thousand(desk: Desk) -> None:
    found = await answers(desk, *(one(desk) for _ in range(1_000)))
    assert set(statuses(found)) == {202}
    assert len({answer["item"]["id"] for answer in found}) == 1_000
    for wrong in ([], [one(desk)] * 1_001, "x", [1]):
        answer = await desk.agent.post("/v1/items:batch", json={"items": wrong})
        refused(answer, 422, "invalid-request")
    assert await desk.count(ITEMS, desk.queue) == 1_000


async def test_a_batch_sent_again_gets_the_same_answers(desk: Desk) -> None:
    batch = [one(desk) for _ in range(5)]
    first = await answers(desk, *batch)
    assert await answers(desk, *batch) == first
    assert await answers(desk, *batch[::-1]) == first[::-1]
    assert await desk.count(ITEMS, desk.queue) == 5


async def test_the_same_request_twice_in_a_batch_is_one_request(desk: Desk) -> None:
    found = await answers(desk, request := one(desk), request)
    assert found[0] == found[1]
    assert statuses(found) == [202, 202]
    assert await desk.count(ITEMS, desk.queue) == 1


async def test_a_key_stands_for_its_first_request_in_a_batch_too(desk: Desk) -> None:
    batch = [one(desk, key=(key := str(uuid4()))), one(desk, key=key)]
    first = await answers(desk, *batch)
    assert statuses(first) == [202, 422]
    assert first[1]["problem"]["code"] == "key-reused"
    assert await answers(desk, *batch) == first
    assert await desk.count(ITEMS, desk.queue) == 1


async def test_the_same_action_in_one_batch_waits_once(desk: Desk) -> None:
    action = a_refund()["action"]
    found = await answers(
        desk,
        one(desk, action=action),
        one(desk, action=action),
        one(desk, action=action, queue=desk.upstairs),
    )
    assert statuses(found) == [202, 200, 200]
    assert len({answer["item"]["id"] for answer in found}) == 1
    assert {answer["item"]["queue"] for answer in found} == {desk.queue}


async def test_nobody_joins_an_item_that_was_never_added(desk: Desk) -> None:
    settled = one(desk)
    old = (await answers(desk, settled))[0]
    assert (await desk.decide(desk.ada, await desk.take(desk.ada))).status_code == 201
    found = await answers(desk, settled, one(desk, action=settled["action"]))
    assert found[0] == old
    assert found[1]["status"] == 202
    assert (await desk.read(found[1]["item"]["id"]))["status"] == "waiting"


async def test_an_item_is_superseded_once(desk: Desk) -> None:
    old = await desk.ask()
    found = await answers(
        desk, one(desk, supersedes=old["id"]), one(desk, supersedes=old["id"]), one(desk)
    )
    assert statuses(found) == [202, 409, 202]
    assert found[1]["problem"]["code"] == "already-settled"
    assert (await desk.read(old["id"]))["outcome"]["result"] == "superseded"


async def test_nobody_joins_what_the_same_batch_supersedes(desk: Desk) -> None:
    old = await desk.ask(action=(action := a_refund()["action"]))
    found = await answers(desk, one(desk, supersedes=old["id"]), one(desk, action=action))
    assert statuses(found) == [202, 202]
    assert (await desk.read(old["id"]))["status"] == "settled"


async def test_batches_that_cross_lose_nothing(desk: Desk) -> None:
    actions = [a_refund()["action"] for _ in range(20)]

    async def send(order: int) -> int:
        batch = [one(desk, action=action) for action in actions[::order]]
        answer = await desk.agent.post("/v1/items:batch", json={"items": batch})
        if answer.status_code != 200:
            assert answer.status_code in {409, 503}, answer.text
            assert answer.json()["retryable"]
        return answer.status_code

    found = await asyncio.gather(*(send(order) for order in (1, -1, 1, -1)))
    assert 200 in found
    assert await desk.count(ITEMS, desk.queue) == len(actions)
