"""Nobody decides on what was asked for in their own name, however the name is spelled."""

from uuid import UUID

import pytest

from review.decisions.votes import SelfApproval, ensure_not_self
from review.identity.actors import Actor, Principal
from review.kernel.ids import ActorId, WorkspaceId

ADA = Actor(
    WorkspaceId(UUID(int=7)),
    ActorId(UUID(int=0xADA)),
    Principal.PERSON,
    "Ada",
    frozenset(),
    email="ada@example.com",
)


@pytest.mark.parametrize(
    "name",
    [
        f"person:{ADA.id}",
        f"user:{ADA.id}",
        f"user:{str(ADA.id).upper()}",
        "user:ada@example.com",
        "user:Ada@Example.COM",
        "User:ada@example.com",
        "ada@example.com",
        f"{ADA.id}",
    ],
)
def test_a_decision_on_ones_own_request_is_refused(name: str) -> None:
    with pytest.raises(SelfApproval):
        ensure_not_self(name, ADA.known_as())


@pytest.mark.parametrize("name", [None, "user:ben@example.com", "agent:support-bot", "user:"])
def test_a_decision_on_anybody_elses_request_is_not(name: str | None) -> None:
    ensure_not_self(name, ADA.known_as())
