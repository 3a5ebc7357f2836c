"""Random stories against the real database: whatever happens in whatever order, the laws hold.

Choices are plain numbers, read against what is there when they are made, so a story that is told
again is the same story although identifiers and races differ.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from review.decisions.votes import Ballot
from review.flows.acknowledge import acknowledge
from review.flows.answer import answer
from review.flows.claim import claim
from review.flows.decide import decide
from review.flows.escalate import escalate
from review.flows.expire import expire
from review.flows.open import open_item
from review.flows.release import release
from review.flows.renew import renew
from review.flows.revise import revise
from review.flows.submit import submit
from review.flows.withdraw import withdraw
from review.identity.actors import Actor
from review.infra.db import Database
from review.intake.asks import Ask, Change
from review.intake.receipts import Receipt
from review.kernel.ids import ItemId
from review.kernel.problems import Problem
from tests.acting import an_ask
from tests.laws import broken_laws
from tests.world import AGENTS, EXPIRES_S, LEASE_S, PEOPLE, Page, Step, a_world

T = TypeVar("T")

numbers = st.integers(0, 2**16)
people = st.integers(0, PEOPLE - 1)
agents = st.integers(0, AGENTS - 1)
moments = st.sampled_from([1, LEASE_S - 1, LEASE_S, EXPIRES_S // 3])
verdicts = st.sampled_from(
    ["approve", "approve_with_edits", "reject", "request_info", "escalate", "abstain"]
)


class Stories(RuleBasedStateMachine):
    """One story; what it may do is what the flows offer."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.db = self.run(Database.connect(self.url, size=4))
        self.world = self.run(a_world(self.db))
        for place, on_expiry in enumerate(("reject", "escalate", "approve", "withdraw")):
            ask = an_ask(on_expiry=on_expiry, reversible=True, rollback="undo")
            self.send(self.world.cast.agents[place % AGENTS], ask)

    def run(self, story: Awaitable[T]) -> T:
        async def told() -> T:
            return await story

        return self.runner.run(told())

    def teardown(self) -> None:
        self.run(self.world.catch_up())
        found = self.run(broken_laws(self.db, self.world.workspace, self.world.heard))
        self.run(self.db.close())
        self.runner.close()
        assert not found

    def page(self, number: int, *, fresh: bool) -> Page | None:
        """Return a page that somebody opens now, or one that was opened before."""
        if fresh:
            person = self.world.cast.people[number % PEOPLE]
            self.run(self.taken(person, "escalations" if number % 4 == 0 else "refunds"))
            number = 0
        pages = self.world.pages
        return pages[-1 - number % len(pages)] if pages else None

    def item(self, number: int) -> ItemId:
        return self.world.items[number % len(self.world.items)]

    @rule(agent=agents, number=numbers, queue=st.sampled_from(["refunds", "escalations"]),
          on_expiry=st.sampled_from(["reject", "approve", "escalate", "withdraw"]),
          again=st.booleans(), supersede=st.booleans())  # fmt: skip
    def ask(
        self, *, agent: int, number: int, queue: str, on_expiry: str, again: bool, supersede: bool
    ) -> None:
        """Ask for something new, or for the same action again, or in place of an older item."""
        changes: dict[str, Any] = {"queue": queue, "on_expiry": on_expiry}
        changes |= {"reversible": True, "rollback": "undo", "key": str(uuid4())}
        if again and self.world.asks:
            changes["action"] = self.world.asks[number % len(self.world.asks)][1].action
        if supersede:
            changes["supersedes"] = self.item(number)
        self.send(self.world.cast.agents[agent], an_ask(**changes))

    @rule(number=numbers)
    def ask_again(self, number: int) -> None:
        """Send a request once more: a retry whose first answer got lost."""
        if self.world.asks:
            self.send(*self.world.asks[number % len(self.world.asks)])

    def send(self, agent: Actor, ask: Ask) -> None:
        outcome: Any = self.run(self.world.do(lambda tx: submit(tx, agent, [ask])))
        receipt: Any = outcome if isinstance(outcome, Problem) else outcome[0]
        if isinstance(receipt, Receipt):
            assert self.world.receipts.setdefault(ask.key, receipt) == receipt
            if receipt.id not in self.world.items:
                self.world.items.append(receipt.id)
                self.world.owners[receipt.id] = agent
            self.world.asks.append((agent, ask))
        else:
            assert ask.key not in self.world.receipts, "a retry was refused"

    @rule(person=people, queue=st.sampled_from(["refunds", "refunds", "escalations"]))
    def take(self, person: int, queue: str) -> None:
        """Claim the next item."""
        self.run(self.taken(self.world.cast.people[person], queue))

    @rule(queue=st.sampled_from(["refunds", "escalations"]))
    def race(self, queue: str) -> None:
        """Everybody claims at once, twice."""

        async def claims() -> None:
            everybody = self.world.cast.people * 2
            await asyncio.gather(*(self.taken(person, queue) for person in everybody))

        self.run(claims())

    async def taken(self, person: Actor, queue: str) -> None:
        claimed = await self.world.do(lambda tx: claim(tx, person, queue, surface="api"))
        if claimed is not None and not isinstance(claimed, Problem):
            item, arguments = claimed.item, claimed.payload["action"]["arguments"]
            page = Page(person, item.item_id, item.epoch, item.revision, claimed.view, arguments)
            self.world.pages.append(page)

    @rule(number=numbers, verdict=verdicts, twice=st.booleans(), fresh=st.booleans())
    def vote(self, *, number: int, verdict: str, twice: bool, fresh: bool) -> None:
        """Decide on a page, however old it is, perhaps with an impatient double click."""
        page = self.page(number, fresh=fresh)
        if page is not None:
            self.cast_on(page, verdict, twice=twice)

    @rule(number=numbers, verdict=verdicts)
    def come_back(self, number: int, verdict: str) -> None:
        """Leave a page open until the lease is lost, claim again, and decide on the old page."""
        page = self.page(number, fresh=True)
        if page is not None:
            self.world.now += timedelta(seconds=LEASE_S)
            self.run(self.taken(page.person, "refunds"))
            self.cast_on(page, verdict, twice=False)

    def cast_on(self, page: Page, verdict: str, *, twice: bool) -> None:
        edits = page.arguments if verdict == "approve_with_edits" else None
        place = (page.epoch, page.revision, page.view)
        ballot = Ballot(*place, verdict, ("in_policy",), "because", edits)

        async def clicks() -> list[Any]:
            click = [self.world.do(lambda tx: decide(tx, page.person, page.item, ballot))]
            if twice:
                click.append(self.world.do(lambda tx: decide(tx, page.person, page.item, ballot)))
            return await asyncio.gather(*click)

        outcomes = self.run(clicks())
        assert len([one for one in outcomes if not isinstance(one, Problem)]) <= 1

    @rule(number=numbers, fresh=st.booleans(),
          what=st.sampled_from(["renew", "release", "skip", "open", "escalate"]))  # fmt: skip
    def handle(self, *, number: int, fresh: bool, what: str) -> None:
        """Do something else with a page."""
        page = self.page(number, fresh=fresh)
        if page is None:
            return
        who, item, epoch = page.person, page.item, page.epoch
        steps: dict[str, Step] = {
            "renew": lambda tx: renew(tx, who, item, epoch=epoch),
            "release": lambda tx: release(tx, who, item, epoch=epoch, reason=None),
            "skip": lambda tx: release(tx, who, item, epoch=epoch, reason="not mine"),
            "open": lambda tx: open_item(tx, who, item, epoch=epoch, surface="api"),
            "escalate": lambda tx: escalate(tx, who, item, epoch=epoch, to_queue=None, note=""),
        }
        shown = self.run(self.world.do(steps[what]))
        if what == "open" and not isinstance(shown, Problem):
            revised = replace(page, revision=shown.item.revision, view=shown.view)
            self.world.pages.append(revised)

    @rule(agent=agents, number=numbers, own=st.booleans(),
          what=st.sampled_from(["answer", "revise", "acknowledge", "withdraw"]))  # fmt: skip
    def follow_up(self, *, agent: int, number: int, own: bool, what: str) -> None:
        """Let an agent do something with an item, its own or not."""
        latest = what == "answer" and self.world.pages
        item = self.world.pages[-1].item if latest else self.item(number)
        who = self.world.owners[item] if own else self.world.cast.agents[agent]
        fresh = Change({"facts": [], "narrative": f"as of {number}"})
        steps: dict[str, Step] = {
            "answer": lambda tx: answer(tx, who, item, "it is so", Change({})),
            "revise": lambda tx: revise(tx, who, item, fresh),
            "withdraw": lambda tx: withdraw(tx, who, item, reason=None),
            "acknowledge": lambda tx: acknowledge(tx, who, item),
        }
        self.run(self.world.do(steps[what]))

    @rule(seconds=moments, works=st.booleans())
    def time_passes(self, *, seconds: int, works: bool) -> None:
        """Let leases lapse and deadlines pass; the worker may be late, or two may run at once."""
        self.world.now += timedelta(seconds=seconds)

        async def workers() -> None:
            work = [self.world.do(lambda tx: expire(tx, limit=5)) for _ in range(2)]
            for outcome in await asyncio.gather(*work):
                assert not isinstance(outcome, Problem), outcome

        if works:
            self.run(workers())

    @rule()
    def listen(self) -> None:
        """Let the follower of the stream read on."""
        self.run(self.world.listen())


def test_every_story_keeps_the_laws(database_url: str) -> None:
    Stories.url = database_url
    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType]
        Stories,
        settings=settings(
            max_examples=40,
            stateful_step_count=50,
            deadline=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
