"""Roles of people and scopes of keys, as sets of permissions."""

from collections.abc import Iterable
from enum import StrEnum

from review.identity.actors import Permission


class Role(StrEnum):
    """What a person is in their workspace."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What a key lets an agent do. Reviewing is not among them: only people decide."""

    SUBMIT = "submit"
    READ = "read"
    OPERATE = "operate"


GRANTED: dict[Role | Scope, frozenset[Permission]] = {
    Role.REVIEWER: frozenset({Permission.READ, Permission.REVIEW}),
    Role.LEAD: frozenset({Permission.READ, Permission.REVIEW, Permission.OPERATE}),
    Role.ADMIN: frozenset(
        {Permission.READ, Permission.OPERATE, Permission.AUDIT, Permission.ADMIN}
    ),
    Role.AUDITOR: frozenset({Permission.READ, Permission.AUDIT}),
    Scope.SUBMIT: frozenset({Permission.SUBMIT, Permission.READ}),
    Scope.READ: frozenset({Permission.READ}),
    Scope.OPERATE: frozenset({Permission.READ, Permission.OPERATE}),
}


def permissions_of(held: Iterable[Role | Scope]) -> frozenset[Permission]:
    """Return the union of what the roles or scopes grant.

    >>> sorted(permissions_of([Scope.READ]))
    [<Permission.READ: 'items:read'>]
    """
    return frozenset(permission for one in held for permission in GRANTED[one])
