"""/items/{id}: one item for whoever wants to know, whether or not they hold it."""

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from review.door import Door
from review.flows.browse import Story, read_story
from review.kernel.ids import ItemId
from ui.frame import frame_of
from ui.history import RESULTS, changed, timeline
from ui.rendering import html


@get("/items/{item_id:uuid}", include_in_schema=False)
async def item_page(item_id: FromPath[UUID], door: NamedDependency[Door]) -> Response[str]:
    """Show an item with its timeline, revisions and outcome; the address carries no lease."""
    async with door.read() as (tx, actor):
        frame = await frame_of(tx, actor, door)
        story = await read_story(tx, actor, ItemId(item_id))
    item = story.item
    return html(
        "item.html",
        frame=frame,
        now=frame.survey.now,
        item=item,
        payload=story.payload,
        rules=story.configuration,
        story=story,
        state=item.state(frame.survey.now).value,
        mine=any(one.item_id == item.item_id for one in frame.survey.held),
        agent=story.names.get(item.producer_id, "an agent"),
        lines=timeline(story.entries, story.names),
        changes=changes(story),
        results=RESULTS,
    )


def changes(story: Story) -> dict[int, list[str]]:
    """Return, for each revision but the first, what it changed of the one before."""
    pairs = zip(story.revisions, story.revisions[1:], strict=False)
    return {newer.revision: changed(newer.payload, older.payload) for newer, older in pairs}
