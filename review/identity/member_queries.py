"""People of a workspace: every statement about them, one function each."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import UniqueViolationError

from review.identity.queries import NameTaken
from review.infra.db import Tx
from review.kernel.ids import ActorId

ADD = """
WITH person AS (
  INSERT INTO identity_people (workspace_id, person_id, email, name, roles, skills, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $8) RETURNING person_id
)
INSERT INTO identity_logins (email, workspace_id, person_id, password_hash)
SELECT $3, $1, person_id, $7 FROM person
"""


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


async def everyone(tx: Tx) -> list[Member]:
    """Return the people of the workspace by name."""
    rows = await tx.fetch(
        "SELECT person_id, email, name, roles, skills, created_at, disabled_at"
        " FROM identity_people WHERE workspace_id = $1 ORDER BY name, person_id",
        tx.tenant,
    )
    return [Member(**row) for row in rows]


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


async def change(tx: Tx, person: ActorId, *, roles: list[str], skills: list[str]) -> bool:
    """Give a person other roles and skills; tell whether there is such a person."""
    return bool(
        await tx.execute(
            "UPDATE identity_people SET roles = $3, skills = $4"
            " WHERE workspace_id = $1 AND person_id = $2",
            *(tx.tenant, person, roles, skills),
        )
    )


async def disable(tx: Tx, person: ActorId) -> bool:
    """Let a person in no longer, and end their sessions; tell whether they were let in before."""
    await tx.execute(
        "DELETE FROM identity_sessions WHERE workspace_id = $1 AND person_id = $2",
        *(tx.tenant, person),
    )
    return bool(
        await tx.execute(
            "UPDATE identity_people SET disabled_at = $3"
            " WHERE workspace_id = $1 AND person_id = $2 AND disabled_at IS NULL",
            *(tx.tenant, person, tx.now),
        )
    )
