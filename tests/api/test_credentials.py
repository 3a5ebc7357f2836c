"""Keys of agents, handed out and taken back over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from review.flows.administer import issue_key
from review.identity.roles import Scope
from tests.makers import House, a_refund, keyed, the_operator


def secret_of(key: dict[str, Any]) -> str:
    return key["token"].split("_", 3)[3]


async def test_a_fresh_key_works_and_its_secret_is_never_shown_again(house: House) -> None:
    adam = await house.person("adam")
    issued = await adam.post("/v1/credentials", json={"agent": "new-bot"})
    assert issued.status_code == 201, issued.text
    key = issued.json()
    assert (key["agent"], key["scopes"], key["expires_at"]) == ("new-bot", ["submit"], None)
    assert key["prefix"] in key["token"]
    bot = house.client(Authorization=f"Bearer {key['token']}")
    assert (await bot.post("/v1/items", json=a_refund(), headers=keyed())).status_code == 202
    listed = await adam.get("/v1/credentials")
    assert key["prefix"] in listed.text
    assert secret_of(key) not in listed.text


@pytest.mark.parametrize("name", ["id", "prefix"])
async def test_a_revoked_key_is_refused_from_then_on(house: House, name: str) -> None:
    adam = await house.person("adam")
    key = (await adam.post("/v1/credentials", json={"agent": "new-bot"})).json()
    bot = house.client(Authorization=f"Bearer {key['token']}")
    assert (await bot.get("/v1/items")).status_code == 200
    assert (await adam.delete(f"/v1/credentials/{key[name]}")).status_code == 204
    assert (await bot.get("/v1/items")).status_code == 401
    again = await adam.delete(f"/v1/credentials/{key[name]}")
    assert (again.status_code, again.json()["code"]) == (404, "key-unknown")
    listed = (await adam.get("/v1/credentials")).json()["items"]
    assert [one["revoked_at"] is None for one in listed if one["id"] == key["id"]] == [False]


async def test_a_key_past_its_date_is_refused(house: House) -> None:
    async with house.db.begin(house.workspace) as tx:
        soon = tx.now + timedelta(microseconds=1)
        operator = the_operator(house.workspace)
        fresh = await issue_key(
            tx, operator, agent="brief-bot", scopes=[Scope.READ], expires_at=soon
        )
    bot = house.client(Authorization=f"Bearer {fresh.token}")
    refused = await bot.get("/v1/items")
    assert (refused.status_code, refused.json()["code"]) == (401, "sign-in-needed")


async def test_a_date_that_has_passed_is_refused(house: House) -> None:
    adam = await house.person("adam")
    past = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    refused = await adam.post("/v1/credentials", json={"agent": "bot", "expires_at": past})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/expires_at"


async def test_a_key_does_only_what_its_scopes_say(house: House) -> None:
    adam = await house.person("adam")
    asked = {"agent": "reader", "scopes": ["read"]}
    key = (await adam.post("/v1/credentials", json=asked)).json()
    reader = house.client(Authorization=f"Bearer {key['token']}")
    assert (await reader.get("/v1/items")).status_code == 200
    refused = await reader.post("/v1/items", json=a_refund(), headers=keyed())
    assert (refused.status_code, refused.json()["permission"]) == (403, "items:submit")


async def test_the_list_is_newest_first_and_goes_on_behind_its_cursor(house: House) -> None:
    adam = await house.person("adam")
    for number in range(3):
        await adam.post("/v1/credentials", json={"agent": f"bot-{number}"})
    page = (await adam.get("/v1/credentials", params={"limit": 2})).json()
    assert [one["agent"] for one in page["items"]] == ["bot-2", "bot-1"]
    after = {"limit": 2, "cursor": page["next_cursor"]}
    rest = (await adam.get("/v1/credentials", params=after)).json()
    assert [one["agent"] for one in rest["items"]] == ["bot-0", "other-bot"]


async def test_only_admins_see_or_touch_keys(house: House) -> None:
    for person in [await house.person(who) for who in ("ada", "lea", "aud")]:
        answers = [
            await person.get("/v1/credentials"),
            await person.post("/v1/credentials", json={"agent": "mine"}),
            await person.delete(f"/v1/credentials/{uuid4()}"),
        ]
        assert [one.status_code for one in answers] == [403, 403, 403]


async def test_a_field_that_is_wrong_is_named(house: House) -> None:
    adam = await house.person("adam")
    wrong: list[tuple[str, str | list[str]]] = [
        ("agent", ""),
        ("scopes", []),
        ("scopes", ["admin"]),
        ("token", "mine"),
    ]
    for field, value in wrong:
        refused = await adam.post("/v1/credentials", json={"agent": "bot"} | {field: value})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith(f"/{field}")


async def test_keys_handed_out_and_taken_back_are_in_the_ledger(house: House) -> None:
    adam = await house.person("adam")
    key = (await adam.post("/v1/credentials", json={"agent": "bot"})).json()
    await adam.delete(f"/v1/credentials/{key['id']}")
    async with house.db.read(house.workspace) as tx:
        entries = await tx.fetch(
            "SELECT type, actor_id, facts FROM ledger_entries"
            " WHERE facts->>'prefix' = $1 ORDER BY seq",
            key["prefix"],
        )
    assert [one["type"] for one in entries] == ["key.created", "key.revoked"]
    assert {one["actor_id"] for one in entries} == {house.people["adam"]}
    assert secret_of(key) not in str([dict(one) for one in entries])
