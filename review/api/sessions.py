"""/v1/sessions: people sign in and out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, Field

from review.api.openapi import refusing
from review.api.wire import Wire
from review.door import Door, session_cookie, sign_in_with
from review.flows.sign_out import sign_out
from review.identity.actors import Actor
from review.identity.credentials import TooManyAttempts, WrongLogIn
from review.identity.queries import actor_of


class LogIn(Wire):
    """Who, and the proof."""

    email: Annotated[str, Field(min_length=3, max_length=320)]
    password: Annotated[str, Field(min_length=1, max_length=1_000)]


class PersonOut(BaseModel):
    """A person as they see themselves."""

    id: UUID
    name: str
    email: str | None
    permissions: list[str]
    skills: list[str]

    @classmethod
    def of(cls, actor: Actor) -> "PersonOut":
        """Show somebody to themselves."""
        return cls(
            id=actor.id,
            name=actor.name,
            email=actor.email,
            permissions=sorted(actor.permissions),
            skills=sorted(actor.skills),
        )


class SessionOut(BaseModel):
    """A session: whose it is, and the token its unsafe requests repeat in `X-CSRF-Token`."""

    csrf_token: str
    person: PersonOut
    workspace: UUID
    expires_at: datetime | None = None


class SessionController(Controller):
    """A session is an opaque token in a cookie; its hash is all that is kept."""

    path = "/v1/sessions"
    tags = ("sessions",)

    @post(status_code=201, responses=refusing(WrongLogIn, TooManyAttempts))
    async def create(
        self, data: JSONBody[LogIn], door: NamedDependency[Door]
    ) -> Response[SessionOut]:
        """Sign in; the cookie `review_session` then says who you are."""
        signed = await sign_in_with(door.db, data.email, data.password, leaving=door.presented)
        async with door.db.read(signed.presented.workspace) as tx:
            actor = await actor_of(tx, signed.presented)
        out = SessionOut(
            csrf_token=door.as_who(signed.presented).csrf_token(),
            person=PersonOut.of(actor),
            workspace=actor.workspace,
            expires_at=signed.expires_at,
        )
        return Response(out, status_code=201, cookies=[session_cookie(signed.token, door)])

    @get("/current")
    async def read(self, door: NamedDependency[Door]) -> SessionOut:
        """Say who is signed in."""
        async with door.read() as (_, actor):
            person = PersonOut.of(actor)
        return SessionOut(csrf_token=door.csrf_token(), person=person, workspace=actor.workspace)

    @delete("/current", status_code=204)
    async def end(self, door: NamedDependency[Door]) -> Response[None]:
        """Sign out, everywhere this session is used."""
        async with door.write() as (tx, actor):
            await sign_out(tx, actor, door.known())
        return Response(None, status_code=204, cookies=[session_cookie("", door)])
