"""A worker is killed between outbox rows, twice; everything still arrives, and ends once."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import timedelta

import pytest

from review.infra.settings import Settings
from tests.makers import SECRET, a_refund, keyed
from tests.waiting import until
from tests.workers.conftest import Post
from tests.workers.receiver import Receiver

ITEMS = 24


async def start(settings: Settings) -> asyncio.subprocess.Process:
    """Start a worker as an operator does."""
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "REVIEW_SECRET_KEY": SECRET,
        "REVIEW_WEBHOOK_ALLOW": "127.0.0.0/8",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers.main", env=environment
    )


@pytest.mark.faults
async def test_a_killed_worker_loses_nothing_and_settles_nothing_twice(
    post: Post, receiver: Receiver, settings: Settings
) -> None:
    made = await post.subscribe(receiver.url)
    batch = {"items": [{**a_refund(), "idempotency_key": f"k{n}"} for n in range(ITEMS)]}
    asked = await post.house.agent().post("/v1/items:batch", json=batch, headers=keyed())
    items = {one["item"]["id"] for one in asked.json()["items"]}
    async with post.house.db.begin(post.house.workspace) as tx:
        past = tx.now - timedelta(days=1)
        await tx.execute("UPDATE queue_items SET due_at = $1, expires_at = $1", past)
    for already in (3, 11):
        worker = await start(settings)

        def kill(worker: asyncio.subprocess.Process = worker, last: int = already) -> None:
            if len(receiver.seen) >= last and worker.returncode is None:
                worker.kill()  # with requests in hand that were never answered

        receiver.before = kill
        assert await worker.wait() == -signal.SIGKILL
        assert {one["subject"] for one in (seen.event for seen in receiver.seen)} < items
        await post.fall_due()  # the lease of what was under way is over
    receiver.before = lambda: None
    worker = await start(settings)
    await until(lambda: settled(post))
    worker.terminate()
    assert await worker.wait() == 0
    events = [one.verified(made["secret"]) for one in receiver.seen]
    assert {event["subject"] for event in events} == items
    assert len({event["id"] for event in events}) == ITEMS < len(events)  # some twice, none never
    ended = Counter(await settlements(post))
    assert ended == Counter(dict.fromkeys(items, 1))


async def settled(post: Post) -> bool:
    """Whether every message has arrived."""
    async with post.house.db.read(post.house.workspace) as tx:
        sql = "SELECT count(*) FILTER (WHERE sent_at IS NOT NULL) FROM delivery_messages"
        return await tx.fetchval(sql) == ITEMS


async def settlements(post: Post) -> list[str]:
    """The items the ledger says have ended, one for each time it says so."""
    async with post.house.db.read(post.house.workspace) as tx:
        sql = "SELECT item_id FROM ledger_entries WHERE type = 'item.settled'"
        return [str(row["item_id"]) for row in await tx.fetch(sql)]
