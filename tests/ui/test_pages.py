"""The pages over plain HTTP: who gets in, where they are sent, and what every answer carries."""

from typing import Any

import pytest
from httpx import AsyncClient
from litestar.testing import RequestFactory

from review.infra.db import DatabaseUnavailable
from tests.makers import PASSWORD, House
from tests.ui.scenes import a_full_refund, ask
from ui.problems import on_crash, on_problem

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://test/review/refunds?item=1"}
VISITOR = {"Accept": "text/html"}


def form(house: House, **changes: str) -> dict[str, str]:
    return {"email": house.emails["ada"], "password": PASSWORD, "next": "/", **changes}


async def taken(ada: AsyncClient) -> str:
    """Take the next refund and return the page's fragment."""
    answer = await ada.post("/review/refunds/claims", headers=HTMX)
    assert answer.status_code == 200, answer.text
    return answer.text


def field(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    "path", ["/sign-in", "/", "/nowhere", "/v1/items", "/healthz", "/schema/openapi.json"]
)
async def test_every_answer_carries_the_security_headers(house: House, path: str) -> None:
    answer = await house.client().get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]


async def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(house: House) -> None:
    client = house.client()
    sent = await client.get("/queues/refunds?status=waiting")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=/queues/refunds%3Fstatus%3Dwaiting"
    signed = await client.post("/sign-in", data=form(house, next="/queues/refunds?status=waiting"))
    assert signed.status_code == 303
    assert signed.headers["location"] == "/queues/refunds?status=waiting"
    cookie = signed.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert (await client.get("/queues/refunds")).status_code == 200


async def test_an_open_page_is_sent_to_sign_in_with_the_way_back(house: House) -> None:
    answer = await house.client().post("/review/refunds/claims", headers=HTMX)
    assert answer.headers["hx-redirect"] == "/sign-in?next=/review/refunds%3Fitem%3D1"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "x"],
)
async def test_sign_in_leads_nowhere_else(house: House, target: str) -> None:
    answer = await house.client().post("/sign-in", data=form(house, next=target))
    assert answer.headers["location"] == "/"


