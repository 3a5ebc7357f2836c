"""An agent says it has picked the outcome up."""

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.kernel.ids import ItemId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import queries as queue
from review.queue.items import Item, ItemMissing
from review.queue.transitions import Event, follow


async def acknowledge(tx: Tx, actor: Actor, item_id: ItemId) -> Item:
    """Write down that the outcome arrived; saying so again changes nothing.

    Raises: NotPermitted, ItemMissing, NotSettled.
    """
    actor.require(Permission.SUBMIT)
    item = await queue.lock(tx, item_id)
    if item.producer_id != actor.id:
        raise ItemMissing(item=str(item_id))
    follow(item.standing, Event.ACKNOWLEDGE, tx.now)
    if await queue.acknowledge(tx, item_id):
        facts = {"decision_seq": item.decision_seq}
        happened = Happened(Happening.ITEM_ACKNOWLEDGED, item_id, item.queue, facts)
        await ledger.append(tx, actor.principal, actor.id, happened)
    return await queue.find(tx, item_id)
