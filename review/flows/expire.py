"""Nobody decided in time; the declared default takes effect, as the system's own act."""

from review.identity.actors import Actor, the_system
from review.infra.db import Tx
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.configuration import OnExpiry
from review.queue.items import Ending, Item, KindNotTaken, QueueMissing, TooManyHops
from review.queue.transitions import Cause, Event, Result, follow
from review.steps.ending import end
from review.steps.passing_on import pass_on

ENDINGS = {
    OnExpiry.REJECT: (Result.EXPIRED, Cause.CLOCK),
    OnExpiry.APPROVE: (Result.APPROVED, Cause.POLICY),
    OnExpiry.WITHDRAW: (Result.WITHDRAWN, Cause.CLOCK),
    OnExpiry.ESCALATE: (Result.EXPIRED, Cause.CLOCK),  # when it cannot be passed on any further
}


async def expire(tx: Tx, *, limit: int) -> int:
    """Let the default of every item whose time is up take effect; return how many there were.

    Safe to run twice, from several workers, or after any outage: an item is locked, then ended
    once, and what fell due in the meantime is simply due.
    """
    system = the_system(tx.tenant)
    due = await queue.take_expired(tx, limit=limit)
    for item in due:
        await _take_effect(tx, system, item)
    return len(due)


async def _take_effect(tx: Tx, system: Actor, item: Item) -> None:
    """End one item as it said it would, or pass it on."""
    on_expiry = OnExpiry(item.on_expiry)
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    if on_expiry is OnExpiry.ESCALATE and rules.escalates_to:
        follow(item.standing, Event.MOVE, tx.now)
        try:
            await pass_on(tx, system, item, to_queue=rules.escalates_to, note="")
        except (TooManyHops, QueueMissing, KindNotTaken):
            pass  # nobody above to pass it to: it ends here, and holds up no other
        else:
            return
    follow(item.standing, Event.EXPIRE, tx.now)
    if on_expiry is OnExpiry.APPROVE and tx.now >= item.stale_at:
        on_expiry = OnExpiry.REJECT  # the clock came late; nobody approves on stale facts
    result, cause = ENDINGS[on_expiry]
    arguments = None
    if result is Result.APPROVED:
        asked = (await queue.revision(tx, item.item_id, item.revision)).payload
        arguments = asked["action"]["arguments"] if "action" in asked else None
    message = f"nobody decided before {item.expires_at.isoformat()}"
    ending = Ending(result, cause, system.id, arguments=arguments, message=message)
    await end(tx, system, item, ending)
