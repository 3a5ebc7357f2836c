"""A person signs in; the attempt is counted whether it succeeds or not."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from review.identity import queries as identity
from review.identity.credentials import (
    Form,
    Presented,
    TooManyAttempts,
    WrongLogIn,
    digest_of,
    pause_after,
    spell,
)
from review.infra.db import Tx
from review.infra.ids import fresh_prefix, fresh_secret
from review.infra.passwords import verify
from review.kernel.problems import Problem


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: the token its owner keeps, and until when it can last."""

    token: str
    presented: Presented
    expires_at: datetime


async def sign_in(tx: Tx, email: str, password: str) -> SignedIn | Problem:
    """Open a session, or return why not: the refusal is returned so that its count is committed.

    A wrong password and an unknown address cost the same time and read the same. The token is new
    at every log-in, so one fixed beforehand by somebody else is worth nothing.
    """
    subject = hashlib.sha256(b"login\x00" + email.lower().encode()).digest()
    wait = await identity.blocked_for(tx, subject)
    if wait is not None:
        return TooManyAttempts(retry_after_s=max(1, round(wait.total_seconds())))
    login = await identity.login(tx, email)
    right = await verify(password, None if login is None else login.password_hash)
    if login is None or not right:
        failures = await identity.count_failure(tx, subject)
        await identity.block(tx, subject, until=tx.now + pause_after(failures))
        return WrongLogIn()
    await identity.forgive(tx, subject)
    secret = fresh_secret()
    token = spell(Form.SESSION, login.workspace_id, fresh_prefix(), secret)
    inside = await tx.confine(login.workspace_id)
    ends = await identity.start_session(inside, login.person_id, digest_of(secret))
    return SignedIn(token, Presented.read(token), ends)
