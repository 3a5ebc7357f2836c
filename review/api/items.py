"""/v1/items: what agents ask, and what they hear."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from pydantic import BaseModel, Field

from review.api.answers import ItemOut, ItemPage
from review.api.headers import KeyInvalid, idempotency_key
from review.api.openapi import refusing
from review.api.problems import document_of
from review.api.submissions import Answered, NewItem, Revised
from review.api.wire import Wire
from review.door import Door
from review.flows.acknowledge import acknowledge
from review.flows.answer import answer
from review.flows.look import look, look_through
from review.flows.revise import revise
from review.flows.submit import NotNew, submit, submit_new
from review.flows.withdraw import withdraw
from review.intake.asks import Ask
from review.intake.receipts import KeyInFlight, KeyMissing, KeyReused, Receipt
from review.intake.schemas import ArgumentsInvalid
from review.kernel.ids import ItemId
from review.kernel.problems import DoomedRequest, Problem
from review.queue.items import AlreadyWaiting, ItemMissing, KindNotTaken, QueueMissing
from review.queue.list_queries import Filter
from review.queue.transitions import AlreadySettled, Expired, NothingAsked, NotSettled

MOST_AT_ONCE = 1_000
BATCH_BYTES = 16 * 1024 * 1024
OWN = (ItemMissing, AlreadySettled, Expired)
REVISING = (*OWN, AlreadyWaiting, DoomedRequest, ArgumentsInvalid)
KEYS = (KeyMissing, KeyInvalid, KeyInFlight, KeyReused)
SUBMITTING = (*KEYS, QueueMissing, KindNotTaken, *REVISING)
JOINED = ResponseSpec(ItemOut, generate_examples=False, description="It joins one that waits.")


class Batch(Wire):
    """Up to a thousand requests, each with an `idempotency_key` of its own beside its fields."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_AT_ONCE)]


class BatchAnswer(BaseModel):
    """The answer to one request of a batch: an item, or the problem with it."""

    status: int
    item: ItemOut | None = None
    problem: dict[str, Any] | None = None


class BatchOut(BaseModel):
    """The answers to a batch, in the order of its requests."""

    items: list[BatchAnswer]


class Withdrawal(Wire):
    """Why the answer is no longer needed."""

    reason: Annotated[str, Field(max_length=2_000)] | None = None


class RevisionOut(BaseModel):
    """The number of the revision that now stands."""

    item: UUID
    revision: int


