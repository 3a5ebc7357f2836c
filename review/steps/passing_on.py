"""An item is passed on to the queue its own escalates to, with fresh deadlines there."""

from review.delivery import queries as delivery
from review.identity.actors import Actor
from review.infra.db import Tx
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.configuration import OnExpiry
from review.queue.deadlines import Wishes, wind
from review.queue.items import MOST_HOPS, Item, KindNotTaken, TooManyHops
from review.queue.ordering import sort_key


async def pass_on(
    tx: Tx, actor: Actor, item: Item, *also: Happened, to_queue: str, note: str
) -> None:
    """Move a locked item to another queue; it must end with somebody who decides.

    What the queue it leaves asked of people no longer counts, what the item asks still does.

    Raises: QueueMissing, KindNotTaken, TooManyHops.
    """
    if item.hops >= MOST_HOPS:
        raise TooManyHops(hops=item.hops, limit=MOST_HOPS)
    target = await queues.named(tx, to_queue)
    if item.kind not in target.configuration.kinds:
        raise KindNotTaken(kind=item.kind, allowed=list(target.configuration.kinds))
    left = await queues.configuration(tx, item.queue_id, item.configuration)
    requires = {*item.requires} - {*left.requires} | {*target.configuration.requires}
    ending = OnExpiry(item.on_expiry)
    if ending in (OnExpiry.APPROVE, OnExpiry.ESCALATE):
        ending = OnExpiry.REJECT  # whoever is asked next decides, or nobody does
    clocks = wind(target.configuration, Wishes(on_expiry=ending), now=tx.now, reversible=False)
    await queue.move(
        tx,
        item.item_id,
        queue=target.queue_id,
        configuration=target.version,
        sort_at=sort_key(created_at=item.created_at, due_at=clocks.due_at),
        due_at=clocks.due_at,
        stale_at=item.stale_at,
        expires_at=clocks.expires_at,
        on_expiry=clocks.on_expiry,
        requires=sorted(requires),
        handover=note or None,
    )
    message = {"item": str(item.item_id), "queue": to_queue, "from_queue": item.queue}
    await delivery.owe(
        tx,
        Happening.ITEM_ESCALATED,
        item.item_id,
        item.producer_id,
        [item.queue, to_queue],
        message,
    )
    facts = {"from_queue": item.queue, "hops": item.hops + 1, "noted": bool(note)}
    happened = Happened(Happening.ITEM_ESCALATED, item.item_id, to_queue, facts)
    await ledger.append(tx, actor.principal, actor.id, *also, happened)
