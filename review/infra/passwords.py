"""Passwords: hashed with argon2id, checked away from the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

P = ParamSpec("P")
T = TypeVar("T")
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106, section 4, second choice


async def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return await _away(_hasher.hash, password)


async def verify(password: str, stored: str | None) -> bool:
    """Tell whether a password is right; with nothing stored it never is, and takes as long."""
    known = stored or await _away(_nobody)
    try:
        right = await _away(_hasher.verify, known, password)
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


async def _away(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run slow work in one of a few threads of its own; a flood of log-ins waits its turn."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, partial(work, *args, **kwargs))


@cache
def _nobody() -> str:
    """Return a hash that costs as much to check as a real one."""
    return _hasher.hash("nobody's password")