class ItemController(Controller):
    """Items are asked for once, and heard of until somebody has listened."""

    path = "/v1/items"
    tags = ("items",)

    @post(status_code=202, responses={200: JOINED, **refusing(*SUBMITTING)})
    async def create(
        self,
        data: JSONBody[NewItem],
        door: NamedDependency[Door],
        key: Annotated[str | None, HeaderParameter(name="Idempotency-Key")] = None,
    ) -> Response[ItemOut]:
        """Ask for a decision; 202 when the item waits, 200 when it joins one that does."""
        ask = data.ask(idempotency_key(key))
        [receipt] = await submitted(door, [ask])
        if isinstance(receipt, Problem):
            raise receipt
        return Response(ItemOut.of_receipt(receipt), status_code=200 if receipt.joined else 202)

    @get()
    async def listing(
        self,
        door: NamedDependency[Door],
        status: FromQuery[Literal["waiting", "claimed", "settled"] | None] = None,
        queue: FromQuery[str | None] = None,
        run_id: FromQuery[str | None] = None,
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    ) -> ItemPage:
        """List items, newest first: an agent's own, a person's whole workspace."""
        wanted = Filter(status=status, queue=queue, run_id=run_id)
        before = None if cursor is None else ItemId(cursor)
        async with door.read() as (tx, actor):
            seen = await look_through(tx, actor, wanted, before=before, limit=limit)
        return ItemPage(
            items=[ItemOut.of(one.item, one.owner, one.now) for one in seen],
            next_cursor=str(seen[-1].item.item_id) if len(seen) == limit else None,
        )

    @post("/{item_id:uuid}/withdrawal", status_code=200, responses=refusing(*OWN))
    async def withdraw(
        self,
        item_id: FromPath[UUID],
        door: NamedDependency[Door],
        data: JSONBody[Withdrawal | None] = None,
    ) -> ItemOut:
        """Take an open item back; its outcome is `withdrawn`, caused by its agent."""
        async with door.write() as (tx, actor):
            await withdraw(tx, actor, ItemId(item_id), reason=data and data.reason)
            seen = await look(tx, actor, ItemId(item_id))
        return ItemOut.of(seen.item, seen.owner, seen.now)

    @post("/{item_id:uuid}/revisions", status_code=201, responses=refusing(*REVISING))
    async def revise(
        self, item_id: FromPath[UUID], door: NamedDependency[Door], data: JSONBody[Revised]
    ) -> RevisionOut:
        """Change what an open item asks: new facts or arguments make a new revision."""
        async with door.write() as (tx, actor):
            revision = await revise(tx, actor, ItemId(item_id), data.change())
        return RevisionOut(item=item_id, revision=revision)

    @post("/{item_id:uuid}/answers", status_code=201, responses=refusing(NothingAsked, *REVISING))
    async def answer(
        self, item_id: FromPath[UUID], door: NamedDependency[Door], data: JSONBody[Answered]
    ) -> RevisionOut:
        """Answer a reviewer's question; the item then waits for people again."""
        async with door.write() as (tx, actor):
            revision = await answer(tx, actor, ItemId(item_id), data.answer, data.change())
        return RevisionOut(item=item_id, revision=revision)

    @post(
        "/{item_id:uuid}/acknowledgements",
        status_code=201,
        responses=refusing(ItemMissing, NotSettled),
    )
    async def acknowledge(self, item_id: FromPath[UUID], door: NamedDependency[Door]) -> ItemOut:
        """Say that the decision has been picked up; saying so again changes nothing."""
        async with door.write() as (tx, actor):
            await acknowledge(tx, actor, ItemId(item_id))
            seen = await look(tx, actor, ItemId(item_id))
        return ItemOut.of(seen.item, seen.owner, seen.now)


@post(
    "/v1/items:batch",
    status_code=200,
    request_max_body_size=BATCH_BYTES,
    tags=["items"],
    responses=refusing(AlreadyWaiting),
)
async def create_batch(data: JSONBody[Batch], door: NamedDependency[Door]) -> BatchOut:
    """Ask for many decisions at once; every request gets an answer of its own, in order."""
    asks = [parse(document) for document in data.items]
    answers = iter(await submitted(door, [ask for ask in asks if isinstance(ask, Ask)]))
    found = [next(answers) if isinstance(ask, Ask) else ask for ask in asks]
    return BatchOut(items=[answer_of(one) for one in found])


async def submitted(door: Door, asks: Sequence[Ask]) -> list[Receipt | Problem]:
    """Submit in one transaction; whoever loses a race to ask for the same action joins the winner.

    Raises: NotPermitted, AlreadyWaiting.
    """
    if len(asks) == 1:
        with suppress(NotNew):
            async with door.write() as (tx, actor):
                return [await submit_new(tx, actor, asks[0])]
    try:
        async with door.write() as (tx, actor):
            return await submit(tx, actor, asks)
    except AlreadyWaiting:
        async with door.write() as (tx, actor):
            return await submit(tx, actor, asks)


def parse(document: dict[str, Any]) -> Ask | Problem:
    """Read one request of a batch, or say what is wrong with it."""
    rest = dict(document)
    key = rest.pop("idempotency_key", None)
    try:
        return NewItem.model_validate(rest).ask(idempotency_key(key))
    except Problem as problem:
        return problem


def answer_of(found: Receipt | Problem) -> BatchAnswer:
    """Return one answer of a batch."""
    if isinstance(found, Receipt):
        status = 200 if found.joined else 202
        return BatchAnswer(status=status, item=ItemOut.of_receipt(found))
    document = document_of(found)
    return BatchAnswer(status=document["status"], problem=document)
