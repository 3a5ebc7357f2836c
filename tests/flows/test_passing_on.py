"""What the clock cannot pass on ends where it is, and holds up nothing else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from review.flows.arrange import open_queue
from review.flows.expire import expire
from review.infra.db import Tx
from review.infra.ids import fresh_id
from review.kernel.ids import WorkspaceId
from review.queue import queries as queue
from tests.acting import Cast, a_cast
from tests.makers import REFUNDS, the_operator


async def workspace(tx: Tx, **rules: Any) -> tuple[Tx, Cast]:
    """A workspace whose refunds pass to the queue the rules name when nobody decides."""
    inside = await tx.confine(WorkspaceId(fresh_id()))
    cast = await a_cast(inside)
    operator = the_operator(inside.tenant)
    upstairs = {**REFUNDS, "escalates_to": "refunds", "kinds": rules.pop("takes", ["approval"])}
    await open_queue(inside, operator, "upstairs", upstairs)
    below = {**REFUNDS, "on_expiry": "escalate", "escalates_to": "upstairs", **rules}
    await open_queue(inside, operator, "refunds", below)
    return inside, cast


async def test_what_nobody_decides_is_passed_up_with_fresh_deadlines(tx: Tx) -> None:
    tx, cast = await workspace(tx)
    item = await cast.ask(tx)
    later = replace(tx, now=tx.now + timedelta(hours=3))
    assert await expire(later, limit=10) == 1
    moved = await queue.find(later, item)
    assert (moved.queue, moved.hops, moved.on_expiry) == ("upstairs", 1, "reject")
    assert moved.expires_at > later.now
    assert await expire(later, limit=10) == 0


@pytest.mark.parametrize("rules", [{"escalates_to": "nowhere"}, {"takes": ["moderation"]}])
async def test_what_has_nowhere_to_go_expires_and_holds_up_no_other(
    tx: Tx, rules: dict[str, Any]
) -> None:
    tx, cast = await workspace(tx, **rules)
    stuck = await cast.ask(tx)
    plain = await cast.ask(tx, on_expiry="reject")
    later = replace(tx, now=tx.now + timedelta(hours=3))
    assert await expire(later, limit=10) == 2
    for item in (stuck, plain):
        ended = await queue.find(later, item)
        assert (ended.result, ended.cause) == ("expired", "clock")
