"""A reviewer takes the next item in hand, with what it says."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from review.attention import queries as attention
from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.kernel.ids import ViewId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import claim_queries as claims
from review.queue import configuration_queries as queues
from review.queue.configuration import Configuration
from review.queue.items import Item, TooManyClaims
from review.queue.ordering import why_now


@dataclass(frozen=True, slots=True)
class Claimed:
    """An item in hand: what it asks, under which rules, why now, and the record of showing it."""

    item: Item
    payload: dict[str, Any]
    configuration: Configuration
    why_now: str
    view: ViewId


async def claim(tx: Tx, actor: Actor, queue_name: str, *, surface: str) -> Claimed | None:
    """Claim the first eligible item of a queue for one lease; None when nothing eligible waits.

    Raises: NotPermitted, QueueMissing, TooManyClaims.
    """
    actor.require(Permission.REVIEW)
    target = await queues.named_for_claim(tx, queue_name, actor.id)
    rules = target.configuration
    taken = await claims.claim_next(
        tx,
        target.queue_id,
        actor.id,
        lease=timedelta(seconds=rules.lease_s),
        skills=actor.skills,
        known_as=actor.known_as(),
        most=rules.max_claims,
    )
    if taken is None:
        if await claims.holds(tx, target.queue_id, actor.id) >= rules.max_claims:
            raise TooManyClaims(limit=rules.max_claims)
        return None
    item, payload = taken
    view = await attention.record(
        tx,
        item.item_id,
        revision=item.revision,
        epoch=item.epoch,
        person=actor.id,
        surface=surface,
        digest=item.digest,
    )
    lease = {"epoch": item.epoch, "by": actor.id, "until": item.claimed_until}
    shown = {"view": view, "revision": item.revision, "epoch": item.epoch, "surface": surface}
    await ledger.append(
        tx,
        actor.principal,
        actor.id,
        Happened(Happening.ITEM_CLAIMED, item.item_id, item.queue, lease),
        Happened(Happening.ITEM_OPENED, item.item_id, item.queue, shown),
    )
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    reason = why_now(due_at=item.due_at, now=tx.now, risk_tier=item.risk_tier)
    return Claimed(item, payload, rules, reason, view)
