"""A world in which a story takes place: a workspace, its cast, and a clock of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from review.flows.arrange import open_queue
from review.identity.actors import Actor
from review.infra.db import Database, Tx
from review.intake.asks import Ask
from review.intake.receipts import Receipt
from review.kernel.ids import ItemId, ViewId, WorkspaceId
from review.kernel.problems import Problem
from review.ledger.events import Entry
from review.ledger.queries import START
from review.reports.stream_queries import follow
from tests.acting import Cast, a_cast
from tests.makers import ESCALATIONS, REFUNDS, the_operator

Step = Callable[[Tx], Awaitable[Any]]

AGENTS, PEOPLE = 2, 3
LEASE_S, EXPIRES_S = 60, 400
RULES: dict[str, Any] = {
    "lease_s": LEASE_S,
    "due_in_s": 100,
    "stale_in_s": 300,
    "expires_in_s": EXPIRES_S,
    "may_approve_on_expiry": True,
    "max_claims": 2,
}
SUBSCRIBE = """
INSERT INTO delivery_subscriptions (workspace_id, subscription_id, owner_id, url, event_types,
  queue, sealed_secret, created_at)
VALUES ($1, $2, $2, 'https://example.com/', $3, $4, '', $5)
"""


@dataclass(slots=True)
class Page:
    """What somebody was shown once; it may be long out of date."""

    person: Actor
    item: ItemId
    epoch: int
    revision: int
    view: ViewId
    arguments: dict[str, Any]


@dataclass(slots=True)
class World:
    """One workspace in which a story takes place, with a clock of its own."""

    db: Database
    workspace: WorkspaceId
    now: datetime
    cast: Cast
    asks: list[tuple[Actor, Ask]] = field(default_factory=list[tuple[Actor, Ask]])
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])
    items: list[ItemId] = field(default_factory=list[ItemId])
    owners: dict[ItemId, Actor] = field(default_factory=dict[ItemId, Actor])
    pages: list[Page] = field(default_factory=list[Page])
    heard: list[Entry] = field(default_factory=list[Entry])
    place: tuple[int, int] = START

    async def do(self, step: Step) -> Any:
        """Take one step in a transaction of its own at the story's present; a no is an answer."""
        try:
            async with self.db.begin(self.workspace) as tx:
                return await step(replace(tx, now=self.now))
        except Problem as problem:
            return problem

    async def catch_up(self) -> None:
        """Hear everything; on a shared server others' transactions may hold a follower up."""
        async with self.db.read(self.workspace) as tx:
            written = await tx.fetchval("SELECT count(*) FROM ledger_entries")
        with suppress(TimeoutError):  # what is still missing then, the laws will say
            async with asyncio.timeout(20):
                while len(self.heard) < written:
                    await self.listen()

    async def listen(self) -> None:
        """Hear what a follower of the stream can hear by now."""
        async with self.db.read(self.workspace) as tx:
            entries, self.place = await follow(tx, self.place, queue=None, producer=None, limit=20)
        self.heard += entries


async def a_world(db: Database) -> World:
    """Found a workspace with two queues, two subscriptions, agents and people."""
    workspace = WorkspaceId(uuid4())
    async with db.begin(workspace) as tx:
        cast = await a_cast(tx, agents=AGENTS, people=PEOPLE)
        operator = the_operator(workspace)
        await open_queue(tx, operator, "escalations", {**ESCALATIONS, **RULES})
        await open_queue(tx, operator, "refunds", {**REFUNDS, **RULES})
        for types, queue in (([], None), (["item.settled"], "refunds")):
            await tx.execute(SUBSCRIBE, workspace, uuid4(), types, queue, tx.now)
        return World(db, workspace, tx.now, cast)
