"""Reading an endless answer: speak ASGI by hand, stop after so many events."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Litestar

PATIENCE_S = 20


async def events(
    app: Litestar | str, path: str, headers: Mapping[str, str], *, most: int
) -> list[dict[str, str]]:
    """Return the first events of a server-sent stream, then hang up.

    httpx's own transport waits for an answer to end, and this one never does.
    """
    assert not isinstance(app, str), "a service elsewhere is read as any client would"
    target, _, query = path.partition("?")
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": target,
        "raw_path": target.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    enough, text = asyncio.Event(), list[str]()

    async def receive() -> Any:
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        text.append(message.get("body", b"").decode())
        if "".join(text).count("\r\n\r\n") >= most:
            enough.set()

    async with asyncio.timeout(PATIENCE_S):
        answering = asyncio.create_task(app(scope, receive, send))
        await enough.wait()
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    blocks = [block for block in "".join(text).split("\r\n\r\n") if block][:most]
    return [
        dict(line.split(": ", 1) for line in block.split("\r\n") if not line.startswith(":"))
        for block in blocks
    ]
