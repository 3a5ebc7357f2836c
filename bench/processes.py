"""The processes under load: the service as `review serve` runs it, its worker, the HTTP floor."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import psutil

from bench.client import Client

ROOT = Path(__file__).parent.parent
SERVE = ("--factory", "--loop=uvloop", "--http=httptools", "--ws=none", "--no-access-log")
SECRET = "only-for-the-benchmark-only-for-the-benchmark"
START_S = 20
MIB = 1024 * 1024


@asynccontextmanager
async def web(factory: str, database_url: str, redis_url: str) -> AsyncGenerator["Web", None]:
    """Run one web process until the end of the block."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environ = environment(database_url, redis_url) | {"PORT": str(port)}
    command = [sys.executable, "-m", "uvicorn", factory, *SERVE, f"--port={port}"]
    child = subprocess.Popen(  # noqa: ASYNC220, S603 - our own program, started once
        [*command, "--log-level=warning"], env=environ, cwd=ROOT
    )
    try:
        await _listening(port, child)
        yield Web(port, child)
    finally:
        child.terminate()
        await asyncio.to_thread(child.wait)


class Web:
    """A web process that answers."""

    def __init__(self, port: int, child: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._child = child

    async def clients(
        self, stack: AsyncExitStack, count: int, headers: dict[str, str] | None = None
    ) -> list[Client]:
        """Open so many connections until the stack closes; each sends these headers."""
        return [await stack.enter_async_context(Client(self.port, headers)) for _ in range(count)]

    def rss_mib(self) -> float:
        """Return its resident memory. Units: MiB."""
        return psutil.Process(self._child.pid).memory_info().rss / MIB


@asynccontextmanager
async def worker(database_url: str, redis_url: str) -> AsyncGenerator[None, None]:
    """Run one worker until the end of the block."""
    child = subprocess.Popen(  # noqa: ASYNC220 - our own program, started once
        [sys.executable, "-m", "workers.main"], env=environment(database_url, redis_url), cwd=ROOT
    )
    try:
        yield
    finally:
        child.terminate()
        await asyncio.to_thread(child.wait)


def environment(database_url: str, redis_url: str) -> dict[str, str]:
    """Return the environment of a process of the service."""
    ours = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "REVIEW_SECRET_KEY": SECRET}
    return {**os.environ, **ours}


async def _listening(port: int, child: subprocess.Popen[bytes]) -> None:
    """Wait until a process accepts connections.

    Raises: TimeoutError, RuntimeError.
    """
    async with asyncio.timeout(START_S):
        while True:
            if child.poll() is not None:
                raise RuntimeError(f"{child.args} ended with {child.returncode}")
            try:
                async with Client(port):
                    return
            except OSError:
                await asyncio.sleep(0.05)
