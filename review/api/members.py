"""/v1/members: the people of a workspace, looked after by its admins."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, Field

from review.api.openapi import refusing
from review.api.submissions import Short, Tag
from review.api.wire import Wire
from review.door import Door
from review.flows.administer import add_member
from review.flows.manage_members import (
    MemberDisabled,
    change_member,
    disable_member,
    see_member,
    see_members,
)
from review.identity.credentials import SHORTEST_PASSWORD
from review.identity.member_queries import Member, MemberMissing
from review.identity.queries import NameTaken
from review.identity.roles import Role
from review.infra.ids import fresh_secret
from review.kernel.ids import ActorId

Email = Annotated[str, Field(min_length=3, max_length=320)]
Password = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=1_000)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]
Skills = Annotated[list[Tag], Field(max_length=100)]


class NewMember(Wire):
    """A person to add. Without a password one is made, and told once in the answer."""

    email: Email
    name: Short
    roles: Roles
    skills: Skills = []
    password: Password | None = None


class MemberChange(Wire):
    """What changes: each field replaces the old one as a whole."""

    roles: Roles | None = None
    skills: Skills | None = None


class MemberOut(BaseModel):
    """One person of the workspace; `disabled_at` is set once they are let in no longer."""

    id: UUID
    email: str
    name: str
    roles: list[str]
    skills: list[str]
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, member: Member, **more: str | None) -> Self:
        """Show a person."""
        return cls(
            id=member.person_id,
            email=member.email,
            name=member.name,
            roles=member.roles,
            skills=member.skills,
            created_at=member.created_at,
            disabled_at=member.disabled_at,
            **more,
        )


class MemberAdded(MemberOut):
    """The person who was added; `password` only where it was made for them, and only now."""

    password: str | None


class MemberPage(BaseModel):
    """One page of people; `next_cursor` is null on the last."""

    items: list[MemberOut]
    next_cursor: str | None


class MemberController(Controller):
    """People are added, changed and let in no longer; what they did stays under their name."""

    path = "/v1/members"
    tags = ("administration",)

    @get()
    async def listing(
        self,
        door: NamedDependency[Door],
        cursor: FromQuery[UUID | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
    ) -> MemberPage:
        """List the workspace's people in the order in which they joined."""
        after = None if cursor is None else ActorId(cursor)
        async with door.read() as (tx, actor):
            seen = await see_members(tx, actor, after=after, limit=limit)
        return MemberPage(
            items=[MemberOut.of(member) for member in seen],
            next_cursor=str(seen[-1].person_id) if len(seen) == limit else None,
        )

    @get("/{person:uuid}", responses=refusing(MemberMissing))
    async def read(self, person: FromPath[UUID], door: NamedDependency[Door]) -> MemberOut:
        """Read one person's roles and skills."""
        async with door.read() as (tx, actor):
            member = await see_member(tx, actor, ActorId(person))
        return MemberOut.of(member)

    @post(status_code=201, responses=refusing(NameTaken))
    async def create(self, data: JSONBody[NewMember], door: NamedDependency[Door]) -> MemberAdded:
        """Add a person who can sign in."""
        made = fresh_secret() if data.password is None else None
        async with door.write() as (tx, actor):
            person = await add_member(
                tx,
                actor,
                email=data.email,
                name=data.name,
                password=data.password or made or "",
                roles=data.roles,
                skills=data.skills,
            )
            member = await see_member(tx, actor, person)
        return MemberAdded.of(member, password=made)

    @patch("/{person:uuid}", responses=refusing(MemberMissing, MemberDisabled))
    async def change(
        self, person: FromPath[UUID], data: JSONBody[MemberChange], door: NamedDependency[Door]
    ) -> MemberOut:
        """Give a person other roles or skills; their next request is judged by the new ones."""
        async with door.write() as (tx, actor):
            member = await change_member(
                tx, actor, ActorId(person), roles=data.roles, skills=data.skills
            )
        return MemberOut.of(member)

    @delete("/{person:uuid}", status_code=204, responses=refusing(MemberMissing, MemberDisabled))
    async def disable(self, person: FromPath[UUID], door: NamedDependency[Door]) -> None:
        """Let a person in no longer: their sessions end, what they did stays under their name."""
        async with door.write() as (tx, actor):
            await disable_member(tx, actor, ActorId(person))
