"""A workspace is founded, people and agents join it, keys are handed out and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from review.identity import key_queries as keys
from review.identity import member_queries as members
from review.identity import queries as identity
from review.identity.actors import Actor, Permission
from review.identity.credentials import Form, digest_of, ensure_long_enough, spell
from review.identity.roles import Role, Scope
from review.infra.db import Tx
from review.infra.ids import fresh_id, fresh_prefix, fresh_secret
from review.infra.passwords import hash_password
from review.kernel.ids import ActorId, CredentialId
from review.kernel.problems import Kind, Problem, invalid
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening


class KeyUnknown(Problem):
    """There is no live key with this prefix or id."""

    kind = Kind.MISSING


LONGEST_KEY = timedelta(days=3_653)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key; the token is shown once and kept nowhere."""

    key: keys.Key
    token: str


async def found_workspace(tx: Tx, actor: Actor, name: str) -> None:
    """Open the workspace this transaction is confined to.

    Raises: NotPermitted, NameTaken.
    """
    actor.require(Permission.ADMIN)
    await identity.create_workspace(tx, name)
    happened = Happened(Happening.WORKSPACE_CREATED, facts={"name": name})
    await ledger.append(tx, actor.principal, actor.id, happened)


async def add_member(
    tx: Tx,
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str,
    roles: Sequence[Role],
    skills: Sequence[str] = (),
) -> ActorId:
    """Add a person who can sign in.

    Raises: NotPermitted, InvalidRequest, NameTaken.
    """
    actor.require(Permission.ADMIN)
    ensure_long_enough(password)
    if "@" not in email.strip("@"):
        raise invalid("/email", "is not an e-mail address")
    person = ActorId(fresh_id())
    await members.add(
        tx,
        person,
        email=email.lower(),
        name=name,
        roles=[role.value for role in roles],
        skills=sorted(skills),
        password_hash=await hash_password(password),
    )
    facts = {"person": person, "roles": list(roles)}
    happened = Happened(Happening.MEMBER_ADDED, facts=facts)
    await ledger.append(tx, actor.principal, actor.id, happened)
    return person


async def issue_key(
    tx: Tx, actor: Actor, *, agent: str, scopes: Sequence[Scope], expires_at: datetime | None
) -> NewKey:
    """Hand out a key to the agent of that name, who joins if it is new.

    Raises: NotPermitted, InvalidRequest.
    """
    actor.require(Permission.ADMIN)
    if expires_at is not None and expires_at <= tx.now:
        raise invalid("/expires_at", "has already passed")
    if expires_at is not None and expires_at > tx.now + LONGEST_KEY:
        raise invalid("/expires_at", "lies more than ten years ahead; leave it out for no end")
    agent_id = await identity.agent_named(tx, agent)
    if agent_id is None:
        agent_id = ActorId(fresh_id())
        await identity.add_agent(tx, agent_id, agent)
    prefix, secret = fresh_prefix(), fresh_secret()
    key = await keys.add(
        tx,
        CredentialId(fresh_id()),
        agent_id,
        agent=agent,
        prefix=prefix,
        digest=digest_of(secret),
        scopes=sorted({scope.value for scope in scopes}),
        expires_at=expires_at,
    )
    facts = {"agent": agent_id, "prefix": prefix, "scopes": key.scopes}
    happened = Happened(Happening.KEY_CREATED, facts=facts)
    await ledger.append(tx, actor.principal, actor.id, happened)
    return NewKey(key, spell(Form.KEY, tx.tenant, prefix, secret))


async def revoke_key(tx: Tx, actor: Actor, key: str) -> None:
    """Take a key back, by its prefix or its id; the next request that carries it is refused.

    Raises: NotPermitted, KeyUnknown.
    """
    actor.require(Permission.ADMIN)
    prefix = await keys.revoke(tx, key)
    if prefix is None:
        raise KeyUnknown(key=key)
    happened = Happened(Happening.KEY_REVOKED, facts={"prefix": prefix})
    await ledger.append(tx, actor.principal, actor.id, happened)


async def see_keys(
    tx: Tx, actor: Actor, *, before: CredentialId | None, limit: int
) -> list[keys.Key]:
    """Return the workspace's keys, newest first, live and dead.

    Raises: NotPermitted.
    """
    actor.require(Permission.ADMIN)
    return await keys.newest(tx, before=before, limit=limit)
