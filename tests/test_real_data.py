"""The main job on real input: calls a language model really made, texts that people labelled."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response

from review.infra.db import Database
from tests.conftest import Backends
from tests.makers import REFUNDS, House, keyed
from tests.servers import furnished, web_server

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
CALLS, TEXTS = DATA / "agent_tool_calls.jsonl", DATA / "moderation_texts.jsonl"
AT_A_TIME = 8  # requests under way at once
BATCH = 100

STRING: dict[str, Any] = {"type": "string", "minLength": 1}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
CABIN: dict[str, Any] = {"enum": ["basic_economy", "economy", "business"]}
FLIGHTS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "object", "required": ["flight_number", "date"]},
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "book_reservation": {
        **dict.fromkeys(("user_id", "origin", "destination"), STRING),
        "flight_type": {"enum": ["one_way", "round_trip"]},
        "cabin": CABIN,
        "flights": FLIGHTS,
        "passengers": {"type": "array", "minItems": 1},
        "payment_methods": {"type": "array"},
        "total_baggages": COUNT,
        "nonfree_baggages": COUNT,
        "insurance": {"enum": ["yes", "no"]},
    },
    "update_reservation_flights": {
        "reservation_id": STRING,
        "cabin": CABIN,
        "flights": FLIGHTS,
        "payment_id": STRING,
    },
    "update_reservation_baggages": {
        "reservation_id": STRING,
        "total_baggages": COUNT,
        "nonfree_baggages": COUNT,
        "payment_id": STRING,
    },
    "cancel_reservation": {"reservation_id": STRING},
    "send_certificate": {"user_id": STRING, "amount": {"type": "integer", "minimum": 1}},
}
BOOKINGS: dict[str, Any] = {
    **REFUNDS,
    "name": "bookings",
    "owner": "airline-ops",
    "escalates_to": "escalations",
    "argument_schemas": {
        name: {
            "type": "object",
            "required": list(properties),
            "properties": properties,
            "additionalProperties": False,
        }
        for name, properties in ARGUMENTS.items()
    },
}
HARMS = [
    *("sexual", "hate", "violence", "harassment", "self-harm"),
    *("hate/threatening", "violence/graphic"),
]
COMMENTS: dict[str, Any] = {
    "name": "comments",
    "owner": "trust-and-safety",
    "kinds": ["moderation"],
    "verdicts": [
        {"name": "keep", "effect": "approve", "label": "Keep", "key": "k"},
        {
            "name": "remove",
            "effect": "reject",
            "label": "Remove",
            "key": "r",
            "needs_reason": True,
        },
    ],
    "reasons": [{"code": harm.replace("/", "."), "label": harm} for harm in HARMS],
    "content_schema": {"type": "object", "required": ["text"], "properties": {"text": STRING}},
}

pytestmark = pytest.mark.skipif(
    not (CALLS.exists() and TEXTS.exists()), reason=f"the real data is not at {DATA}"
)


def lines(path: Path) -> list[dict[str, Any]]:
    with path.open() as file:
        return [json.loads(line) for line in file]


def a_booking(call: dict[str, Any]) -> dict[str, Any]:
    """One real call as its agent would put it to people."""
    return {
        "queue": "bookings",
        "kind": "approval",
        "title": f"{call['tool'].replace('_', ' ')} in {call['run_id']}",
        "action": {"name": call["tool"], "arguments": call["arguments"]},
        "conversation": [
            {"id": f"m{place}", "role": said["role"], "content": said["content"]}
            for place, said in enumerate(call["messages"])
        ],
        "reason": {"code": "irreversible"},
        "run": {"run_id": call["run_id"], "call_id": call["call_id"]},
    }


def a_comment(text: dict[str, Any], place: int) -> dict[str, Any]:
    return {
        "queue": "comments",
        "kind": "moderation",
        "title": f"Comment {place}",
        "content": {"type": "text", "text": text["text"]},
        "idempotency_key": f"comment-{place}",
    }


@pytest.fixture
async def hosted(
    backends: Backends, db: Database, database_url: str, tmp_path: Path
) -> AsyncIterator[House]:
    """A workspace with the queues for this data, behind a web process of its own."""
    async with (
        web_server(database_url, backends.redis, tmp_path) as server,
        furnished(db, server.url) as house,
    ):
        lead = await house.person("lea")
        for queue in (BOOKINGS, COMMENTS):
            opened = await lead.post("/v1/queues", json=queue)
            assert opened.status_code == 201, opened.text
        yield house


async def test_every_real_call_and_text_is_decided_once_and_every_agent_hears(
    hosted: House,
) -> None:
    calls, texts = lines(CALLS), lines(TEXTS)
    agent = hosted.agent()
    asked = await submit_calls(agent, calls)
    held = await submit_texts(agent, texts)
    content = dict(zip(held, texts, strict=True))
    assert len(content) == len(texts)
    given = dict[str, str]()
    people = [await hosted.person(name) for name in ("ada", "ben", "lea") * 2]
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(review(person, given, content))
    assert set(given) == {*asked, *held}
    await every_agent_hears(agent, [*asked, *held], given)
    await the_ledger_agrees(hosted, asked, held)


async def submit_calls(agent: AsyncClient, calls: list[dict[str, Any]]) -> list[str]:
    """Ask for each call, one by one and each twice, as a client that lost the answer would."""
    gate = asyncio.Semaphore(AT_A_TIME)

    async def ask(place: int, call: dict[str, Any]) -> str:
        async with gate:
            key = keyed(f"{call['run_id']}/{call['call_id']}/{place}")
            first, again = [
                await agent.post("/v1/items", json=a_booking(call), headers=key) for _ in range(2)
            ]
        assert first.status_code in (200, 202), first.text
        assert first.status_code == (200 if first.json()["joined"] else 202)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        return first.json()["id"]

    return await asyncio.gather(*[ask(place, call) for place, call in enumerate(calls)])


async def submit_texts(agent: AsyncClient, texts: list[dict[str, Any]]) -> list[str]:
    """Ask about each text, a hundred at a time."""
    requests = [a_comment(text, place) for place, text in enumerate(texts)]
    found = list[str]()
    for start in range(0, len(requests), BATCH):
        answer = await agent.post("/v1/items:batch", json={"items": requests[start:][:BATCH]})
        assert answer.status_code == 200, answer.text
        assert {one["status"] for one in answer.json()["items"]} == {202}
        found += [one["item"]["id"] for one in answer.json()["items"]]
    return found


async def review(person: AsyncClient, given: dict[str, str], texts: dict[str, Any]) -> None:
    """Take and decide until both queues are empty; nobody is handed what another has decided."""
    turn = count()
    for queue in ("bookings", "comments"):
        while (claimed := await take(person, queue)).status_code == 201:
            claim = claimed.json()
            item = claim["item"]
            ballot = moderate(texts[item]) if item in texts else approve(next(turn))
            quoted = {name: claim[name] for name in ("epoch", "revision", "view")}
            decided = await person.post(f"/v1/items/{item}/decisions", json={**quoted, **ballot})
            assert decided.status_code == 201, decided.text
            assert item not in given, "it was handed out twice"
            given[item] = ballot["verdict"]
        assert claimed.status_code == 204, claimed.text


async def take(person: AsyncClient, queue: str) -> Response:
    return await person.post(f"/v1/queues/{queue}/claims", json={})


def approve(turn: int) -> dict[str, Any]:
    """Approve two of three; the rest is against the policy."""
    if turn % 3:
        return {"verdict": "approve"}
    return {"verdict": "reject", "reason_codes": ["out_of_policy"]}


def moderate(text: dict[str, Any]) -> dict[str, Any]:
    """Decide as the people who labelled the text did."""
    harms = [harm for harm, found in text["labels"].items() if found]
    if not harms:
        return {"verdict": "keep", "labels": text["labels"]}
    codes = [harm.replace("/", ".") for harm in harms]
    return {"verdict": "remove", "reason_codes": codes, "labels": text["labels"]}


async def every_agent_hears(agent: AsyncClient, asked: list[str], given: dict[str, str]) -> None:
    """Every request, joined or not, ends in the one verdict that was given on its item."""
    means = {"approve": "approved", "keep": "approved", "reject": "denied", "remove": "denied"}
    gate = asyncio.Semaphore(AT_A_TIME)

    async def hear(item: str) -> None:
        async with gate:
            heard = await agent.get(f"/v1/items/{item}", headers={"Prefer": "wait=5"})
        answer = heard.json()
        assert answer["status"] == "settled", answer
        outcome = answer["outcome"]
        assert (outcome["cause"], outcome["verdict"]) == ("human", given[item])
        assert outcome["result"] == means[given[item]]

    await asyncio.gather(*[hear(item) for item in asked])


async def the_ledger_agrees(house: House, asked: list[str], held: list[str]) -> None:
    """One submission, one claim, one vote and one end for each item; one joining for the rest."""
    async with house.db.read(house.workspace) as tx:
        entries = await tx.fetch("SELECT type, item_id::text AS item FROM ledger_entries")
    lines = Counter((entry["type"], entry["item"]) for entry in entries)
    for item in {*asked, *held}:
        for once in ("item.submitted", "item.claimed", "item.voted", "item.settled"):
            assert lines[once, item] == 1, (once, item)
    joined = Counter(asked) - Counter(set(asked))
    assert {item: n for (kind, item), n in lines.items() if kind == "item.joined"} == joined
