"""Between the web process and PostgreSQL: it can keep the answer to a COMMIT to itself.

So the moment after a commit and before anybody knows of it, which lasts microseconds, lasts for
as long as a test needs; and the service needs no hook for that.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

COMMITTED = b"COMMIT\x00"  # how PostgreSQL's CommandComplete message ends
CHUNK = 65_536


class Proxy:
    """Passes on what both sides say, until told to withhold or to cut."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._withholding = False
        self._committed = asyncio.Event()
        self._open = set[StreamWriter]()
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def to(cls, database_url: str) -> AsyncGenerator[Self, None]:
        """Stand in front of a database; `url` is the way through."""
        parts = urlsplit(database_url)
        proxy = cls(parts.hostname or "", parts.port or 0)
        async with await asyncio.start_server(proxy._connected, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            proxy.url = database_url.replace(f":{parts.port}/", f":{port}/")
            yield proxy
            await proxy.cut()

    def withhold_next_commit(self) -> None:
        """Let the next COMMIT through, and keep the answer."""
        self._withholding = True
        self._committed.clear()

    async def committed(self) -> None:
        """Wait until PostgreSQL has committed and nobody but us knows."""
        async with asyncio.timeout(30):
            await self._committed.wait()

    async def cut(self) -> None:
        """Cut every connection."""
        for writer in tuple(self._open):
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError):
            back, forth = await asyncio.open_connection(*self._upstream)
            self._open |= {writer, forth}
            asking = asyncio.create_task(self._ask(reader, forth))
            await self._answer(back, writer)
            asking.cancel()
            for end in (writer, forth):
                end.close()
                self._open.discard(end)

    async def _ask(self, reader: StreamReader, forth: StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                forth.write(data)
                await forth.drain()
            forth.close()

    async def _answer(self, back: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await back.read(CHUNK):
                if self._withholding and COMMITTED in data:
                    self._withholding = False
                    self._committed.set()
                    continue
                writer.write(data)
                await writer.drain()
