"""What we say of an item: the wire types of our answers."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel

from review.intake.receipts import Receipt
from review.queue.items import Item
from review.queue.transitions import State

POLL_AFTER_MS = 2_000


class Estimate(BaseModel):
    """When a person is likely to have decided; null until there is enough to say."""

    p50_at: datetime | None = None
    p90_at: datetime | None = None
    basis: str = "insufficient_data"
    waiting_ahead: int | None = None


class Outcome(BaseModel):
    """How an item ended."""

    result: Literal[
        "approved",
        "approved_with_edits",
        "denied",
        "answered",
        "expired",
        "withdrawn",
        "superseded",
    ]
    cause: Literal["human", "policy", "clock", "agent"]
    by: str
    at: datetime
    decision_seq: int
    revision: int
    verdict: str | None = None
    arguments: dict[str, Any] | None = None
    message: str | None = None
    reason_codes: list[str] = []
    grant: dict[str, Any] | None = None


class Urls(BaseModel):
    """Where to go on from here."""

    self: str
    events: str
    page: str

    @classmethod
    def of(cls, item: UUID) -> Self:
        """Return an item's addresses."""
        return cls(
            self=f"/v1/items/{item}", events=f"/v1/items/{item}/events", page=f"/items/{item}"
        )


class ItemOut(BaseModel):
    """An item as its agent sees it."""

    id: UUID
    queue: str
    kind: str
    status: Literal["waiting", "claimed", "settled"]
    outcome: Outcome | None
    revision: int
    digest: str
    action_digest: str | None
    created_at: datetime
    due_at: datetime
    stale_at: datetime
    expires_at: datetime
    on_expiry: str
    waiting_on: Literal["human", "agent"] | None
    owner: str
    estimate: Estimate
    poll_after_ms: int
    joined: bool = False
    urls: Urls
    title: str | None = None
    run_id: str | None = None
    question: str | None = None
    acknowledged_at: datetime | None = None

    @classmethod
    def of_receipt(cls, receipt: Receipt) -> Self:
        """Answer a submission."""
        return cls.model_construct(
            id=receipt.id,
            queue=receipt.queue,
            kind=receipt.kind,
            status=receipt.status,
            outcome=None,
            revision=receipt.revision,
            digest=receipt.digest,
            action_digest=receipt.action_digest,
            created_at=receipt.created_at,
            due_at=receipt.due_at,
            stale_at=receipt.stale_at,
            expires_at=receipt.expires_at,
            on_expiry=receipt.on_expiry,
            waiting_on="human",
            owner=receipt.owner,
            estimate=Estimate(),
            poll_after_ms=POLL_AFTER_MS,
            joined=receipt.joined,
            urls=Urls.of(receipt.id),
        )

    @classmethod
    def of(cls, item: Item, owner: str, now: datetime) -> Self:
        """Show an item as it stands."""
        state = item.state(now)
        open_on = "agent" if state is State.ASKED else "human"
        outcome = item.told()
        return cls(
            id=item.item_id,
            queue=item.queue,
            kind=item.kind,
            status="waiting" if state is State.ASKED else state.value,
            outcome=None if outcome is None else Outcome.model_validate(outcome),
            revision=item.revision,
            digest=item.digest,
            action_digest=item.action_digest,
            created_at=item.created_at,
            due_at=item.due_at,
            stale_at=item.stale_at,
            expires_at=item.expires_at,
            on_expiry=item.on_expiry,
            waiting_on=None if state is State.SETTLED else open_on,
            owner=owner,
            estimate=Estimate(),
            poll_after_ms=POLL_AFTER_MS,
            urls=Urls.of(item.item_id),
            title=item.title,
            run_id=item.run_id,
            question=item.question,
            acknowledged_at=item.acknowledged_at,
        )


class ItemPage(BaseModel):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[ItemOut]
    next_cursor: str | None
