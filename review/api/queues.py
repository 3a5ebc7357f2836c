"""/v1/queues: what queues there are, how full they are, and how they work."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, Field

from review.api.openapi import refusing
from review.api.submissions import Kind, Name, Short
from review.api.wire import Wire
from review.door import Door
from review.flows.arrange import configure_queue, open_queue, see_queues
from review.queue.configuration import document_of
from review.queue.configuration_queries import Depth, Queue, named
from review.queue.items import QueueExists, QueueMissing

OnExpiry = Literal["reject", "approve", "escalate", "withdraw"]
Effect = Literal["approve", "approve_with_edits", "reject", "request_info", "escalate", "abstain"]
Duration = Annotated[int, Field(ge=1, le=365 * 86_400, description="Seconds.")]


class Verdict(Wire):
    """One verdict of the decision form; `key` is what a reviewer presses."""

    name: Name
    effect: Effect
    label: Short
    key: Annotated[str, Field(min_length=1, max_length=1)]
    needs_reason: bool = False
    needs_note: bool = False
    irreversible: bool = False


class Reason(Wire):
    """One reason of the decision form."""

    code: Name
    label: Short


class ConfigurationIn(Wire):
    """How a queue works. Versions are immutable: a change is a new version."""

    title: Annotated[str, Field(max_length=200)] = ""
    owner: Short
    kinds: Annotated[list[Kind], Field(min_length=1)]
    verdicts: Annotated[list[Verdict], Field(min_length=1, max_length=20)]
    reasons: Annotated[list[Reason], Field(max_length=100)] = []
    due_in_s: Duration = 900
    stale_in_s: Duration = 3_600
    expires_in_s: Duration = 7_200
    on_expiry: OnExpiry = "reject"
    may_approve_on_expiry: bool = False
    lease_s: Annotated[int, Field(ge=10, le=86_400)] = 600
    max_claims: Annotated[int, Field(ge=1, le=1_000)] = 3
    escalates_to: Name | None = None
    requires: list[Short] = []
    argument_schemas: dict[str, dict[str, Any]] = {}
    content_schema: dict[str, Any] | None = None


class NewQueue(ConfigurationIn):
    """A queue to open."""

    name: Name


class QueueOut(BaseModel):
    """A queue under its current configuration."""

    id: UUID
    name: str
    version: int
    configuration: dict[str, Any]
    depth: int | None = None
    claimed: int | None = None
    waiting_on_agents: int | None = None
    oldest_at: datetime | None = None

    @classmethod
    def of(cls, queue: Queue, depth: Depth | None = None) -> Self:
        """Show a queue, and how full it is where that was counted."""
        return cls(
            id=queue.queue_id,
            name=queue.name,
            version=queue.version,
            configuration=document_of(queue.configuration),
            depth=depth and depth.depth,
            claimed=depth and depth.claimed,
            waiting_on_agents=depth and depth.asked,
            oldest_at=depth and depth.oldest,
        )


class QueuePage(BaseModel):
    """Every queue of the workspace."""

    items: list[QueueOut]
    next_cursor: str | None = None


class QueueController(Controller):
    """A queue is its configuration and what waits in it."""

    path = "/v1/queues"
    tags = ("queues",)

    @get()
    async def listing(self, door: NamedDependency[Door]) -> QueuePage:
        """List the workspace's queues with what is open in each."""
        async with door.read() as (tx, actor):
            seen = await see_queues(tx, actor)
        return QueuePage(items=[QueueOut.of(queue, depth) for queue, depth in seen])

    @get("/{queue:str}", responses=refusing(QueueMissing))
    async def read(self, queue: FromPath[str], door: NamedDependency[Door]) -> QueueOut:
        """Read one queue's current configuration: its form, its schemas, its clocks."""
        async with door.read() as (tx, _):
            found = await named(tx, queue)
        return QueueOut.of(found)

    @post(status_code=201, responses=refusing(QueueExists))
    async def create(self, data: JSONBody[NewQueue], door: NamedDependency[Door]) -> QueueOut:
        """Open a queue."""
        async with door.write() as (tx, actor):
            opened = await open_queue(
                tx, actor, data.name, data.model_dump(mode="json", exclude={"name"})
            )
        return QueueOut.of(opened)

    @post("/{queue:str}/versions", status_code=201, responses=refusing(QueueMissing))
    async def configure(
        self, queue: FromPath[str], data: JSONBody[ConfigurationIn], door: NamedDependency[Door]
    ) -> QueueOut:
        """Give a queue its next configuration; items that wait keep theirs."""
        async with door.write() as (tx, actor):
            changed = await configure_queue(tx, actor, queue, data.model_dump(mode="json"))
        return QueueOut.of(changed)
