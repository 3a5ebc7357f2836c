"""The OpenAPI document and the service agree: whatever it is sent, it answers as it said it would.

Event streams are left out of the fuzzing, for they never end; `tests/api` reads them.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import chain
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup

from review.infra.db import Database
from tests.conftest import Backends
from tests.makers import House, a_refund, keyed
from tests.servers import furnished, web_server

CHECKS = cast("Any", checks.CHECKS)  # pyright: ignore[reportUnknownMemberType]
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
ALWAYS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
CONFIGURATION = {
    "generation": {"with-security-parameters": False},
    "checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}},  # 413 among them
}
LONGEST_WAIT_S = 60
LAST = "/v1/sessions/current"  # after it nobody is signed in any more


@pytest.fixture
async def hosted(
    backends: Backends, db: Database, database_url: str, tmp_path: Path
) -> AsyncIterator[House]:
    """A workspace behind a web process of its own."""
    async with (
        web_server(database_url, backends.redis, tmp_path) as server,
        furnished(db, server.url) as house,
    ):
        yield house


async def things(house: House) -> dict[str, str]:
    """Return the names of things that are there, by the parameter that asks for them."""
    agent, lea = house.agent(), await house.person("lea")
    for _ in range(3):
        await agent.post("/v1/items", json=a_refund(), headers=keyed())
    claim = (await lea.post("/v1/queues/refunds/claims", json={})).json()
    hook = {"url": "https://example.com/hook"}
    subscribed = (await agent.post("/v1/subscriptions", json=hook)).json()
    return {
        "item_id": claim["item"],
        "queue": "refunds",
        "person": str(house.people["ben"]),
        "subscription_id": subscribed["id"],
        "code": "stale-claim",
    }


async def fuzz(house: House, session: requests.Session, *, examples: int) -> None:
    """Send every operation requests that fit the document and requests that do not."""
    found = await house.client().get("/schema/openapi.json")
    known = await things(house)
    await asyncio.to_thread(send, found.json(), str(house.app), session, known, examples)


def send(document: Any, url: str, session: requests.Session, known: Any, examples: int) -> None:
    load: Any = schemathesis.openapi.from_dict  # pyright: ignore[reportUnknownMemberType]
    configured = cast("Any", schemathesis.Config)
    config = configured.from_dict(CONFIGURATION)
    schema = load(document, config=config)
    failures = list[str]()
    operations = [one.ok() for one in schema.get_all_operations()]
    for operation in sorted(operations, key=lambda one: one.path == LAST):
        if operation.path.endswith("/events"):
            continue
        names = {one.name for one in operation.path_parameters}
        there = {name: known[name] for name in names & known.keys()} or None
        strategies = [
            operation.as_strategy(generation_mode=mode, path_parameters=place)
            for mode in GenerationMode
            for place in (None, there)
        ]

        @settings(ALWAYS, max_examples=examples)
        @given(case=one_of(strategies))
        def agrees(case: Any) -> None:
            if patient(case.body):
                case.body["wait_s"] = 0  # nothing comes: it would only take its time
            response = case.call(base_url=url, session=session)
            case.validate_response(response, checks=CHECKS.get_by_names(CHECKED))

        try:
            agrees()
        except FailureGroup as group:
            failures.append(f"{operation.label}: {group.exceptions}")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize(
    ("who", "examples"),
    [("nobody", 3), ("support-bot", 12), ("lea", 12), ("adam", 12)],
    ids=["nobody", "an agent", "a reviewer", "an admin"],
)
async def test_what_it_answers_is_what_it_says(hosted: House, who: str, examples: int) -> None:
    with requests.Session() as session:
        if who in hosted.keys:
            session.headers["Authorization"] = f"Bearer {hosted.keys[who]}"
        if who in hosted.people:
            person = await hosted.person(who)
            session.headers["X-CSRF-Token"] = person.headers["X-CSRF-Token"]
            session.cookies.update(dict(person.cookies))
        await fuzz(hosted, session, examples=examples)


def patient(body: Any) -> bool:
    """Tell whether a body asks to wait, as it may."""
    match body:
        case {"wait_s": bool()}:
            return False
        case {"wait_s": int(wait_s)}:
            return 0 < wait_s <= LONGEST_WAIT_S
        case _:
            return False


async def test_every_operation_says_who_may_call_it_and_how_it_refuses(house: House) -> None:
    answer = await house.client().get("/schema/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json"
    document = answer.json()
    assert document["components"]["securitySchemes"].keys() == {"key", "session", "csrf"}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            refusals = {
                status: one["content"]
                for status, one in operation["responses"].items()
                if status >= "400"
            }
            assert {*chain(*refusals.values())} == {"application/problem+json"}, (method, path)
            secured = {scheme for way in operation["security"] for scheme in way}
            assert ("401" in refusals) == bool(secured) or path == "/v1/sessions"
            assert ("csrf" in secured) == (bool(secured) and method != "get")
            assert ("413" in refusals) == ("requestBody" in operation)
            assert "500" in refusals


async def test_the_document_names_the_headers_that_mean_something(house: House) -> None:
    paths = (await house.client().get("/schema/openapi.json")).json()["paths"]
    headers = {
        (path, one["name"]): one["required"]
        for path, item in paths.items()
        for operation in item.values()
        for one in operation.get("parameters", [])
        if one["in"] == "header"
    }
    assert headers == {
        ("/v1/items", "Idempotency-Key"): True,
        ("/v1/items/{item_id}", "Prefer"): False,
        ("/v1/items/{item_id}", "If-None-Match"): False,
        ("/v1/items/{item_id}/events", "Last-Event-ID"): False,
        ("/v1/events", "Last-Event-ID"): False,
    }
    for path in ("/v1/events", "/v1/items/{item_id}/events"):
        assert paths[path]["get"]["responses"]["200"]["content"].keys() == {"text/event-stream"}
