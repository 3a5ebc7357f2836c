"""Our programs as an operator runs them: real processes, told to stop by signals."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE_S = 60.0


@contextmanager
def running(*words: str, **changes: str) -> Generator[subprocess.Popen[str], None, None]:
    """Run a command until the block ends; if it is still there, it may clean up after itself."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "review.cli.main", *words],
        cwd=ROOT,
        env={**clean(os.environ), **changes},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=PATIENCE_S)
            process.kill()


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without settings of the service."""
    given = ("DATABASE_URL", "MIGRATIONS_URL", "REDIS_URL", "PORT", "REVIEW_", "DEMO_")
    return {name: value for name, value in environ.items() if not name.startswith(given)}


def eventually(true: Callable[[], object]) -> None:
    """Return once it is true; fail if it does not become so."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
