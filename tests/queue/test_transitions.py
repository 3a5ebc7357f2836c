"""The transition table, walked whole: every state, every event, every verdict's reach."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.kernel.ids import ActorId
from review.kernel.problems import Problem
from review.queue.configuration import EVENT_OF, SETTLES, Effect
from review.queue.transitions import (
    ALLOWED,
    TABLE,
    AlreadySettled,
    AnswerOwed,
    Event,
    Expired,
    NothingAsked,
    NotSettled,
    Result,
    StaleClaim,
    Standing,
    State,
    follow,
    follow_held,
)

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
ADA, BEN = ActorId(UUID(int=1)), ActorId(UUID(int=2))
FREE = Standing(epoch=0, claimed_by=None, claimed_until=None, asked_at=None, settled_at=None)
IN = {
    State.WAITING: FREE,
    State.CLAIMED: replace(
        FREE, epoch=3, claimed_by=ADA, claimed_until=NOON + timedelta(minutes=1)
    ),
    State.ASKED: replace(FREE, epoch=3, asked_at=NOON),
    State.SETTLED: replace(FREE, epoch=3, settled_at=NOON, result="approved", cause="human"),
}

# Spelled out a second time on purpose: a change of the table must be a change of two minds.
LEADS_TO = {
    State.WAITING: {
        Event.CLAIM: State.CLAIMED,
        Event.REVISE: State.WAITING,
        Event.MOVE: State.WAITING,
        Event.WITHDRAW: State.SETTLED,
        Event.SUPERSEDE: State.SETTLED,
        Event.EXPIRE: State.SETTLED,
    },
    State.CLAIMED: {
        Event.RENEW: State.CLAIMED,
        Event.OPEN: State.CLAIMED,
        Event.RELEASE: State.WAITING,
        Event.ABSTAIN: State.WAITING,
        Event.ESCALATE: State.WAITING,
        Event.REVISE: State.WAITING,
        Event.MOVE: State.WAITING,
        Event.ASK: State.ASKED,
        Event.DECIDE: State.SETTLED,
        Event.WITHDRAW: State.SETTLED,
        Event.SUPERSEDE: State.SETTLED,
        Event.EXPIRE: State.SETTLED,
    },
    State.ASKED: {
        Event.ANSWER: State.WAITING,
        Event.REVISE: State.WAITING,
        Event.MOVE: State.WAITING,
        Event.WITHDRAW: State.SETTLED,
        Event.SUPERSEDE: State.SETTLED,
        Event.EXPIRE: State.SETTLED,
    },
    State.SETTLED: {Event.ACKNOWLEDGE: State.SETTLED},
}

REFUSED: dict[State, dict[Event, type[Problem]]] = {
    State.WAITING: {Event.ANSWER: NothingAsked, Event.ACKNOWLEDGE: NotSettled},
    State.CLAIMED: {
        Event.CLAIM: StaleClaim,
        Event.ANSWER: NothingAsked,
        Event.ACKNOWLEDGE: NotSettled,
    },
    State.ASKED: {Event.CLAIM: AnswerOwed, Event.ACKNOWLEDGE: NotSettled},
    State.SETTLED: {},
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_event_is_allowed_or_refused_by_name(state: State, event: Event) -> None:
    standing = IN[state]
    assert standing.state(NOON) is state
    if event in LEADS_TO[state]:
        assert follow(standing, event, NOON) is LEADS_TO[state][event]
        return
    default = AlreadySettled if state is State.SETTLED else StaleClaim
    with pytest.raises(REFUSED[state].get(event, default)) as refusal:
        follow(standing, event, NOON)
    assert refusal.value.facts["state"] == state


def test_the_table_holds_every_pair_and_nothing_else() -> None:
    assert set(TABLE) == set(product(State, Event))
    assert set(ALLOWED) == {(state, event) for state, then in LEADS_TO.items() for event in then}


def test_what_is_settled_stays_settled() -> None:
    after = {TABLE[State.SETTLED, event] for event in Event}
    assert {then for then in after if isinstance(then, State)} == {State.SETTLED}
    assert ALLOWED[State.SETTLED, Event.ACKNOWLEDGE] is State.SETTLED


def test_only_a_person_who_holds_the_item_can_deny_it() -> None:
    denying = [effect for effect, result in SETTLES.items() if result is Result.DENIED]
    assert denying == [Effect.REJECT]
    assert not {effect for effect in denying if effect in EVENT_OF}  # so their event is DECIDE
    assert [state for state in State if (state, Event.DECIDE) in ALLOWED] == [State.CLAIMED]


def test_every_verdict_either_settles_or_is_an_event_of_its_own() -> None:
    assert set(SETTLES) | set(EVENT_OF) == set(Effect)
    assert not set(SETTLES) & set(EVENT_OF)
    assert not {Result.EXPIRED, Result.WITHDRAWN, Result.SUPERSEDED} & set(SETTLES.values())


def test_an_expired_item_says_so_and_a_decided_one_says_how() -> None:
    with pytest.raises(Expired):
        follow(replace(IN[State.SETTLED], result="expired", cause="clock"), Event.DECIDE, NOON)
    with pytest.raises(AlreadySettled) as refusal:
        follow(IN[State.SETTLED], Event.DECIDE, NOON)
    assert refusal.value.facts == {
        "state": "settled",
        "result": "approved",
        "cause": "human",
        "at": NOON.isoformat(),
    }


@given(st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=1)))
def test_a_lease_ends_at_its_instant_and_not_after_it(later: timedelta) -> None:
    leased = replace(FREE, epoch=1, claimed_by=ADA, claimed_until=NOON)
    expected = State.CLAIMED if later < timedelta() else State.WAITING
    assert leased.state(NOON + later) is expected


@pytest.mark.parametrize(
    ("by", "epoch", "holds"), [(ADA, 3, True), (BEN, 3, False), (ADA, 2, False), (ADA, 4, False)]
)
def test_only_the_holder_under_the_live_epoch_may_act(
    by: ActorId, epoch: int, *, holds: bool
) -> None:
    claimed = IN[State.CLAIMED]
    if holds:
        assert follow_held(claimed, Event.DECIDE, NOON, by=by, epoch=epoch) is State.SETTLED
        return
    with pytest.raises(StaleClaim) as refusal:
        follow_held(claimed, Event.DECIDE, NOON, by=by, epoch=epoch)
    assert refusal.value.facts == {"state": "claimed", "epoch": 3, "presented": epoch}


def test_a_lapsed_holder_may_not_act_even_if_nobody_took_over() -> None:
    claimed = IN[State.CLAIMED]
    with pytest.raises(StaleClaim):
        follow_held(claimed, Event.DECIDE, NOON + timedelta(minutes=1), by=ADA, epoch=3)
