"""Wake-ups through Redis: a hint that there is work, never the work itself."""

import asyncio
import json
import logging
from itertools import chain
from typing import Any

from arq import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from review.infra.db import Wake
from review.infra.nudges import CHANNEL, Nudges
from review.kernel.ids import WorkspaceId

log = logging.getLogger(__name__)

JOBS_QUEUE = "review:jobs"
JOBS = frozenset({"deliver", "expire"})
GATHER_S = 0.005  # between two messages: a busy process sends some hundred a second, and no more
PATIENCE_S = 1  # how long Redis may take to answer


def dumps(job: dict[str, Any]) -> bytes:
    """Serialise a job as JSON; pickle would let whoever reaches Redis run code here."""
    return json.dumps(job).encode()


class Waker:
    """Pokes workers and everybody who waits, and shrugs if Redis is away.

    No job id is given: arq drops a job whose id is queued, running or has a kept result, and a
    dropped wake-up would turn a hint into a lottery.
    """

    def __init__(self, redis: ArqRedis, nudges: Nudges) -> None:
        self._redis = redis
        self._nudges = nudges
        self._waiting: dict[WorkspaceId | None, set[str]] = {}
        self._sending: asyncio.Task[None] | None = None

    @property
    def wake(self) -> Wake:
        """The function a database calls after commit: it returns at once."""
        return self._wake

    def _wake(self, workspace: WorkspaceId | None, names: frozenset[str]) -> None:
        self._nudges.hear(workspace, names - JOBS)
        self._waiting.setdefault(workspace, set()).update(names)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def close(self) -> None:
        """Finish what is being sent and let go of Redis."""
        if self._sending is not None:
            await self._sending
        await self._redis.aclose(close_connection_pool=True)

    async def _send_all(self) -> None:
        """Send until nothing waits; what comes meanwhile goes together in the next message."""
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                await self._send(waiting)
                await asyncio.sleep(GATHER_S)
        finally:
            self._sending = None

    async def _send(self, waiting: dict[WorkspaceId | None, set[str]]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                for job in JOBS.intersection(chain(*waiting.values())):
                    await self._redis.enqueue_job(job)
                for workspace, names in waiting.items():
                    if others := names - JOBS:
                        nudge = " ".join([str(workspace), *sorted(others)])
                        await self._redis.publish(CHANNEL, nudge)  # pyright: ignore[reportUnknownMemberType]
        except (RedisError, OSError):
            log.warning("nobody was woken; the schedule will find the work")


def pool_of(url: str) -> ArqRedis:
    """Return a pool that connects when it is used, so that Redis may come later or never."""
    pool = ConnectionPool.from_url(url, socket_connect_timeout=PATIENCE_S)  # pyright: ignore[reportUnknownMemberType]
    return ArqRedis(
        pool, job_serializer=dumps, job_deserializer=json.loads, default_queue_name=JOBS_QUEUE
    )
