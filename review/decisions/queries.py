"""Every statement this noun sends to PostgreSQL, one function each."""

from typing import Any

from asyncpg import ForeignKeyViolationError, UniqueViolationError

from review.decisions.votes import AlreadyVoted, Ballot, ViewMismatch
from review.infra.db import Tx
from review.infra.ids import fresh_id
from review.kernel.ids import ActorId, ItemId, VoteId

CAST = """
INSERT INTO decisions_votes (workspace_id, vote_id, item_id, revision, epoch, person_id, view_id,
  verdict, reason_codes, note, answers, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


async def cast(tx: Tx, item: ItemId, person: ActorId, ballot: Ballot) -> VoteId:
    """Keep one person's vote; the table checks that the view it quotes is theirs and fits.

    Raises: ViewMismatch, AlreadyVoted.
    """
    vote = VoteId(fresh_id())
    answers: dict[str, Any] = {**ballot.answers, "arguments": ballot.arguments}
    kept = {name: value for name, value in answers.items() if value is not None}
    place = (tx.tenant, vote, item, ballot.revision, ballot.epoch, person, ballot.view)
    said = (ballot.verdict, list(ballot.reason_codes), ballot.note or None, kept, tx.now)
    try:
        await tx.execute(CAST, *place, *said)
    except ForeignKeyViolationError:
        raise ViewMismatch(view=str(ballot.view)) from None
    except UniqueViolationError:
        raise AlreadyVoted(epoch=ballot.epoch) from None
    return vote
