"""An admin looks after the people of a workspace: their roles, skills, passwords and leaving."""

from collections.abc import Sequence

from review.identity import member_queries as members
from review.identity.actors import Actor, Permission
from review.identity.credentials import ensure_long_enough
from review.identity.member_queries import Member
from review.identity.roles import Role
from review.infra.db import Tx
from review.infra.passwords import hash_password
from review.kernel.ids import ActorId
from review.kernel.problems import Kind, Problem
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening


class MemberDisabled(Problem):
    """This person is let in no longer.

    Their account is kept for the sake of what they did, and cannot be changed. To let them in
    again, add them anew.
    """

    kind = Kind.CONFLICT


async def see_members(tx: Tx, actor: Actor, *, after: ActorId | None, limit: int) -> list[Member]:
    """Return the people of the workspace in the order in which they joined, from a place on.

    Raises: NotPermitted.
    """
    actor.require(Permission.ADMIN)
    return await members.page(tx, after=after, limit=limit)


async def see_member(tx: Tx, actor: Actor, person: ActorId) -> Member:
    """Return one person of the workspace.

    Raises: NotPermitted, MemberMissing.
    """
    actor.require(Permission.ADMIN)
    return await members.find(tx, person)


async def change_member(
    tx: Tx,
    actor: Actor,
    person: ActorId,
    *,
    roles: Sequence[Role] | None = None,
    skills: Sequence[str] | None = None,
) -> Member:
    """Give a person other roles or skills; their next request is judged by the new ones.

    Raises: NotPermitted, MemberMissing, MemberDisabled.
    """
    await _admitted(tx, actor, person)
    changed = await members.change(
        tx,
        person,
        roles=None if roles is None else sorted({role.value for role in roles}),
        skills=None if skills is None else sorted(set(skills)),
    )
    await _changed(tx, actor, {"roles": changed.roles, "skills": changed.skills}, person)
    return changed


async def disable_member(tx: Tx, actor: Actor, person: ActorId) -> None:
    """Let a person in no longer; their sessions end at once.

    Raises: NotPermitted, MemberMissing, MemberDisabled.
    """
    await _admitted(tx, actor, person)
    await members.disable(tx, person)
    await _changed(tx, actor, {"disabled_at": tx.now}, person)


async def reset_password(tx: Tx, actor: Actor, person: ActorId, password: str) -> None:
    """Give a person another password; their sessions end at once.

    Raises: NotPermitted, MemberMissing, MemberDisabled, InvalidRequest.
    """
    await _admitted(tx, actor, person)
    ensure_long_enough(password)
    await members.set_password(tx, person, await hash_password(password))
    await _changed(tx, actor, {"password_at": tx.now}, person)


async def _admitted(tx: Tx, actor: Actor, person: ActorId) -> None:
    """Return quietly if somebody may change this person, and there is something to change."""
    actor.require(Permission.ADMIN)
    known = await members.find(tx, person)
    if known.disabled_at is not None:
        raise MemberDisabled(person=str(person), disabled_at=known.disabled_at.isoformat())


async def _changed(tx: Tx, actor: Actor, facts: dict[str, object], person: ActorId) -> None:
    happened = Happened(Happening.MEMBER_CHANGED, facts={"person": person, **facts})
    await ledger.append(tx, actor.principal, actor.id, happened)
