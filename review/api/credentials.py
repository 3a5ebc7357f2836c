"""/v1/credentials: the keys of agents, handed out and taken back by a workspace's admins."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import AwareDatetime, BaseModel, Field

from review.api.openapi import refusing
from review.api.submissions import Name
from review.api.wire import Wire
from review.door import Door
from review.flows.administer import KeyUnknown, issue_key, revoke_key, see_keys
from review.identity.key_queries import Key
from review.identity.roles import Scope
from review.kernel.ids import CredentialId


class NewCredential(Wire):
    """A key to hand out; an agent of a new name joins with its first key."""

    agent: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] = [Scope.SUBMIT]
    expires_at: AwareDatetime | None = None


class CredentialOut(BaseModel):
    """What is known of a key. Its secret is kept nowhere; `prefix` is how to recognise it."""

    id: UUID
    agent: str
    agent_id: UUID
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: Key, **more: str) -> Self:
        """Show a key."""
        return cls(
            id=key.credential_id,
            agent=key.agent,
            agent_id=key.agent_id,
            prefix=key.prefix,
            scopes=key.scopes,
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            **more,
        )


class CredentialIssued(CredentialOut):
    """A fresh key; `token` is what its agent sends, and is shown only now."""

    token: str


class CredentialPage(BaseModel):
    """One page of keys; `next_cursor` is null on the last."""

    items: list[CredentialOut]
    next_cursor: str | None


class CredentialController(Controller):
    """A key is shown once, recognised by its digest, and may end by its date or by hand."""

    path = "/v1/credentials"
    tags = ("administration",)

    @get()
    async def listing(
        self,
        door: NamedDependency[Door],
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    ) -> CredentialPage:
        """List the workspace's keys, newest first, the dead ones too."""
        before = None if cursor is None else CredentialId(cursor)
        async with door.read() as (tx, actor):
            seen = await see_keys(tx, actor, before=before, limit=limit)
        return CredentialPage(
            items=[CredentialOut.of(key) for key in seen],
            next_cursor=str(seen[-1].credential_id) if len(seen) == limit else None,
        )

    @post(status_code=201)
    async def issue(
        self, data: JSONBody[NewCredential], door: NamedDependency[Door]
    ) -> CredentialIssued:
        """Hand out a key; keep `token` safe, it cannot be shown again."""
        async with door.write() as (tx, actor):
            fresh = await issue_key(
                tx, actor, agent=data.agent, scopes=data.scopes, expires_at=data.expires_at
            )
        return CredentialIssued.of(fresh.key, token=fresh.token)

    @delete("/{key:str}", status_code=204, responses=refusing(KeyUnknown))
    async def revoke(self, key: FromPath[str], door: NamedDependency[Door]) -> None:
        """Take a key back, by its id or its prefix; the next request that carries it is refused."""
        async with door.write() as (tx, actor):
            await revoke_key(tx, actor, key)
