"""A worker that does nothing at once: it stands in where the service's own worker is missing."""

import os
from typing import Any

from arq.worker import Worker, func

from review.infra.wake import JOBS, JOBS_QUEUE, pool_of


async def nothing(ctx: dict[Any, Any]) -> None:
    """Do nothing."""


if __name__ == "__main__":
    pool = pool_of(os.environ["REDIS_URL"])
    Worker(
        [func(nothing, name=job, keep_result=0) for job in sorted(JOBS)],
        queue_name=JOBS_QUEUE,
        redis_pool=pool,
        poll_delay=0.02,
        max_jobs=100,
        job_serializer=pool.job_serializer,
        job_deserializer=pool.job_deserializer,
    ).run()
