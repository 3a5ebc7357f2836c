"""Deciding: one view, one verdict, one outcome."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.desk import Desk, body_of, pointers, refused

VOTES = "SELECT count(*) FROM decisions_votes v WHERE item_id = $1"


async def test_whoever_abstains_is_not_asked_again(desk: Desk) -> None:
    await desk.ask()
    answer = await desk.decide(desk.ada, await desk.take(desk.ada), "abstain")
    assert body_of(answer, 201)["status"] == "waiting"
    assert (await desk.claim(desk.ada)).status_code == 204
    answer = await desk.decide(desk.ben, await desk.take(desk.ben), "approve")
    assert body_of(answer, 201)["outcome"]["result"] == "approved"


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
