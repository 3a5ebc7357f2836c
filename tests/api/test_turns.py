"""An item changes hands: revised, asked about, answered, passed on."""

from typing import Any

from review.flows.arrange import open_queue
from tests.desk import Desk, body_of, pointers, refused
from tests.makers import REFUNDS, a_refund, the_operator


async def test_an_open_page_learns_that_the_item_was_revised(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    path = f"/v1/items/{item['id']}/revisions"
    refused(await desk.other.post(path, json={"title": "mine now"}), 404, "item-missing")
    revised = body_of(await desk.agent.post(path, json={"title": "Refund 24 EUR"}), 201)
    assert revised["revision"] == 2
    problem = refused(await desk.decide(desk.ada, claim), 412, "revision-moved")
    assert (problem["revision"], problem["presented"]) == (2, 1)
    new = await desk.take(desk.ada)
    assert (new["revision"], new["title"]) == (2, "Refund 24 EUR")
    assert new["content"]["title"] == "Refund 24 EUR"
    refused(await desk.decide(desk.ada, {**new, "revision": 1}), 412, "revision-moved")
    refused(await desk.decide(desk.ada, {**new, "revision": 3}), 412, "revision-moved")
    outcome = body_of(await desk.decide(desk.ada, new), 201)["outcome"]
    assert outcome["revision"] == 2


async def test_a_revision_is_checked_like_a_request(desk: Desk) -> None:
    item = await desk.ask()
    path = f"/v1/items/{item['id']}/revisions"
    action = a_refund()["action"]
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({}, "invalid-request", "/"),
        ({"queue": "elsewhere"}, "invalid-request", "/queue"),
        ({"action": None}, "invalid-request", "/action"),
        ({"action": {**action, "arguments": {}}}, "arguments-invalid", "/action/arguments"),
        ({"stale_in_s": 0, "facts": [{"name": "n"}]}, "doomed-request", "/stale_in_s"),
        ({"stale_in_s": 60, "facts": []}, "invalid-request", "/stale_in_s"),
    ]
    for body, code, pointer in wrong:
        assert pointer in pointers(refused(await desk.agent.post(path, json=body), 422, code))
    twin = await desk.ask(action=action)
    answer = await desk.agent.post(path, json={"action": action})
    refused(answer, 409, "already-waiting")
    assert (await desk.read(item["id"]))["revision"] == 1
    assert (await desk.read(twin["id"]))["revision"] == 1


async def test_a_question_is_answered_and_the_item_waits_again(desk: Desk) -> None:
    item = await desk.ask()
    path = f"/v1/items/{item['id']}/answers"
    answer = {"answer": "A-1009", "facts": [{"name": "order", "value": "A-1009"}]}
    refused(await desk.agent.post(path, json=answer), 409, "nothing-asked")
    claim = await desk.take(desk.ada)
    asked = await desk.decide(desk.ada, claim, "request_info", note="Which order?")
    assert body_of(asked, 201)["waiting_on"] == "agent"
    heard = await desk.agent.get(f"/v1/items/{item['id']}", headers={"Prefer": "wait=30"})
    assert heard.json()["question"] == "Which order?"
    assert (await desk.claim(desk.ben)).status_code == 204
    refused(await desk.other.post(path, json=answer), 404, "item-missing")
    assert body_of(await desk.agent.post(path, json=answer), 201)["revision"] == 2
    refused(await desk.agent.post(path, json=answer), 409, "nothing-asked")
    claim = await desk.take(desk.ada)
    (turn,) = claim["content"]["exchange"]
    assert (turn["question"], turn["answer"]) == ("Which order?", "A-1009")
    assert claim["content"]["facts"] == answer["facts"]
    assert (await desk.decide(desk.ada, claim)).status_code == 201


async def test_an_item_is_passed_up_and_its_old_page_is_dead(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    passed = body_of(await desk.decide(desk.ada, claim, "escalate"), 201)
    assert (passed["queue"], passed["status"]) == (desk.upstairs, "waiting")
    refused(await desk.decide(desk.ada, claim), 409, "stale-claim")
    assert (await desk.claim(desk.ben)).status_code == 204
    upstairs = await desk.take(desk.lea, desk.upstairs)
    assert (upstairs["item"], upstairs["epoch"]) == (item["id"], 2)
    assert (await desk.decide(desk.lea, upstairs, "reject")).status_code == 201


async def test_an_item_is_passed_on_three_times_and_then_decided(desk: Desk) -> None:
    item = await desk.ask()
    path = f"/v1/items/{item['id']}/escalations"
    for queue in (desk.queue, desk.upstairs, desk.queue):
        claim = await desk.take(desk.ada, queue)
        body_of(await desk.ada.post(path, json={"epoch": claim["epoch"]}), 201)
    claim = await desk.take(desk.ada, desk.upstairs)
    last = await desk.ada.post(path, json={"epoch": claim["epoch"]})
    assert refused(last, 409, "too-many-hops")["limit"] == 3
    refused(await desk.decide(desk.ada, claim, "escalate"), 409, "too-many-hops")
    assert (await desk.decide(desk.ada, claim)).status_code == 201


async def test_an_item_is_passed_on_to_a_queue_that_can_take_it(desk: Desk) -> None:
    moderation = f"{desk.queue}-comments"
    async with desk.db.begin(desk.house.workspace) as tx:
        operator = the_operator(desk.house.workspace)
        rules = {**REFUNDS, "kinds": ["moderation"], "escalates_to": desk.queue}
        await open_queue(tx, operator, moderation, rules)
    item = await desk.ask()
    epoch = (await desk.take(desk.ada))["epoch"]
    path = f"/v1/items/{item['id']}/escalations"
    for queue, status, code in (
        ("nowhere", 404, "queue-missing"),
        (desk.queue, 422, "invalid-request"),
        (moderation, 422, "kind-not-taken"),
    ):
        answer = await desk.ada.post(path, json={"epoch": epoch, "to_queue": queue})
        refused(answer, status, code)
    assert (await desk.read(item["id"]))["queue"] == desk.queue


async def test_the_queue_above_asks_for_its_own_skills(desk: Desk) -> None:
    senior = f"{desk.queue}-senior"
    async with desk.db.begin(desk.house.workspace) as tx:
        operator = the_operator(desk.house.workspace)
        await open_queue(tx, operator, senior, {**REFUNDS, "requires": ["cat:senior"]})
    item = await desk.ask()
    epoch = (await desk.take(desk.ada))["epoch"]
    path = f"/v1/items/{item['id']}/escalations"
    body_of(await desk.ada.post(path, json={"epoch": epoch, "to_queue": senior}), 201)
    assert (await desk.claim(desk.ben, senior)).status_code == 204
