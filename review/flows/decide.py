"""A person decides on what they hold and were shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from review.decisions import queries as decisions
from review.decisions.votes import Ballot, ensure_not_self
from review.delivery import queries as delivery
from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.intake.schemas import check
from review.kernel.ids import ItemId
from review.kernel.problems import invalid
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import claim_queries as claims
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.configuration import EVENT_OF, SETTLES, Configuration, Effect, VerdictChoice
from review.queue.deadlines import ensure_fresh
from review.queue.items import Ending, Item
from review.queue.transitions import Cause, Event, follow_held
from review.steps.ending import end
from review.steps.passing_on import pass_on

APPROVING = (Effect.APPROVE, Effect.APPROVE_WITH_EDITS)


@dataclass(frozen=True, slots=True)
class Decided:
    """The item as it stands after a vote, who answers for its queue, and when that was."""

    item: Item
    owner: str
    now: datetime


async def decide(tx: Tx, actor: Actor, item_id: ItemId, ballot: Ballot) -> Decided:
    """Cast a vote on a held item and let it take effect; return the item as it then stands.

    Raises: NotPermitted, ItemMissing, Expired, StaleClaim, AlreadySettled, RevisionMoved,
    SelfApproval, UnknownVerdict, ReasonNeeded, FactsStale, ViewMismatch, KindNotTaken, TooManyHops.
    """
    actor.require(Permission.REVIEW)
    item, payload = await queue.lock_asked(tx, item_id)
    rules = await queues.configuration(tx, item.queue_id, item.configuration)
    choice = rules.verdict(ballot.verdict)
    event = EVENT_OF.get(choice.effect, Event.DECIDE)
    item.ensure_in_time(tx.now)
    item.ensure_revision(ballot.revision)  # a revision also ends the claim: say what matters more
    follow_held(item.standing, event, tx.now, by=actor.id, epoch=ballot.epoch)
    ensure_not_self(item.delegated_by, actor.known_as())
    rules.check_reasons(choice, ballot.reason_codes, ballot.note)
    if choice.effect in APPROVING:
        ensure_fresh(item.stale_at, now=tx.now)
    arguments = arguments_under(choice, rules, payload, ballot.arguments)
    vote = await decisions.cast(tx, item_id, actor.id, ballot)
    facts = {
        "vote": vote,
        "verdict": choice.name,
        "effect": choice.effect,
        "epoch": ballot.epoch,
        "revision": ballot.revision,
        "view": ballot.view,
    }
    voted = Happened(Happening.ITEM_VOTED, item_id, item.queue, facts)
    match choice.effect:
        case Effect.REQUEST_INFO:
            await _ask(tx, actor, item, voted, ballot.note)
        case Effect.ABSTAIN:
            await claims.free(tx, item_id)
            await claims.skip(tx, item_id, actor.id, reason="abstained")
            await ledger.append(tx, actor.principal, actor.id, voted)
        case Effect.ESCALATE:
            to_queue = rules.escalates_to or item.queue
            await pass_on(tx, actor, item, voted, to_queue=to_queue, note=ballot.note)
        case _:
            ending = Ending(
                result=SETTLES[choice.effect],
                cause=Cause.HUMAN,
                by=actor.id,
                verdict=choice.name,
                arguments=arguments,
                message=ballot.note or None,
                reason_codes=ballot.reason_codes,
            )
            settled = await end(tx, actor, item, ending, voted)
            return Decided(settled, rules.owner, tx.now)
    return Decided(await queue.find(tx, item_id), rules.owner, tx.now)


async def _ask(tx: Tx, actor: Actor, item: Item, voted: Happened, question: str) -> None:
    """Put a question to the agent; the item waits for the answer, out of everyone's hands."""
    await claims.free(tx, item.item_id, asked=question)
    message = {"item": str(item.item_id), "queue": item.queue, "question": question}
    await delivery.owe(
        tx, Happening.ITEM_ASKED, item.item_id, item.producer_id, [item.queue], message
    )
    asked = Happened(Happening.ITEM_ASKED, item.item_id, item.queue)
    await ledger.append(tx, actor.principal, actor.id, voted, asked)


def arguments_under(
    choice: VerdictChoice,
    rules: Configuration,
    payload: dict[str, Any],
    edited: dict[str, Any] | None,
) -> dict[str, Any] | None:
    """Return the exact arguments the agent may act on: as asked, as edited, or none.

    Raises: InvalidRequest, ArgumentsInvalid.
    """
    action = payload.get("action")
    if choice.effect is Effect.APPROVE_WITH_EDITS and action is not None:
        if edited is None:
            raise invalid("/arguments", "approving with edits needs the edited arguments")
        check(edited, rules.argument_schemas.get(action["name"]), "/arguments")
        return edited
    asked = action["arguments"] if action else None
    if edited is not None and edited != asked:
        raise invalid("/arguments", f"{choice.name} takes no edited arguments")
    return asked if choice.effect is Effect.APPROVE else None
