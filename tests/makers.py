"""Makers: the least a test must say. Every argument has a dull default."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from pydantic import SecretStr

from review.app import create_app
from review.flows.administer import found_workspace, issue_key
from review.flows.arrange import open_queue
from review.identity import member_queries as members
from review.identity.actors import Actor, Permission, Principal
from review.identity.roles import Role, Scope
from review.infra.db import Database, Tx
from review.infra.ids import fresh_id
from review.infra.passwords import hash_password
from review.infra.settings import Settings
from review.kernel.ids import SYSTEM, ActorId, WorkspaceId

PASSWORD = "correct horse battery"
HASH: list[str] = []
SECRET = "tests-only-tests-only-tests-only-tests-only"

REFUNDS: dict[str, Any] = {
    "owner": "payments-ops",
    "kinds": ["approval"],
    "verdicts": [
        {"name": "approve", "effect": "approve", "label": "Approve", "key": "a"},
        {
            "name": "approve_with_edits",
            "effect": "approve_with_edits",
            "label": "Approve with edits",
            "key": "e",
        },
        {
            "name": "reject",
            "effect": "reject",
            "label": "Reject",
            "key": "r",
            "needs_reason": True,
        },
        {
            "name": "request_info",
            "effect": "request_info",
            "label": "Ask",
            "key": "q",
            "needs_note": True,
        },
        {"name": "escalate", "effect": "escalate", "label": "Escalate", "key": "x"},
        {"name": "abstain", "effect": "abstain", "label": "Abstain", "key": "s"},
    ],
    "reasons": [
        {"code": "in_policy", "label": "In policy"},
        {"code": "out_of_policy", "label": "Out of policy"},
    ],
    "argument_schemas": {
        "issue_refund": {
            "type": "object",
            "required": ["order_id", "amount", "currency"],
            "properties": {
                "order_id": {"type": "string"},
                "amount": {"type": "string", "pattern": r"^\d+\.\d{2}$"},
                "currency": {"enum": ["EUR", "USD"]},
            },
            "additionalProperties": False,
        }
    },
    "escalates_to": "escalations",
    "max_claims": 3,
}
ESCALATIONS = {**REFUNDS, "owner": "leads", "kinds": ["approval"], "escalates_to": "refunds"}


def a_refund(**changes: Any) -> dict[str, Any]:
    """A request for approval, unlike every other."""
    order = uuid4().hex[:8]
    return {
        "queue": "refunds",
        "kind": "approval",
        "title": f"Refund 240 EUR for order {order}",
        "action": {
            "name": "issue_refund",
            "arguments": {"order_id": order, "amount": "240.00", "currency": "EUR"},
        },
        **changes,
    }


def keyed(key: str | None = None) -> dict[str, str]:
    """The header that makes a retry safe."""
    return {"Idempotency-Key": f'"{key or uuid4()}"'}


def the_operator(workspace: WorkspaceId) -> Actor:
    """Whoever sets a workspace up from the command line."""
    return Actor(workspace, SYSTEM, Principal.SYSTEM, "operator", frozenset(Permission))


@dataclass(slots=True)
class House:
    """One workspace with queues, people and agents, and clients that act as each of them."""

    workspace: WorkspaceId
    app: Litestar | str  # in this event loop, or the address of one that runs elsewhere
    db: Database
    keys: dict[str, str] = field(default_factory=dict[str, str])
    emails: dict[str, str] = field(default_factory=dict[str, str])
    people: dict[str, ActorId] = field(default_factory=dict[str, ActorId])
    clients: list[AsyncClient] = field(default_factory=list[AsyncClient])  # with connections

    def client(self, **headers: str) -> AsyncClient:
        """Speak to the app in this event loop; Litestar's own client would use another."""
        if isinstance(self.app, str):
            self.clients.append(AsyncClient(base_url=self.app, headers=headers, timeout=30))
            return self.clients[-1]
        app: Any = self.app  # httpx and Litestar spell ASGI types differently
        return AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers)

    def agent(self, name: str = "support-bot") -> AsyncClient:
        """Act as an agent, by key."""
        return self.client(Authorization=f"Bearer {self.keys[name]}")

    async def leave(self) -> None:
        """Hang up on a server that runs elsewhere."""
        for client in self.clients:
            await client.aclose()

    async def person(self, name: str = "ada") -> AsyncClient:
        """Act as a person, by session."""
        client = self.client()
        body = {"email": self.emails[name], "password": PASSWORD}
        answer = await client.post("/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client


async def hashed() -> str:
    """The hash of everybody's password, worked out once a run: it is slow on purpose."""
    if not HASH:
        HASH.append(await hash_password(PASSWORD))
    return HASH[0]


async def furnish(tx: Tx, house: House) -> None:
    """Found a workspace with two queues, two reviewers, a lead and two agents."""
    operator = the_operator(house.workspace)
    await found_workspace(tx, operator, f"workspace {house.workspace}")
    await open_queue(tx, operator, "escalations", ESCALATIONS)
    await open_queue(tx, operator, "refunds", REFUNDS)
    cast = {
        "ada": [Role.REVIEWER],
        "ben": [Role.REVIEWER],
        "lea": [Role.LEAD],
        "adam": [Role.ADMIN],
        "aud": [Role.AUDITOR],
    }
    for name, roles in cast.items():
        email = f"{name}-{house.workspace.hex[-8:]}@example.com"
        house.emails[name] = email
        house.people[name] = person = ActorId(fresh_id())
        held = [role.value for role in roles]
        await members.add(
            tx,
            person,
            email=email,
            name=name.title(),
            roles=held,
            skills=[],
            password_hash=await hashed(),
        )
    for name in ("support-bot", "other-bot"):
        scopes = [Scope.SUBMIT, Scope.OPERATE] if name == "support-bot" else [Scope.SUBMIT]
        key = await issue_key(tx, operator, agent=name, scopes=scopes, expires_at=None)
        house.keys[name] = key.token


def settings_for(database_url: str, redis_url: str) -> Settings:
    """Settings of a service under test."""
    return Settings(
        database_url=database_url,
        migrations_url=database_url,
        redis_url=redis_url,
        secret_key=SecretStr(SECRET),
        public_url="http://127.0.0.1:8000",
    )


def build(database_url: str, redis_url: str) -> Litestar:
    """The service as it runs, on a database of one's own."""
    return create_app(settings_for(database_url, redis_url))
