"""Asking: the same key is the same request, and the same action waits once."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from review.flows.arrange import configure_queue
from tests.desk import Desk, body_of, pointers, refused
from tests.makers import REFUNDS, a_refund, keyed, the_operator

ITEMS = "SELECT count(*) FROM queue_items q JOIN queue_queues USING (queue_id) WHERE name = $1"


async def test_a_request_without_a_key_is_refused(desk: Desk) -> None:
    answer = await desk.agent.post("/v1/items", json=a_refund(queue=desk.queue))
    refused(answer, 400, "key-missing")
    header = {"Idempotency-Key": '"unterminated'}
    answer = await desk.agent.post("/v1/items", json=a_refund(queue=desk.queue), headers=header)
    refused(answer, 400, "key-invalid")
    assert await desk.count(ITEMS, desk.queue) == 0


async def test_the_same_request_gets_the_same_answer_byte_for_byte(desk: Desk) -> None:
    body, header = a_refund(queue=desk.queue), keyed()
    first = await desk.agent.post("/v1/items", json=body, headers=header)
    assert first.status_code == 202
    claim = await desk.take(desk.ada)
    again = await desk.agent.post("/v1/items", json=body, headers=header)
    assert (again.status_code, again.content) == (202, first.content)
    assert (await desk.decide(desk.ada, claim)).status_code == 201
    operator = the_operator(desk.house.workspace)
    stricter = {**REFUNDS, "owner": "somebody-else", "kinds": ["moderation"], "due_in_s": 1}
    async with desk.db.begin(desk.house.workspace) as tx:
        await configure_queue(tx, operator, desk.queue, stricter)
    again = await desk.agent.post("/v1/items", json=body, headers=header)
    assert (again.status_code, again.content) == (202, first.content)
    assert await desk.count(ITEMS, desk.queue) == 1


async def test_a_request_is_the_same_however_it_is_written(desk: Desk) -> None:
    body, key = a_refund(queue=desk.queue), str(uuid4())
    first = await desk.agent.post("/v1/items", json=body, headers=keyed(key))
    backwards = dict(reversed(body.items()))
    again = await desk.agent.post("/v1/items", json=backwards, headers={"Idempotency-Key": key})
    assert (again.status_code, again.content) == (202, first.content)


async def test_a_key_stands_for_one_request(desk: Desk) -> None:
    item = await desk.ask(key=(key := str(uuid4())))
    problem = refused(await desk.submit(key=key), 422, "key-reused")
    assert problem["digest"] == item["digest"] != problem["presented"]
    assert await desk.count(ITEMS, desk.queue) == 1


async def test_a_key_belongs_to_its_agent(desk: Desk) -> None:
    item = await desk.ask(key=(key := str(uuid4())))
    body = a_refund(queue=desk.queue)
    answer = await desk.other.post("/v1/items", json=body, headers=keyed(key))
    assert body_of(answer, 202)["id"] != item["id"]


async def test_a_refused_request_leaves_its_key_free(desk: Desk) -> None:
    key = str(uuid4())
    refused(await desk.submit(key=key, due_in_s=0), 422, "doomed-request")
    await desk.ask(key=key)


async def test_a_key_in_flight_is_not_waited_for(desk: Desk) -> None:
    body, key = a_refund(queue=desk.queue), str(uuid4())
    lock = (
        "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text || agent_id::text || $2, 0))"
        " FROM identity_agents WHERE name = 'support-bot' AND workspace_id = $1"
    )
    async with desk.db.begin(desk.house.workspace) as first:
        await first.fetch(lock, desk.house.workspace, key)
        answer = await desk.agent.post("/v1/items", json=body, headers=keyed(key))
        assert refused(answer, 409, "key-in-flight")["retryable"]
    answer = await desk.agent.post("/v1/items", json=body, headers=keyed(key))
    body_of(answer, 202)
    assert await desk.count(ITEMS, desk.queue) == 1


async def test_many_retries_at_once_ask_once(desk: Desk) -> None:
    body, header = a_refund(queue=desk.queue), keyed()
    sent = [desk.agent.post("/v1/items", json=body, headers=header) for _ in range(12)]
    answers = await asyncio.gather(*sent)
    told = {answer.content for answer in answers if answer.status_code == 202}
    assert len(told) == 1
    for answer in answers:
        if answer.status_code != 202:
            refused(answer, 409, "key-in-flight")
    assert await desk.count(ITEMS, desk.queue) == 1


async def test_the_same_action_joins_the_one_that_waits(desk: Desk) -> None:
    item = await desk.ask()
    action = a_refund()["action"]
    first = await desk.ask(action=action)
    again: dict[str, Any] = {"action": action, "title": "again"}
    joined = body_of(await desk.submit(**again, key=(key := str(uuid4()))), 200)
    assert joined["joined"] is True
    assert joined["id"] == first["id"] != item["id"]
    assert joined["digest"] == first["digest"]
    assert body_of(await desk.submit(**again, key=key), 200) == joined
    other = await desk.other.post(
        "/v1/items", json=a_refund(queue=desk.queue, action=action), headers=keyed()
    )
    assert body_of(other, 202)["joined"] is False  # another agent's action is another action
    assert await desk.count(ITEMS, desk.queue) == 3


async def test_a_settled_action_can_be_asked_again(desk: Desk) -> None:
    action = a_refund()["action"]
    first = await desk.ask(action=action)
    assert (await desk.decide(desk.ada, await desk.take(desk.ada))).status_code == 201
    assert (await desk.ask(action=action))["id"] != first["id"]


async def test_the_same_action_joins_its_like_in_whatever_queue_it_waits(desk: Desk) -> None:
    action = a_refund()["action"]
    first = await desk.ask(action=action)
    joined = body_of(await desk.submit(action=action, queue=desk.upstairs), 200)
    assert (joined["id"], joined["queue"]) == (first["id"], desk.queue)


async def test_the_same_action_asked_at_once_under_many_keys_waits_once(desk: Desk) -> None:
    action = a_refund()["action"]
    answers = await asyncio.gather(*(desk.submit(action=action) for _ in range(12)))
    asked = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    assert len(asked) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert refused(answer, 409, "already-waiting")["retryable"]
        elif answer.status_code == 200:
            assert answer.json()["id"] == asked[0]
    assert body_of(await desk.submit(action=action), 200)["id"] == asked[0]
    assert await desk.count(ITEMS, desk.queue) == 1


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"queue": "no such queue"}, "invalid-request", "/queue"),
        ({"kind": "wish"}, "invalid-request", "/kind"),
        ({"title": ""}, "invalid-request", "/title"),
        ({"action": None}, "invalid-request", "/action"),
        ({"stray": 1}, "invalid-request", "/stray"),
        ({"action": {"name": "issue_refund"}}, "invalid-request", "/action/arguments"),
        ({"facts": [{"name": "a"}, {"nome": "b"}]}, "invalid-request", "/facts/1/name"),
        ({"facts": [{"name": "a", "fetched_at": "2027-01-01T09:00:00"}]}, "invalid-request",
         "/facts/0/fetched_at"),
        ({"facts": [{"name": "a", "fetched_at": "2999-01-01T09:00:00Z"}]}, "doomed-request",
         "/facts/0/fetched_at"),
        ({"risk": {"reversible": True}}, "doomed-request", "/risk/rollback"),
        ({"expires_in_s": -5}, "doomed-request", "/expires_in_s"),
        ({"due_in_s": 10, "expires_in_s": 5}, "doomed-request", "/due_in_s"),
        ({"on_expiry": "approve"}, "doomed-request", "/on_expiry"),
        ({"on_expiry": "panic"}, "invalid-request", "/on_expiry"),
        ({"requires": ["german"]}, "invalid-request", "/requires/0"),
        ({"action": {"name": "issue_refund", "arguments": {"order_id": "A", "amount": "9.999",
          "currency": "EUR"}}}, "arguments-invalid", "/action/arguments/amount"),
        ({"action": {"name": "issue_refund", "arguments": {"amount": "9.99", "order_id": "A"}}},
         "arguments-invalid", "/action/arguments"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_pointed_at_and_nothing_is_stored(
    desk: Desk, changes: dict[str, Any], code: str, pointer: str
) -> None:
    problem = refused(await desk.submit(**changes), 422, code)
    assert pointer in pointers(problem)
    assert await desk.count(ITEMS, desk.queue) == 0


async def test_a_queue_takes_its_own_kinds_and_must_exist(desk: Desk) -> None:
    comment: dict[str, Any] = {
        "kind": "moderation",
        "action": None,
        "content": {"type": "text", "text": "hi"},
    }
    problem = refused(await desk.submit(**comment), 422, "kind-not-taken")
    assert problem["allowed"] == ["approval"]
    refused(await desk.submit(queue="nowhere"), 404, "queue-missing")


async def test_an_item_supersedes_an_older_one(desk: Desk) -> None:
    old = await desk.ask()
    claim = await desk.take(desk.ada)
    new = await desk.ask(supersedes=old["id"])
    outcome = (await desk.read(old["id"]))["outcome"]
    assert (outcome["result"], outcome["cause"]) == ("superseded", "agent")
    refused(await desk.decide(desk.ada, claim), 409, "already-settled")
    assert (await desk.read(new["id"]))["status"] == "waiting"
    refused(await desk.submit(supersedes=old["id"]), 409, "already-settled")
    refused(await desk.submit(supersedes=str(uuid4())), 404, "item-missing")


async def test_an_item_may_supersede_its_like(desk: Desk) -> None:
    old = await desk.ask(action=(action := a_refund()["action"]))
    new = await desk.ask(action=action, supersedes=old["id"])
    assert new["id"] != old["id"]
    assert (await desk.read(old["id"]))["outcome"]["result"] == "superseded"


async def test_what_is_superseded_ends_even_when_its_successor_joins_another(desk: Desk) -> None:
    old, like = await desk.ask(), await desk.ask(action=(action := a_refund()["action"]))
    joined = body_of(await desk.submit(action=action, supersedes=old["id"]), 200)
    assert joined["id"] == like["id"]
    assert (await desk.read(old["id"]))["outcome"]["result"] == "superseded"


async def test_nobody_supersedes_what_is_not_theirs(desk: Desk) -> None:
    theirs = await desk.ask()
    body = a_refund(queue=desk.queue, supersedes=theirs["id"])
    refused(await desk.other.post("/v1/items", json=body, headers=keyed()), 404, "item-missing")
    assert (await desk.read(theirs["id"]))["status"] == "waiting"


async def test_an_agent_takes_back_what_it_asked(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    path = f"/v1/items/{item['id']}/withdrawal"
    refused(await desk.other.post(path, json={}), 404, "item-missing")
    gone = body_of(await desk.agent.post(path, json={"reason": "customer cancelled"}), 200)
    assert gone["outcome"]["result"] == "withdrawn"
    assert gone["outcome"]["cause"] == "agent"
    assert gone["outcome"]["message"] == "customer cancelled"
    refused(await desk.agent.post(path, json={}), 409, "already-settled")
    problem = refused(await desk.decide(desk.ada, claim), 409, "already-settled")
    assert problem["result"] == "withdrawn"
