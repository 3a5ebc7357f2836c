"""Who comes in, through either door: a transaction confined to their workspace, and themselves.

Both HTTP edges use it, so there is one place where a credential is read from a request, where a
cross-site request is refused, and where a session's use is remembered.
"""

import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from litestar import Request
from litestar.datastructures import Cookie

from review.flows.sign_in import SignedIn, fail_to_sign_in, find_login, sign_in
from review.identity import queries as identity
from review.identity.actors import Actor
from review.identity.credentials import Form, Presented, SignInNeeded, WrongLogIn, csrf_token
from review.infra.db import Database, Tx
from review.infra.passwords import verify
from review.kernel.problems import Kind, Problem

COOKIE = "review_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

AnyRequest: TypeAlias = Request[Any, Any, Any]


class CrossSite(Problem):
    """This request changes something and does not carry your session's CSRF token.

    People's unsafe requests repeat the token that `POST /v1/sessions` returned, in the header
    `X-CSRF-Token`, so that another site cannot act with a cookie it never saw.
    """

    kind = Kind.FORBIDDEN


@dataclass(frozen=True, slots=True)
class Door:
    """One request's way in."""

    db: Database
    secret_key: bytes
    presented: Presented | None
    csrf: str
    unsafe: bool
    secure_cookies: bool

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[tuple[Tx, Actor], None]:
        """Open a transaction for whoever is asking; it commits on a clean exit.

        Raises: SignInNeeded, CrossSite.
        """
        presented = self.known()
        async with self.db.begin(presented.workspace, identity.question(presented)) as tx:
            yield tx, identity.recognised(presented, tx.first, now=tx.now)
            await identity.touch_session(tx, presented, tx.first)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[tuple[Tx, Actor], None]:
        """Open a transaction that cannot write, for whoever is asking.

        Raises: SignInNeeded, CrossSite.
        """
        presented = self.known()
        async with self.db.read(presented.workspace, identity.question(presented)) as tx:
            yield tx, identity.recognised(presented, tx.first, now=tx.now)

    def known(self) -> Presented:
        """Return the credential that was presented, once it may be used for this request.

        Raises: SignInNeeded, CrossSite.
        """
        if self.presented is None:
            raise SignInNeeded
        if self.unsafe and self.presented.form is Form.SESSION:
            if not hmac.compare_digest(self.csrf.encode(), self.csrf_token().encode()):
                raise CrossSite
        return self.presented

    def as_who(self, presented: Presented) -> "Door":
        """Return the same door for somebody else, who has just signed in."""
        return replace(self, presented=presented)

    def csrf_token(self) -> str:
        """Return the token this session's unsafe requests must repeat."""
        if self.presented is None:
            raise SignInNeeded
        return csrf_token(self.secret_key, self.presented.digest)


def door_of(request: AnyRequest, db: Database, secret_key: bytes, *, secure_cookies: bool) -> Door:
    """Read who is asking from a request: a key in the header, else a session in the cookie.

    A token that cannot be read is as good as none: the first use of the door refuses it.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    form, token = Form.KEY, key.strip() if scheme.lower() == "bearer" else ""
    if not scheme:
        form, token = Form.SESSION, request.cookies.get(COOKIE, "")
    try:
        presented = Presented.read(token)
    except SignInNeeded:
        presented = None
    return Door(
        db=db,
        secret_key=secret_key,
        presented=presented if presented is not None and presented.form is form else None,
        csrf=request.headers.get("x-csrf-token", ""),
        unsafe=request.method not in SAFE,
        secure_cookies=secure_cookies,
    )


def session_cookie(token: str, door: Door) -> Cookie:
    """Return the cookie that carries a session, or takes it away."""
    return Cookie(
        key=COOKIE,
        value=token,
        max_age=None if token else 0,
        httponly=True,
        secure=door.secure_cookies,
        samesite="lax",
        path="/",
    )


async def sign_in_with(
    db: Database, email: str, password: str, *, leaving: Presented | None = None
) -> SignedIn:
    """Sign somebody in; no transaction is open while the password is checked, which is slow.

    A wrong password and an unknown address cost the same time and read the same. The session that
    is left by signing in anew ends.

    Raises: TooManyAttempts, WrongLogIn.
    """
    async with db.read() as tx:
        login = await find_login(tx, email)
    right = await verify(password, None if login is None else login.password_hash)
    if login is None or not right:
        async with db.begin() as tx:
            await fail_to_sign_in(tx, email)
        raise WrongLogIn
    async with db.begin(login.workspace_id) as tx:
        signed = await sign_in(tx, email, login)
    if leaving is not None and leaving.form is Form.SESSION:
        async with db.begin(leaving.workspace) as tx:
            await identity.end_session(tx, leaving)
    return signed
