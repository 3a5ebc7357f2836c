"""Who may hear of what: whoever runs the queues hears of everything, an agent of its own."""

from review.identity.actors import Actor, Permission
from review.kernel.ids import ActorId


def hears_only(actor: Actor) -> ActorId | None:
    """Return whose items, subscriptions and messages an actor is confined to; None for no one's.

    Raises: NotPermitted.
    """
    if actor.may(Permission.OPERATE):
        return None
    actor.require(Permission.SUBMIT)
    return actor.id
