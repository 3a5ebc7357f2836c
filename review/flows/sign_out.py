"""A person signs out."""

from review.identity import queries as identity
from review.identity.credentials import Presented
from review.infra.db import Tx


async def sign_out(tx: Tx, presented: Presented) -> None:
    """End the session that is presented; it cannot be used again from anywhere."""
    await identity.end_session(tx, presented)
