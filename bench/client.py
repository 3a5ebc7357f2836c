"""A load driver that costs next to nothing: HTTP/1.1 over one kept-alive loopback connection."""

import asyncio
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import msgspec

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
PATIENCE_S = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: what the benchmark looks at, and nothing else."""

    status: int
    head: bytes
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - whatever was answered
        """Return the body as a document."""
        return msgspec.json.decode(self.body)

    def cookie(self) -> str:
        """Return the cookie that was set."""
        found = COOKIE.search(self.head)
        return found[1].decode() if found else ""


class Refused(Exception):  # noqa: N818 - it reads as what happened
    """A request was not answered as the benchmark needs; numbers from here on mean nothing."""


class Client(asyncio.Protocol):
    """One connection, one request at a time; every request carries the same headers."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._port = port
        self._transport: Any = None  # uvloop's transports are not asyncio's
        self._buffer = b""
        self._waiting: asyncio.Future[Answer] | None = None
        self.be(headers or {})

    def be(self, headers: dict[str, str]) -> None:
        """Send these headers from now on."""
        lines = {"Host": "127.0.0.1", "Content-Type": "application/json", **headers}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in lines.items())

    async def __aenter__(self) -> Self:
        """Connect."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: str = "", *, want: int = 0
    ) -> Answer:
        """Send one request and return its answer; with `want`, only an answer of that status.

        Raises: Refused, TimeoutError.
        """
        if self._transport is None:
            raise Refused("not connected")
        head = f"{method} {path} HTTP/1.1\r\n{self._headers}{headers}"
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await asyncio.wait_for(self._waiting, PATIENCE_S)
        if want and answer.status != want:
            raise Refused(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect one answer; it is whole when its announced length has come."""
        self._buffer += data
        end = self._buffer.find(HEAD_END)
        if end < 0:
            return
        head, start = self._buffer[:end], end + len(HEAD_END)
        length = LENGTH.search(head)
        stop = start + (int(length[1]) if length else 0)
        if len(self._buffer) < stop:
            return
        body, self._buffer = self._buffer[start:stop], self._buffer[stop:]
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(int(head[9:12]), head, body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Let nobody wait for an answer that cannot come."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Refused(f"the connection ended: {exc}"))
