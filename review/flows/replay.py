"""What was not delivered is looked through, and sent again."""

from review.delivery import message_queries as messages
from review.delivery import subscription_queries as subscriptions
from review.delivery.letters import Letter, MessageOnItsWay, MessageState
from review.identity.actors import Actor
from review.infra.db import Tx
from review.kernel.ids import MessageId
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.steps.hearing import hears_only


async def see_messages(
    tx: Tx, actor: Actor, state: MessageState | None, before: MessageId | None, limit: int
) -> list[Letter]:
    """Return messages in a state, or in any, newest first; agents see what is sent to themselves.

    Raises: NotPermitted.
    """
    owner = hears_only(actor)
    return await messages.newest(tx, state, owner=owner, before=before, limit=limit)


async def replay(tx: Tx, actor: Actor, message_id: MessageId) -> Letter:
    """Send a message that was given up, or that arrived and was lost there, once more.

    It keeps its id, so a receiver that has it already can tell; the schedule begins anew.

    Raises: NotPermitted, MessageMissing, MessageOnItsWay, SubscriptionEnded.
    """
    owner = hears_only(actor)
    letter = await messages.lock(tx, message_id, owner=owner)
    if letter.state is MessageState.DUE:
        raise MessageOnItsWay(due_at=letter.due_at.isoformat(), attempts=letter.attempts)
    target = await subscriptions.find(tx, letter.subscription_id, owner=owner)
    target.ensure_live()
    await messages.replay(tx, message_id)
    facts = {"message": message_id, "attempts": letter.attempts, "was": letter.state}
    happened = Happened(Happening.MESSAGE_REPLAYED, facts=facts)
    await ledger.append(tx, actor.principal, actor.id, happened)
    return await messages.lock(tx, message_id, owner=owner)
