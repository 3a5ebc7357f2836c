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
from review.steps.planning import Plan, SoFar, plan

Answers = dict[str, Receipt | Problem]
Plans = dict[str, Plan]


class NotNew(Exception):  # noqa: N818 - a finding, and nobody's error
    """There is more to a request than `submit_new` can see: nothing was kept."""


async def submit_new(tx: Tx, actor: Actor, ask: Ask) -> Receipt:
    """Answer one request that is new in every way, as nearly all are, in the fewest round trips.

    Nobody asks first whether its key is known or its action waits: the tables say so at the end.

    Raises: NotPermitted, and NotNew for whatever `submit` must look into.
    """
    actor.require(Permission.SUBMIT)
    if ask.supersedes is not None:
        raise NotNew
    try:
        target = await queues.named(tx, ask.queue)
        one = await plan(tx, actor, ask, target, SoFar())
    except Problem:
        raise NotNew from None  # a key that is known is answered even so
    await intake.keep(tx, actor.id, ask.key, ask.digest, one.receipt, otherwise=NotNew())
    await queue.add_one(tx, actor.id, one.row(), otherwise=NotNew())
    await ledger.append(tx, actor.principal, actor.id, _happened(one))
    return one.receipt


async def submit(tx: Tx, actor: Actor, asks: Sequence[Ask]) -> list[Receipt | Problem]:
    """Answer every request, in order: with a receipt, or with what is wrong with it.

    The same key with the same request gets the stored answer and changes nothing; a key that comes
    twice stands for the first of its requests.

    Raises: NotPermitted, AlreadyWaiting.
    """
    actor.require(Permission.SUBMIT)
    presented = [(ask, ask.digest) for ask in asks]
    first = {ask.key: (ask, digest) for ask, digest in reversed(presented)}
    digests = {key: digest for key, (_, digest) in first.items()}
    # one request alone is the hot path: a retry throws its plan away, and nobody can join that
    known = await intake.answered(tx, actor.id, digests) if len(first) > 1 else {}
    answers: Answers = {**known}
    new = [first[key][0] for key in dict.fromkeys(ask.key for ask in asks) if key not in known]
    plans = await _plan_all(tx, actor, new, answers)
    receipts = {key: (digests[key], one.receipt) for key, one in plans.items()}
    kept = await intake.remember(tx, actor.id, receipts) if receipts else set[str]()
    await _carry_out(tx, actor, plans, kept)
    answers.update({key: plans[key].receipt for key in kept})
    others = {ask.key: digests[ask.key] for ask in new if ask.key not in kept}
    if others:
        answers.update(await intake.answered(tx, actor.id, others))
        answers.update({key: KeyInFlight() for key in others if key not in answers})
    return [
        answers[ask.key]
        if digest == digests[ask.key]
        else KeyReused(digest=digests[ask.key], presented=digest)
        for ask, digest in presented
    ]


async def _plan_all(tx: Tx, actor: Actor, asks: Sequence[Ask], answers: Answers) -> Plans:
    """Plan the requests, queue by queue; what is refused goes to the answers at once."""
    plans, so_far = Plans(), SoFar()
    for name in dict.fromkeys(ask.queue for ask in asks):
        group = [ask for ask in asks if ask.queue == name]
        actions = [digest for ask in group if (digest := ask.action_digest)]
        try:
            target, found = await queues.named_with_open(tx, name, actor.id, actions)
        except QueueMissing as problem:
            answers.update({ask.key: problem for ask in group})
            continue
        so_far.waiting = {**found, **so_far.waiting}
        for ask in group:
            try:
                plans[ask.key] = await plan(tx, actor, ask, target, so_far)
            except Problem as problem:
                answers[ask.key] = problem
    return plans


async def _carry_out(tx: Tx, actor: Actor, plans: Plans, kept: set[str]) -> None:
    """End what is superseded, add what is new, write down both.

    Raises: AlreadyWaiting, also for whoever would join an item that another request is adding now.
    """
    chosen = [one for key, one in plans.items() if key in kept]
    new = [one for one in chosen if not one.receipt.joined]
    planned = {one.receipt.id for one in plans.values() if not one.receipt.joined}
    if {one.receipt.id for one in chosen} & (planned - {one.receipt.id for one in new}):
        raise AlreadyWaiting
    for older in [one.older for one in chosen if one.older is not None]:
        await end(tx, actor, older, Ending(Result.SUPERSEDED, Cause.AGENT, actor.id))
    rows = sorted((one.row() for one in new), key=lambda row: str(row["action_digest"]))
    if rows and len(await queue.add(tx, actor.id, rows)) < len(rows):
        raise AlreadyWaiting
    await ledger.append(tx, actor.principal, actor.id, *(_happened(one) for one in chosen))


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
