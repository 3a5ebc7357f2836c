"""Actors: what they may do, and every name they may be called by."""

from uuid import UUID

import pytest

from review.identity.actors import Actor, NotPermitted, Permission, Principal, the_system
from review.identity.roles import GRANTED, Role, Scope, permissions_of
from review.kernel.ids import ActorId, WorkspaceId

HOME = WorkspaceId(UUID(int=7))
ADA = Actor(
    HOME,
    ActorId(UUID(int=1)),
    Principal.PERSON,
    "Ada",
    permissions_of([Role.REVIEWER]),
    email="ada@example.com",
)


def test_a_missing_permission_is_named() -> None:
    ADA.require(Permission.REVIEW)
    with pytest.raises(NotPermitted) as refusal:
        ADA.require(Permission.SUBMIT)
    assert refusal.value.facts == {"permission": "items:submit"}


def test_no_key_reviews_and_no_role_submits() -> None:
    assert not [one for one in Scope if Permission.REVIEW in GRANTED[one]]
    assert not [one for one in Role if Permission.SUBMIT in GRANTED[one]]
    assert set(GRANTED) == {*Role, *Scope}


def test_the_system_decides_nothing_as_a_person() -> None:
    assert the_system(HOME).permissions == {Permission.READ}
    assert the_system(HOME).principal is Principal.SYSTEM


@pytest.mark.parametrize("name", [f"person:{ADA.id}", f"user:{ADA.id}", "user:ada@example.com"])
def test_a_person_answers_to_every_name_of_theirs(name: str) -> None:
    assert name in ADA.known_as()
