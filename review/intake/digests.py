"""Canonical digests: the same meaning has the same bytes, whoever wrote them."""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from review.kernel.problems import invalid


def digest(domain: str, document: Mapping[str, Any]) -> str:
    """Return the digest of one JSON document, as `sha256:<hex>`.

    The domain is hashed in front of the document, so the digest of an action can never be passed
    off as the digest of a request that happens to spell the same.

    >>> digest("action", {"b": 1.0, "a": "x"}) == digest("action", {"a": "x", "b": 1})
    True
    >>> digest("action", {}) == digest("request", {})
    False

    Raises: InvalidRequest for what canonical JSON cannot say (integers beyond 2^53-1, lone
    surrogates, NaN).
    Source: RFC 8785 (JCS) for the bytes; FIPS 180-4 for SHA-256.
    """
    try:
        canonical = rfc8785.dumps(document)  # pyright: ignore[reportArgumentType] - a JSON document
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise invalid("/", f"cannot be written as canonical JSON: {error}") from None
    seal = hashlib.sha256(b"review/" + domain.encode() + b"/v1\n" + canonical)
    return f"sha256:{seal.hexdigest()}"
