"""What a folder of embedded servers keeps, and what both of its servers need."""

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from review.kernel.problems import Kind, Problem

HOST = "127.0.0.1"
PATIENCE_S = 10.0  # how long a server may take to let go of a port or its memory
# Below the range from which Linux and macOS pick the near end of outgoing connections: there, a
# client that retries while the server is down can take the server's own port away from it.
PORTS = range(20000, 30000)


class EmbeddedMissing(Problem):
    """The embedded PostgreSQL and Redis are not installed.

    Without DATABASE_URL the service starts its own servers from two Python wheels, and `missing`
    is not there. Install them as `install` says, or set DATABASE_URL and REDIS_URL.
    """

    kind = Kind.UNAVAILABLE


class ServerFailed(Problem):
    """An embedded server did not start.

    `server` says which, `log` where it writes its log, and `said` what it wrote last.
    """

    kind = Kind.UNAVAILABLE


def kept(path: Path) -> str:
    """Return the secret kept in a file that only its owner reads: made once, then found again."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if secret := file.read():
            return secret
        secret = secrets.token_urlsafe(32)
        file.write(secret)
        return secret


def wheel(package: str, inside: str) -> Path:
    """Return a folder of an installed wheel without importing it."""
    found = find_spec(package)
    place = Path(found.origin).parent / inside if found and found.origin else None
    if place is None or not place.is_dir():
        raise EmbeddedMissing(missing=package, install="pip install 'review[embedded]'")
    return place


def until(true: Callable[[], bool]) -> bool:
    """Return whether it came true within our patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def ports(folder: Path) -> dict[str, int]:
    """Return the port of each server that ever ran here."""
    book = folder / "ports.json"
    return json.loads(book.read_text()) if book.exists() else {}


def port_of(folder: Path, server: str) -> int:
    """Return the port a server of this folder uses: last time's, unless someone else took it."""
    known = ports(folder)
    if server not in known or not _until_free(known[server]):
        first = int(sha256(f"{folder}:{server}".encode()).hexdigest(), 16) % len(PORTS)
        known[server] = next(p for p in (*PORTS[first:], *PORTS[:first]) if _free(p))
        draft = folder / "ports.new"
        draft.write_text(json.dumps(known))
        draft.rename(folder / "ports.json")
    return known[server]


def _until_free(port: int) -> bool:
    """Return whether a port is free, giving a dying server a moment to let go of it."""
    return any(_free(port) or time.sleep(0.02) for _ in range(50))


def _free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            attempt.bind((HOST, port))
            return True
    return False


def last_words(logged: Path, said: str = "") -> dict[str, str]:
    """Return where a server's log is, and how what it and its starter said ends."""
    written = logged.read_text(errors="replace") if logged.exists() else ""
    return {"log": str(logged), "said": (written + said)[-2000:]}
