"""An agent no longer needs the answer."""

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.kernel.ids import ItemId
from review.queue import queries as queue
from review.queue.items import Ending, Item, ItemMissing
from review.queue.transitions import Cause, Event, Result, follow
from review.steps.ending import end


async def withdraw(tx: Tx, actor: Actor, item_id: ItemId, *, reason: str | None) -> Item:
    """End an open item of the agent's own; whoever holds it learns so at their next step.

    Raises: NotPermitted, ItemMissing, AlreadySettled, Expired.
    """
    actor.require(Permission.SUBMIT)
    item = await queue.lock(tx, item_id)
    if item.producer_id != actor.id:
        raise ItemMissing(item=str(item_id))
    item.ensure_in_time(tx.now)
    follow(item.standing, Event.WITHDRAW, tx.now)
    ending = Ending(Result.WITHDRAWN, Cause.AGENT, actor.id, message=reason)
    return await end(tx, actor, item, ending)
