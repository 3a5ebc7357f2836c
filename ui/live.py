"""/live: the counts of the top bar and the overview as they change."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent, ServerSentEventMessage

from review.door import Door
from review.flows.browse import survey
from review.identity.credentials import SignInNeeded
from review.infra.closing import closing
from review.infra.db import DatabaseUnavailable
from review.infra.nudges import LOOK_AGAIN_S, Nudges, heard
from ui.frame import Frame, free

PAUSE_S = 0.25  # at most four counts a second, however much happens
HEARTBEAT_S = 15.0
HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


@get("/live", include_in_schema=False)
async def live(door: NamedDependency[Door], nudges: NamedDependency[Nudges]) -> ServerSentEvent:
    """Send the counts now, and again whenever they differ."""
    async with door.read() as (tx, actor):
        await survey(tx, actor)  # whoever may not look is refused before the stream begins
    return ServerSentEvent(counted(door, nudges), headers=HEADERS)


async def counted(door: Door, nudges: Nudges) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Yield the counts until the session ends; while the database is away, wait for it."""
    loop = asyncio.get_running_loop()
    last, beat = "", loop.time()
    with nudges.listening(door.known().workspace, "events") as event:
        while not closing.is_set():
            try:
                said = json.dumps(await counts(door))
            except SignInNeeded:
                yield ServerSentEventMessage(event="signed-out", data="{}")
                return
            except DatabaseUnavailable:
                said = last
            if said != last:
                last, beat = said, loop.time()
                yield ServerSentEventMessage(event="counts", data=said)
            elif loop.time() - beat >= HEARTBEAT_S:
                beat = loop.time()
                yield ServerSentEventMessage(comment="still here")
            await asyncio.sleep(PAUSE_S)
            await heard(event, within_s=LOOK_AGAIN_S)


async def counts(door: Door) -> dict[str, Any]:
    """Return what waits in each queue and in all of them. Units: items; instants as ISO 8601."""
    async with door.read() as (tx, actor):
        frame = Frame(actor, await survey(tx, actor), "")
    queues = {
        shelf.depth.name: {
            "waiting": free(shelf),
            "claimed": shelf.depth.claimed,
            "asked": shelf.depth.asked,
            "mine": frame.held_in(shelf.depth.queue_id),
            "oldest": shelf.depth.oldest.isoformat() if shelf.depth.oldest else None,
        }
        for shelf in frame.survey.shelves
    }
    return {"waiting": frame.waiting, "held": len(frame.survey.held), "queues": queues}
