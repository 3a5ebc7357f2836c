"""/ and the lists: what waits where, and items by filter, newest first."""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from review.door import Door
from review.flows.browse import Leaf, leaf_through
from review.kernel.ids import ItemId
from review.queue.items import QueueMissing
from review.queue.list_queries import Filter
from ui.frame import frame_of
from ui.rendering import html

AT_ONCE = 50
MOST_NEW = 20  # beyond this many the button says "more than"

Status: TypeAlias = Literal["waiting", "claimed", "settled"]
Result: TypeAlias = Literal[
    "approved",
    "approved_with_edits",
    "denied",
    "answered",
    "expired",
    "withdrawn",
    "superseded",
]
STATUSES: tuple[Status, ...] = ("waiting", "claimed", "settled")
RESULTS: tuple[Result, ...] = (
    "approved",
    "approved_with_edits",
    "denied",
    "expired",
    "withdrawn",
    "superseded",
)


@dataclass(frozen=True, slots=True)
class Chips:
    """A filter as it stands in an address, and the addresses one choice away."""

    path: str
    wanted: Filter
    queue_in_path: bool

    def url(self, **more: object) -> str:
        """Return the address of this filter, with further parameters."""
        chosen = {
            "queue": None if self.queue_in_path else self.wanted.queue,
            "status": self.wanted.status,
            "result": self.wanted.result,
            "run": self.wanted.run_id,
            "unacknowledged": "true" if self.wanted.unacknowledged else None,
            **more,
        }
        query = urlencode({name: value for name, value in chosen.items() if value is not None})
        return f"{self.path}?{query}" if query else self.path

    def by(self, **change: Any) -> str:  # noqa: ANN401 - fields of Filter
        """Return the address of this filter with one choice changed."""
        return replace(self, wanted=replace(self.wanted, **change)).url()


@get("/", include_in_schema=False)
async def overview(door: NamedDependency[Door]) -> Response[str]:
    """Show every queue: how much waits, how long already, and what is mine."""
    async with door.read() as (tx, actor):
        frame = await frame_of(tx, actor, door)
    return html("overview.html", frame=frame, now=frame.survey.now, next_queue=frame.next_queue)


@get("/items", include_in_schema=False)
async def item_list(
    door: NamedDependency[Door],
    queue: FromQuery[str | None] = None,
    status: FromQuery[Status | None] = None,
    result: FromQuery[Result | None] = None,
    run: FromQuery[str | None] = None,
    unacknowledged: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter
    before: FromQuery[UUID | None] = None,
) -> Response[str]:
    """List items of every queue."""
    wanted = Filter(status, queue, run, result, unacknowledged)
    return await _listing(door, Chips("/items", wanted, queue_in_path=False), before)


@get("/queues/{queue:str}", include_in_schema=False)
async def queue_list(
    queue: FromPath[str],
    door: NamedDependency[Door],
    status: FromQuery[Status | None] = None,
    result: FromQuery[Result | None] = None,
    run: FromQuery[str | None] = None,
    unacknowledged: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter
    before: FromQuery[UUID | None] = None,
) -> Response[str]:
    """List one queue's items."""
    wanted = Filter(status, queue, run, result, unacknowledged)
    return await _listing(door, Chips(f"/queues/{queue}", wanted, queue_in_path=True), before)


@get("/items/newer", include_in_schema=False)
async def newer(
    door: NamedDependency[Door],
    queue: FromQuery[str | None] = None,
    status: FromQuery[Status | None] = None,
    result: FromQuery[Result | None] = None,
    run: FromQuery[str | None] = None,
    unacknowledged: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter
    after: FromQuery[UUID | None] = None,
) -> Response[str]:
    """Say how many items a list would gain if it were read again; the list itself stays put."""
    wanted = Filter(status, queue, run, result, unacknowledged)
    async with door.read() as (tx, actor):
        leaf = await leaf_through(tx, actor, wanted, before=None, limit=MOST_NEW + 1)
    count = sum(after is None or item.item_id > after for item in leaf.items)
    return html("newer.html", count=count, most=MOST_NEW)


async def _listing(door: Door, chips: Chips, before: UUID | None) -> Response[str]:
    """Render one page of a list."""
    async with door.read() as (tx, actor):
        frame = await frame_of(tx, actor, door)
        found = await leaf_through(
            tx,
            actor,
            chips.wanted,
            before=None if before is None else ItemId(before),
            limit=AT_ONCE + 1,
        )
    if chips.queue_in_path and frame.shelf(chips.wanted.queue or "") is None:
        raise QueueMissing(queue=chips.wanted.queue)
    leaf = Leaf(found.items[:AT_ONCE], found.names)
    return html(
        "list.html",
        frame=frame,
        now=frame.survey.now,
        chips=chips,
        leaf=leaf,
        first_page=before is None,
        next_page=chips.url(before=leaf.items[-1].item_id) if len(found.items) > AT_ONCE else None,
        newer_url="/items/newer" + _query(chips, leaf),
        statuses=STATUSES,
        results=RESULTS,
    )


def _query(chips: Chips, leaf: Leaf) -> str:
    """Return the query that asks what came after the first line of a list."""
    plain = replace(chips, path="", queue_in_path=False)
    return plain.url(after=leaf.items[0].item_id if leaf.items else None)
