"""Agents hear: decisions fall while five hundred wait, and a job starts after its wake-up."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from arq.constants import retry_key_prefix
from redis.asyncio import Redis

from bench.client import Client
from bench.deciding import Person, signed_in
from bench.ground import HEARD, Ground, a_refund, encoded
from bench.processes import Web
from bench.results import Result
from review.infra.db import Database
from review.infra.nudges import Nudges
from review.infra.wake import Waker, pool_of

WAITING, DECIDED, WAIT_S = 500, 150, 30
WAKES, START_S = 60, 20
MS = 1000


async def hearing(place: Ground, service: Web) -> list[Result]:
    """Measure from sending a decision until the agent that waits for it has its answer."""
    loop = asyncio.get_running_loop()
    headers = {"Authorization": f"Bearer {place.key}"}
    async with AsyncExitStack() as stack:
        [client] = await service.clients(stack, 1)
        person = await signed_in(client, place.emails[0])
        agents = await service.clients(stack, WAITING, headers)
        heard_at = dict[str, float]()

        async def wait(client: Client) -> None:
            key = f'Idempotency-Key: "{uuid4()}"\r\n'
            asked = await client.ask("POST", "/v1/items", encoded(a_refund(HEARD)), key, want=202)
            item = asked.json()["id"]
            prefer = f"Prefer: wait={WAIT_S}\r\n"
            answer = await client.ask("GET", f"/v1/items/{item}", b"", prefer, want=200)
            if answer.json()["status"] == "settled":
                heard_at[item] = loop.time()

        waiting = [asyncio.create_task(wait(client)) for client in agents]
        await asyncio.sleep(1)
        sent_at, told_at = dict[str, float](), dict[str, float]()
        for _ in range(DECIDED):
            await _decide(person, sent_at, told_at)
        await asyncio.wait(waiting, timeout=1)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    late = [(heard_at.get(item, loop.time()) - at) * MS for item, at in sent_at.items()]
    took = median((told_at[item] - at) * MS for item, at in sent_at.items())
    said = (
        f"{WAITING} waiting, {DECIDED} decided one after another; from sending the decision, so "
        f"with the decision itself (median {took:.1f} ms until its own answer)"
    )
    return [
        Result("notify_p50_ms", median(late), said),
        Result("notify_p99_ms", quantiles(late, n=100)[98], said),
    ]


async def _decide(person: Person, sent_at: dict[str, float], told_at: dict[str, float]) -> None:
    """Decide on the next item, and note when that was sent and answered."""
    loop = asyncio.get_running_loop()
    claim = await person.claim(HEARD)
    sent_at[claim["item"]] = loop.time()
    await person.decide(claim)
    told_at[claim["item"]] = loop.time()


async def waking(place: Ground) -> Result:
    """Measure from a commit that wakes the worker until the worker has begun the job."""
    waker = Waker(pool_of(place.redis_url), Nudges())
    database = await Database.connect(place.database_url, waker.wake)
    waits: list[float] = []
    async with _begun(place.redis_url) as begun:
        await _wake(database, place)
        async with asyncio.timeout(START_S):
            await begun.get()  # the worker is up
        for _ in range(WAKES):
            committed = await _wake(database, place)
            async with asyncio.timeout(START_S):
                waits.append((await begun.get() - committed) * MS)
    await database.close()
    await waker.close()
    said = f"{WAKES} wake-ups, p90 {quantiles(waits, n=10)[8]:.0f} ms"
    return Result("job_start_p50_ms", median(waits), said)


async def _wake(database: Database, place: Ground) -> float:
    """Commit something that wakes the worker; return the time, as Redis tells it."""
    async with database.begin(place.workspace) as tx:
        tx.wake("deliver")
    return time.time()


@asynccontextmanager
async def _begun(redis_url: str) -> AsyncGenerator["asyncio.Queue[float]", None]:
    """Watch Redis from outside: a worker begins a job by counting its attempt."""
    begun = asyncio.Queue[float]()
    redis: Any = Redis.from_url(redis_url)  # pyright: ignore[reportUnknownMemberType]
    number = int(urlsplit(redis_url).path.strip("/") or 0)

    async def watch(monitor: Any) -> None:  # noqa: ANN401 - redis-py is half typed
        async for seen in monitor.listen():
            if seen["db"] == number and seen["command"].startswith(f"INCRBY {retry_key_prefix}"):
                begun.put_nowait(seen["time"])

    async with redis.monitor() as monitor:
        watching = asyncio.create_task(watch(monitor))
        try:
            yield begun
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    await redis.aclose()
