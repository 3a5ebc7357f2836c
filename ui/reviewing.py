"""/review/{queue}: take an item, see it, decide on it, and the next one is there."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from review.door import AnyRequest, Door
from review.flows.decide import decide
from review.flows.release import release
from review.flows.renew import renew
from review.identity.actors import Permission
from review.kernel.ids import ItemId
from review.kernel.problems import Problem
from review.queue.items import QueueMissing
from ui.desk import Desk, desk_for
from ui.forms import ballot_of, form_of, note_of, number, text
from ui.frame import Frame, frame_of
from ui.history import RESULTS
from ui.rendering import html


@get("/review/{queue:str}", include_in_schema=False)
async def review_page(
    queue: FromPath[str], door: NamedDependency[Door], item: FromQuery[UUID | None] = None
) -> Response[str]:
    """Show what is in hand of a queue, or the way to take something; looking takes nothing."""
    async with door.write() as (tx, actor):
        actor.require(Permission.REVIEW)
        wanted = None if item is None else ItemId(item)
        desk = await desk_for(tx, actor, queue, item=wanted, take=False)
        frame = await frame_of(tx, actor, door)
    return page("review.html", frame, queue, desk)


@post("/review/{queue:str}/claims", include_in_schema=False, status_code=200)
async def take_next(queue: FromPath[str], door: NamedDependency[Door]) -> Response[str]:
    """Take the next item in hand and show it."""
    return await following(door, queue, note=None)


@post(
    "/review/{queue:str}/items/{item_id:uuid}/decisions", include_in_schema=False, status_code=200
)
async def decide_on(
    queue: FromPath[str], item_id: FromPath[UUID], door: NamedDependency[Door], request: AnyRequest
) -> Response[str]:
    """Decide, and show the next item at once; the decision stands even if nothing follows."""
    form = await form_of(request)
    ballot = ballot_of(form)
    async with door.write() as (tx, actor):
        decided = await decide(tx, actor, ItemId(item_id), ballot)
    result = RESULTS.get(decided.item.result or "")
    said = f"Decided: {result}." if result else f"Done: {ballot.verdict.replace('_', ' ')}."
    return await following(door, queue, note=(said, f"/items/{item_id}"))


@post("/review/{queue:str}/items/{item_id:uuid}/release", include_in_schema=False, status_code=200)
async def let_go(
    queue: FromPath[str], item_id: FromPath[UUID], door: NamedDependency[Door], request: AnyRequest
) -> Response[str]:
    """Skip an item, which then is not offered again, or put it back for anybody."""
    form = await form_of(request)
    skipped = text(form, "how") == "skip"
    reason = (note_of(form)[:200] or "skipped in the console") if skipped else None
    async with door.write() as (tx, actor):
        await release(tx, actor, ItemId(item_id), epoch=number(form, "epoch"), reason=reason)
    note = ("Skipped; somebody else will see it." if skipped else "Put back.", f"/items/{item_id}")
    return await following(door, queue, note=note, take=skipped)


@post("/review/{queue:str}/items/{item_id:uuid}/lease", include_in_schema=False, status_code=200)
async def keep(
    queue: FromPath[str], item_id: FromPath[UUID], door: NamedDependency[Door], request: AnyRequest
) -> Response[str]:
    """Keep an item in hand for another lease."""
    epoch = number(await form_of(request), "epoch")
    async with door.write() as (tx, actor):
        until = await renew(tx, actor, ItemId(item_id), epoch=epoch)
    left_s = int((until - tx.now).total_seconds())
    return html("lease.html", queue=queue, item_id=item_id, left_s=left_s, lease_s=left_s)


async def following(
    door: Door, queue: str, *, note: tuple[str, str] | None, take: bool = True
) -> Response[str]:
    """Render the next item into the page that is open; what was just done stands in any case."""
    problem: Problem | None = None
    desk: Desk | None = None
    try:
        async with door.write() as (tx, actor):
            desk = await desk_for(tx, actor, queue, item=None, take=take)
    except Problem as refused:
        if note is None:
            raise
        problem = refused
    async with door.read() as (tx, actor):
        frame = await frame_of(tx, actor, door)
    return page("desk.html", frame, queue, desk, note=note, problem=problem)


def page(
    template: str,
    frame: Frame,
    queue: str,
    desk: Desk | None,
    *,
    note: tuple[str, str] | None = None,
    problem: Problem | None = None,
) -> Response[str]:
    """Render the desk, alone or within its page.

    Raises: QueueMissing.
    """
    shelf = frame.shelf(queue)
    if shelf is None:
        raise QueueMissing(queue=queue)
    return html(
        template,
        frame=frame,
        now=frame.survey.now,
        queue=queue,
        shelf=shelf,
        desk=desk,
        note=note,
        problem=problem,
    )
