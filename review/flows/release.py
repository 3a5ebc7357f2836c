"""A holder puts an item back, or skips it and is not offered it again."""

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.kernel.ids import ItemId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import claim_queries as claims
from review.queue import queries as queue
from review.queue.transitions import Event, follow_held


async def release(tx: Tx, actor: Actor, item_id: ItemId, *, epoch: int, reason: str | None) -> None:
    """Free a held item for others; with a reason it is a skip, which is kept as one.

    Raises: NotPermitted, ItemMissing, StaleClaim, AlreadySettled.
    """
    actor.require(Permission.REVIEW)
    item = await queue.lock(tx, item_id)
    follow_held(item.standing, Event.RELEASE, tx.now, by=actor.id, epoch=epoch)
    await claims.free(tx, item_id)
    if reason is not None:
        await claims.skip(tx, item_id, actor.id, reason=reason)
    facts = {"epoch": epoch, "skipped": reason is not None}
    happened = Happened(Happening.ITEM_RELEASED, item_id, item.queue, facts)
    await ledger.append(tx, actor.principal, actor.id, happened)
