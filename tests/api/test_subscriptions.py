"""Subscriptions and messages over HTTP: who may hear of what, and who may see whether they did."""

from base64 import b64decode
from typing import Any
from uuid import uuid4

from httpx import AsyncClient

from review.delivery.subscriptions import MOST
from tests.makers import House, a_refund, keyed

HOOK = "https://hook.example/in"

WRONG = [
    ({"url": "http://hook.example/in"}, "target-refused"),
    ({"url": "https://10.0.0.1/in"}, "target-refused"),
    ({"url": "https://localhost/in"}, "target-refused"),
    ({"url": "https://[::ffff:127.0.0.1]/in"}, "target-refused"),
    ({"url": "https://2130706433/in"}, "target-refused"),
    ({"url": "https://hook.example:22/in"}, "target-refused"),
    ({"url": "https://me:secret@hook.example/in"}, "target-refused"),
    ({"url": "ftp://hook.example/in"}, "target-refused"),
    ({"url": ""}, "invalid-request"),
    ({"url": HOOK, "event_types": ["item.claimed"]}, "invalid-request"),
    ({"url": HOOK, "secret": "mine"}, "invalid-request"),
    ({"url": HOOK, "queue": "nowhere"}, "queue-missing"),
]


async def subscribe(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    made = await client.post("/v1/subscriptions", json={"url": HOOK, **changes})
    assert made.status_code == 201, made.text
    return made.json()


async def settle(client: AsyncClient, **changes: Any) -> str:
    asked = await client.post("/v1/items", json=a_refund(**changes), headers=keyed())
    item = asked.json()["id"]
    ended = await client.post(f"/v1/items/{item}/withdrawal", json={})
    assert ended.status_code == 200, ended.text
    return item


async def messages(client: AsyncClient, **query: Any) -> list[dict[str, Any]]:
    seen = await client.get("/v1/messages", params=query)
    assert seen.status_code == 200, seen.text
    return seen.json()["items"]


async def test_the_secret_is_shown_once_and_kept_sealed(house: House) -> None:
    made = await subscribe(house.agent(), event_types=["item.settled"], queue="refunds")
    kind, _, secret = made["secret"].partition("_")
    assert (kind, len(b64decode(secret))) == ("whsec", 32)
    assert (made["event_types"], made["queue"], made["hears"]) == (
        ["item.settled"],
        "refunds",
        "all",
    )
    read = await house.agent().get(f"/v1/subscriptions/{made['id']}")
    assert read.status_code == 200
    assert read.json() == {name: value for name, value in made.items() if name != "secret"}
    async with house.db.read(house.workspace) as tx:
        sealed = await tx.fetchval("SELECT sealed_secret FROM delivery_subscriptions")
    assert made["secret"].encode() not in sealed
    assert b64decode(secret) not in sealed
    async with house.db.read(house.workspace) as tx:
        facts = await tx.fetchval(
            "SELECT facts FROM ledger_entries WHERE type = 'subscription.created'"
        )
    assert facts == {"subscription": made["id"], "event_types": ["item.settled"]}


async def test_what_cannot_work_is_refused_at_once(house: House) -> None:
    agent = house.agent()
    for changes, code in WRONG:
        refused = await agent.post("/v1/subscriptions", json=changes)
        assert refused.json()["code"] == code, changes
        assert refused.status_code == (404 if code == "queue-missing" else 422)
        if code == "target-refused":
            assert refused.json()["errors"][0]["pointer"] == "/url"
    assert (await agent.get("/v1/subscriptions")).json()["items"] == []


async def test_an_agent_hears_of_its_own_items_and_an_operator_of_all(house: House) -> None:
    operator, agent = house.agent("support-bot"), house.agent("other-bot")
    lead, reviewer = await house.person("lea"), await house.person("ada")
    subscriptions = {
        "operator": (await subscribe(operator))["id"],
        "agent": (await subscribe(agent))["id"],
        "lead": (await subscribe(lead))["id"],
    }
    assert (await reviewer.post("/v1/subscriptions", json={"url": HOOK})).status_code == 403
    theirs, its_own = await settle(operator), await settle(agent)
    heard = {(one["subscription"], one["item"]) for one in await messages(lead)}
    assert heard == {
        (subscriptions["operator"], theirs),
        (subscriptions["operator"], its_own),
        (subscriptions["lead"], theirs),
        (subscriptions["lead"], its_own),
        (subscriptions["agent"], its_own),
    }
    assert {one["subscription"] for one in await messages(agent)} == {subscriptions["agent"]}
    assert (await reviewer.get("/v1/messages")).status_code == 403
    seen = (await agent.get("/v1/subscriptions")).json()["items"]
    assert [(one["id"], one["hears"]) for one in seen] == [(subscriptions["agent"], "own")]
    seen = (await lead.get("/v1/subscriptions")).json()["items"]
    assert {one["id"] for one in seen} == set(subscriptions.values())
    for path in ("", "/replay"):
        verb = agent.post if path else agent.get
        kind = "messages" if path else "subscriptions"
        number = (await messages(lead))[-1]["id"] if path else subscriptions["lead"]
        hidden = await verb(f"/v1/{kind}/{number}{path}")
        assert hidden.status_code == 404


async def test_a_subscriber_may_choose_events_and_a_queue(house: House) -> None:
    agent, ada = house.agent(), await house.person("ada")
    settled = (await subscribe(agent, event_types=["item.settled"]))["id"]
    from_here = (await subscribe(agent, queue="refunds", event_types=["item.escalated"]))["id"]
    to_there = (await subscribe(agent, queue="escalations"))["id"]
    asked = await agent.post("/v1/items", json=a_refund(), headers=keyed())
    item = asked.json()["id"]
    claim = (await ada.post("/v1/queues/refunds/claims", json={"wait_s": 0})).json()
    body = {"epoch": claim["epoch"], "note": "too much for me"}
    passed = await ada.post(f"/v1/items/{item}/escalations", json=body)
    assert passed.status_code == 201, passed.text
    await agent.post(f"/v1/items/{item}/withdrawal", json={})
    heard = [(one["subscription"], one["type"]) for one in await messages(agent)]
    assert sorted(heard) == sorted(
        [
            (from_here, "item.escalated"),
            (to_there, "item.escalated"),
            (to_there, "item.settled"),
            (settled, "item.settled"),
        ]
    )


async def test_a_subscription_is_ended_once_with_all_that_was_owed_to_it(house: House) -> None:
    agent = house.agent()
    made = await subscribe(agent)
    await settle(agent)
    [due] = await messages(agent, state="due")
    tried = await agent.post(f"/v1/messages/{due['id']}/replay")
    assert (tried.status_code, tried.json()["code"]) == (409, "message-on-its-way")
    for _ in range(2):
        assert (await agent.delete(f"/v1/subscriptions/{made['id']}")).status_code == 204
    assert (await agent.get(f"/v1/subscriptions/{made['id']}")).json()["end_reason"] == "deleted"
    await settle(agent)
    assert [one["id"] for one in await messages(agent)] == [due["id"]]
    assert [one["id"] for one in await messages(agent, state="dead")] == [due["id"]]
    async with house.db.read(house.workspace) as tx:
        rows = await tx.fetch(
            "SELECT type FROM ledger_entries WHERE type LIKE 'message.%'"
            " OR type LIKE 'subscription.%' ORDER BY seq"
        )
    told = [row["type"] for row in rows]
    assert told == ["subscription.created", "subscription.ended", "message.died"]
    refused = await agent.post(f"/v1/messages/{due['id']}/replay")
    assert (refused.status_code, refused.json()["code"]) == (409, "subscription-ended")


async def test_lists_go_page_by_page_newest_first(house: House) -> None:
    agent = house.agent()
    made = [(await subscribe(agent, event_types=["item.settled"]))["id"] for _ in range(3)]
    items = [await settle(agent) for _ in range(2)]
    for path, wanted in (("subscriptions", 3), ("messages", len(made) * len(items))):
        found, cursor = list[str](), None
        while True:
            query = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
            page = (await agent.get(f"/v1/{path}", params=query)).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert len(found) == wanted
        assert found == sorted(found, reverse=True)


async def test_an_owner_may_hold_only_so_many(house: House) -> None:
    agent = house.agent()
    for _ in range(MOST):
        await subscribe(agent)
    refused = await agent.post("/v1/subscriptions", json={"url": HOOK})
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-subscriptions")
    await subscribe(house.agent("other-bot"))  # which does not count against others


async def test_what_is_not_there_is_missing(house: House) -> None:
    agent = house.agent()
    assert (await agent.get(f"/v1/subscriptions/{uuid4()}")).json()[
        "code"
    ] == "subscription-missing"
    assert (await agent.delete(f"/v1/subscriptions/{uuid4()}")).status_code == 404
    replayed = await agent.post(f"/v1/messages/{uuid4()}/replay")
    assert replayed.json()["code"] == "message-missing"
    assert (await agent.get("/v1/messages", params={"state": "lost"})).status_code == 422
