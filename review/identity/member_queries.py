"""People of a workspace: every statement about them, one function each."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import UniqueViolationError

from review.identity.queries import NameTaken
from review.infra.db import Tx
from review.kernel.ids import ActorId
from review.kernel.problems import Kind, Problem

ADD = """
WITH person AS (
  INSERT INTO identity_people (workspace_id, person_id, email, name, roles, skills, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $8) RETURNING person_id
)
INSERT INTO identity_logins (email, workspace_id, person_id, password_hash)
SELECT $3, $1, person_id, $7 FROM person
"""


COLUMNS = "person_id, email, name, roles, skills, created_at, disabled_at"

PAGE = f"""
SELECT {COLUMNS} FROM identity_people
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR person_id > $2) ORDER BY person_id LIMIT $3
"""

FIND = f"SELECT {COLUMNS} FROM identity_people WHERE workspace_id = $1 AND person_id = $2"

WITH_EMAIL = f"""
SELECT {COLUMNS} FROM identity_people
WHERE workspace_id = $1 AND email = $2 AND disabled_at IS NULL
"""

CHANGE = f"""
UPDATE identity_people
SET roles = coalesce($3::text[], roles), skills = coalesce($4::text[], skills)
WHERE workspace_id = $1 AND person_id = $2 RETURNING {COLUMNS}
"""

DISABLE = """
WITH login AS (DELETE FROM identity_logins WHERE workspace_id = $1 AND person_id = $2),
  sessions AS (DELETE FROM identity_sessions WHERE workspace_id = $1 AND person_id = $2)
UPDATE identity_people SET disabled_at = $3
WHERE workspace_id = $1 AND person_id = $2 AND disabled_at IS NULL
"""

REHASH = """
WITH sessions AS (DELETE FROM identity_sessions WHERE workspace_id = $1 AND person_id = $2)
UPDATE identity_logins SET password_hash = $3 WHERE workspace_id = $1 AND person_id = $2
"""


class MemberMissing(Problem):
    """There is no such person in this workspace."""

    kind = Kind.MISSING


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a workspace."""

    person_id: ActorId
    email: str
    name: str
    roles: list[str]
    skills: list[str]
    created_at: datetime
    disabled_at: datetime | None


async def add(
    tx: Tx,
    person: ActorId,
    *,
    email: str,
    name: str,
    roles: list[str],
    skills: list[str],
    password_hash: str,
) -> None:
    """Add a person and the way they log in.

    Raises: NameTaken.
    """
    try:
        await tx.execute(
            ADD, *(tx.tenant, person, email, name, roles, skills, password_hash, tx.now)
        )
    except UniqueViolationError:
        raise NameTaken(email=email) from None


async def page(tx: Tx, *, after: ActorId | None, limit: int) -> list[Member]:
    """Return the people of the workspace in the order in which they joined, from a place on."""
    return [Member(**row) for row in await tx.fetch(PAGE, tx.tenant, after, limit)]


async def find(tx: Tx, person: ActorId) -> Member:
    """Return one person of the workspace.

    Raises: MemberMissing.
    """
    row = await tx.fetchrow(FIND, tx.tenant, person)
    if row is None:
        raise MemberMissing(person=str(person))
    return Member(**row)


async def with_email(tx: Tx, email: str) -> Member:
    """Return the person of the workspace who signs in with this address.

    Raises: MemberMissing.
    """
    row = await tx.fetchrow(WITH_EMAIL, tx.tenant, email.lower())
    if row is None:
        raise MemberMissing(email=email)
    return Member(**row)


async def names(tx: Tx, people: list[ActorId]) -> dict[ActorId, str]:
    """Return the names of actors, people and agents alike, as far as they are known here."""
    rows = await tx.fetch(
        "SELECT person_id AS id, name FROM identity_people"
        " WHERE workspace_id = $1 AND person_id = ANY ($2)"
        " UNION ALL SELECT agent_id, name FROM identity_agents"
        " WHERE workspace_id = $1 AND agent_id = ANY ($2)",
        *(tx.tenant, people),
    )
    return {row["id"]: row["name"] for row in rows}


async def change(
    tx: Tx, person: ActorId, *, roles: list[str] | None, skills: list[str] | None
) -> Member:
    """Give a person other roles or skills and return them as they now are; None keeps.

    Raises: MemberMissing.
    """
    row = await tx.fetchrow(CHANGE, tx.tenant, person, roles, skills)
    if row is None:
        raise MemberMissing(person=str(person))
    return Member(**row)


async def disable(tx: Tx, person: ActorId) -> bool:
    """Forget how a person logs in and end their sessions; tell whether they were let in before.

    What they did stays under their name. Their address may be used again, by a person of its own.
    """
    return bool(await tx.execute(DISABLE, tx.tenant, person, tx.now))


async def set_password(tx: Tx, person: ActorId, password_hash: str) -> None:
    """Replace a person's password and end the sessions that began with the old one."""
    await tx.execute(REHASH, tx.tenant, person, password_hash)
