"""A person signs out."""

from review.identity import queries as identity
from review.identity.actors import Actor
from review.identity.credentials import Presented
from review.infra.db import Tx
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening


async def sign_out(tx: Tx, actor: Actor, presented: Presented) -> None:
    """End the session that is presented; it cannot be used again from anywhere."""
    await identity.end_session(tx, presented)
    await ledger.append(tx, actor.principal, actor.id, Happened(Happening.SESSION_ENDED))
