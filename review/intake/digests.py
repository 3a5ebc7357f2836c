"""Canonical digests: the same meaning has the same bytes, whoever wrote them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from review.kernel.problems import invalid

LARGEST = 2**53 - 1
PLAIN = 1e-4  # below it Python writes an exponent, and JavaScript does not yet
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


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
        spelled = canonical(document)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise invalid("/", f"cannot be written as canonical JSON: {error}") from None
    seal = hashlib.sha256(b"review/" + domain.encode() + b"/v1\n" + spelled)
    return f"sha256:{seal.hexdigest()}"


class _Unusual(Exception):  # noqa: N818 - nothing is wrong with it
    """The standard library spells something in this document in another way than JCS."""


def canonical(document: Mapping[str, Any]) -> bytes:
    """Return a document's canonical spelling.

    The standard library's encoder spells nearly every document as JCS does, and is compiled; what
    it would spell differently is left to `rfc8785`, four times slower.

    >>> canonical({"b": [1.0, "x"], "a": 1e30})
    b'{"a":1e+30,"b":[1,"x"]}'

    Source: RFC 8785, section 3.2.
    """
    try:
        return _ENCODER.encode(_usual(document)).encode()
    except _Unusual:
        return rfc8785.dumps(document)  # pyright: ignore[reportArgumentType] - a JSON document


def _usual(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return a value that both spell alike, whole numbers as integers; or raise _Unusual."""
    match value:
        case str() | bool() | None:
            return value
        case int() if -LARGEST <= value <= LARGEST:
            return value
        case float() if value.is_integer() and -LARGEST <= value <= LARGEST:
            return int(value)
        case float() if PLAIN <= abs(value) <= LARGEST:  # no exponent in either
            return value
        case list():
            return [_usual(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
        case dict() if all(map(str.isascii, value)):  # pyright: ignore[reportUnknownArgumentType]
            # ASCII names sort by code points as they do by UTF-16 units
            return {name: _usual(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case _:
            raise _Unusual
