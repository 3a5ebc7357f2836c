"""Claims, views and decisions: what people do, the same for the console and for scripts."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, delete, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, Field

from review.api.answers import ItemOut
from review.api.openapi import refusing
from review.api.submissions import Name, Short
from review.api.wire import Wire
from review.decisions.votes import AlreadyVoted, Ballot, SelfApproval, ViewMismatch
from review.door import Door
from review.flows.claim import Claimed, claim
from review.flows.decide import decide
from review.flows.escalate import escalate
from review.flows.look import look
from review.flows.open import open_item
from review.flows.release import release
from review.flows.renew import renew
from review.infra.closing import closing
from review.infra.nudges import LOOK_AGAIN_S, Nudges, heard
from review.intake.schemas import ArgumentsInvalid
from review.kernel.ids import ItemId, ViewId
from review.queue.configuration import ReasonNeeded, UnknownVerdict
from review.queue.deadlines import FactsStale
from review.queue.items import ItemMissing, QueueMissing, RevisionMoved, TooManyClaims, TooManyHops
from review.queue.transitions import AlreadySettled, Expired, StaleClaim

HELD = (ItemMissing, StaleClaim, AlreadySettled, Expired)
PASSING_ON = (*HELD, QueueMissing, TooManyHops)
FORM = (UnknownVerdict, ReasonNeeded, ArgumentsInvalid)
DECIDING = (*PASSING_ON, *FORM, RevisionMoved, SelfApproval, FactsStale, ViewMismatch, AlreadyVoted)
EMPTY = ResponseSpec(None, description="Nothing eligible waits.")

Epoch = Annotated[int, Field(ge=0, le=2**31 - 1, description="The claim's epoch.")]
Note = Annotated[str, Field(max_length=20_000)]


class ClaimWish(Wire):
    """How long to wait for something to claim."""

    wait_s: Annotated[int, Field(ge=0, le=60)] = 0


class VerdictOut(BaseModel):
    """One verdict of the decision form."""

    name: str
    effect: str
    label: str
    key: str
    needs_reason: bool
    needs_note: bool


class ReasonOut(BaseModel):
    """One reason of the decision form."""

    code: str
    label: str


class ClaimOut(BaseModel):
    """An item in hand: what it asks, why now, and what a decision on it must quote."""

    item: UUID
    queue: str
    kind: str
    title: str
    epoch: int
    claimed_until: datetime
    why_now: str
    handover: str | None = None
    revision: int
    view: UUID
    digest: str
    due_at: datetime
    stale_at: datetime
    expires_at: datetime
    content: dict[str, Any]
    verdicts: list[VerdictOut]
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, claimed: Claimed) -> "ClaimOut":
        """Show a claim to its holder."""
        item, rules = claimed.item, claimed.configuration
        return cls.model_construct(
            item=item.item_id,
            queue=item.queue,
            kind=item.kind,
            title=item.title,
            epoch=item.epoch,
            claimed_until=item.claimed_until,
            why_now=claimed.why_now,
            handover=item.handover,
            revision=item.revision,
            view=claimed.view,
            digest=item.digest,
            due_at=item.due_at,
            stale_at=item.stale_at,
            expires_at=item.expires_at,
            content=claimed.payload,
            verdicts=[
                VerdictOut.model_validate(one, from_attributes=True) for one in rules.verdicts
            ],
            reasons=[ReasonOut(code=one.code, label=one.label) for one in rules.reasons],
        )


class Held(Wire):
    """The claim a holder speaks of."""

    epoch: Epoch


class Let(Held):
    """Letting go of a claim; with a reason it is a skip, and the item is not offered again."""

    reason: Short | None = None


class RenewedOut(BaseModel):
    """Until when the claim now lasts."""

    item: UUID
    epoch: int
    claimed_until: datetime


class ViewOut(BaseModel):
    """The record of what was shown; a decision quotes `view`."""

    view: UUID
    item: UUID
    revision: int
    epoch: int


class Decision(Wire):
    """A verdict, why, and what exactly it was made on."""

    epoch: Epoch
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    view: UUID
    verdict: Name
    reason_codes: Annotated[list[Name], Field(max_length=20)] = []
    note: Note = ""
    labels: dict[str, bool] | None = None
    severity: Short | None = None
    policy: Short | None = None
    arguments: dict[str, Any] | None = None

    def ballot(self) -> Ballot:
        """Return the decision as the flow takes it."""
        answers = {"labels": self.labels, "severity": self.severity, "policy": self.policy}
        return Ballot(
            epoch=self.epoch,
            revision=self.revision,
            view=ViewId(self.view),
            verdict=self.verdict,
            reason_codes=tuple(self.reason_codes),
            note=self.note,
            arguments=self.arguments,
            answers={name: value for name, value in answers.items() if value is not None},
        )


class Escalation(Held):
    """Passing a held item on; without a queue, to the one its own escalates to."""

    to_queue: Name | None = None
    note: Note = ""


class ReviewController(Controller):
    """A claim is a lease; what it covers is shown, recorded, decided, let go."""

    path = "/v1"
    tags = ("reviewing",)

    @post(
        "/queues/{queue:str}/claims",
        status_code=201,
        responses={204: EMPTY, **refusing(QueueMissing, TooManyClaims)},
    )
    async def claim(
        self,
        queue: FromPath[str],
        door: NamedDependency[Door],
        nudges: NamedDependency[Nudges],
        data: JSONBody[ClaimWish | None] = None,
    ) -> Response[ClaimOut]:
        """Take the next item in hand; 204 when nothing eligible waits."""
        claimed = await claim_within(door, nudges, queue, 0 if data is None else data.wait_s)
        if claimed is None:
            return Response(None, status_code=204)  # pyright: ignore[reportReturnType]
        return Response(ClaimOut.of(claimed), status_code=201)

    @put("/items/{item_id:uuid}/claim", responses=refusing(*HELD))
    async def renew(
        self, item_id: FromPath[UUID], door: NamedDependency[Door], data: JSONBody[Held]
    ) -> RenewedOut:
        """Keep an item in hand for another lease; a holder can always renew."""
        async with door.write() as (tx, actor):
            until = await renew(tx, actor, ItemId(item_id), epoch=data.epoch)
        return RenewedOut(item=item_id, epoch=data.epoch, claimed_until=until)

    @delete("/items/{item_id:uuid}/claim", status_code=204, responses=refusing(*HELD))
    async def release(
        self, item_id: FromPath[UUID], door: NamedDependency[Door], data: JSONBody[Let]
    ) -> None:
        """Put an item back; with a reason it is skipped, and not offered to you again."""
        async with door.write() as (tx, actor):
            await release(tx, actor, ItemId(item_id), epoch=data.epoch, reason=data.reason)

    @post("/items/{item_id:uuid}/views", status_code=201, responses=refusing(*HELD))
    async def view(
        self,
        item_id: FromPath[UUID],
        door: NamedDependency[Door],
        data: JSONBody[Held | None] = None,
    ) -> ViewOut:
        """Record that the holder is shown the current revision, and return the view's name."""
        epoch = None if data is None else data.epoch
        async with door.write() as (tx, actor):
            opened = await open_item(tx, actor, ItemId(item_id), epoch=epoch, surface="api")
        item = opened.item
        return ViewOut(view=opened.view, item=item_id, revision=item.revision, epoch=item.epoch)

    @post("/items/{item_id:uuid}/decisions", status_code=201, responses=refusing(*DECIDING))
    async def decide(
        self, item_id: FromPath[UUID], door: NamedDependency[Door], data: JSONBody[Decision]
    ) -> ItemOut:
        """Decide on what you hold and were shown."""
        async with door.write() as (tx, actor):
            decided = await decide(tx, actor, ItemId(item_id), data.ballot())
        return ItemOut.of(decided.item, decided.owner, decided.now)

    @post("/items/{item_id:uuid}/escalations", status_code=201, responses=refusing(*PASSING_ON))
    async def escalate(
        self, item_id: FromPath[UUID], door: NamedDependency[Door], data: JSONBody[Escalation]
    ) -> ItemOut:
        """Pass a held item on to people who may decide what you may not."""
        async with door.write() as (tx, actor):
            await escalate(
                tx,
                actor,
                ItemId(item_id),
                epoch=data.epoch,
                to_queue=data.to_queue,
                note=data.note,
            )
            seen = await look(tx, actor, ItemId(item_id))
        return ItemOut.of(seen.item, seen.owner, seen.now)


async def claim_within(door: Door, nudges: Nudges, queue: str, wait_s: float) -> Claimed | None:
    """Claim as soon as something eligible waits, for as long as the caller would wait."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    with nudges.listening(door.known().workspace, "events") as event:
        while True:
            async with door.write() as (tx, actor):
                claimed = await claim(tx, actor, queue, surface="api")
            left = deadline - loop.time()
            if claimed is not None or left <= 0 or closing.is_set():
                return claimed
            await heard(event, within_s=min(left, LOOK_AGAIN_S))
