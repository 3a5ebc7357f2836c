"""Claiming: one holder, one epoch, one lease at a time."""

import asyncio

from tests.desk import Desk, body_of, refused
from tests.makers import REFUNDS, a_refund, keyed


async def test_a_claim_says_all_that_a_decision_needs(desk: Desk) -> None:
    item = await desk.ask(narrative="never arrived")
    claim = await desk.take(desk.ada)
    assert claim["item"] == item["id"]
    assert (claim["epoch"], claim["revision"]) == (1, 1)
    assert claim["content"]["narrative"] == "never arrived"
    assert claim["content"]["action"]["arguments"]["amount"] == "240.00"
    assert claim["digest"] == item["digest"]
    assert [verdict["name"] for verdict in claim["verdicts"]] == [
        verdict["name"] for verdict in REFUNDS["verdicts"]
    ]
    assert (await desk.read(item["id"]))["status"] == "claimed"


async def test_an_empty_queue_has_nothing_to_claim(desk: Desk) -> None:
    answer = await desk.claim(desk.ada)
    assert (answer.status_code, answer.content) == (204, b"")
    refused(await desk.claim(desk.ada, "nowhere"), 404, "queue-missing")


async def test_the_earliest_deadline_is_served_first(desk: Desk) -> None:
    late, soon = await desk.ask(due_in_s=600), await desk.ask(due_in_s=60)
    assert (await desk.take(desk.ada))["item"] == soon["id"]
    assert (await desk.take(desk.ben))["item"] == late["id"]


async def test_whoever_waits_gets_the_item_that_comes(desk: Desk) -> None:
    path = f"/v1/queues/{desk.queue}/claims"
    async with asyncio.timeout(20):
        waiting = asyncio.create_task(desk.ada.post(path, json={"wait_s": 60}))
        item = await desk.ask()
        assert body_of(await waiting, 201)["item"] == item["id"]


async def test_no_item_is_handed_out_twice(desk: Desk) -> None:
    asked = {(await desk.ask())["id"] for _ in range(6)}
    people = [desk.ada, desk.ben, desk.lea] * 4
    answers = await asyncio.gather(*(desk.claim(person) for person in people))
    taken = [answer.json()["item"] for answer in answers if answer.status_code == 201]
    assert sorted(taken) == sorted(asked)


async def test_nobody_holds_more_than_the_queue_allows_however_fast_they_are(desk: Desk) -> None:
    for _ in range(8):
        await desk.ask()
    answers = await asyncio.gather(*(desk.claim(desk.ada) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
    for answer in answers:
        if answer.status_code == 409:
            assert refused(answer, 409, "too-many-claims")["limit"] == 3


async def test_a_skill_that_is_asked_for_must_be_held(desk: Desk) -> None:
    await desk.ask(requires=["lang:de"])
    assert (await desk.claim(desk.ada)).status_code == 204
    person = desk.house.people["ada"]
    teach = "UPDATE identity_people SET skills = $2 WHERE person_id = $1"
    async with desk.db.begin(desk.house.workspace) as tx:
        await tx.execute(teach, person, ["lang:de"])
    await desk.take(desk.ada)
    async with desk.db.begin(desk.house.workspace) as tx:
        await tx.execute(teach, person, [])


async def test_a_skipper_is_not_offered_the_item_again_and_others_are(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    path = f"/v1/items/{item['id']}/claim"
    body = {"epoch": claim["epoch"], "reason": "conflict of interest"}
    assert (await desk.ada.request("DELETE", path, json=body)).status_code == 204
    assert (await desk.claim(desk.ada)).status_code == 204
    assert (await desk.take(desk.ben))["epoch"] == claim["epoch"] + 1


async def test_what_is_put_back_is_offered_again(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    path, held = f"/v1/items/{item['id']}/claim", {"epoch": claim["epoch"]}
    refused(await desk.ben.request("DELETE", path, json=held), 409, "stale-claim")
    assert (await desk.ada.request("DELETE", path, json=held)).status_code == 204
    refused(await desk.ada.request("DELETE", path, json=held), 409, "stale-claim")
    assert (await desk.take(desk.ada))["epoch"] == 2


async def test_a_holder_keeps_the_item_by_renewing(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    path, held = f"/v1/items/{item['id']}/claim", {"epoch": claim["epoch"]}
    renewed = body_of(await desk.ada.put(path, json=held), 200)
    assert renewed["claimed_until"] > claim["claimed_until"]
    refused(await desk.ben.put(path, json=held), 409, "stale-claim")
    refused(await desk.ada.put(path, json={"epoch": 7}), 409, "stale-claim")
    await desk.pass_time(item["id"], "claimed_until")
    refused(await desk.ada.put(path, json=held), 409, "stale-claim")


async def test_what_was_asked_in_ones_name_is_offered_to_others(desk: Desk) -> None:
    await desk.ask(run={"delegated_by": f"user:{desk.house.emails['ada']}"})
    assert (await desk.claim(desk.ada)).status_code == 204
    await desk.take(desk.ben)


async def test_agents_do_not_review_and_reviewers_do_not_submit(desk: Desk) -> None:
    item = await desk.ask()
    refused(await desk.claim(desk.agent), 403, "not-permitted")
    claim = await desk.take(desk.ada)
    refused(await desk.decide(desk.agent, claim), 403, "not-permitted")
    refused(await desk.decide(desk.aud, claim), 403, "not-permitted")
    refused(await desk.claim(desk.aud), 403, "not-permitted")
    body = a_refund(queue=desk.queue)
    problem = refused(await desk.ada.post("/v1/items", json=body, headers=keyed()), 403,
                      "not-permitted")  # fmt: skip
    assert problem["permission"] == "items:submit"
    refused(await desk.ada.post(f"/v1/items/{item['id']}/withdrawal", json={}), 403,
            "not-permitted")  # fmt: skip
