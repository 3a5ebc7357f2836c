"""An agent asks; each item starts to wait, or joins the one that waits for the same already."""

from collections.abc import Sequence

from review.identity.actors import Actor, Permission
from review.infra.db import Tx
from review.intake import queries as intake
from review.intake.asks import Ask
from review.intake.receipts import KeyInFlight, KeyReused, Receipt
from review.kernel.problems import Problem
from review.ledger import queries as ledger
from review.ledger.events import Happened, Happening
from review.queue import configuration_queries as queues
from review.queue import queries as queue
from review.queue.items import AlreadyWaiting, Ending, QueueMissing
from review.queue.transitions import Cause, Result
from review.steps.ending import end
from review.steps.planning import Plan, Waiting, plan

Answers = dict[str, Receipt | Problem]


async def submit(tx: Tx, actor: Actor, asks: Sequence[Ask]) -> Answers:
    """Answer every request by its key: with a receipt, or with what is wrong with it.

    The same key with the same request gets the stored answer and changes nothing.

    Raises: NotPermitted, AlreadyWaiting.
    """
    actor.require(Permission.SUBMIT)
    digests, answers = dict[str, str](), Answers()
    for ask in asks:
        digest = ask.digest()
        if digests.setdefault(ask.key, digest) != digest:
            answers[ask.key] = KeyReused(digest=digests[ask.key], presented=digest)
    plans = dict[str, Plan]()
    for name in dict.fromkeys(ask.queue for ask in asks):
        group = [ask for ask in asks if ask.queue == name and ask.key not in answers]
        plans.update(await _plan_for(tx, actor, name, group, answers))
    receipts = {key: (digests[key], one.receipt) for key, one in plans.items()}
    kept = await intake.remember(tx, actor.id, receipts) if receipts else set[str]()
    await _carry_out(tx, actor, [one for key, one in plans.items() if key in kept])
    answers.update({key: plans[key].receipt for key in kept})
    others = {key: digest for key, digest in digests.items() if key not in kept}
    if others:
        answers.update(await intake.answered(tx, actor.id, others))
        answers.update({key: KeyInFlight() for key in others if key not in answers})
    return answers


async def _plan_for(
    tx: Tx, actor: Actor, name: str, asks: list[Ask], answers: Answers
) -> dict[str, Plan]:
    """Plan the requests for one queue; what is refused goes to the answers at once."""
    plans = dict[str, Plan]()
    actions = [digest for ask in asks if (digest := ask.action_digest())]
    try:
        target, found = await queues.named_with_open(tx, name, actor.id, actions)
    except QueueMissing as problem:
        answers.update({ask.key: problem for ask in asks})
        return plans
    waiting: Waiting = {**found}
    for ask in asks:
        try:
            plans[ask.key] = await plan(tx, actor, ask, target, waiting)
        except Problem as problem:
            answers[ask.key] = problem
    return plans


async def _carry_out(tx: Tx, actor: Actor, plans: list[Plan]) -> None:
    """End what is superseded, add what is new, write down both."""
    for older in [one.older for one in plans if one.older is not None]:
        await end(tx, actor, older, Ending(Result.SUPERSEDED, Cause.AGENT, actor.id))
    new = [one for one in plans if not one.receipt.joined]
    if new and len(await queue.add(tx, actor.id, [one.row() for one in new])) < len(new):
        raise AlreadyWaiting
    await ledger.append(tx, actor.principal, actor.id, *(_happened(one) for one in plans))


def _happened(one: Plan) -> Happened:
    """Say in the ledger what came of a request."""
    receipt = one.receipt
    kind = Happening.ITEM_JOINED if receipt.joined else Happening.ITEM_SUBMITTED
    facts = {
        "kind": receipt.kind,
        "digest": receipt.digest,
        "action_digest": receipt.action_digest,
        "due_at": receipt.due_at,
        "expires_at": receipt.expires_at,
        "on_expiry": receipt.on_expiry,
    }
    return Happened(kind, receipt.id, receipt.queue, facts)
