"""Every no is a problem document, also where the framework says it."""

import json
from typing import Any

import pytest

from tests.desk import Desk, pointers, refused
from tests.makers import a_refund, keyed

ITEMS = "SELECT count(*) FROM queue_items q JOIN queue_queues USING (queue_id) WHERE name = $1"


async def test_an_invented_address_is_told_the_nearest(desk: Desk) -> None:
    problem = refused(await desk.agent.get("/v1/item"), 404, "route-unknown")
    assert "/v1/items" in problem["nearest"]
    refused(await desk.agent.get("/v1/items/not-an-id"), 404, "route-unknown")


async def test_a_wrong_method_says_which_are_right(desk: Desk) -> None:
    answer = await desk.agent.put("/v1/items", json={})
    refused(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "a", "title": "b"}',
        b'{"risk": {"tier": "low", "tier": "high"}}',
        b'{"facts": [{"name": "n", "value": NaN}]}',
        b'{"facts": [{"name": "n", "value": 9007199254740992}]}',
        b'{"facts": [{"name": "n", "value": 1e30}]}',
        b'{"title": "nul \\u0000"}',
        b'{"title": "half \\ud800"}',
        b"[" * 1_000 + b"]" * 1_000,
    ],
    ids=lambda body: repr(body[:40]),
)
@pytest.mark.parametrize(
    "kind",
    ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"],
)  # fmt: skip
async def test_what_means_two_things_is_refused_whatever_it_calls_itself(
    desk: Desk, body: bytes, kind: str
) -> None:
    whole = json.dumps(a_refund(queue=desk.queue)).encode()
    sent = whole[:-1] + b", " + body[1:] if body.startswith(b"{") else body
    headers = {**keyed(), "Content-Type": kind}
    refused(await desk.agent.post("/v1/items", content=sent, headers=headers), 422,
            "invalid-request")  # fmt: skip
    assert await desk.count(ITEMS, desk.queue) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe{\x00}\x00"])
async def test_what_is_no_request_at_all_is_refused(desk: Desk, body: bytes) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    answer = await desk.agent.post("/v1/items", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    refused(answer, answer.status_code, answer.json()["code"])
    assert answer.json()["code"] in {"invalid-request", "not-json"}


async def test_a_body_beyond_the_limit_is_refused(desk: Desk) -> None:
    body = a_refund(queue=desk.queue, narrative="x" * 1024 * 1024)
    answer = await desk.agent.post("/v1/items", json=body, headers=keyed())
    assert answer.status_code == 413
    refused(answer, 413, answer.json()["code"])
    assert await desk.count(ITEMS, desk.queue) == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/items?queue=%00", None),
        ("GET", "/v1/items?run_id=a%00b", None),
        ("GET", "/v1/queues/a%00b", None),
        ("GET", "/v1/queues/caf%E9", None),
        ("POST", "/v1/queues/%00/claims", {"wait_s": 0}),
        ("POST", "/v1/queues/%ED%A0%80/claims", {"wait_s": 0}),
        ("GET", "/problems/%00", None),
    ],
)
async def test_no_address_can_break_us(
    desk: Desk, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = await desk.ada.request(method, path, json=body)
    assert answer.status_code in {404, 422}, answer.text
    refused(answer, answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("limit=0", "query/limit"), ("limit=many", "query/limit"), ("cursor=x", "query/cursor"),
     ("status=done", "query/status")],
)  # fmt: skip
async def test_a_wrong_parameter_is_named(desk: Desk, query: str, pointer: str) -> None:
    answer = await desk.agent.get(f"/v1/items?{query}")
    assert pointers(refused(answer, 422, "invalid-request")) == [pointer]


async def test_a_refusal_explains_itself_where_its_type_points(desk: Desk) -> None:
    problem = refused(await desk.agent.post("/v1/items", json=a_refund()), 400, "key-missing")
    page = await desk.house.client().get(problem["type"])
    assert page.status_code == 200
    assert problem["title"] in page.text
