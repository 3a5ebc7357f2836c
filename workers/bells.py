"""Bells: somebody says through Redis that there is work; the work is elsewhere.

A job of arq's only rings, so a thousand commits cost one look. Whoever rings in vain costs one
query; a bell nobody rings is late by a second, for the clock looks anyway.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from arq import ArqRedis, Worker, func
from redis.exceptions import RedisError

from review.infra.db import DatabaseUnavailable
from review.infra.nudges import LOOK_AGAIN_S, PAUSE_S, heard
from review.infra.wake import JOBS, JOBS_QUEUE, pool_of
from review.kernel.ids import WorkspaceId

log = logging.getLogger(__name__)

POLL_S = 0.02
JOB_S = 10  # rings at once, or never
TRIES = 3


class Bells:
    """One bell for each kind of work."""

    def __init__(self) -> None:
        self._bells = {name: asyncio.Event() for name in JOBS}

    def __getitem__(self, name: str) -> asyncio.Event:
        return self._bells[name]

    def ring(self, name: str) -> None:
        """Say that there is work of this kind."""
        self._bells[name].set()


async def attend(name: str, bell: asyncio.Event, look: Callable[[], Awaitable[None]]) -> None:
    """Look for work when the bell rings and by the clock, for ever; survive what goes wrong."""
    while True:
        try:
            await look()
        except DatabaseUnavailable:
            log.warning("%s: the database is away; trying again", name)
        except Exception:
            log.exception("%s: failed; trying again", name)
        await heard(bell, within_s=LOOK_AGAIN_S)


async def in_each(
    workspaces: Iterable[WorkspaceId], work: Callable[[WorkspaceId], Awaitable[None]]
) -> None:
    """Do the work of each workspace; one's trouble is not another's.

    Raises: DatabaseUnavailable, which is everyone's.
    """
    for workspace in workspaces:
        try:
            await work(workspace)
        except DatabaseUnavailable:
            raise
        except Exception:
            log.exception("workspace %s: its work cannot be done; trying again", workspace)


async def listen(redis_url: str, bells: Bells) -> None:
    """Let arq ring the bells, for ever; while Redis is away, keep trying."""
    while True:
        redis = pool_of(redis_url)
        worker = _worker(redis, bells)
        try:
            await worker.async_run()
        except (RedisError, OSError):
            log.warning("Redis is away; work is found by the clock")
        except Exception:
            log.exception("nobody rings; work is found by the clock")
        finally:
            await _let_go(worker, redis)
        await asyncio.sleep(PAUSE_S)


def _worker(redis: ArqRedis, bells: Bells) -> Worker:
    """Return an arq worker whose jobs ring. Nothing of a job is kept.

    A job begun by a worker that was killed rings once more: harmless, and quieter than a failure.
    """

    def ringer(name: str) -> Any:  # noqa: ANN401 - arq wants a coroutine type of its own
        async def ring(_ctx: dict[Any, Any]) -> None:
            bells.ring(name)

        return ring

    jobs = [func(ringer(name), name=name, keep_result=0, max_tries=TRIES) for name in sorted(JOBS)]
    return Worker(
        functions=jobs,
        queue_name=JOBS_QUEUE,
        redis_pool=redis,
        handle_signals=False,
        retry_jobs=False,
        max_jobs=100,
        max_tries=TRIES,
        job_timeout=JOB_S,
        keep_result=0,
        poll_delay=POLL_S,
        job_serializer=written,
        job_deserializer=json.loads,
        log_results=False,
    )


def written(result: dict[str, Any]) -> bytes:
    """Serialise what arq would keep of a job, an error among it perhaps; nothing is kept."""
    return json.dumps(result, default=repr).encode()


async def _let_go(worker: Worker, redis: ArqRedis) -> None:
    """End what a worker still runs and let go of Redis, whether or not it is there."""
    for task in worker.tasks.values():
        task.cancel()
    await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
    await redis.aclose(close_connection_pool=True)
