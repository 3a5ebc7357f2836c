"""Ground to measure on: a database of its own on the given server, furnished and dropped again."""

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import msgspec
from alembic import command
from alembic.config import Config

from bench.floor import TABLE
from review.flows.administer import add_member, found_workspace, issue_key
from review.flows.arrange import open_queue
from review.identity.actors import Actor, Permission, Principal
from review.identity.roles import Role, Scope
from review.infra import embedded
from review.infra.db import Database, dial
from review.infra.ids import fresh_id
from review.kernel.ids import SYSTEM, WorkspaceId

ROOT = Path(__file__).parent.parent
PASSWORD = "only for the benchmark"
BACKLOG, HEARD = "refunds", "heard"  # a deep queue to decide from, one whose agents wait
PEOPLE = 8

QUEUE: dict[str, Any] = {
    "owner": "payments-ops",
    "kinds": ["approval"],
    "verdicts": [
        {"name": "approve", "effect": "approve", "label": "Approve", "key": "a"},
        {"name": "reject", "effect": "reject", "label": "Reject", "key": "r", "needs_reason": True},
    ],
    "reasons": [{"code": "in_policy", "label": "In policy"}],
    "argument_schemas": {
        "issue_refund": {
            "type": "object",
            "required": ["order_id", "amount", "currency"],
            "properties": {
                "order_id": {"type": "string"},
                "amount": {"type": "string", "pattern": r"^\d+\.\d{2}$"},
                "currency": {"enum": ["EUR", "USD"]},
            },
        }
    },
}


@dataclass(slots=True)
class Ground:
    """Where to measure, and as whom."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    workspace: WorkspaceId
    key: str = field(default="", repr=False)
    emails: list[str] = field(default_factory=list[str])


def a_refund(queue: str = BACKLOG) -> dict[str, Any]:
    """Return a request of about 1 KB as JSON, unlike every other."""
    order = uuid4().hex
    return {
        "queue": queue,
        "kind": "approval",
        "title": f"Refund 240 EUR for order {order}",
        "action": {
            "name": "issue_refund",
            "arguments": {"order_id": order, "amount": "240.00", "currency": "EUR"},
        },
        "facts": [
            {"name": "order_total", "value": 240.0, "source": "orders", "etag": "v17"},
            {"name": "delivered_at", "value": "2026-03-02T10:11:12Z", "source": "carrier"},
            {"name": "refunds_90_days", "value": 1, "source": "ledger"},
        ],
        "narrative": "The parcel arrived opened and the lamp inside was broken; the customer sent "
        "two pictures, both show the same damage, and asks for the money back rather than for a "
        "replacement. The policy allows a refund within thirty days of delivery when the damage "
        "is documented, so a full refund looks right.",
        "reason": {"code": "policy_rule", "detail": "refunds above 200 EUR are approved by people"},
        "risk": {"tier": "medium", "reversible": False, "blast_radius": "one customer"},
        "run": {"run_id": f"run-{order[:8]}", "agent": "support-bot", "model": "some-model"},
    }


def encoded(document: dict[str, Any]) -> bytes:
    """Return a document as it travels."""
    return msgspec.json.encode(document)


@contextmanager
def servers() -> Generator[tuple[str, str], None, None]:
    """Give the servers the environment names, or an embedded pair for this run."""
    if "DATABASE_URL" in os.environ:
        url = os.environ["DATABASE_URL"].replace("postgresql+asyncpg:", "postgresql:")
        yield url, os.environ["REDIS_URL"]
        return
    with TemporaryDirectory() as folder, embedded.servers(Path(folder)) as pair:
        yield pair.database_url, pair.redis_url


@asynccontextmanager
async def ground(server_url: str, redis_url: str) -> AsyncGenerator[Ground, None]:
    """Make a database on a server, furnish it, and drop it when all is measured."""
    name = f"review_bench_{os.getpid()}"
    admin = await dial(server_url)
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        head, _, tail = server_url.rpartition("/")
        options = "".join(tail.partition("?")[1:])
        place = Ground(f"{head}/{name}{options}", redis_url, WorkspaceId(fresh_id()))
        config = Config(ROOT / "alembic.ini")
        config.attributes["url"] = place.database_url
        await asyncio.to_thread(command.upgrade, config, "head")
        await _furnish(place)
        yield place
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def _furnish(place: Ground) -> None:
    """Found a workspace with two queues, an agent and people, and lay the floor's table."""
    operator = Actor(place.workspace, SYSTEM, Principal.SYSTEM, "operator", frozenset(Permission))
    database = await Database.connect(place.database_url)
    async with database.begin(place.workspace) as tx:
        await found_workspace(tx, operator, "benchmark")
        for queue in (BACKLOG, HEARD):
            await open_queue(tx, operator, queue, QUEUE)
        for number in range(PEOPLE):
            place.emails.append(f"person-{number}-{place.workspace.hex}@example.com")
            await add_member(
                tx,
                operator,
                email=place.emails[-1],
                name=f"Person {number}",
                password=PASSWORD,
                roles=[Role.REVIEWER],
            )
        key = await issue_key(
            tx, operator, agent="support-bot", scopes=[Scope.SUBMIT], expires_at=None
        )
        place.key = key.token
    await database.close()
    plain = await dial(place.database_url)
    await plain.execute(TABLE)
    await plain.close()
