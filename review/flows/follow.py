"""Somebody follows what happens: to one item, or in their workspace, from a place on."""

from review.identity.actors import Actor, Permission, Principal
from review.infra.db import Tx
from review.kernel.ids import ItemId
from review.ledger import queries as ledger
from review.ledger.events import Entry
from review.queue import queries as queue
from review.queue.items import ItemMissing
from review.reports import stream_queries as stream

Place = tuple[int, int]


async def follow_item(
    tx: Tx, actor: Actor, item_id: ItemId, *, seq: int, limit: int
) -> list[Entry]:
    """Return what happened to an item after an entry; agents may follow what is theirs.

    Raises: NotPermitted, ItemMissing.
    """
    actor.require(Permission.READ)
    item = await queue.find(tx, item_id)
    if actor.principal is Principal.AGENT and item.producer_id != actor.id:
        raise ItemMissing(item=str(item_id))
    return await ledger.of_item(tx, item_id, seq=seq, limit=limit)


async def follow_workspace(
    tx: Tx, actor: Actor, place: Place, *, queue_name: str | None, limit: int
) -> tuple[list[Entry], Place]:
    """Return what happened after a place, and where to go on from; agents hear of what is theirs.

    Raises: NotPermitted.
    """
    actor.require(Permission.READ)
    producer = actor.id if actor.principal is Principal.AGENT else None
    return await stream.follow(tx, place, queue=queue_name, producer=producer, limit=limit)


async def place_after(tx: Tx, actor: Actor, seq: int | None) -> Place:
    """Return where to begin: behind the entry that was read last, or at the present.

    Raises: NotPermitted.
    """
    actor.require(Permission.READ)
    return await ledger.horizon(tx) if seq is None else await ledger.place_of(tx, seq)
