"""Credentials: hostile tokens are refused, secrets are compared in constant time."""

import ast
import hmac
import inspect
import textwrap
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import door
from review.identity import credentials
from review.identity.credentials import (
    SESSION_IDLE,
    SESSION_LIFE,
    Form,
    Presented,
    SignInNeeded,
    csrf_token,
    digest_of,
    matches,
    pause_after,
    session_is_live,
    spell,
)
from review.infra.ids import fresh_prefix, fresh_secret
from review.kernel.ids import WorkspaceId

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
HOME = WorkspaceId(UUID(int=7))


@given(st.sampled_from(Form), st.uuids(), st.from_regex(r"[0-9a-f]{8}", fullmatch=True), st.text())
def test_a_token_names_its_workspace_and_keeps_its_secret(
    form: Form, workspace: UUID, prefix: str, secret: str
) -> None:
    home = WorkspaceId(workspace)
    assert Presented.read(spell(form, home, prefix, secret)) == Presented(
        form, home, prefix, digest_of(secret)
    )


def test_a_fresh_token_reads_back_though_its_secret_may_hold_the_separator() -> None:
    token = spell(Form.SESSION, HOME, fresh_prefix(), "a_b__c_")
    assert Presented.read(token).digest == digest_of("a_b__c_")
    assert fresh_secret() != fresh_secret()


@given(st.text() | st.text(alphabet="rvks_0123456789abcdef-{}"))
def test_no_token_breaks_the_reader(token: str) -> None:
    try:
        Presented.read(token)
    except SignInNeeded:
        return
    assert token[:4] in {"rvk_", "rvs_"}


@pytest.mark.parametrize(
    "token",
    ["", "_", "___", "rvk", f"rvk_{HOME.hex}_prefix", f"xyz_{HOME.hex}_p_s", "rvk_nothex_p_s",
     f"RVK_{HOME.hex}_p_s", f" rvk_{HOME.hex}_p_s", f"rvk_{HOME.hex}0_p_s"],
)  # fmt: skip
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(SignInNeeded):
        Presented.read(token)


def test_digests_are_compared_in_constant_time() -> None:
    assert matches(digest_of("x"), digest_of("x"))
    assert not matches(digest_of("x"), digest_of("y"))
    assert not matches(b"", digest_of("x"))
    for function in (matches, door.Door.known):
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "hmac.compare_digest" in called
    assert credentials.hmac is hmac


def test_a_secret_is_not_found_in_what_is_stored() -> None:
    assert b"s3cret" not in digest_of("s3cret")
    assert "s3cret" not in repr(Presented.read(spell(Form.KEY, HOME, "00c0ffee", "s3cret")))


def test_a_csrf_token_belongs_to_one_session_and_one_service() -> None:
    token = csrf_token(b"key", digest_of("session"))
    assert token == csrf_token(b"key", digest_of("session"))
    assert {token, csrf_token(b"key", digest_of("x")), csrf_token(b"k", digest_of("session"))}
    assert token != digest_of("session").hex()


@pytest.mark.parametrize(
    ("idle", "age", "live"),
    [
        (timedelta(), timedelta(), True),
        (SESSION_IDLE - timedelta(seconds=1), timedelta(hours=3), True),
        (SESSION_IDLE, timedelta(hours=3), False),
        (timedelta(), SESSION_LIFE - timedelta(seconds=1), True),
        (timedelta(), SESSION_LIFE, False),
    ],
)
def test_a_session_ends_when_idle_and_in_any_case(
    idle: timedelta, age: timedelta, *, live: bool
) -> None:
    ends = NOON - age + SESSION_LIFE
    assert session_is_live(now=NOON, seen_at=NOON - idle, expires_at=ends) is live


@given(st.integers(0, 10**6))
def test_the_pause_after_failed_log_ins_only_grows_and_has_an_end(failures: int) -> None:
    pause = pause_after(failures)
    assert timedelta() <= pause <= pause_after(failures + 1) <= timedelta(minutes=15)
    assert (pause > timedelta()) is (failures > 4)
