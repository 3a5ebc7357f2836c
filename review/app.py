"""The composition root: the one file that may import every floor, and is imported by none."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from litestar import Litestar
from litestar.di import Provide
from litestar.exceptions import NotFoundException

from review.api.credentials import CredentialController
from review.api.items import ItemController, create_batch
from review.api.members import MemberController
from review.api.openapi import configuration
from review.api.operation import healthz, problem_page, readyz
from review.api.problems import HANDLERS
from review.api.queues import QueueController
from review.api.reviewing import ReviewController
from review.api.sessions import SessionController
from review.api.strict import read_strictly
from review.api.subscriptions import MessageController, SubscriptionController
from review.api.waiting import item_events, read_item, workspace_events
from review.door import AnyRequest, Door, door_of
from review.infra.db import Database
from review.infra.nudges import Nudges
from review.infra.settings import Settings, read
from review.infra.wake import Waker, pool_of
from ui.problems import for_visitors
from ui.routes import ROUTES, secure

BODY_BYTES = 1024 * 1024


def create_app(settings: Settings | None = None) -> Litestar:
    """Assemble the service; without settings they are read from the environment."""
    chosen = settings or read(os.environ)
    nudges = Nudges()
    databases: list[Database] = []

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncGenerator[None, None]:
        redis = pool_of(chosen.redis_url)
        waker = Waker(redis, nudges)
        database = await Database.connect(chosen.database_url, waker.wake)
        databases.append(database)
        following = asyncio.create_task(nudges.follow(redis))
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            databases.clear()
            await database.close()
            await waker.close()

    secret = chosen.secret_key.get_secret_value().encode()

    def provide_door(request: AnyRequest) -> Door:
        return door_of(request, databases[0], secret, secure_cookies=chosen.secure_cookies)

    return Litestar(
        route_handlers=[
            ItemController,
            create_batch,
            read_item,
            item_events,
            workspace_events,
            ReviewController,
            QueueController,
            SessionController,
            MemberController,
            CredentialController,
            SubscriptionController,
            MessageController,
            healthz,
            readyz,
            problem_page,
            *ROUTES,
        ],
        lifespan=[lifespan],
        dependencies={
            "door": Provide(provide_door, sync_to_thread=False),
            "nudges": Provide(lambda: nudges, sync_to_thread=False),
            "reach": Provide(lambda: chosen.webhook_allow, sync_to_thread=False),
        },
        before_request=read_strictly,
        before_send=[secure],
        request_max_body_size=BODY_BYTES,
        exception_handlers={
            **HANDLERS,
            NotFoundException: for_visitors(HANDLERS[NotFoundException]),
        },
        openapi_config=configuration(),
    )
