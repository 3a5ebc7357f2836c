"""Anything malformed gets the problem document that names the field, and nothing is stored."""

import json
from typing import Any

import pytest
from httpx import Response

from review.api.waiting import seq_of
from tests.makers import House, a_refund, keyed

JSON = {"Content-Type": "application/json"}


def pointers(answer: Response) -> list[str]:
    """Return what an answer complains of."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"due_in_s": "900"}, "/due_in_s"),
        ({"due_in_s": True}, "/due_in_s"),
        ({"risk": {"reversible": 1}}, "/risk/reversible"),
        ({"facts": [{"name": "n", "fetched_at": 1}]}, "/facts/0/fetched_at"),
        ({"supersedes": "none"}, "/supersedes"),
        ({"kind": "approve"}, "/kind"),
        ({"a/b~c.d": 1}, "/a~1b~0c.d"),
        ({"action": {"name": "issue_refund"}}, "/action/arguments"),
        ({"run": []}, "/run"),
    ],
)
async def test_what_json_does_not_mean_is_not_guessed(
    house: House, changes: dict[str, Any], pointer: str
) -> None:
    agent = house.agent()
    answer = await agent.post("/v1/items", json=a_refund(**changes), headers=keyed())
    assert pointers(answer) == [pointer]
    asked = {"items": [{**a_refund(**changes), "idempotency_key": "one"}]}
    [one] = (await agent.post("/v1/items:batch", json=asked)).json()["items"]
    assert one["problem"]["errors"] == answer.json()["errors"]
    assert (await agent.get("/v1/items")).json()["items"] == []


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"5", b'"text"'])
async def test_a_body_that_is_no_object_is_refused_as_a_whole(house: House, body: bytes) -> None:
    answer = await house.agent().post("/v1/items", content=body, headers={**keyed(), **JSON})
    assert pointers(answer) == ["/"]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "x/y"]
)
async def test_what_another_site_could_send_unasked_is_refused(house: House, kind: str) -> None:
    headers = {**keyed(), "Content-Type": kind}
    body = json.dumps(a_refund()).encode()
    answer = await house.agent().post("/v1/items", content=body, headers=headers)
    assert pointers(answer) == ["header/Content-Type"]
    assert answer.json()["code"] == "not-json"


@pytest.mark.parametrize(
    ("address", "pointer"),
    [
        ("/v1/items?limit=0", "query/limit"),
        ("/v1/items?cursor=x", "query/cursor"),
        ("/v1/items?status=lost", "query/status"),
        ("/v1/items?queue=%00", "query"),
        ("/v1/queues/a%00b", "path"),
        ("/items?queue=%00", None),
    ],
)
async def test_what_is_wrong_in_an_address_is_named(
    house: House, address: str, pointer: str | None
) -> None:
    answer = await house.agent().get(address)
    if pointer is None:
        assert answer.status_code == 422
    else:
        assert pointers(answer) == [pointer]


@pytest.mark.parametrize("last", ["", "x", "-1", "9" * 30, "\u0663"])
def test_an_event_number_that_cannot_be_one_counts_as_none(last: str) -> None:
    assert seq_of(last) is None
    assert seq_of("7") == 7
