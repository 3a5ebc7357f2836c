"""A holder passes an item to people who may decide what they may not."""

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.kernel.ids import ItemId
from review.kernel.problems import invalid
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.transitions import Event, follow_held
from review.steps.passing_on import pass_on


async def escalate(
    tx: Tx, actor: Actor, item_id: ItemId, *, epoch: int, to_queue: str | None, note: str
) -> None:
    """Move a held item to the named queue, or to the one its own escalates to.

    Raises: NotPermitted, ItemMissing, StaleClaim, AlreadySettled, QueueMissing,
    KindNotTaken, TooManyHops, InvalidRequest.
    """
    actor.require(Permission.REVIEW)
    item = await queue.lock(tx, item_id)
    item.ensure_in_time(tx.now)
    follow_held(item.standing, Event.ESCALATE, tx.now, by=actor.id, epoch=epoch)
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    target = to_queue or rules.escalates_to
    if target is None:
        raise invalid("/to_queue", "this queue has no escalation of its own; name one")
    if target == item.queue:
        raise invalid("/to_queue", "the item is in this queue already")
    await pass_on(tx, actor, item, to_queue=target, note=note)
