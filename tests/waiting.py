"""Waiting for something to become true, without guessing how long it takes."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_S = 30.0
PAUSE_S = 0.02


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return once a condition holds; fail if it does not come to hold."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = true()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(PAUSE_S)
