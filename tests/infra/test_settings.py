"""Settings are read once, checked, and refused by name."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from review.infra.settings import SettingInvalid, SettingMissing, read, settings

SECRET = "s" * 32
PRODUCTION = {
    "DATABASE_URL": "postgresql://me:hush@db:5432/review",
    "REDIS_URL": "redis://cache:6379/0",
    "REVIEW_SECRET_KEY": SECRET,
}


def test_production_needs_three_settings_and_no_more() -> None:
    chosen = read(PRODUCTION)
    assert chosen.database_url == chosen.migrations_url == PRODUCTION["DATABASE_URL"]
    assert chosen.redis_url == PRODUCTION["REDIS_URL"]
    assert chosen.secret_key.get_secret_value() == SECRET
    assert (chosen.host, chosen.port, chosen.data) == ("127.0.0.1", 8000, Path(".review"))
    assert chosen.public_url == "http://127.0.0.1:8000"
    assert not chosen.secure_cookies


@pytest.mark.parametrize("variable", ["REDIS_URL", "REVIEW_SECRET_KEY"])
@pytest.mark.parametrize("instead", [None, "", "  "])
def test_production_refuses_to_start_without_one_and_says_which(
    variable: str, instead: str | None
) -> None:
    environ = {**PRODUCTION, variable: instead or ""}
    if instead is None:
        del environ[variable]
    with pytest.raises(SettingMissing) as refusal, settings(environ):
        pytest.fail("it started")
    assert refusal.value.facts["variable"] == variable
    assert refusal.value.facts["remedy"].startswith("set it to")


@pytest.mark.parametrize("variable", ["REDIS_URL", "MIGRATIONS_URL"])
def test_half_of_production_is_not_mistaken_for_a_laptop(variable: str, tmp_path: Path) -> None:
    environ = {variable: "redis://cache", "REVIEW_DATA": str(tmp_path / "data")}
    with pytest.raises(SettingMissing) as refusal, settings(environ):
        pytest.fail("it started")
    assert refusal.value.facts["variable"] == "DATABASE_URL"
    assert variable in refusal.value.facts["remedy"]
    assert not (tmp_path / "data").exists()


def test_nothing_starts_for_settings_that_are_wrong(tmp_path: Path) -> None:
    environ = {"PORT": "none", "REVIEW_DATA": str(tmp_path / "data")}
    with pytest.raises(SettingInvalid), settings(environ):
        pytest.fail("it started")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg", "postgres"])
def test_a_database_is_spelt_one_way_inside(scheme: str) -> None:
    url = f"{scheme}://me@/review?host=/run/postgresql"
    chosen = read({**PRODUCTION, "DATABASE_URL": url, "MIGRATIONS_URL": url})
    assert chosen.database_url == "postgresql://me@/review?host=/run/postgresql"
    assert chosen.migrations_url == chosen.database_url


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://db"),
        ("DATABASE_URL", "db:5432"),
        ("DATABASE_URL", "postgresql://db:port/review"),
        ("MIGRATIONS_URL", "sqlite:///x"),
        ("REDIS_URL", "http://cache"),
        ("REDIS_URL", "redis://cache:99999"),
        ("REVIEW_SECRET_KEY", "s" * 31),
        ("REVIEW_PUBLIC_URL", "http://review.example"),
        ("REVIEW_PUBLIC_URL", "https://"),
        ("REVIEW_PUBLIC_URL", "review.example"),
        ("REVIEW_PUBLIC_URL", "https://review.example/console"),
        ("REVIEW_PUBLIC_URL", "https://me@review.example"),
        ("REVIEW_PUBLIC_URL", "http://[::1"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "²"),
        ("PORT", "80.5"),
        ("REVIEW_WEBHOOK_ALLOW", "10.0.0.1/8"),
        ("REVIEW_WEBHOOK_ALLOW", "http://hook.corp"),
        ("REVIEW_WEBHOOK_ALLOW", "hook.corp:0"),
        ("REVIEW_WEBHOOK_ALLOW", "hook.corp:http"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(variable: str, value: str) -> None:
    with pytest.raises(SettingInvalid) as refusal:
        read({**PRODUCTION, variable: value})
    assert refusal.value.facts["variable"] == variable
    assert refusal.value.facts["expected"]


@pytest.mark.parametrize(
    ("url", "public", "secure"),
    [
        ("https://review.example/", "https://review.example", True),
        ("HTTPS://review.example:8443", "https://review.example:8443", True),
        ("http://localhost:9000", "http://localhost:9000", False),
        ("http://[::1]:9000", "http://[::1]:9000", False),
        ("", "http://127.0.0.1:9000", False),
    ],
)
def test_cookies_are_secure_where_the_public_address_is(
    url: str, public: str, *, secure: bool
) -> None:
    chosen = read({**PRODUCTION, "PORT": "9000", "REVIEW_PUBLIC_URL": url})
    assert (chosen.public_url, chosen.secure_cookies) == (public, secure)


def test_no_password_shows_when_settings_are_printed() -> None:
    shown = repr(read({**PRODUCTION, "REDIS_URL": "redis://:hush@cache"}))
    assert "hush" not in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("host", "port", "address", "admitted"),
    [
        ("any.corp", 443, "10.200.0.9", True),
        ("any.corp", 443, "192.168.1.7", True),
        ("any.corp", 443, "192.168.1.8", False),
        ("any.corp", 443, "fd00::1", True),
        ("hook.corp", 1, "127.0.0.1", True),
        ("HOOK.corp", 1, "127.0.0.1", True),
        ("127.0.0.1", 8080, "127.0.0.1", True),
        ("127.0.0.1", 8081, "127.0.0.1", False),
        ("::1", 8080, "::1", True),
        ("not-hook.corp", 1, "127.0.0.1", False),
    ],
)
def test_webhooks_reach_only_the_private_places_named(
    host: str, port: int, address: str, *, admitted: bool
) -> None:
    places = "10.0.0.0/8, 192.168.1.7,fd00::/8 Hook.corp, 127.0.0.1:8080, [::1]:8080,"
    reach = read({**PRODUCTION, "REVIEW_WEBHOOK_ALLOW": places}).webhook_allow
    assert reach.admits(host, port, ip_address(address)) is admitted
    assert not read(PRODUCTION).webhook_allow.admits(host, port, ip_address(address))
