"""Receipts: the answer to a request, kept so that the same request gets the same answer."""

from dataclasses import dataclass
from datetime import datetime

from review.kernel.ids import ItemId
from review.kernel.problems import Kind, Problem


class KeyMissing(Problem):
    """This request needs an `Idempotency-Key` header.

    Choose a string that is the same for every retry of this request and different for every other,
    such as the id of the run and the call, and send it as a quoted string:
    `Idempotency-Key: "run-17/call-3"`. Then a retry never asks twice.
    """

    kind = Kind.MALFORMED


class KeyReused(Problem):
    """This idempotency key was used for a different request.

    `digest` is what the key stands for and `presented` what was sent now. Keys are not reused:
    choose a new one for a new request.
    """

    kind = Kind.INVALID


class KeyInFlight(Problem):
    """A request with this idempotency key is still being answered.

    Wait a moment and send the same request again; it then gets the stored answer.
    """

    kind = Kind.CONFLICT
    retryable = True


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a submitter is told, as a value that can be told again."""

    id: ItemId
    queue: str
    kind: str
    status: str
    revision: int
    digest: str
    action_digest: str | None
    created_at: datetime
    due_at: datetime
    stale_at: datetime
    expires_at: datetime
    on_expiry: str
    owner: str
    joined: bool = False
