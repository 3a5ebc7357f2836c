"""What one request comes to: a new item, a place beside the one that waits already, or a no."""

from dataclasses import dataclass, field, replace

from review.identity.actors import Actor
from review.infra.db import Tx
from review.infra.ids import fresh_id
from review.intake.asks import Ask, screen
from review.intake.receipts import Receipt
from review.intake.schemas import check
from review.kernel.ids import ItemId
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.configuration import OnExpiry
from review.queue.configuration_queries import Queue
from review.queue.deadlines import Deadlines, Wishes, wind
from review.queue.items import Item, ItemMissing, KindNotTaken
from review.queue.ordering import sort_key
from review.queue.transitions import AlreadySettled, Cause, Event, Result, State, follow


@dataclass(slots=True)
class SoFar:
    """What the requests before this one come to: who waits, by action digest, and who no longer."""

    waiting: dict[str, ItemId | Receipt] = field(default_factory=dict[str, ItemId | Receipt])
    superseded: set[ItemId] = field(default_factory=set[ItemId])


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be done for one request; `older` is the item it supersedes, locked."""

    ask: Ask
    target: Queue
    receipt: Receipt
    older: Item | None = None

    def row(self) -> dict[str, object]:
        """Return the new item as the table takes it."""
        ask, receipt = self.ask, self.receipt
        skills = {*ask.requires, *self.target.configuration.requires}
        return {
            "item_id": receipt.id,
            "queue_id": self.target.queue_id,
            "configuration": self.target.version,
            "kind": ask.kind,
            "title": ask.title,
            "delegated_by": ask.delegated_by,
            "run_id": ask.run_id,
            "language": ask.language,
            "requires": sorted(skills),
            "risk_tier": ask.risk_tier,
            "digest": receipt.digest,
            "action_digest": receipt.action_digest,
            "supersedes_id": None if self.older is None else self.older.item_id,
            "sort_at": sort_key(created_at=receipt.created_at, due_at=receipt.due_at),
            "due_at": receipt.due_at,
            "stale_at": receipt.stale_at,
            "expires_at": receipt.expires_at,
            "on_expiry": receipt.on_expiry,
            "payload": ask.document,
        }


async def plan(tx: Tx, actor: Actor, ask: Ask, target: Queue, so_far: SoFar) -> Plan:
    """Decide what a request comes to.

    Raises: KindNotTaken, DoomedRequest, ArgumentsInvalid, ItemMissing, AlreadySettled.
    """
    clocks = _admit(ask, target, tx)
    older = None if ask.supersedes is None else await _older(tx, actor, ask.supersedes, so_far)
    digest = ask.action_digest
    found = so_far.waiting.get(digest) if digest else None
    if isinstance(found, Receipt):
        return Plan(ask, target, replace(found, joined=True), older)
    if found is not None and found not in so_far.superseded:
        item = await queue.lock(tx, found)
        if item.settled_at is None:
            return Plan(ask, target, await _joined(tx, item), older)
    receipt = Receipt(
        id=ItemId(fresh_id()),
        queue=target.name,
        kind=ask.kind,
        status="waiting",
        revision=1,
        digest=ask.digest,
        action_digest=digest,
        created_at=tx.now,
        due_at=clocks.due_at,
        stale_at=clocks.stale_at,
        expires_at=clocks.expires_at,
        on_expiry=clocks.on_expiry,
        owner=target.configuration.owner,
    )
    if digest:
        so_far.waiting[digest] = receipt
    return Plan(ask, target, receipt, older)


def _admit(ask: Ask, target: Queue, tx: Tx) -> Deadlines:
    """Check a request against the queue's rules and wind its clocks."""
    rules = target.configuration
    if ask.kind not in rules.kinds:
        raise KindNotTaken(kind=ask.kind, allowed=list(rules.kinds))
    screen(ask, now=tx.now)
    if ask.action is not None:
        schema = rules.argument_schemas.get(ask.action["name"])
        check(ask.action["arguments"], schema, "/action/arguments")
    if ask.content is not None:
        check(ask.content, rules.content_schema, "/content")
    on_expiry = OnExpiry(ask.on_expiry) if ask.on_expiry else None
    wishes = Wishes(ask.due_in_s, ask.stale_in_s, ask.expires_in_s, on_expiry)
    return wind(rules, wishes, now=tx.now, reversible=ask.reversible)


async def _older(tx: Tx, actor: Actor, item_id: ItemId, so_far: SoFar) -> Item:
    """Return the open item of the same agent that a request replaces, locked."""
    if item_id in so_far.superseded:
        raise AlreadySettled(state="settled", result=Result.SUPERSEDED, cause=Cause.AGENT)
    older = await queue.lock(tx, item_id)
    if older.producer_id != actor.id:
        raise ItemMissing(item=str(item_id))
    older.ensure_in_time(tx.now)
    follow(older.standing, Event.SUPERSEDE, tx.now)
    so_far.superseded.add(item_id)
    return older


async def _joined(tx: Tx, item: Item) -> Receipt:
    """Return the receipt of somebody who joins an item that waits already."""
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    return Receipt(
        id=item.item_id,
        queue=item.queue,
        kind=item.kind,
        status="claimed" if item.state(tx.now) is State.CLAIMED else "waiting",
        revision=item.revision,
        digest=item.digest,
        action_digest=item.action_digest,
        created_at=item.created_at,
        due_at=item.due_at,
        stale_at=item.stale_at,
        expires_at=item.expires_at,
        on_expiry=item.on_expiry,
        owner=rules.owner,
        joined=True,
    )
