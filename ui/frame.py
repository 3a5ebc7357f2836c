"""What stands around every page: who is here, what waits, where one can go."""

from dataclasses import dataclass
from uuid import UUID

from review.door import Door
from review.flows.browse import Shelf, Survey, survey
from review.identity.actors import Actor, Permission
from review.infra.db import Tx


@dataclass(frozen=True, slots=True)
class Frame:
    """The top bar's facts, and the token that unsafe requests repeat."""

    actor: Actor
    survey: Survey
    csrf: str

    @property
    def reviews(self) -> bool:
        """Whether this person decides, or only reads."""
        return self.actor.may(Permission.REVIEW)

    @property
    def operates(self) -> bool:
        """Whether this person may change how things run."""
        return self.actor.may(Permission.OPERATE)

    @property
    def waiting(self) -> int:
        """How many items wait for people, in all queues. Units: items."""
        return sum(free(shelf) for shelf in self.survey.shelves)

    @property
    def next_queue(self) -> str | None:
        """Where to go on: where something is in hand, else where somebody waits the longest."""
        if self.survey.held:
            return self.survey.held[0].queue
        shelves = [one for one in self.survey.shelves if free(one) and one.depth.oldest]
        waiting = sorted((one.depth.oldest or self.survey.now, one.depth.name) for one in shelves)
        return waiting[0][1] if waiting else None

    def shelf(self, queue: str) -> Shelf | None:
        """Return the queue of that name as it was surveyed."""
        return next((one for one in self.survey.shelves if one.depth.name == queue), None)

    def held_in(self, queue: UUID) -> int:
        """Return how many items of one queue this person holds. Units: items."""
        return sum(item.queue_id == queue for item in self.survey.held)


def free(shelf: Shelf) -> int:
    """Return how many items of a queue nobody holds and no agent owes an answer on."""
    return max(0, shelf.depth.depth - shelf.depth.claimed - shelf.depth.asked)


async def frame_of(tx: Tx, actor: Actor, door: Door) -> Frame:
    """Survey the house for the top bar.

    Raises: NotPermitted.
    """
    return Frame(actor, await survey(tx, actor), door.csrf_token())
