"""/v1/subscriptions and /v1/messages: who is told of what, and whether it arrived."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, SkipValidation
from pydantic import BaseModel, Field

from review.api.openapi import refusing
from review.api.submissions import Name
from review.api.wire import Wire
from review.delivery.letters import Letter, MessageMissing, MessageOnItsWay, MessageState
from review.delivery.subscriptions import (
    Subscription,
    SubscriptionEnded,
    SubscriptionMissing,
    TooManySubscriptions,
    Wish,
)
from review.delivery.targets import LONGEST, TargetRefused
from review.door import Door
from review.flows.replay import replay, see_messages
from review.flows.subscribe import (
    see_subscription,
    see_subscriptions,
    subscribe,
    unsubscribe,
)
from review.infra.settings import Reach
from review.kernel.ids import MessageId, SubscriptionId
from review.queue.items import QueueMissing

EventType = Literal["item.settled", "item.asked", "item.escalated"]
Limit = Annotated[int, QueryParameter(ge=1, le=200)]


class NewSubscription(Wire):
    """Where to send what. No event types means all of them, no queue means every queue."""

    url: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    event_types: Annotated[list[EventType], Field(max_length=20)] = []
    queue: Name | None = None


class SubscriptionOut(BaseModel):
    """A subscription. `hears` says whether it is told of its owner's own items or of all."""

    id: UUID
    url: str
    event_types: list[str]
    queue: str | None
    hears: Literal["own", "all"]
    owner: UUID
    created_at: datetime
    ended_at: datetime | None
    end_reason: str | None

    @classmethod
    def of(cls, one: Subscription, **more: Any) -> Self:  # noqa: ANN401 - more fields
        """Show a subscription."""
        return cls(
            id=one.subscription_id,
            url=one.url,
            event_types=one.event_types,
            queue=one.queue,
            hears="all" if one.producer_id is None else "own",
            owner=one.owner_id,
            created_at=one.created_at,
            ended_at=one.ended_at,
            end_reason=one.end_reason,
            **more,
        )


class SubscribedOut(SubscriptionOut):
    """A fresh subscription with the secret that signs its messages, shown this once."""

    secret: str


class SubscriptionPage(BaseModel):
    """One page of subscriptions; `next_cursor` is null on the last."""

    items: list[SubscriptionOut]
    next_cursor: str | None


class AttemptOut(BaseModel):
    """One attempt to deliver a message; without a status no answer came."""

    attempt: int
    at: datetime
    status: int | None
    error: str | None
    took_ms: int


class MessageOut(BaseModel):
    """One message to one subscriber. Its id is the `webhook-id` it is sent under."""

    id: UUID
    subscription: UUID
    url: str
    item: UUID | None
    type: str
    state: Literal["due", "sent", "dead"]
    created_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    dead_at: datetime | None
    attempts: list[AttemptOut]

    @classmethod
    def of(cls, letter: Letter) -> Self:
        """Show a message with its attempts."""
        return cls(
            id=letter.message_id,
            subscription=letter.subscription_id,
            url=letter.url,
            item=letter.item_id,
            type=letter.type,
            state=letter.state.value,
            created_at=letter.created_at,
            due_at=letter.due_at if letter.state is MessageState.DUE else None,
            sent_at=letter.sent_at,
            dead_at=letter.dead_at,
            attempts=[AttemptOut.model_validate(one, from_attributes=True) for one in letter.tries],
        )


class MessagePage(BaseModel):
    """One page of messages; `next_cursor` is null on the last."""

    items: list[MessageOut]
    next_cursor: str | None


class SubscriptionController(Controller):
    """A subscriber is told of what happens, by signed webhooks, at least once each."""

    path = "/v1/subscriptions"
    tags = ("subscriptions",)

    @post(status_code=201, responses=refusing(TargetRefused, QueueMissing, TooManySubscriptions))
    async def create(
        self,
        data: JSONBody[NewSubscription],
        door: NamedDependency[Door],
        reach: NamedDependency[SkipValidation[Reach]],
    ) -> SubscribedOut:
        """Subscribe an address: agents hear of their own items, operators of everything."""
        wish = Wish(data.url, tuple(data.event_types), data.queue)
        async with door.write() as (tx, actor):
            made = await subscribe(tx, actor, wish, reach=reach, secret_key=door.secret_key)
        return SubscribedOut.of(made.subscription, secret=made.secret)

    @get()
    async def listing(
        self,
        door: NamedDependency[Door],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> SubscriptionPage:
        """List subscriptions, newest first, those that ended among them."""
        before = None if cursor is None else SubscriptionId(cursor)
        async with door.read() as (tx, actor):
            seen = await see_subscriptions(tx, actor, before=before, limit=limit)
        return SubscriptionPage(
            items=[SubscriptionOut.of(one) for one in seen],
            next_cursor=str(seen[-1].subscription_id) if len(seen) == limit else None,
        )

    @get("/{subscription_id:uuid}", responses=refusing(SubscriptionMissing))
    async def read(
        self, subscription_id: FromPath[UUID], door: NamedDependency[Door]
    ) -> SubscriptionOut:
        """Read one subscription."""
        async with door.read() as (tx, actor):
            seen = await see_subscription(tx, actor, SubscriptionId(subscription_id))
        return SubscriptionOut.of(seen)

    @delete("/{subscription_id:uuid}", status_code=204, responses=refusing(SubscriptionMissing))
    async def end(
        self, subscription_id: FromPath[UUID], door: NamedDependency[Door]
    ) -> Response[None]:
        """End a subscription; what was still to be sent to it is given up."""
        async with door.write() as (tx, actor):
            await unsubscribe(tx, actor, SubscriptionId(subscription_id))
        return Response(None, status_code=204)


class MessageController(Controller):
    """A message is tried for about three days, then waits here to be replayed."""

    path = "/v1/messages"
    tags = ("subscriptions",)

    @get()
    async def listing(
        self,
        door: NamedDependency[Door],
        wanted: Annotated[
            Literal["due", "sent", "dead"] | None, QueryParameter(name="state")
        ] = None,
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> MessagePage:
        """List messages with their attempts, newest first."""
        state = None if wanted is None else MessageState(wanted)
        before = None if cursor is None else MessageId(cursor)
        async with door.read() as (tx, actor):
            seen = await see_messages(tx, actor, state, before, limit)
        return MessagePage(
            items=[MessageOut.of(letter) for letter in seen],
            next_cursor=str(seen[-1].message_id) if len(seen) == limit else None,
        )

    @post(
        "/{message_id:uuid}/replay",
        status_code=200,
        responses=refusing(MessageMissing, MessageOnItsWay, SubscriptionEnded),
    )
    async def replay(self, message_id: FromPath[UUID], door: NamedDependency[Door]) -> MessageOut:
        """Send a message that was given up, or was lost on the other side, once more."""
        async with door.write() as (tx, actor):
            letter = await replay(tx, actor, MessageId(message_id))
        return MessageOut.of(letter)
