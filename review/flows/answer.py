"""An agent answers what a reviewer asked; the item waits for people again."""

from typing import Any

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.intake.asks import Change
from review.kernel.ids import ItemId
from review.ledger.events import Happening
from review.queue import queries as queue
from review.queue.items import ItemMissing
from review.queue.transitions import Event, follow
from review.steps.revising import give_revision


async def answer(tx: Tx, actor: Actor, item_id: ItemId, text: str, change: Change) -> int:
    """Add question and answer to the item as a new revision, and return its number.

    Raises: NotPermitted, ItemMissing, NothingAsked, AlreadySettled, Expired, DoomedRequest.
    """
    actor.require(Permission.SUBMIT)
    item, payload = await queue.lock_asked(tx, item_id)
    if item.producer_id != actor.id:
        raise ItemMissing(item=str(item_id))
    item.ensure_in_time(tx.now)
    follow(item.standing, Event.ANSWER, tx.now)
    turn = {
        "question": item.question,
        "asked_at": item.asked_at.isoformat() if item.asked_at else None,
        "answer": text,
        "answered_at": tx.now.isoformat(),
    }
    exchange = [*payload.get("exchange", []), turn]
    revised: dict[str, Any] = {**payload, **change.fields, "exchange": exchange}
    return await give_revision(tx, actor, item, revised, change, Happening.ITEM_ANSWERED)
