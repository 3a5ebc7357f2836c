"""/sign-in and /sign-out: people come and go."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from pydantic import BaseModel, Field

from review.door import AnyRequest, Door, session_cookie, sign_in_with
from review.flows.sign_out import sign_out
from review.identity.credentials import SignInNeeded, TooManyAttempts, WrongLogIn
from review.infra.status import STATUS
from ui.places import ensure_own_form, local
from ui.rendering import html


class LogInForm(BaseModel):
    """Who, the proof, and where to afterwards."""

    email: Annotated[str, Field(max_length=320)] = ""
    password: Annotated[str, Field(max_length=1_000)] = ""
    next: str = "/"


@get("/sign-in", include_in_schema=False)
async def sign_in_page(door: NamedDependency[Door], next: FromQuery[str] = "/") -> Response[Any]:  # noqa: A002 - the parameter's public name
    """Show the form, or send on whoever is signed in already."""
    if door.presented is not None:
        try:
            async with door.read():
                return Redirect(local(next), status_code=HTTP_303_SEE_OTHER)
        except SignInNeeded:
            pass
    return html("sign_in.html", problem=None, email="", next=local(next))


@post("/sign-in", include_in_schema=False, status_code=HTTP_200_OK)
async def sign_in_form(
    request: AnyRequest, door: NamedDependency[Door], data: URLEncodedBody[LogInForm]
) -> Response[Any]:
    """Sign in, and go where one was going."""
    ensure_own_form(request)
    known_as = data.email.strip().replace("\x00", "")
    try:
        signed = await sign_in_with(door.db, known_as, data.password, leaving=door.presented)
    except (WrongLogIn, TooManyAttempts) as problem:
        status, email = STATUS[problem.kind], data.email
        return html(
            "sign_in.html", status=status, problem=problem, email=email, next=local(data.next)
        )
    cookie = session_cookie(signed.token, door)
    return Redirect(local(data.next), status_code=HTTP_303_SEE_OTHER, cookies=[cookie])


@post("/sign-out", include_in_schema=False, status_code=HTTP_200_OK)
async def sign_out_form(door: NamedDependency[Door]) -> Response[Any]:
    """Sign out, everywhere this session is used."""
    async with door.write() as (tx, actor):
        await sign_out(tx, actor, door.known())
    headers = {"HX-Redirect": "/sign-in", "Clear-Site-Data": '"storage"'}
    return html("blank.html", headers=headers, cookies=[session_cookie("", door)])
