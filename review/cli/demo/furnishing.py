"""The demo's workspace: founded or found again, with its people, agents and queues."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from review.cli.demo.content import written
from review.cli.demo.credentials import Credentials
from review.cli.operating import operating
from review.flows.administer import add_member, found_workspace, issue_key
from review.flows.arrange import open_queue, see_queues
from review.flows.manage_members import reset_password
from review.identity import queries as identity
from review.identity import workspace_queries as workspaces
from review.identity.actors import Actor
from review.identity.credentials import Presented, SignInNeeded
from review.identity.queries import WorkspaceMissing
from review.identity.roles import Role, Scope
from review.infra.db import Tx
from review.infra.ids import fresh_id, fresh_secret
from review.infra.migrating import as_owner
from review.infra.passwords import verify
from review.infra.settings import Settings
from review.kernel.ids import WorkspaceId

WORKSPACE = "demo"
PASSWORD_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo."""

    name: str
    email: str
    role: Role
    skills: tuple[str, ...] = ()


CAST = (
    Person("Mara Okafor", "mara@demo.example", Role.REVIEWER, ("lang:de", "lang:en", "lang:fr")),
    Person("Jonas Weber", "jonas@demo.example", Role.REVIEWER, ("lang:de", "lang:en")),
    Person(
        "Lina Haddad",
        "lina@demo.example",
        Role.REVIEWER,
        ("cat:payments", "lang:ar", "lang:en", "lang:fr", "lang:he"),
    ),
    Person("Priya Raman", "priya@demo.example", Role.LEAD, ("cat:payments", "lang:en")),
    Person("Tomas Lind", "tomas@demo.example", Role.ADMIN),
    Person("Edith Sorel", "edith@demo.example", Role.AUDITOR),
)
AGENTS = {
    "support-bot": (Scope.SUBMIT, Scope.READ, Scope.OPERATE),
    "comment-guard": (Scope.SUBMIT, Scope.READ),
    "billing-bot": (Scope.SUBMIT, Scope.READ),  # never at work: what waits for it, waits
}


async def furnish(chosen: Settings, kept: Credentials | None) -> tuple[Credentials, datetime]:
    """Return credentials that work, and the time: what is missing is made, the rest is kept."""
    async with as_owner(chosen.migrations_url) as tx:
        workspace = await _known(tx)
    fresh = WorkspaceId(fresh_id())
    async with operating(chosen, workspace or fresh) as (tx, operator):
        if workspace is None:
            await found_workspace(tx, operator, WORKSPACE)
        people: dict[str, list[dict[str, str]]] = {role.value: [] for role in Role}
        for person in CAST:
            known = kept.password_of(person.email) if kept else None
            password = await _let_in(tx, operator, person, known)
            people[person.role].append({"email": person.email, "password": password})
        agents = {
            name: await _key(tx, operator, name, kept.agents.get(name) if kept else None)
            for name in AGENTS
        }
        queues = await _queues(tx, operator)
        found = Credentials(chosen.public_url, str(tx.tenant), agents, people, queues)
        return found, tx.now


async def _known(tx: Tx) -> WorkspaceId | None:
    """Return the demo's workspace, if it has been founded."""
    try:
        return await workspaces.called(tx, WORKSPACE)
    except WorkspaceMissing:
        return None


async def _let_in(tx: Tx, operator: Actor, person: Person, known: str | None) -> str:
    """Return a password with which a person can sign in: the known one, if it still works."""
    login = await identity.login(tx, person.email)
    if known and login and await verify(known, login.password_hash):
        return known
    password = fresh_secret()[:PASSWORD_LENGTH]
    if login is not None and login.workspace_id == tx.tenant:
        await reset_password(tx, operator, login.person_id, password)
        return password
    await add_member(
        tx,
        operator,
        email=person.email,
        name=person.name,
        password=password,
        roles=[person.role],
        skills=person.skills,
    )
    return password


async def _key(tx: Tx, operator: Actor, agent: str, known: str | None) -> str:
    """Return a key with which an agent can sign in: the known one, if it still works."""
    try:
        if known:
            await identity.actor_of(tx, Presented.read(known))
            return known
    except SignInNeeded:
        pass
    fresh = await issue_key(tx, operator, agent=agent, scopes=AGENTS[agent], expires_at=None)
    return fresh.token


async def _queues(tx: Tx, operator: Actor) -> list[str]:
    """Return the demo's queues; the one others escalate to is opened first."""
    configurations: dict[str, dict[str, Any]] = written("queues")
    known = {queue.name for queue, _ in await see_queues(tx, operator)}
    for name, document in configurations.items():
        if name not in known:
            await open_queue(tx, operator, name, document)
    return [*(name for name in configurations if name != "escalations"), "escalations"]
