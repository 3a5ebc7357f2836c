"""People leaf through the workspace: its queues, its lists, one item's whole story."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from review.identity import member_queries as members
from review.identity.actors import Actor, NotPermitted, Permission, Principal
from review.infra.db import Tx
from review.kernel.ids import SYSTEM, ActorId, ItemId
from review.ledger import queries as ledger
from review.ledger.events import Entry
from review.queue import configuration_queries as queues
from review.queue import list_queries as lists
from review.queue import queries as queue
from review.queue.configuration import Configuration
from review.queue.configuration_queries import Depth
from review.queue.items import Item, Revision
from review.queue.list_queries import Filter
from review.reports import browse_queries as reports
from review.reports.browse_queries import Said

Names = dict[ActorId, str]
MOST_REVISIONS = 50


@dataclass(frozen=True, slots=True)
class Shelf:
    """One queue: its rules and how full it is."""

    depth: Depth
    configuration: Configuration


@dataclass(frozen=True, slots=True)
class Survey:
    """The workspace at a glance, and what the one who looks has in hand."""

    workspace: str
    shelves: list[Shelf]
    held: list[Item]
    now: datetime


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a list, and the names of who appears on it."""

    items: list[Item]
    names: Names


@dataclass(frozen=True, slots=True)
class Story:
    """All there is about one item."""

    item: Item
    configuration: Configuration
    revisions: list[Revision]
    votes: list[Said]
    entries: list[Entry]
    names: Names

    @property
    def payload(self) -> dict[str, Any]:
        """What the item asks at its current revision."""
        return self.revisions[0].payload


async def survey(tx: Tx, actor: Actor) -> Survey:
    """Return every queue with how full it is, and what the actor holds.

    Raises: NotPermitted.
    """
    _ensure_person(actor)
    shelves = [
        Shelf(depth, await queues.configuration(tx, depth.queue_id, depth.version))
        for depth in await queues.depths(tx)
    ]
    held = await lists.held(tx, actor.id)
    return Survey(await reports.workspace_name(tx), shelves, held, tx.now)


async def leaf_through(
    tx: Tx, actor: Actor, wanted: Filter, *, before: ItemId | None, limit: int
) -> Leaf:
    """Return items that fit a filter, newest first, from a place on, with the names to show.

    Raises: NotPermitted.
    """
    _ensure_person(actor)
    items = await lists.newest(tx, wanted, producer=None, before=before, limit=limit)
    people = {who for item in items for who in _who(item)}
    return Leaf(items, await _names(tx, people))


async def read_story(tx: Tx, actor: Actor, item_id: ItemId) -> Story:
    """Return one item with its revisions, what people said, and what happened to it.

    Raises: NotPermitted, ItemMissing.
    """
    _ensure_person(actor)
    item = await queue.find(tx, item_id)
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    revisions = await reports.revisions(tx, item_id, limit=MOST_REVISIONS)
    votes = await reports.votes(tx, item_id)
    entries = await ledger.of_item(tx, item_id)
    people = {*_who(item), *(one.author_id for one in revisions)}
    names = await _names(tx, people | {entry.actor_id for entry in entries})
    return Story(item, rules, revisions, votes, entries, names)


async def name_of(tx: Tx, actor: Actor, someone: ActorId) -> str:
    """Return what somebody of the workspace is called.

    Raises: NotPermitted.
    """
    _ensure_person(actor)
    return (await _names(tx, {someone})).get(someone, "an agent")


def _ensure_person(actor: Actor) -> None:
    """Refuse keys: these pages are for people, and show more than one agent's own."""
    actor.require(Permission.READ)
    if actor.principal is not Principal.PERSON:
        raise NotPermitted(permission="a signed-in person")


def _who(item: Item) -> set[ActorId]:
    """Return everybody an item names."""
    return {item.producer_id} | {x for x in (item.claimed_by, item.settled_by) if x is not None}


async def _names(tx: Tx, people: Iterable[ActorId]) -> Names:
    """Return what these actors are called; the clock has a name of its own."""
    return {**await members.names(tx, list(people)), SYSTEM: "the clock"}
