"""/dead-letters: messages that were given up, every attempt, and sending them once more."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from review.delivery.letters import MessageState
from review.door import Door
from review.flows.replay import replay, see_messages
from review.kernel.ids import MessageId
from ui.frame import frame_of
from ui.rendering import html

AT_ONCE = 50


@get("/dead-letters", include_in_schema=False)
async def dead_letters(
    door: NamedDependency[Door],
    shown: Annotated[MessageState, QueryParameter(name="state")] = MessageState.DEAD,
    before: FromQuery[UUID | None] = None,
) -> Response[str]:
    """List messages in a state, newest first; the dead ones unless asked otherwise."""
    async with door.read() as (tx, actor):
        frame = await frame_of(tx, actor, door)
        place = None if before is None else MessageId(before)
        letters = await see_messages(tx, actor, shown, place, AT_ONCE + 1)
    more: dict[str, Any] = {
        "letters": letters[:AT_ONCE],
        "state": shown.value,
        "older": letters[AT_ONCE - 1].message_id if len(letters) > AT_ONCE else None,
        "first_page": before is None,
    }
    return html("dead_letters.html", frame=frame, now=frame.survey.now, **more)


@post("/dead-letters/{message_id:uuid}/replay", include_in_schema=False, status_code=200)
async def replay_letter(message_id: FromPath[UUID], door: NamedDependency[Door]) -> Response[str]:
    """Send a message again; its line says so in its place."""
    async with door.write() as (tx, actor):
        letter = await replay(tx, actor, MessageId(message_id))
    return html("letter.html", letter=letter, now=tx.now)
