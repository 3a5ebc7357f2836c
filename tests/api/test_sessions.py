"""Sessions: a fresh token per log-in, an end in any case, and no cross-site acting."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from review.flows.administer import add_member, issue_key, revoke_key
from review.identity.credentials import SESSION_IDLE, SESSION_LIFE, digest_of
from review.identity.roles import Role, Scope
from tests.desk import Desk, body_of, refused
from tests.makers import PASSWORD, House, the_operator


@pytest.fixture
async def email(office: House) -> str:
    """Somebody whose log-ins nobody else counts."""
    address = f"{uuid4().hex}@example.com"
    async with office.db.begin(office.workspace) as tx:
        await add_member(tx, the_operator(office.workspace), email=address, name="Eve",
                         password=PASSWORD, roles=[Role.REVIEWER])  # fmt: skip
    return address


async def sign_in(client: AsyncClient, email: str, password: str = PASSWORD) -> Response:
    return await client.post("/v1/sessions", json={"email": email, "password": password})


async def age(office: House, client: AsyncClient, column: str, by: timedelta) -> None:
    """Make a session older than it is."""
    secret = client.cookies["review_session"].split("_", 3)[3]
    async with office.db.begin(office.workspace) as tx:
        touched = await tx.execute(
            f"UPDATE identity_sessions SET {column} = {column} - $2::interval"  # noqa: S608
            " WHERE token_digest = $1",
            *(digest_of(secret), by),
        )
    assert touched == 1


async def test_a_session_is_a_cookie_no_script_reads(office: House, email: str) -> None:
    client = office.client()
    answer = await sign_in(client, email.upper())
    assert body_of(answer, 201)["person"]["email"] == email
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert client.cookies["review_session"] not in answer.text
    me = body_of(await client.get("/v1/sessions/current"), 200)
    assert me["csrf_token"] == answer.json()["csrf_token"]


async def test_every_log_in_makes_a_token_of_its_own(office: House, email: str) -> None:
    client = office.client()
    fixed = f"rvs_{office.workspace.hex}_00c0ffee_planted"
    client.cookies.set("review_session", fixed, domain="test.local", path="/")
    tokens = list[str]()
    for _ in range(2):
        answer = await sign_in(client, email)
        tokens.append(answer.cookies["review_session"])
    assert len({fixed, *tokens}) == 3
    stranger = office.client(Cookie=f"review_session={fixed}")
    refused(await stranger.get("/v1/sessions/current"), 401, "sign-in-needed")


async def test_whoever_signs_out_is_out(office: House, email: str) -> None:
    client = office.client()
    token = (await sign_in(client, email)).json()["csrf_token"]
    kept = client.cookies["review_session"]
    refused(await client.delete("/v1/sessions/current"), 403, "cross-site")
    gone = await client.delete("/v1/sessions/current", headers={"X-CSRF-Token": token})
    assert gone.status_code == 204
    assert "Max-Age=0" in gone.headers["set-cookie"]
    again = office.client(Cookie=f"review_session={kept}")
    refused(await again.get("/v1/sessions/current"), 401, "sign-in-needed")


@pytest.mark.parametrize(
    ("column", "by"),
    [("seen_at", SESSION_IDLE), ("expires_at", SESSION_LIFE)],
)
async def test_a_session_ends_idle_or_old(
    office: House, email: str, column: str, by: timedelta
) -> None:
    client = office.client()
    await sign_in(client, email)
    await age(office, client, column, by - timedelta(minutes=1))
    body_of(await client.get("/v1/sessions/current"), 200)
    await age(office, client, column, timedelta(minutes=2))
    refused(await client.get("/v1/sessions/current"), 401, "sign-in-needed")


@pytest.mark.parametrize("token", [None, "", "0" * 64, "caf\xe9"])
async def test_another_site_cannot_act_with_a_cookie_alone(desk: Desk, token: str | None) -> None:
    headers = {name: value for name, value in desk.ada.headers.items() if "csrf" not in name}
    client = desk.house.client(**headers)
    client.cookies = desk.ada.cookies
    given: Any = {} if token is None else {"X-CSRF-Token": token.encode("latin-1")}
    answer = await client.post(f"/v1/queues/{desk.queue}/claims", json={"wait_s": 0}, headers=given)
    refused(answer, 403, "cross-site")
    body_of(await client.get("/v1/sessions/current"), 200)


async def test_one_sessions_csrf_token_is_no_good_for_another(desk: Desk) -> None:
    headers = {"X-CSRF-Token": desk.ben.headers["X-CSRF-Token"]}
    path = f"/v1/queues/{desk.queue}/claims"
    refused(await desk.ada.post(path, json={}, headers=headers), 403, "cross-site")


@pytest.mark.parametrize("known", [True, False])
async def test_guessing_is_slowed_down_whether_or_not_the_address_exists(
    office: House, email: str, *, known: bool
) -> None:
    address = email if known else f"{uuid4().hex}@example.com"
    client = office.client()
    titles = set[str]()
    for _ in range(5):
        problem = refused(await sign_in(client, address, "not the password"), 401, "wrong-log-in")
        titles.add(problem["title"])
    assert len(titles) == 1
    answer = await sign_in(client, address.upper())
    problem = refused(answer, 429, "too-many-attempts")
    assert 0 < problem["retry_after_s"] <= 30
    assert answer.headers["retry-after"] == str(problem["retry_after_s"])


async def test_a_good_log_in_forgives_the_bad_ones(office: House, email: str) -> None:
    client = office.client()
    for _ in range(2):
        for _ in range(4):
            refused(await sign_in(client, email, "not the password"), 401, "wrong-log-in")
        body_of(await sign_in(client, email), 201)


async def test_a_key_is_good_until_it_is_revoked_or_over(office: House) -> None:
    operator = the_operator(office.workspace)
    async with office.db.begin(office.workspace) as tx:
        key = await issue_key(tx, operator, agent="brief", scopes=[Scope.READ],
                              expires_at=tx.now + timedelta(hours=1))  # fmt: skip
    client = office.client(Authorization=f"Bearer {key.token}")
    body_of(await client.get("/v1/items"), 200)
    for wrong in (f"Basic {key.token}", f"Bearer {key.token}x", key.token, "Bearer", "Bearer \xe9"):
        stranger = office.client()
        answer = await stranger.get(
            "/v1/items", headers=[(b"Authorization", wrong.encode("latin-1"))]
        )
        refused(answer, 401, "sign-in-needed")
        assert answer.headers["www-authenticate"] == "Bearer"
    async with office.db.begin(office.workspace) as tx:
        await revoke_key(tx, operator, key.key.prefix)
    refused(await client.get("/v1/items"), 401, "sign-in-needed")
    async with office.db.begin(office.workspace) as tx:
        await tx.execute(
            "UPDATE identity_credentials SET revoked_at = NULL, expires_at = $2 WHERE prefix = $1",
            *(key.key.prefix, tx.now),
        )
    refused(await client.get("/v1/items"), 401, "sign-in-needed")
