"""An item ends: settled once, told to whoever must hear, written in the ledger."""

from review.delivery import queries as delivery
from review.identity.actors import Actor
from review.infra.db import Tx
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import queries as queue
from review.queue.items import Ending, Item
from review.queue.transitions import AlreadySettled


async def end(tx: Tx, actor: Actor, item: Item, ending: Ending, *also: Happened) -> Item:
    """Settle a locked item; outcome, message and ledger lines stand or fall together.

    Raises: AlreadySettled.
    """
    decision_seq = await queue.settle(tx, item.item_id, ending)
    if decision_seq is None:
        raise AlreadySettled(state="settled")
    settled = item.ended(ending, decision_seq, tx.now)
    outcome = settled.told()
    message = {"item": str(item.item_id), "queue": item.queue, "outcome": outcome}
    await delivery.owe(
        tx, Happening.ITEM_SETTLED, item.item_id, item.producer_id, [item.queue], message
    )
    facts = {
        "result": ending.result,
        "cause": ending.cause,
        "decision_seq": decision_seq,
        "revision": item.revision,
        "digest": item.digest,
    }
    happened = Happened(Happening.ITEM_SETTLED, item.item_id, item.queue, facts)
    await ledger.append(tx, actor.principal, actor.id, *also, happened)
    return settled
