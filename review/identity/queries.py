"""Every statement this noun sends to PostgreSQL, one function each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import UniqueViolationError

from review.identity.actors import Actor, Principal
from review.identity.credentials import (
    SESSION_LIFE,
    SESSION_TOUCH,
    Form,
    Presented,
    SignInNeeded,
    matches,
    session_is_live,
)
from review.identity.roles import Role, Scope, permissions_of
from review.infra.db import Row, Tx
from review.infra.statements import Statement
from review.kernel.ids import ActorId, WorkspaceId
from review.kernel.problems import Kind, Problem

KEY = """
SELECT c.secret_digest, c.scopes, c.expires_at, c.revoked_at, a.agent_id, a.name
FROM identity_credentials c
JOIN identity_agents a ON a.workspace_id = c.workspace_id AND a.agent_id = c.agent_id
WHERE c.workspace_id = $1 AND c.prefix = $2
"""

SESSION = """
SELECT s.seen_at, s.expires_at, p.person_id, p.email, p.name, p.roles, p.skills
FROM identity_sessions s
JOIN identity_people p ON p.workspace_id = s.workspace_id AND p.person_id = s.person_id
WHERE s.workspace_id = $1 AND s.token_digest = $2 AND p.disabled_at IS NULL
"""

TOUCH = """
UPDATE identity_sessions SET seen_at = $3
WHERE workspace_id = $1 AND token_digest = $2 AND seen_at + $4::interval < $3
"""

START_SESSION = """
WITH old AS (
  DELETE FROM identity_sessions WHERE workspace_id = $1 AND person_id = $3 AND expires_at <= $4
)
INSERT INTO identity_sessions (workspace_id, token_digest, person_id, created_at, seen_at,
  expires_at)
VALUES ($1, $2, $3, $4, $4, $5)
"""

FAIL = """
INSERT INTO identity_throttles (subject, failures, blocked_until) VALUES ($1, 1, $2)
ON CONFLICT (subject) DO UPDATE SET failures = identity_throttles.failures + 1
RETURNING failures
"""


class NameTaken(Problem):
    """This name or e-mail address is taken.

    E-mail addresses are unique across the service, names of agents and workspaces where they live.
    """

    kind = Kind.CONFLICT


class WorkspaceMissing(Problem):
    """There is no such workspace."""

    kind = Kind.MISSING


@dataclass(frozen=True, slots=True)
class Login:
    """Where a person logs in, and what their password hashes to."""

    workspace_id: WorkspaceId
    person_id: ActorId
    password_hash: str


def question(presented: Presented) -> Statement:
    """Return the statement that looks a credential up; `recognised` reads its answer."""
    if presented.form is Form.KEY:
        return Statement(KEY, (presented.workspace, presented.prefix))
    return Statement(SESSION, (presented.workspace, presented.digest))


async def actor_of(tx: Tx, presented: Presented) -> Actor:
    """Return who presents a credential, as it stands at this moment.

    Raises: SignInNeeded.
    """
    asked = question(presented)
    return recognised(presented, await tx.fetchrow(asked.sql, *asked.args), now=tx.now)


def recognised(presented: Presented, row: Row | None, *, now: datetime) -> Actor:
    """Return who presents a credential, from what was found of it.

    Raises: SignInNeeded.
    """
    if row is None or row["name"] is None:
        raise SignInNeeded
    if presented.form is Form.KEY:
        return _agent(presented, row, now)
    if not session_is_live(now=now, seen_at=row["seen_at"], expires_at=row["expires_at"]):
        raise SignInNeeded
    return person_of(presented.workspace, row)


def person_of(workspace: WorkspaceId, row: Row) -> Actor:
    """Turn a row of a person into an actor."""
    return Actor(
        workspace=workspace,
        id=row["person_id"],
        principal=Principal.PERSON,
        name=row["name"],
        permissions=permissions_of(Role(role) for role in row["roles"]),
        skills=frozenset(row["skills"]),
        email=row["email"],
    )


def _agent(presented: Presented, row: Row, now: datetime) -> Actor:
    if not matches(row["secret_digest"], presented.digest):
        raise SignInNeeded
    expired = row["expires_at"] is not None and row["expires_at"] <= now
    if row["revoked_at"] is not None or expired:
        raise SignInNeeded
    return Actor(
        workspace=presented.workspace,
        id=row["agent_id"],
        principal=Principal.AGENT,
        name=row["name"],
        permissions=permissions_of(Scope(scope) for scope in row["scopes"]),
    )


async def touch_session(tx: Tx, presented: Presented, row: Row) -> None:
    """Remember, to the minute, that the session that was found is in use."""
    if presented.form is Form.SESSION and row["seen_at"] + SESSION_TOUCH < tx.now:
        await tx.execute(TOUCH, presented.workspace, presented.digest, tx.now, SESSION_TOUCH)


async def start_session(tx: Tx, person: ActorId, token_digest: bytes) -> datetime:
    """Open a session and drop the person's ended ones; return when it ends at the latest."""
    ends = tx.now + SESSION_LIFE
    await tx.execute(START_SESSION, tx.tenant, token_digest, person, tx.now, ends)
    return ends


