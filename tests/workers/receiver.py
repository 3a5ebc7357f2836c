"""A small real HTTP server on this machine: what it was sent, and what it should answer."""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    line: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> Any:
        """The event, once its signature holds over the very bytes that came."""
        event = Webhook(secret).verify(self.body, self.headers)
        assert event["id"] == self.headers["webhook-id"]
        return event

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """Answers every request with the next status, the last one for ever."""

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    before: Callable[[], None] = lambda: None  # done with a request in hand, before it is answered
    hold: asyncio.Event | None = None
    seen: list[Received] = field(default_factory=list[Received])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in?a=1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line, *fields = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = [one.split(": ", 1) for one in fields if one]
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.seen.append(Received(line, headers, body))
            self.before()
            if self.hold is not None:
                await self.hold.wait()
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
            answer = f"HTTP/1.1 {status} Fine\r\n{more}Content-Length: 2\r\n\r\nok"
            writer.write(answer.encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Receiver, None]:
    """Serve on a port of one's own."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
