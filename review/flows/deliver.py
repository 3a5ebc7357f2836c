"""What is owed to subscribers is sent, or tried again later, or given up."""

from collections.abc import Collection
from datetime import timedelta

from review.delivery import queries as outbox
from review.delivery import subscription_queries as subscriptions
from review.delivery.answers import Answer, Fate
from review.delivery.backoff import pause
from review.delivery.envelopes import Outgoing
from review.identity.actors import the_system
from review.infra.db import Tx
from review.kernel.ids import MessageId, SubscriptionId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening

LEASE = timedelta(minutes=1)  # well beyond the longest attempt
GONE = "gone"


async def take(
    tx: Tx, *, busy: Collection[SubscriptionId], each: int, limit: int
) -> list[Outgoing]:
    """Take messages to send, a few of each subscriber that is not busy.

    No transaction is open while they are sent; if nobody reports back, they fall due again.
    """
    taken = await outbox.take(tx, until=tx.now + LEASE, busy=busy, each=each, limit=limit)
    if not taken and (strays := await outbox.bury_strays(tx)):
        await _mourn(tx, [_died(message, whose, "ended") for message, whose in strays])
    return taken


async def record(tx: Tx, sent: Outgoing, answer: Answer) -> None:
    """Write down how one attempt ended, and what becomes of the message."""
    if answer.fate is Fate.UNWANTED and await subscriptions.end(
        tx, sent.subscription_id, reason=GONE
    ):
        await _end(tx, sent, answer)
    await outbox.note(tx, sent, answer)
    if answer.fate is Fate.ARRIVED:
        await outbox.arrived(tx, sent)
        return
    wait = pause(sent.tries, answer.asked_pause(tx.now))
    if wait is not None and answer.fate is Fate.RETRY:
        await outbox.postpone(tx, sent, until=tx.now + wait)
    elif await outbox.give_up(tx, sent):
        why = answer.error or f"status {answer.status}"
        await _mourn(tx, [_died(sent.message_id, sent.subscription_id, why)])


async def _end(tx: Tx, sent: Outgoing, answer: Answer) -> None:
    """End a subscription whose receiver wants nothing more, with all that was still owed to it."""
    facts = {"subscription": sent.subscription_id, "reason": GONE, "status": answer.status}
    ended = Happened(Happening.SUBSCRIPTION_ENDED, facts=facts)
    buried = await subscriptions.bury(tx, sent.subscription_id)
    died = [_died(message, sent.subscription_id, GONE) for message in buried]
    await _mourn(tx, [ended, *died])


async def _mourn(tx: Tx, events: list[Happened]) -> None:
    system = the_system(tx.tenant)
    await ledger.append(tx, system.principal, system.id, *events)


def _died(message: MessageId, subscription: SubscriptionId, why: str) -> Happened:
    facts = {"message": message, "subscription": subscription, "why": why}
    return Happened(Happening.MESSAGE_DIED, facts=facts)