async def end_session(tx: Tx, presented: Presented) -> None:
    """Forget a session."""
    await tx.execute(
        "DELETE FROM identity_sessions WHERE workspace_id = $1 AND token_digest = $2",
        *(presented.workspace, presented.digest),
    )


async def login(tx: Tx, email: str) -> Login | None:
    """Return how the person with this address logs in, if there is one."""
    row = await tx.fetchrow(
        "SELECT workspace_id, person_id, password_hash FROM identity_logins WHERE email = $1",
        email.lower(),
    )
    return None if row is None else Login(**row)


async def blocked_for(tx: Tx, subject: bytes) -> timedelta | None:
    """Return how much longer log-ins for this subject must wait, if they must."""
    until = await tx.fetchval(
        "SELECT blocked_until FROM identity_throttles WHERE subject = $1", subject
    )
    return until - tx.now if until is not None and until > tx.now else None


async def count_failure(tx: Tx, subject: bytes) -> int:
    """Count a failed log-in and return how many there are in a row."""
    return await tx.fetchval(FAIL, subject, tx.now)


async def block(tx: Tx, subject: bytes, *, until: datetime) -> None:
    """Refuse log-ins for this subject until an instant."""
    await tx.execute(
        "UPDATE identity_throttles SET blocked_until = $2 WHERE subject = $1", subject, until
    )


async def forgive(tx: Tx, subject: bytes) -> None:
    """Forget failed log-ins."""
    await tx.execute("DELETE FROM identity_throttles WHERE subject = $1", subject)


async def create_workspace(tx: Tx, name: str) -> None:
    """Open the workspace this transaction is confined to.

    Raises: NameTaken.
    """
    try:
        await tx.execute(
            "INSERT INTO identity_workspaces (workspace_id, name, created_at) VALUES ($1, $2, $3)",
            *(tx.tenant, name, tx.now),
        )
    except UniqueViolationError:
        raise NameTaken(name=name) from None


async def add_agent(tx: Tx, agent: ActorId, name: str) -> None:
    """Add an agent.

    Raises: NameTaken.
    """
    try:
        await tx.execute(
            "INSERT INTO identity_agents (workspace_id, agent_id, name, created_at)"
            " VALUES ($1, $2, $3, $4)",
            *(tx.tenant, agent, name, tx.now),
        )
    except UniqueViolationError:
        raise NameTaken(name=name) from None


async def agent_named(tx: Tx, name: str) -> ActorId | None:
    """Return the agent of that name, if there is one."""
    return await tx.fetchval(
        "SELECT agent_id FROM identity_agents WHERE workspace_id = $1 AND name = $2",
        *(tx.tenant, name),
    )
