"""Claiming and deciding: one holder, one epoch, one view, one outcome."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from review.flows.arrange import open_queue
from tests.desk import Desk, body_of, pointers, refused
from tests.makers import REFUNDS, a_refund, keyed, the_operator

VOTES = "SELECT count(*) FROM decisions_votes v WHERE item_id = $1"


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


async def test_whoever_abstains_is_not_asked_again(desk: Desk) -> None:
    await desk.ask()
    answer = await desk.decide(desk.ada, await desk.take(desk.ada), "abstain")
    assert body_of(answer, 201)["status"] == "waiting"
    assert (await desk.claim(desk.ada)).status_code == 204
    answer = await desk.decide(desk.ben, await desk.take(desk.ben), "approve")
    assert body_of(answer, 201)["outcome"]["result"] == "approved"


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


async def test_a_page_left_open_cannot_decide_over_a_newer_claim(desk: Desk) -> None:
    item = await desk.ask()
    old = await desk.take(desk.ada)
    await desk.pass_time(item["id"], "claimed_until")
    refused(await desk.decide(desk.ada, old), 409, "stale-claim")
    new = await desk.take(desk.ben)
    problem = refused(await desk.decide(desk.ada, old), 409, "stale-claim")
    assert (problem["state"], problem["epoch"], problem["presented"]) == ("claimed", 2, 1)
    assert body_of(await desk.decide(desk.ben, new), 201)["outcome"]["result"] == "approved"
    assert await desk.count(VOTES, item["id"]) == 1


async def test_winning_an_item_back_does_not_revive_the_old_page(desk: Desk) -> None:
    item = await desk.ask()
    old = await desk.take(desk.ada)
    await desk.pass_time(item["id"], "claimed_until")
    new = await desk.take(desk.ada)
    assert (old["epoch"], new["epoch"]) == (1, 2)
    refused(await desk.decide(desk.ada, old), 409, "stale-claim")
    mixed = {**new, "view": old["view"]}
    refused(await desk.decide(desk.ada, mixed), 422, "view-mismatch")
    assert (await desk.decide(desk.ada, new)).status_code == 201


async def test_a_decision_quotes_a_view_of_its_own(desk: Desk) -> None:
    first, second = await desk.ask(), await desk.ask()
    one, other = await desk.take(desk.ada), await desk.take(desk.ben)
    assert {one["item"], other["item"]} == {first["id"], second["id"]}
    for view in (str(uuid4()), other["view"]):
        refused(await desk.decide(desk.ada, {**one, "view": view}), 422, "view-mismatch")
    path = f"/v1/items/{one['item']}/views"
    shown = body_of(await desk.ada.post(path, json={"epoch": one["epoch"]}), 201)
    refused(await desk.ben.post(path, json={"epoch": one["epoch"]}), 409, "stale-claim")
    assert (await desk.decide(desk.ada, {**one, "view": shown["view"]})).status_code == 201


async def test_two_decisions_at_once_count_once(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    verdicts = ("approve", "reject", "approve", "abstain")
    answers = await asyncio.gather(*(desk.decide(desk.ada, claim, one) for one in verdicts))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await desk.count(VOTES, item["id"]) == 1


async def test_a_rejection_needs_a_reason_of_the_queue(desk: Desk) -> None:
    await desk.ask()
    claim = await desk.take(desk.ada)
    bare = await desk.decide(desk.ada, claim, "reject", reason_codes=[])
    assert pointers(problem := refused(bare, 422, "reason-needed")) == ["/reason_codes"]
    assert problem["allowed"] == ["in_policy", "out_of_policy"]
    odd = await desk.decide(desk.ada, claim, "reject", reason_codes=["in_policy", "mood"])
    assert pointers(refused(odd, 422, "reason-needed")) == ["/reason_codes/1"]
    mute = await desk.decide(desk.ada, claim, "request_info", note="  ")
    assert pointers(refused(mute, 422, "reason-needed")) == ["/note"]
    refused(await desk.decide(desk.ada, claim, "remove"), 422, "unknown-verdict")
    decided = body_of(await desk.decide(desk.ada, claim, "reject"), 201)
    assert decided["outcome"]["result"] == "denied"
    assert decided["outcome"]["reason_codes"] == ["in_policy"]
    assert decided["outcome"]["by"] == f"person:{desk.house.people['ada']}"


async def test_edited_arguments_are_checked_like_the_agents_own(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    asked = claim["content"]["action"]["arguments"]
    edited = {**asked, "amount": "120.00"}
    verdict = "approve_with_edits"
    bare = await desk.decide(desk.ada, claim, verdict)
    assert pointers(refused(bare, 422, "invalid-request")) == ["/arguments"]
    wrong = await desk.decide(desk.ada, claim, verdict, arguments={**asked, "amount": 120})
    assert pointers(refused(wrong, 422, "arguments-invalid")) == ["/arguments/amount"]
    sly = await desk.decide(desk.ada, claim, "approve", arguments=edited)
    assert pointers(refused(sly, 422, "invalid-request")) == ["/arguments"]
    answer = await desk.decide(desk.ada, claim, verdict, arguments=edited)
    assert body_of(answer, 201)["outcome"]["result"] == "approved_with_edits"
    assert (await desk.read(item["id"]))["outcome"]["arguments"] == edited


async def test_stale_facts_can_be_rejected_and_not_approved(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    await desk.pass_time(item["id"], "stale_at")
    refused(await desk.decide(desk.ada, claim, "approve"), 409, "facts-stale")
    edits = {"arguments": claim["content"]["action"]["arguments"]}
    answer = await desk.decide(desk.ada, claim, "approve_with_edits", **edits)
    refused(answer, 409, "facts-stale")
    assert (await desk.decide(desk.ada, claim, "reject")).status_code == 201


async def test_fresh_facts_make_an_item_approvable_again(desk: Desk) -> None:
    item = await desk.ask()
    await desk.pass_time(item["id"], "stale_at")
    path = f"/v1/items/{item['id']}/revisions"
    body_of(await desk.agent.post(path, json={"title": "Refund, once more"}), 201)
    refused(await desk.decide(desk.ada, await desk.take(desk.ada)), 409, "facts-stale")
    body_of(await desk.agent.post(path, json={"facts": [{"name": "total", "value": 1}]}), 201)
    assert (await desk.decide(desk.ada, await desk.take(desk.ada))).status_code == 201


async def test_after_its_expiry_nobody_decides_even_if_the_clock_is_late(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    await desk.pass_time(item["id"], "expires_at")
    for verdict in ("approve", "reject", "abstain", "request_info", "escalate"):
        problem = refused(await desk.decide(desk.ada, claim, verdict), 410, "expired")
        assert problem["on_expiry"] == "reject"
    path = f"/v1/items/{item['id']}"
    gone = await desk.ada.post(f"{path}/escalations", json={"epoch": 1})
    refused(gone, 410, "expired")
    gone = await desk.agent.post(f"{path}/revisions", json={"title": "wait"})
    refused(gone, 410, "expired")
    await desk.pass_time(item["id"], "claimed_until")
    assert (await desk.claim(desk.ben)).status_code == 204


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
        ({"stale_in_s": 0, "facts": []}, "doomed-request", "/stale_in_s"),
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


@pytest.mark.parametrize("spelled", ["user:{email}", "{EMAIL}", "person:{id}"])
async def test_nobody_decides_what_was_asked_in_their_name(desk: Desk, spelled: str) -> None:
    email, person = desk.house.emails["ada"], desk.house.people["ada"]
    name = spelled.format(email=email, EMAIL=email.upper(), id=person)
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    async with desk.db.begin(desk.house.workspace) as tx:
        await tx.execute("UPDATE queue_items SET delegated_by = $2 WHERE item_id = $1",
                         *(claim["item"], name))  # fmt: skip
    for verdict in ("approve", "reject"):
        refused(await desk.decide(desk.ada, claim, verdict), 403, "self-approval")
    await desk.pass_time(item["id"], "claimed_until")
    assert (await desk.claim(desk.ada)).status_code == 204
    await desk.take(desk.ben)


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


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"epoch": -1}, "/epoch"),
        ({"epoch": 2**31}, "/epoch"),
        ({"revision": 0}, "/revision"),
        ({"view": "what I saw"}, "/view"),
        ({"verdict": ""}, "/verdict"),
        ({"reason_codes": "in_policy"}, "/reason_codes"),
        ({"labels": {"spam": "maybe"}}, "/labels/spam"),
        ({"decided_by": "ben"}, "/decided_by"),
    ],
)
async def test_a_malformed_decision_is_pointed_at(
    desk: Desk, changes: dict[str, Any], pointer: str
) -> None:
    await desk.ask()
    claim = await desk.take(desk.ada)
    problem = refused(await desk.decide(desk.ada, claim, **changes), 422, "invalid-request")
    assert pointer in pointers(problem)
    assert (await desk.decide(desk.ada, claim)).status_code == 201