async def test_a_wrong_password_is_a_sentence_on_the_form(house: House) -> None:
    answer = await house.client().post("/sign-in", data=form(house, password="nope"))
    assert answer.status_code == 401
    assert "The e-mail address or the password is wrong." in answer.text
    assert house.emails["ada"] in answer.text
    assert "nope" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_cannot_sign_anybody_in(house: House, headers: dict[str, str]) -> None:
    answer = await house.client().post("/sign-in", data=form(house), headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_session(house: House) -> None:
    ada = await house.person("ada")
    kept = dict(ada.cookies)
    out = await ada.post("/sign-out", headers=HTMX)
    assert out.headers["hx-redirect"] == "/sign-in"
    again = house.client()
    again.cookies.update(kept)
    assert (await again.get("/")).status_code == 303


async def test_an_act_without_the_token_is_refused_in_words(house: House) -> None:
    ada = await house.person("ada")
    del ada.headers["X-CSRF-Token"]
    answer = await ada.post("/review/refunds/claims", headers=HTMX)
    assert answer.status_code == 403
    assert answer.headers["hx-retarget"] == "#problem"
    assert "CSRF token" in answer.text


@pytest.mark.parametrize("name", ["adam", "aud"])
async def test_who_may_not_review_reads_and_takes_nothing(house: House, name: str) -> None:
    item = await ask(house)
    person = await house.person(name)
    overview = await person.get("/")
    assert overview.status_code == 200
    assert "/review/refunds" not in overview.text
    assert (await person.get(f"/items/{item}")).status_code == 200
    desk = await person.get("/review/refunds", headers=VISITOR)
    assert desk.status_code == 403
    assert "You do not hold the permission this needs." in desk.text
    assert (await person.post("/review/refunds/claims", headers=HTMX)).status_code == 403


async def test_keys_open_no_pages(house: House) -> None:
    item = await ask(house)
    for path in ("/", "/items", f"/items/{item}", "/live"):
        assert (await house.agent("other-bot").get(path)).status_code == 403


async def test_what_is_not_there_is_a_page_for_people_and_a_document_for_programs(
    house: House,
) -> None:
    ada = await house.person("ada")
    page = await ada.get("/nowhere", headers=VISITOR)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "There is nothing at this address." in page.text
    program = await ada.get("/v1/nowhere", headers=VISITOR)
    assert program.headers["content-type"] == "application/problem+json"
    for path in ("/queues/none", "/review/none", f"/items/{house.workspace}"):
        assert (await ada.get(path, headers=VISITOR)).status_code == 404
    assert (await ada.get("/items?status=odd", headers=VISITOR)).status_code == 422
    assert (await ada.get("/items?before=odd", headers=VISITOR)).status_code == 422


def test_the_database_away_and_a_crash_are_pages_and_tell_no_secrets() -> None:
    request = RequestFactory().get("/", headers=VISITOR)
    away = on_problem(request, DatabaseUnavailable())
    assert away.status_code == 503
    assert "The database cannot be reached at the moment." in away.content
    broke = on_crash(request, RuntimeError("password=hunter2"))
    assert broke.status_code == 500
    assert "Something broke on our side." in broke.content
    assert "hunter2" not in broke.content


async def test_what_a_form_gets_wrong_is_said_beside_the_field(house: House) -> None:
    await ask(house)
    ada = await house.person("ada")
    page = await taken(ada)
    item = page.partition('data-item="')[2].partition('"')[0]
    url = f"/review/refunds/items/{item}/decisions"
    sent: dict[str, Any] = {name: field(page, name) for name in ("epoch", "revision", "view")}
    for changes, words in (
        ({}, "choose a verdict first"),
        ({"verdict": "reject"}, "choose at least one reason"),
        ({"verdict": "request_info", "effect-request_info": "request_info"}, "write what you"),
        ({"verdict": "approve", "note": "a\x00b"}, "NUL"),
        ({"verdict": "approve", "epoch": "x"}, "is not a number"),
        ({"verdict": "approve", "view": "x"}, "is not an identifier"),
        ({"verdict": "approve", "reason_codes": "made_up"}, "is not a reason here"),
        ({"verdict": "approve_with_edits", "effect-approve_with_edits": "approve_with_edits",
          "arguments": '{"amount": 1, "amount": 2}'}, "more than once"),
    ):  # fmt: skip
        answer = await ada.post(url, data=sent | changes, headers=HTMX)
        assert answer.status_code == 422, changes
        assert words in answer.text
    decided = await ada.post(
        url, data=sent | {"verdict": "reject", "reason_codes": ["in_policy", "out_of_policy"]},
        headers=HTMX,
    )  # fmt: skip
    assert decided.status_code == 200
    assert "Decided: denied." in decided.text
    heard = (await house.agent().get(f"/v1/items/{item}")).json()["outcome"]
    assert heard["reason_codes"] == ["in_policy", "out_of_policy"]


async def test_looking_at_a_desk_takes_nothing_and_opening_again_is_recorded(house: House) -> None:
    item = await ask(house, a_full_refund(title="Mine"))
    ada = await house.person("ada")
    assert "Take next" in (await ada.get("/review/refunds")).text
    assert (await house.agent().get(f"/v1/items/{item}")).json()["status"] == "waiting"
    first = field(await taken(ada), "view")
    again = await ada.get(f"/review/refunds?item={item}")
    assert field(again.text, "view") not in {"", first}
    async with house.db.begin(house.workspace) as tx:
        surfaces = await tx.fetch("SELECT surface FROM attention_views WHERE item_id = $1", item)
    assert [row["surface"] for row in surfaces] == ["console", "console"]
    story = (await ada.get(f"/items/{item}")).text
    assert "took it in hand" in story
    assert "Go on reviewing" in story
