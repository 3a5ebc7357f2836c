"""Somebody asks to be told of what happens, looks their subscriptions through, and ends them."""

from base64 import b64encode
from dataclasses import dataclass

from review.delivery import subscription_queries as subscriptions
from review.delivery.subscriptions import MOST, Subscription, TooManySubscriptions, Wish
from review.delivery.targets import Target
from review.identity.actors import Actor
from review.infra.db import Tx
from review.infra.ids import fresh_id, fresh_key
from review.infra.sealing import seal
from review.infra.settings import Reach
from review.kernel.ids import SubscriptionId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import configuration_queries as queues
from review.steps.hearing import hears_only

SEALED_FOR = "webhooks"
DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A fresh subscription; the secret is shown once and cannot be read again."""

    subscription: Subscription
    secret: str


async def subscribe(
    tx: Tx, actor: Actor, wish: Wish, *, reach: Reach, secret_key: bytes
) -> Subscribed:
    """Tell an address of what happens from now on; agents hear of their own items.

    Raises: NotPermitted, InvalidRequest, TargetRefused, QueueMissing, TooManySubscriptions.
    """
    producer = hears_only(actor)
    wish.check()
    Target.read(wish.url).check(reach)
    if wish.queue is not None:
        await queues.named(tx, wish.queue)
    if await subscriptions.live(tx, actor.id) >= MOST:
        raise TooManySubscriptions(limit=MOST)
    chosen = SubscriptionId(fresh_id())
    secret = f"whsec_{b64encode(fresh_key()).decode()}"
    sealed = seal(secret_key, SEALED_FOR, secret)
    await subscriptions.add(
        tx, chosen, wish, owner=actor.id, producer=producer, sealed_secret=sealed
    )
    facts = {"subscription": chosen, "event_types": list(wish.event_types)}
    happened = Happened(Happening.SUBSCRIPTION_CREATED, queue=wish.queue, facts=facts)
    await ledger.append(tx, actor.principal, actor.id, happened)
    return Subscribed(await subscriptions.find(tx, chosen, owner=actor.id), secret)


async def see_subscriptions(
    tx: Tx, actor: Actor, *, before: SubscriptionId | None, limit: int
) -> list[Subscription]:
    """Return subscriptions, newest first, those that ended among them; agents see their own.

    Raises: NotPermitted.
    """
    owner = hears_only(actor)
    return await subscriptions.newest(tx, owner=owner, before=before, limit=limit)


async def see_subscription(tx: Tx, actor: Actor, subscription: SubscriptionId) -> Subscription:
    """Return one subscription.

    Raises: NotPermitted, SubscriptionMissing.
    """
    return await subscriptions.find(tx, subscription, owner=hears_only(actor))


async def unsubscribe(tx: Tx, actor: Actor, subscription: SubscriptionId) -> None:
    """End a subscription; what was still to be sent to it is given up. Saying so again is fine.

    Raises: NotPermitted, SubscriptionMissing.
    """
    await subscriptions.find(tx, subscription, owner=hears_only(actor))
    if not await subscriptions.end(tx, subscription, reason=DELETED):
        return
    ended = Happened(
        Happening.SUBSCRIPTION_ENDED, facts={"subscription": subscription, "reason": DELETED}
    )
    died = [
        Happened(
            Happening.MESSAGE_DIED,
            facts={"message": message, "subscription": subscription, "why": DELETED},
        )
        for message in await subscriptions.bury(tx, subscription)
    ]
    await ledger.append(tx, actor.principal, actor.id, ended, *died)
