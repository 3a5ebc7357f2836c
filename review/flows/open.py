"""A holder looks at an item; what they are shown is written down before it is sent."""

from dataclasses import dataclass
from typing import Any

from review.attention import queries as attention
from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.kernel.ids import ItemId, ViewId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.configuration import Configuration
from review.queue.items import Item
from review.queue.transitions import Event, follow_held


@dataclass(frozen=True, slots=True)
class Opened:
    """An item as it is about to be shown to its holder."""

    item: Item
    payload: dict[str, Any]
    configuration: Configuration
    view: ViewId


async def open_item(
    tx: Tx, actor: Actor, item_id: ItemId, *, epoch: int | None, surface: str
) -> Opened:
    """Record that the holder is shown the current revision; without an epoch, under their claim.

    Raises: NotPermitted, ItemMissing, StaleClaim, AlreadySettled.
    """
    actor.require(Permission.REVIEW)
    item, payload = await queue.lock_asked(tx, item_id)
    held = item.epoch if epoch is None else epoch
    follow_held(item.standing, Event.OPEN, tx.now, by=actor.id, epoch=held)
    view = await attention.record(
        tx,
        item_id,
        revision=item.revision,
        epoch=item.epoch,
        person=actor.id,
        surface=surface,
        digest=item.digest,
    )
    shown = {"view": view, "revision": item.revision, "epoch": item.epoch, "surface": surface}
    happened = Happened(Happening.ITEM_OPENED, item_id, item.queue, shown)
    await ledger.append(tx, actor.principal, actor.id, happened)
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    return Opened(item, payload, rules, view)
