"""Credentials: what callers present, taken apart without touching the database.

A key or session token names its workspace in the clear, so the transaction that checks it is
already confined to that workspace, and row-level security holds even while we do not yet know who
is asking. The workspace is no secret; the rest of the token is, and is stored only as a hash.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from review.kernel.ids import WorkspaceId
from review.kernel.problems import Kind, Problem, invalid

SHORTEST_PASSWORD = 12
SESSION_IDLE = timedelta(hours=2)
SESSION_LIFE = timedelta(hours=12)
SESSION_TOUCH = timedelta(minutes=1)  # a session's last use is remembered this coarsely


class SignInNeeded(Problem):
    """Nobody is signed in here.

    Software sends `Authorization: Bearer <key>`; people sign in at `/sign-in` or through
    `POST /v1/sessions` and are recognised by their cookie. The key or session may be unknown,
    expired, revoked or ended; which of these it was is not said.
    """

    kind = Kind.UNAUTHENTICATED


class WrongLogIn(Problem):
    """The e-mail address or the password is wrong."""

    kind = Kind.UNAUTHENTICATED


class TooManyAttempts(Problem):
    """Too many failed log-ins; wait before the next one.

    `retry_after_s` says how long. The pause doubles with each further failure, up to a quarter of
    an hour, and is forgotten after a successful log-in.
    """

    kind = Kind.EXHAUSTED
    retryable = True


class Form(StrEnum):
    """What sort of credential."""

    KEY = "rvk"
    SESSION = "rvs"


@dataclass(frozen=True, slots=True)
class Presented:
    """One credential as it came in: where to look, what to look up, what must match."""

    form: Form
    workspace: WorkspaceId
    prefix: str
    digest: bytes

    @classmethod
    def read(cls, token: str) -> Self:
        """Take a token apart.

        >>> token = spell(Form.KEY, WorkspaceId(UUID(int=1)), "00c0ffee", "s3cret")
        >>> Presented.read(token).prefix
        '00c0ffee'

        Raises: SignInNeeded.
        """
        parts = token.split("_", 3)
        if len(parts) != len(("form", "workspace", "prefix", "secret")):
            raise SignInNeeded
        try:
            form, workspace = Form(parts[0]), WorkspaceId(UUID(hex=parts[1]))
        except ValueError:
            raise SignInNeeded from None
        return cls(form, workspace, parts[2], digest_of(parts[3]))


def spell(form: Form, workspace: WorkspaceId, prefix: str, secret: str) -> str:
    """Return the token a caller keeps; it is shown once and cannot be made again."""
    return f"{form.value}_{workspace.hex}_{prefix}_{secret}"


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret: enough to recognise it, useless to present.

    A plain SHA-256 is right here and wrong for passwords: these secrets carry 256 random bits, so
    there is nothing to guess.
    """
    return hashlib.sha256(secret.encode()).digest()


def matches(stored: bytes, presented: bytes) -> bool:
    """Compare two digests in a time that does not depend on where they differ."""
    return hmac.compare_digest(stored, presented)


def ensure_long_enough(password: str) -> None:
    """Return quietly if a password may be used; its length is the one rule that helps.

    Raises: InvalidRequest.
    Source: NIST SP 800-63B-4, section 3.1.1.2.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise invalid("/password", f"must have at least {SHORTEST_PASSWORD} characters")


def session_is_live(*, now: datetime, seen_at: datetime, expires_at: datetime) -> bool:
    """Tell whether a session may still be used: neither idle too long nor past its end."""
    return now < expires_at and now < seen_at + SESSION_IDLE


def csrf_token(secret_key: bytes, session_digest: bytes) -> str:
    """Return the token that unsafe requests of one session must repeat.

    Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, HMAC-based token pattern.
    """
    return hmac.new(secret_key, b"csrf\x00" + session_digest, hashlib.sha256).hexdigest()


def pause_after(failures: int) -> timedelta:
    """Return how long a log-in must wait after so many failures in a row.

    >>> [int(pause_after(n).total_seconds()) for n in (1, 4, 5, 6, 60)]
    [0, 0, 30, 60, 900]
    """
    free = 4
    if failures <= free:
        return timedelta()
    return min(timedelta(minutes=15), timedelta(seconds=30) * 2 ** min(failures - free - 1, 10))
