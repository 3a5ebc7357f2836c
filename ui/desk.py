"""The desk: one item in one person's hands, and everything its page says about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from review.flows.browse import name_of, survey
from review.flows.claim import claim
from review.flows.open import open_item
from review.identity.actors import Actor
from review.infra.db import Tx
from review.kernel.ids import ItemId, ViewId
from review.queue.configuration import Configuration, Effect, VerdictChoice
from review.queue.items import Item
from review.queue.ordering import why_now

SURFACE = "console"
APPROVING = frozenset({Effect.APPROVE, Effect.APPROVE_WITH_EDITS})
GRAVE = frozenset({"critical"})
DEEDS = {
    Effect.APPROVE: "{label} and let {agent} {call}",
    Effect.APPROVE_WITH_EDITS: "{label}: {agent} may {call} as edited",
    Effect.REJECT: "{label}: {agent} may not {call}",
    Effect.REQUEST_INFO: "{label} {agent} and wait for the answer",
    Effect.ESCALATE: "{label} to {queue}",
    Effect.ABSTAIN: "{label}: leave it to somebody else",
}
ON_CALLS = APPROVING | {Effect.REJECT}  # what these say makes sense only where a call is asked for


@dataclass(frozen=True, slots=True)
class Desk:
    """An item in hand, as it was recorded to be shown."""

    item: Item
    payload: dict[str, Any]
    rules: Configuration
    view: ViewId
    why_now: str
    agent: str
    others: list[Item]
    now: datetime

    @property
    def left_s(self) -> int:
        """For how much longer the item is held. Units: seconds."""
        until = self.item.claimed_until or self.now
        return max(0, int((until - self.now).total_seconds()))

    @property
    def stale(self) -> bool:
        """Whether the facts no longer hold, so that nothing may be approved on them."""
        return self.now >= self.item.stale_at

    def asks(self, choice: VerdictChoice) -> bool:
        """Tell whether a verdict needs a note; questions and escalations always do."""
        return choice.needs_note or choice.effect is Effect.REQUEST_INFO

    def grave(self, choice: VerdictChoice) -> bool:
        """Tell whether a verdict is asked for twice."""
        heavy = self.item.risk_tier in GRAVE and choice.effect in APPROVING
        return choice.irreversible or heavy

    def deed(self, choice: VerdictChoice) -> str:
        """Say on the button what a verdict does."""
        action = self.payload.get("action")
        deed = DEEDS[choice.effect] if action or choice.effect not in ON_CALLS else "{label}"
        return deed.format(
            label=choice.label,
            agent=self.agent,
            call=f"call {action['name']}" if action else "",
            queue=self.rules.escalates_to or "another queue",
        )


async def desk_for(
    tx: Tx, actor: Actor, queue: str, *, item: ItemId | None, take: bool
) -> Desk | None:
    """Return what a person has in hand of a queue, or what they take now; None for nothing.

    Raises: NotPermitted, QueueMissing, TooManyClaims, StaleClaim, ItemMissing.
    """
    seen = await survey(tx, actor)
    held = [one for one in seen.held if one.queue == queue]
    wanted = next((one for one in held if item in (None, one.item_id)), None)
    if wanted is not None:
        opened = await open_item(tx, actor, wanted.item_id, epoch=None, surface=SURFACE)
        subject, payload, rules, view = (
            opened.item,
            opened.payload,
            opened.configuration,
            opened.view,
        )
        why = why_now(due_at=subject.due_at, now=tx.now, risk_tier=subject.risk_tier)
    else:
        claimed = await claim(tx, actor, queue, surface=SURFACE) if take else None
        if claimed is None:
            return None
        subject, payload, rules, view, why = (
            claimed.item,
            claimed.payload,
            claimed.configuration,
            claimed.view,
            claimed.why_now,
        )
    agent = await name_of(tx, actor, subject.producer_id)
    others = [one for one in held if one.item_id != subject.item_id]
    return Desk(subject, payload, rules, view, why, agent, others, tx.now)
