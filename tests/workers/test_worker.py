"""The whole worker: woken through Redis, working without it, stopping when told."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from review.infra.settings import Settings
from review.infra.wake import JOBS, JOBS_QUEUE
from tests.makers import a_refund, keyed
from tests.waiting import until
from tests.workers.conftest import Post
from tests.workers.receiver import Receiver, receiving
from workers import bells as bells_module
from workers.bells import Bells, listen
from workers.main import run

NOWHERE = "redis://127.0.0.1:1/0"


@asynccontextmanager
async def working(settings: Settings) -> AsyncGenerator[asyncio.Task[None], None]:
    """Run a worker in this process."""
    stop = asyncio.Event()
    worker = asyncio.create_task(run(settings, stop=stop))
    try:
        yield worker
        assert not worker.done()
    finally:
        stop.set()
        await worker


async def expired(post: Post) -> str:
    """Ask for something whose time is up already; return the item."""
    asked = await post.house.agent().post("/v1/items", json=a_refund(), headers=keyed())
    async with post.house.db.begin(post.house.workspace) as tx:
        past = tx.now - timedelta(days=1)
        sql = "UPDATE queue_items SET due_at = $1, expires_at = $1 WHERE settled_at IS NULL"
        await tx.execute(sql, past)
    return asked.json()["id"]


async def test_without_redis_the_worker_expires_and_delivers(
    post: Post, receiver: Receiver, settings: Settings
) -> None:
    made = await post.subscribe(receiver.url)
    items = {await expired(post) for _ in range(3)}
    async with working(replace(settings, redis_url=NOWHERE)):
        await until(lambda: len(receiver.seen) == len(items))
        late = await expired(post)
        await until(lambda: len(receiver.seen) == len(items) + 1)
    events = [one.verified(made["secret"]) for one in receiver.seen]
    assert {event["subject"] for event in events} == {*items, late}
    assert {event["data"]["outcome"]["result"] for event in events} == {"expired"}
    assert {event["data"]["outcome"]["by"] for event in events} == {"system"}


async def test_a_commit_rings_through_redis(post: Post, settings: Settings) -> None:
    await post.subscribe("https://hook.example/in")
    async with Redis.from_url(settings.redis_url) as redis:  # pyright: ignore[reportUnknownMemberType]
        await redis.delete(JOBS_QUEUE)  # pyright: ignore[reportUnknownMemberType]
    bells = Bells()
    listening = asyncio.create_task(listen(settings.redis_url, bells))  # and no clock
    await post.settle()
    async with asyncio.timeout(30):
        await bells["deliver"].wait()
    assert not bells["expire"].is_set()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_redis_alone_is_enough_to_wake_it(
    post: Post, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bells_module, "LOOK_AGAIN_S", 3_600.0)  # the clock stands still
    await post.subscribe(receiver.url)
    async with working(settings):
        for already in (1, 2, 3):  # the first may be found by the first look
            await post.settle()
            await until(lambda already=already: len(receiver.seen) == already)


async def test_redis_may_go_and_come_back(post: Post, settings: Settings) -> None:
    bells = Bells()
    async with gate(settings.redis_url) as (port, open_gate, shut_gate):
        parts = urlsplit(settings.redis_url)
        who = parts.netloc.rpartition("@")[0]
        url = parts._replace(netloc=f"{who}@127.0.0.1:{port}" if who else f"127.0.0.1:{port}")
        listening = asyncio.create_task(listen(url.geturl(), bells))
        for _ in range(2):
            open_gate()
            await rung(post, bells)
            shut_gate()
        assert not listening.done()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def rung(post: Post, bells: Bells) -> None:
    """Commit until a bell rings: what was rung while Redis was away is lost, and may be."""
    await post.subscribe("https://hook.example/in")
    bells["deliver"].clear()

    async def once() -> bool:
        await post.settle()
        return bells["deliver"].is_set()

    await until(once)


@asynccontextmanager
async def gate(url: str) -> AsyncGenerator[Any, None]:
    """Stand between a client and Redis, and let through or cut off everybody."""
    parts = urlsplit(url)
    through = asyncio.Event()
    open_writers = set[asyncio.StreamWriter]()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not through.is_set():
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port)
        open_writers.update((writer, far_writer))
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    def shut() -> None:
        through.clear()
        for writer in open_writers:
            writer.transport.abort()
        open_writers.clear()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], through.set, shut
    finally:
        shut()
        server.close()
        await server.wait_closed()


async def test_it_stops_while_a_receiver_does_not_answer(post: Post, settings: Settings) -> None:
    async with receiving() as silent:
        silent.hold = asyncio.Event()
        await post.subscribe(silent.url)
        await post.settle()
        async with working(settings):
            await until(lambda: len(silent.seen) == 1)
        [message] = await post.messages("due")
        assert message["attempts"] == []  # nobody knows how it ended, so it falls due again
        silent.hold.set()


async def test_jobs_are_those_that_commits_ask_for() -> None:
    assert {"deliver", "expire"} == JOBS
