"""Passwords: hashed with argon2id, checked away from the event loop."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106, section 4, second choice


async def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return await asyncio.to_thread(_hasher.hash, password)


async def verify(password: str, stored: str | None) -> bool:
    """Tell whether a password is right; with nothing stored it never is, and takes as long."""
    known = stored or await asyncio.to_thread(_nobody)
    try:
        right = await asyncio.to_thread(_hasher.verify, known, password)
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


@cache
def _nobody() -> str:
    """Return a hash that costs as much to check as a real one."""
    return _hasher.hash("nobody's password")
