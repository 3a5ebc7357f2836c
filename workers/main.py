"""The worker: it delivers and lets expire, woken after commits and by the clock all the same.

PostgreSQL holds the work and Redis only rings, so it may stop, vanish or be killed at any moment:
what was due stays due, and the next one to look, here or in another process, goes on.
"""

import asyncio
import logging
import os
import signal
import sys
from functools import partial

import uvloop

from review.infra.db import Database
from review.infra.nudges import Nudges
from review.infra.settings import Settings, read
from review.infra.wake import Waker, pool_of
from review.kernel.problems import Problem
from workers.bells import Bells, attend, listen
from workers.courier import Courier
from workers.expiries import expire_due
from workers.outside import Outside

log = logging.getLogger(__name__)


async def run(settings: Settings, *, stop: asyncio.Event) -> None:
    """Work until told to stop, then finish within seconds.

    Raises: DatabaseUnavailable, if there is no database to begin with.
    """
    bells = Bells()
    waker = Waker(pool_of(settings.redis_url), Nudges())
    db = await Database.connect(settings.database_url, waker.wake)
    secret_key = settings.secret_key.get_secret_value().encode()
    courier = Courier(db, Outside(settings.webhook_allow), secret_key, bells["deliver"])
    work = [
        asyncio.create_task(attend("deliver", bells["deliver"], courier.look)),
        asyncio.create_task(attend("expire", bells["expire"], partial(expire_due, db))),
        asyncio.create_task(listen(settings.redis_url, bells)),
    ]
    told = asyncio.create_task(stop.wait())
    log.info("working")
    try:
        await asyncio.wait([told, *work], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (told, *work):
            task.cancel()
        ended = await asyncio.gather(*work, return_exceptions=True)
        await courier.close()
        await db.close()
        await waker.close()
    for one in ended:
        if isinstance(one, Exception):
            raise one
    log.info("stopped")


async def _until_signalled(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(settings, stop=stop)


def main() -> None:
    """Run one worker, as the environment says."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for chatty in ("arq", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        uvloop.run(_until_signalled(read(os.environ)))
    except Problem as problem:
        sys.exit(f"{problem.sentence()} {problem.facts or ''}".strip())


if __name__ == "__main__":
    main()
