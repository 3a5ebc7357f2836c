"""Fresh identifiers and secrets: the only place that asks the machine for randomness."""

import secrets
import time
from collections.abc import Iterator
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62


def _stamps() -> Iterator[int]:
    """Yield milliseconds and a 12-bit counter as one number that only ever grows."""
    last = 0
    while True:
        last = max(last + 1, time.time_ns() // 1_000_000 << 12)
        yield last


_stamp = _stamps()


def fresh_id() -> UUID:
    """Return a version 7 UUID: it sorts by creation time and carries 62 random bits.

    Within one process ids grow strictly, also within a millisecond, so what was asked for together
    is served in the order in which it was asked.

    >>> fresh_id().version, fresh_id() < fresh_id()
    (7, True)

    Source: RFC 9562, section 5.7, and section 6.2, method 1.
    """
    milliseconds, counter = divmod(next(_stamp), 1 << 12)
    tail = _VARIANT | secrets.randbits(62)
    return UUID(int=milliseconds << 80 | _VERSION | counter << 64 | tail)


def fresh_secret() -> str:
    """Return 256 random bits, safe in URLs, headers and cookies."""
    return secrets.token_urlsafe(32)


def fresh_prefix() -> str:
    """Return eight characters that name a key without giving it away."""
    return secrets.token_hex(4)


def fresh_key() -> bytes:
    """Return 256 random bits to sign or seal with."""
    return secrets.token_bytes(32)
