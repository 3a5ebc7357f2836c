"""A holder keeps an item in hand for another lease."""

from datetime import datetime, timedelta

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.kernel.ids import ItemId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import claim_queries as claims
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.transitions import Event, follow_held


async def renew(tx: Tx, actor: Actor, item_id: ItemId, *, epoch: int) -> datetime:
    """Move the end of the lease a full lease ahead, and return it. A holder can always renew.

    Raises: NotPermitted, ItemMissing, StaleClaim, AlreadySettled.
    """
    actor.require(Permission.REVIEW)
    item = await queue.lock(tx, item_id)
    follow_held(item.standing, Event.RENEW, tx.now, by=actor.id, epoch=epoch)
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    until = tx.now + timedelta(seconds=rules.lease_s)
    await claims.hold(tx, item_id, until=until)
    lease = {"epoch": epoch, "by": actor.id, "until": until}
    happened = Happened(Happening.ITEM_RENEWED, item_id, item.queue, lease)
    await ledger.append(tx, actor.principal, actor.id, happened)
    return until
