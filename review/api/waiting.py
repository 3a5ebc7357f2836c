"""Waiting: for one item's answer, or for whatever happens next, with replay."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from review.api.answers import ItemOut
from review.api.headers import preferred_wait_s
from review.api.openapi import refusing
from review.door import Door
from review.flows.follow import follow_item, follow_workspace, place_after
from review.flows.look import Seen, look
from review.infra.closing import closing
from review.infra.nudges import LOOK_AGAIN_S, Nudges, heard
from review.kernel.ids import ItemId
from review.kernel.problems import Problem
from review.ledger.events import Entry
from review.queue.items import ItemMissing
from review.queue.transitions import State

HEARTBEAT_S = 15.0
AT_ONCE = 200
EVENT_STREAM = "text/event-stream"
SAME = ResponseSpec(None, description="It stands as it did.")
SSE_HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


@get("/v1/items/{item_id:uuid}", tags=["items"], responses={304: SAME, **refusing(ItemMissing)})
async def read_item(
    item_id: FromPath[UUID],
    door: NamedDependency[Door],
    nudges: NamedDependency[Nudges],
    prefer: Annotated[str | None, HeaderParameter(name="Prefer")] = None,
    known: Annotated[str | None, HeaderParameter(name="If-None-Match")] = None,
) -> Response[ItemOut]:
    """Read an item; with `Prefer: wait=30`, as soon as a person has decided or asked something."""
    seen = await wait_for(door, nudges, ItemId(item_id), preferred_wait_s(prefer))
    answer = ItemOut.of(seen.item, seen.owner, seen.now)
    etag = f'"{hashlib.sha256(answer.model_dump_json().encode()).hexdigest()[:32]}"'
    if known is not None and etag in known:
        return Response(None, status_code=304, headers={"ETag": etag})  # pyright: ignore[reportReturnType]
    return Response(answer, headers={"ETag": etag, "Cache-Control": "no-cache"})


async def wait_for(door: Door, nudges: Nudges, item: ItemId, wait_s: float) -> Seen:
    """Return an item once its agent has something to do, or when the wait is over.

    No transaction is open while we wait.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    with nudges.listening(door.known().workspace, f"item:{item}") as event:
        while True:
            async with door.read() as (tx, actor):
                seen = await look(tx, actor, item)
            left = deadline - loop.time()
            if (
                seen.item.state(seen.now) in (State.SETTLED, State.ASKED)
                or left <= 0
                or closing.is_set()
            ):
                return seen
            await heard(event, within_s=min(left, LOOK_AGAIN_S))


@get(
    "/v1/items/{item_id:uuid}/events",
    tags=["events"],
    media_type=EVENT_STREAM,
    responses=refusing(ItemMissing),
)
async def item_events(
    item_id: FromPath[UUID],
    door: NamedDependency[Door],
    nudges: NamedDependency[Nudges],
    last: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> ServerSentEvent:
    """Follow one item as server-sent events, from its beginning or behind `Last-Event-ID`."""
    item, seq = ItemId(item_id), seq_of(last) or 0
    async with door.read() as (tx, actor):
        await look(tx, actor, item)

    async def tell(after: int) -> tuple[list[Entry], int]:
        async with door.read() as (tx, actor):
            entries = await follow_item(tx, actor, item, seq=after, limit=AT_ONCE)
        return entries, entries[-1].seq if entries else after

    return ServerSentEvent(told(tell, seq, door, nudges, f"item:{item}"), headers=SSE_HEADERS)


@get("/v1/events", tags=["events"], media_type=EVENT_STREAM)
async def workspace_events(
    door: NamedDependency[Door],
    nudges: NamedDependency[Nudges],
    queue: FromQuery[str | None] = None,
    last: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
) -> ServerSentEvent:
    """Follow a workspace as server-sent events, from now on or behind `Last-Event-ID`."""
    async with door.read() as (tx, actor):
        place = await place_after(tx, actor, seq_of(last))

    async def tell(after: tuple[int, int]) -> tuple[list[Entry], tuple[int, int]]:
        async with door.read() as (tx, actor):
            return await follow_workspace(tx, actor, after, queue_name=queue, limit=AT_ONCE)

    return ServerSentEvent(told(tell, place, door, nudges, "events"), headers=SSE_HEADERS)


async def told(
    tell: Any,  # noqa: ANN401 - a function from a place to entries and the next place
    place: Any,  # noqa: ANN401 - a place in whatever order `tell` reads
    door: Door,
    nudges: Nudges,
    name: str,
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Yield every entry after a place as it appears, and a heartbeat while nothing does.

    An outage of the database is waited out, for an `EventSource` gives up at the first 503. The
    stream ends when its listener may no longer hear it.
    """
    loop = asyncio.get_running_loop()
    beat = loop.time()
    with nudges.listening(door.known().workspace, name) as event:
        while not closing.is_set():
            entries = list[Entry]()
            try:
                entries, place = await tell(place)
            except Problem as problem:
                if not problem.retryable:
                    return
            for entry in entries:
                yield message_of(entry)
            if entries:
                beat = loop.time()
            elif loop.time() - beat >= HEARTBEAT_S:
                beat = loop.time()
                yield ServerSentEventMessage(comment="still here")
            if len(entries) < AT_ONCE:
                await heard(event, within_s=LOOK_AGAIN_S)


def message_of(entry: Entry) -> ServerSentEventMessage:
    """Return one ledger entry as a server-sent event; its id is the ledger's number."""
    data = {
        "seq": entry.seq,
        "type": entry.type,
        "at": entry.at.isoformat(),
        "item": None if entry.item_id is None else str(entry.item_id),
        "queue": entry.queue,
        "actor": {"kind": entry.actor_kind, "id": str(entry.actor_id)},
        "data": entry.facts,
    }
    return ServerSentEventMessage(id=str(entry.seq), event=entry.type, data=json.dumps(data))


def seq_of(last: str | None) -> int | None:
    """Return the number a client read last; what cannot be one counts as none."""
    found = re.fullmatch(r"[0-9]{1,18}", last or "")
    return int(found[0]) if found else None
