"""Somebody looks an item up, or through the list; agents see what is theirs, people everything."""

from dataclasses import dataclass
from datetime import datetime

from review.identity.actors import Actor, Permission, Principal
from review.infra.db import Tx
from review.kernel.ids import ActorId, ItemId
from review.queue import configuration_queries as queues
from review.queue import list_queries as lists
from review.queue import queries as queue
from review.queue.items import Item, ItemMissing
from review.queue.list_queries import Filter


@dataclass(frozen=True, slots=True)
class Seen:
    """An item, who answers for its queue, and the instant it was looked at."""

    item: Item
    owner: str
    now: datetime


async def look(tx: Tx, actor: Actor, item_id: ItemId) -> Seen:
    """Return one item as it stands.

    Raises: NotPermitted, ItemMissing.
    """
    actor.require(Permission.READ)
    item = await queue.find(tx, item_id)
    if actor.principal is Principal.AGENT and item.producer_id != actor.id:
        raise ItemMissing(item=str(item_id))
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    return Seen(item, rules.owner, tx.now)


async def look_through(
    tx: Tx, actor: Actor, wanted: Filter, *, before: ItemId | None, limit: int
) -> list[Seen]:
    """Return items that fit a filter, newest first, from a place on.

    Raises: NotPermitted.
    """
    actor.require(Permission.READ)
    producer: ActorId | None = actor.id if actor.principal is Principal.AGENT else None
    found = await lists.newest(tx, wanted, producer=producer, before=before, limit=limit)
    return [
        Seen(
            item, (await queues.configuration(tx, item.queue_id, item.configuration)).owner, tx.now
        )
        for item in found
    ]
