"""A person signs in; an attempt that fails is counted, and makes the next one wait."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from review.identity import queries as identity
from review.identity.actors import Principal
from review.identity.credentials import (
    Form,
    Presented,
    TooManyAttempts,
    digest_of,
    pause_after,
    spell,
)
from review.identity.queries import Login
from review.infra.db import Tx
from review.infra.ids import fresh_prefix, fresh_secret
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: the token its owner keeps, and until when it can last."""

    token: str
    presented: Presented
    expires_at: datetime


async def find_login(tx: Tx, email: str) -> Login | None:
    """Return how the person with this address logs in, unless log-ins for it must wait.

    Raises: TooManyAttempts.
    """
    wait = await identity.blocked_for(tx, subject_of(email))
    if wait is not None:
        raise TooManyAttempts(retry_after_s=max(1, round(wait.total_seconds())))
    return await identity.login(tx, email)


async def fail_to_sign_in(tx: Tx, email: str) -> None:
    """Count a failed attempt, of a known address or not, and make the next one wait for it."""
    subject = subject_of(email)
    failures = await identity.count_failure(tx, subject)
    await identity.block(tx, subject, until=tx.now + pause_after(failures))


async def sign_in(tx: Tx, email: str, login: Login) -> SignedIn:
    """Open a session for somebody whose password was right.

    The token is new at every log-in, so one fixed beforehand by somebody else is worth nothing.
    """
    await identity.forgive(tx, subject_of(email))
    secret = fresh_secret()
    token = spell(Form.SESSION, login.workspace_id, fresh_prefix(), secret)
    ends = await identity.start_session(tx, login.person_id, digest_of(secret))
    started = Happened(Happening.SESSION_STARTED)
    await ledger.append(tx, Principal.PERSON, login.person_id, started)
    return SignedIn(token, Presented.read(token), ends)


def subject_of(email: str) -> bytes:
    """Return what failed log-ins are counted under: no address is kept that is not known."""
    return hashlib.sha256(b"login\x00" + email.strip().lower().encode()).digest()
