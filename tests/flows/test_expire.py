"""Nobody decided in time: what was declared beforehand takes effect, once, as the clock's act."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from review.flows.expire import expire
from review.infra.db import Tx
from review.kernel.ids import ItemId
from review.queue import queries as queue
from review.queue.items import MOST_HOPS
from tests.makers import REFUNDS, House, a_refund, keyed
from workers.expiries import expire_due

REVERSIBLE = {"tier": "low", "reversible": True, "rollback": "charge the card again"}


async def ask(house: House, **changes: Any) -> str:
    asked = await house.agent().post("/v1/items", json=a_refund(**changes), headers=keyed())
    assert asked.status_code == 202, asked.text
    return asked.json()["id"]


async def read(house: House, item: str) -> dict[str, Any]:
    return (await house.agent().get(f"/v1/items/{item}")).json()


async def let_time_pass(tx: Tx) -> None:
    """Let the time of every open item have run out, a day ago."""
    past = tx.now - timedelta(days=1)
    sql = "UPDATE queue_items SET due_at = $1, expires_at = $1 WHERE settled_at IS NULL"
    await tx.execute(sql, past)


async def outage(house: House) -> None:
    async with house.db.begin(house.workspace) as tx:
        await let_time_pass(tx)


async def expire_now(house: House, limit: int = 100) -> int:
    async with house.db.begin(house.workspace) as tx:
        return await expire(tx, limit=limit)


async def settlements(house: House) -> Counter[str]:
    async with house.db.read(house.workspace) as tx:
        rows = await tx.fetch("SELECT item_id FROM ledger_entries WHERE type = 'item.settled'")
    return Counter(str(row["item_id"]) for row in rows)


async def open_queue(house: House, **changes: Any) -> None:
    made = await house.agent().post("/v1/queues", json={**REFUNDS, **changes})
    assert made.status_code == 201, made.text


async def test_each_default_takes_effect_as_declared(house: House) -> None:
    await open_queue(house, name="small", may_approve_on_expiry=True)
    rejected = await ask(house, on_expiry="reject")
    withdrawn = await ask(house, on_expiry="withdraw")
    escalated = await ask(house, on_expiry="escalate")
    held = {"queue": "small", "risk": REVERSIBLE, "stale_in_s": 86_400}
    approved = await ask(house, on_expiry="approve", **held)
    await outage(house)
    assert await expire_now(house) == 4
    endings = {
        rejected: ("expired", "clock"),
        withdrawn: ("withdrawn", "clock"),
        approved: ("approved", "policy"),
    }
    for item, (result, cause) in endings.items():
        seen = await read(house, item)
        outcome = seen["outcome"]
        assert seen["status"] == "settled"
        assert (outcome["result"], outcome["cause"], outcome["by"]) == (result, cause, "system")
        assert ("amount" in (outcome["arguments"] or {})) == (result == "approved")
        assert "nobody decided before" in outcome["message"]
    moved = await read(house, escalated)
    assert (moved["status"], moved["queue"], moved["outcome"]) == ("waiting", "escalations", None)
    assert moved["expires_at"] > moved["created_at"]
    assert await settlements(house) == Counter(dict.fromkeys(endings, 1))
    async with house.db.read(house.workspace) as tx:
        sql = "SELECT DISTINCT actor_kind FROM ledger_entries WHERE type = 'item.settled'"
        assert await tx.fetchval(sql) == "system"


async def test_approval_on_expiry_needs_a_reversible_action_and_a_queue_that_allows_it(
    house: House,
) -> None:
    await open_queue(house, name="small", may_approve_on_expiry=True)
    for changes in (
        {"queue": "refunds", "risk": REVERSIBLE},
        {"queue": "small", "risk": {"tier": "low", "reversible": False}},
        {"queue": "small"},
        {"queue": "small", "risk": REVERSIBLE, "stale_in_s": 60},
    ):
        body = a_refund(on_expiry="approve", **changes)
        refused = await house.agent().post("/v1/items", json=body, headers=keyed())
        assert (refused.status_code, refused.json()["code"]) == (422, "doomed-request")


async def test_a_clock_that_comes_late_approves_nothing_on_stale_facts(house: House) -> None:
    await open_queue(house, name="small", may_approve_on_expiry=True)
    held = {"queue": "small", "risk": REVERSIBLE, "stale_in_s": 86_400}
    item = await ask(house, on_expiry="approve", **held)
    await outage(house)
    async with house.db.begin(house.workspace) as tx:
        await tx.execute("UPDATE queue_items SET stale_at = $1", tx.now)
    assert await expire_now(house) == 1
    outcome = (await read(house, item))["outcome"]
    assert (outcome["result"], outcome["cause"], outcome["arguments"]) == ("expired", "clock", None)


async def test_what_fell_due_during_an_outage_is_caught_up_with_once(house: House) -> None:
    items = [await ask(house) for _ in range(5)]
    await outage(house)
    assert [await expire_now(house, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert await settlements(house) == Counter(dict.fromkeys(items, 1))


async def test_two_workers_at_once_share_the_work(house: House) -> None:
    items = [await ask(house) for _ in range(6)]
    await outage(house)
    async with house.db.begin(house.workspace) as one, house.db.begin(house.workspace) as two:
        assert await expire(one, limit=4) == 4
        assert await expire(two, limit=4) == 2  # what the first holds is passed over
    await asyncio.gather(*(expire_due(house.db) for _ in range(4)))
    assert await settlements(house) == Counter(dict.fromkeys(items, 1))


async def test_an_item_somebody_is_deciding_is_left_to_them(house: House) -> None:
    item = ItemId(UUID((await ask_and_claim(house))[0]))
    await outage(house)
    async with house.db.begin(house.workspace) as deciding:
        await queue.lock(deciding, item)
        assert await expire_now(house) == 0
    assert await expire_now(house) == 1


async def test_an_item_that_is_held_expires_under_its_holder(house: House) -> None:
    item, claim = await ask_and_claim(house)
    ada = await house.person("ada")
    view = await ada.post(f"/v1/items/{item}/views", json={"epoch": claim["epoch"]})
    decision = {
        "epoch": claim["epoch"],
        "revision": 1,
        "view": view.json()["view"],
        "verdict": "approve",
        "reason_codes": ["in_policy"],
        "note": "fine",
    }
    await outage(house)
    for _ in ("before the clock's hand moved", "and after"):
        late = await ada.post(f"/v1/items/{item}/decisions", json=decision)
        assert (late.status_code, late.json()["code"]) == (410, "expired")
        await expire_now(house)
    seen = await read(house, item)
    assert (seen["outcome"]["result"], seen["outcome"]["cause"]) == ("expired", "clock")
    kept = await ada.put(f"/v1/items/{item}/claim", json={"epoch": claim["epoch"]})
    assert kept.status_code == 410
    assert await settlements(house) == Counter({item: 1})


async def ask_and_claim(house: House) -> tuple[str, dict[str, Any]]:
    item = await ask(house)
    ada = await house.person("ada")
    claimed = await ada.post("/v1/queues/refunds/claims", json={"wait_s": 0})
    assert claimed.json()["item"] == item
    return item, claimed.json()


async def test_what_is_passed_on_ends_when_it_can_be_passed_on_no_further(house: House) -> None:
    item = await ask(house, on_expiry="escalate")
    for _ in range(MOST_HOPS):
        async with house.db.begin(house.workspace) as tx:
            await let_time_pass(tx)
            await tx.execute("UPDATE queue_items SET on_expiry = 'escalate'")
        await expire_now(house)
        assert (await read(house, item))["status"] == "waiting"
    async with house.db.begin(house.workspace) as tx:
        await let_time_pass(tx)
        await tx.execute("UPDATE queue_items SET on_expiry = 'escalate'")
    assert await expire_now(house) == 1
    assert (await read(house, item))["outcome"]["result"] == "expired"


async def test_what_would_be_passed_on_to_a_queue_that_is_not_there_ends(house: House) -> None:
    await open_queue(house, name="lost", on_expiry="escalate", escalates_to="nowhere")
    lost, other = await ask(house, queue="lost"), await ask(house)
    await outage(house)
    assert await expire_now(house) == 2
    assert (await read(house, lost))["outcome"]["result"] == "expired"
    assert (await read(house, other))["outcome"]["result"] == "expired"
