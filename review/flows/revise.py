"""An agent changes what it asks; what was voted on the old revision no longer counts."""

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


async def revise(tx: Tx, actor: Actor, item_id: ItemId, change: Change) -> int:
    """Give an open item of the agent's own a new revision, and return its number.

    Whoever holds the item loses it: they were looking at something else.

    Raises: NotPermitted, ItemMissing, AlreadySettled, Expired, DoomedRequest, ArgumentsInvalid,
    AlreadyWaiting.
    """
    actor.require(Permission.SUBMIT)
    item, payload = await queue.lock_asked(tx, item_id)
    if item.producer_id != actor.id:
        raise ItemMissing(item=str(item_id))
    item.ensure_in_time(tx.now)
    follow(item.standing, Event.REVISE, tx.now)
    revised: dict[str, Any] = {**payload, **change.fields}
    return await give_revision(tx, actor, item, revised, change, Happening.ITEM_REVISED)
