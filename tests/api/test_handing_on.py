"""What must survive between an agent, a reviewer and the next reviewer."""

from typing import Any

import pytest

from tests.desk import Desk, body_of, refused
from tests.makers import House


async def test_the_next_reviewer_reads_why_an_item_was_passed_on(house: House) -> None:
    agent, ada, lea = house.agent(), await house.person("ada"), await house.person("lea")
    body = {
        "queue": "refunds",
        "kind": "approval",
        "title": "Refund",
        "action": {
            "name": "issue_refund",
            "arguments": {"order_id": "A", "amount": "1.00", "currency": "EUR"},
        },
        "on_expiry": "withdraw",
    }
    item = body_of(await agent.post("/v1/items", json=body, headers={"Idempotency-Key": "k"}), 202)
    claim = body_of(await ada.post("/v1/queues/refunds/claims", json={}), 201)
    path = f"/v1/items/{item['id']}/escalations"
    passed = await ada.post(path, json={"epoch": claim["epoch"], "note": "Ask the bank first."})
    assert body_of(passed, 201)["on_expiry"] == "withdraw"
    taken = body_of(await lea.post("/v1/queues/escalations/claims"), 201)
    assert taken["handover"] == "Ask the bank first."
    page = await lea.get(f"/items/{item['id']}")
    assert "Ask the bank first." in page.text


BARE: list[dict[str, Any]] = [
    {"facts": [{"name": "x"}]},
    {"done": [{"name": "x"}]},
    {"done": [{"name": "x", "arguments": {}}]},
    {"conversation": [{"id": "m", "role": "user", "content": ""}]},
    {"reason": {"code": "novel"}},
    {"preconditions": [{"name": "x"}]},
]


@pytest.mark.parametrize("bare", BARE)
async def test_an_item_that_says_the_least_can_be_seen_and_taken(
    desk: Desk, bare: dict[str, Any]
) -> None:
    item = await desk.ask(**bare)
    assert (await desk.ada.get(f"/items/{item['id']}")).status_code == 200
    taken = await desk.ada.post(f"/review/{desk.queue}/claims")
    assert taken.status_code == 200, taken.text
    assert (await desk.ada.get(f"/review/{desk.queue}")).status_code == 200


async def test_an_empty_list_of_facts_refreshes_nothing(desk: Desk) -> None:
    item = await desk.ask()
    claim = await desk.take(desk.ada)
    body_of(await desk.decide(desk.ada, claim, "request_info", note="Still so?"), 201)
    path = f"/v1/items/{item['id']}/answers"
    body_of(await desk.agent.post(path, json={"answer": "yes", "facts": []}), 201)
    assert (await desk.read(item["id"]))["stale_at"] == item["stale_at"]


async def test_what_has_expired_cannot_be_withdrawn_either(desk: Desk) -> None:
    item = await desk.ask()
    async with desk.house.db.begin(desk.house.workspace) as tx:
        sql = "UPDATE queue_items SET due_at = $2, expires_at = $2 WHERE item_id = $1"
        await tx.execute(sql, item["id"], tx.now)
    refused(await desk.agent.post(f"/v1/items/{item['id']}/withdrawal"), 410, "expired")
