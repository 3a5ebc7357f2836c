"""Nudges: "something happened, look again", heard by whoever waits in this process.

A nudge carries names, never news. Whoever hears one reads PostgreSQL; whoever misses one looks
again by the clock. So Redis may be stopped, flushed or late, and nothing is lost.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from typing import Any

from redis.exceptions import RedisError

from review.kernel.ids import WorkspaceId

log = logging.getLogger(__name__)

CHANNEL = "review:nudges"
LOOK_AGAIN_S = 1.0  # how long anybody waits for a nudge before looking by the clock
PAUSE_S = 1.0  # between attempts to reach Redis again


class Nudges:
    """Who waits for what in this process, by workspace and name."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def hear(self, workspace: WorkspaceId | None, names: Iterable[str]) -> None:
        """Wake everybody who waits for one of these names."""
        for name in names:
            for event in self._waiting.get(f"{workspace}/{name}", ()):
                event.set()

    @contextmanager
    def listening(self, workspace: WorkspaceId, name: str) -> Generator[asyncio.Event, None, None]:
        """Return an event that is set when the name is nudged; clear it before looking again."""
        key, event = f"{workspace}/{name}", asyncio.Event()
        self._waiting[key].add(event)
        try:
            yield event
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]

    async def follow(self, redis: Any) -> None:  # noqa: ANN401 - redis-py is half typed
        """Hear what other processes nudge, for ever; while Redis is away, keep trying."""
        while True:
            try:
                async with redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            self._relay(message["data"])
            except (RedisError, OSError):
                log.warning("Redis is away; waiting agents and pages look by the clock")
            await asyncio.sleep(PAUSE_S)

    def _relay(self, data: bytes) -> None:
        """Pass on one message; what cannot be read is dropped, it was only a nudge."""
        with suppress(ValueError):
            workspace, *names = data.decode().split(" ")
            for name in names:
                for event in self._waiting.get(f"{workspace}/{name}", ()):
                    event.set()


async def heard(event: asyncio.Event, *, within_s: float) -> bool:
    """Wait for a nudge, at most so long; tell whether there was one, and be ready for the next."""
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        return False
    event.clear()
    return True
