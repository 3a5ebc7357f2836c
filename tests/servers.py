"""The web process as it really runs: a program of its own, on a port of its own, that can die."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx import AsyncClient, HTTPError

from review.infra.db import Database
from review.infra.ids import fresh_id
from review.kernel.ids import WorkspaceId
from tests.makers import SECRET, House, furnish

PATIENCE_S = 30.0
ROOT = Path(__file__).parent.parent
CRASHES = ("unhandled", "Exception in ASGI application", "never retrieved")
# `uvicorn --fd` takes the socket for a Unix one: Nagle's algorithm stays on, 40 ms an answer.
SERVE = """
import socket, sys, uvicorn
config = uvicorn.Config("review.app:create_app", factory=True, access_log=False)
uvicorn.Server(config).run([socket.socket(fileno=int(sys.argv[1]))])
"""


async def until(true: Callable[[], Awaitable[Any]]) -> None:
    """Wait for something to come true, within our patience."""
    async with asyncio.timeout(PATIENCE_S):
        while not await true():  # noqa: ASYNC110 - what comes true does so in another process
            await asyncio.sleep(0.02)


class WebServer:
    """One web process. Its socket is ours, so that its port outlives it."""

    def __init__(self, listening: socket.socket, environ: dict[str, str], log: Path) -> None:
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._socket = listening
        self._environ = environ
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process and wait until it serves."""
        socket_number = self._socket.fileno()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", SERVE, str(socket_number)),
                pass_fds=[socket_number],
                env=self._environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        async with AsyncClient(base_url=self.url) as client:

            async def ready() -> bool:
                assert self._process
                assert self._process.returncode is None, self.said()
                try:
                    answer = await client.get("/readyz")
                except HTTPError:
                    return False
                return answer.is_success

            await until(ready)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process, kindly or with SIGKILL, and see it gone."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(how)
            async with asyncio.timeout(PATIENCE_S):
                await self._process.wait()

    async def kill(self) -> None:
        """Kill the process where it stands."""
        await self.stop(signal.SIGKILL)

    def said(self) -> str:
        """Return what the process wrote to its log."""
        return self._log.read_text()


@asynccontextmanager
async def web_server(
    database_url: str, redis_url: str, folder: Path
) -> AsyncGenerator[WebServer, None]:
    """Run a web process; it must not have crashed on anything when it is stopped."""
    environ = {
        "PATH": os.environ.get("PATH", os.defpath),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "REVIEW_SECRET_KEY": SECRET,
    }
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = WebServer(listening, environ, folder / "web.log")
        await server.start()
        try:
            yield server
        finally:
            await server.stop()
    assert not [crash for crash in CRASHES if crash in server.said()], server.said()


@asynccontextmanager
async def furnished(db: Database, address: str) -> AsyncGenerator[House, None]:
    """Furnish a new workspace behind a server that runs elsewhere."""
    house = House(WorkspaceId(fresh_id()), address, db)
    async with db.begin(house.workspace) as tx:
        await furnish(tx, house)
    yield house
    await house.leave()
