"""Request headers that mean something to us."""

import re

from review.intake.receipts import KeyMissing
from review.kernel.problems import Kind, Problem

KEY = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"')
BARE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")
LONGEST_WAIT_S = 60


class KeyInvalid(Problem):
    """This idempotency key cannot be read.

    It is a string of 1 to 255 printable ASCII characters, in double quotes as structured fields
    are (RFC 9651): `Idempotency-Key: "run-17/call-3"`. The quotes may be left out where the key has
    no spaces.
    """

    kind = Kind.MALFORMED


def idempotency_key(value: object) -> str:
    """Return the key a request carries.

    >>> idempotency_key('"run-17/call-3"'), idempotency_key("run-17/call-3")
    ('run-17/call-3', 'run-17/call-3')

    Raises: KeyMissing, KeyInvalid.
    Source: draft-ietf-httpapi-idempotency-key-header, section 2.1.
    """
    if value is None or value == "":
        raise KeyMissing
    if isinstance(value, str):
        quoted = KEY.fullmatch(value)
        if quoted:
            return re.sub(r"\\(.)", r"\1", quoted[1])
        if BARE.fullmatch(value):
            return value
    raise KeyInvalid(errors=[{"pointer": "header/Idempotency-Key", "message": "cannot be read"}])


def preferred_wait_s(prefer: str | None) -> float:
    """Return for how long a caller would wait for an answer, at most a minute; 0 for not at all.

    >>> [preferred_wait_s(value) for value in ("respond-async, wait=30", "wait=900", None)]
    [30.0, 60.0, 0.0]

    Units: seconds.
    Source: RFC 7240, section 4.3.
    """
    found = re.search(r"(?:^|[,;\s])wait=(\d{1,9})", prefer or "")
    return min(float(found[1]), float(LONGEST_WAIT_S)) if found else 0.0
