"""Secrets we must be able to use again are kept sealed: a copy of the database gives none away."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):  # noqa: N818 - it says what happened
    """What was sealed cannot be opened: it was sealed under another REVIEW_SECRET_KEY."""


def seal(secret_key: bytes, purpose: str, plain: str) -> bytes:
    """Return a text sealed for one purpose.

    >>> unseal(b"k" * 32, "webhooks", seal(b"k" * 32, "webhooks", "whsec_x"))
    'whsec_x'

    Source: Fernet (AES-128-CBC, HMAC-SHA256) under a key of HKDF-SHA256, RFC 5869.
    """
    return _box(secret_key, purpose).encrypt(plain.encode())


def unseal(secret_key: bytes, purpose: str, sealed: bytes) -> str:
    """Return what was sealed for the same purpose under the same key.

    Raises: SealBroken.
    """
    try:
        return _box(secret_key, purpose).decrypt(sealed).decode()
    except InvalidToken:
        raise SealBroken from None


def _box(secret_key: bytes, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=f"review/{purpose}".encode())
    return Fernet(urlsafe_b64encode(derived.derive(secret_key)))
