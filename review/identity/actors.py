"""Actors: a person, an agent or the system, with the permissions they came with."""

from dataclasses import dataclass
from enum import StrEnum

from review.kernel.ids import SYSTEM, ActorId, WorkspaceId
from review.kernel.problems import Kind, Problem


class Principal(StrEnum):
    """What sort of actor; it comes from how they signed in, never from a field they sent."""

    PERSON = "person"
    AGENT = "agent"
    SYSTEM = "system"


class Permission(StrEnum):
    """What an actor may do."""

    SUBMIT = "items:submit"
    READ = "items:read"
    REVIEW = "items:review"
    OPERATE = "queues:operate"
    AUDIT = "ledger:read"
    ADMIN = "workspace:admin"


class NotPermitted(Problem):
    """You do not hold the permission this needs.

    `permission` names what is missing. Agents get permissions as the scopes of their API key,
    people through their roles; an admin of the workspace can change either.
    """

    kind = Kind.FORBIDDEN


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever is asking."""

    workspace: WorkspaceId
    id: ActorId
    principal: Principal
    name: str
    permissions: frozenset[Permission]
    skills: frozenset[str] = frozenset()
    email: str | None = None

    def may(self, permission: Permission) -> bool:
        """Tell whether the permission is held."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Return quietly, or raise NotPermitted."""
        if permission not in self.permissions:
            raise NotPermitted(permission=permission.value)

    def known_as(self) -> frozenset[str]:
        """Return every name a delegation chain may call this actor by, in lower case.

        A chain that names the person who now decides is self-approval, whichever name it used.
        """
        names = {str(self.id), f"{self.principal.value}:{self.id}", f"user:{self.id}"}
        return frozenset(names | ({self.email, f"user:{self.email}"} if self.email else set()))


def the_system(workspace: WorkspaceId) -> Actor:
    """Return the actor behind what the clock does: it may read, and decides nothing as a person."""
    return Actor(workspace, SYSTEM, Principal.SYSTEM, "system", frozenset({Permission.READ}))
