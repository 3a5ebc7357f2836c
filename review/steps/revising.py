"""An item gets a new revision: checked like a new request, and out of everyone's hands."""

from typing import Any

from review.identity.actors import Actor
from review.infra.db import Tx
from review.intake.asks import Change, action_digest, screen_facts
from review.intake.digests import digest
from review.intake.schemas import check
from review.kernel.problems import invalid
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.deadlines import Wishes, wind
from review.queue.items import Item


async def give_revision(
    tx: Tx,
    actor: Actor,
    item: Item,
    payload: dict[str, Any],
    change: Change,
    happening: Happening,
) -> int:
    """Check what a locked item is to say from now on, keep it, and return the revision's number.

    Fresh facts or arguments start the clock of staleness again; the other two clocks run on.

    Raises: DoomedRequest, ArgumentsInvalid, InvalidRequest, AlreadyWaiting.
    """
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    screen_facts(change.fetched, now=tx.now)
    action, content = payload.get("action"), payload.get("content")
    if action is not None:
        check(action["arguments"], rules.argument_schemas.get(action["name"]), "/action/arguments")
    if content is not None:
        check(content, rules.content_schema, "/content")
    stale_at = item.stale_at
    if change.stale_in_s is not None and not change.renews:
        raise invalid("/stale_in_s", "says how long fresh facts hold; send them with it")
    if change.renews:
        wishes = Wishes(stale_in_s=change.stale_in_s)
        stale_at = wind(rules, wishes, now=tx.now, reversible=False).stale_at
    fresh = digest("request", payload)
    revision = await queue.revise(
        tx,
        item.item_id,
        payload,
        digest=fresh,
        action_digest=action_digest(action),
        stale_at=stale_at,
        author_kind=actor.principal,
        author=actor.id,
    )
    facts = {"revision": revision, "digest": fresh, "action_digest": action_digest(action)}
    happened = Happened(happening, item.item_id, item.queue, facts)
    await ledger.append(tx, actor.principal, actor.id, happened)
    return revision
