"""Three clocks: what was asked for, else what the queue says, and never a contradiction."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.kernel.problems import DoomedRequest
from review.queue.configuration import Configuration, OnExpiry, configuration_of
from review.queue.deadlines import Deadlines, FactsStale, Wishes, ensure_fresh, wind
from tests.makers import REFUNDS

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
REFUND = configuration_of(REFUNDS)
YEAR_S = 365 * 86_400

wished = st.none() | st.integers(-3, 5) | st.integers(-(2**31), 2**31 - 1)
durations = st.integers(1, YEAR_S)


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    due, expires = sorted((draw(durations), draw(durations)))
    default = draw(st.sampled_from([OnExpiry.REJECT, OnExpiry.WITHDRAW, OnExpiry.ESCALATE]))
    return replace(
        REFUND,
        due_in_s=due,
        stale_in_s=draw(durations),
        expires_in_s=expires,
        on_expiry=default,
        may_approve_on_expiry=draw(st.booleans()),
    )


def wishes_of(draw: st.DataObject) -> Wishes:
    return Wishes(
        due_in_s=draw.draw(wished),
        stale_in_s=draw.draw(wished),
        expires_in_s=draw.draw(wished),
        on_expiry=draw.draw(st.none() | st.sampled_from(OnExpiry)),
    )


def seconds(at: datetime) -> int:
    return int((at - NOON).total_seconds())


@given(rules=configurations(), reversible=st.booleans(), data=st.data())
def test_the_clocks_are_in_order_or_the_field_at_fault_is_named(
    *, rules: Configuration, reversible: bool, data: st.DataObject
) -> None:
    wishes = wishes_of(data)
    try:
        wound = wind(rules, wishes, now=NOON, reversible=reversible)
    except DoomedRequest as problem:
        (error,) = problem.facts["errors"]
        name = error["pointer"].removeprefix("/")
        assert getattr(wishes, name) is not None, "what was not asked for cannot be at fault"
        return
    assert NOON < wound.due_at <= wound.expires_at
    assert wound.stale_at > NOON
    for name in ("due", "stale", "expires"):
        wish = getattr(wishes, f"{name}_in_s")
        if wish is not None:
            assert 0 < wish <= YEAR_S
            assert seconds(getattr(wound, f"{name}_at")) == wish
    if wishes.expires_in_s is None:
        assert seconds(wound.expires_at) == rules.expires_in_s
    if wound.on_expiry is OnExpiry.APPROVE:
        assert reversible
        assert rules.may_approve_on_expiry
        assert wound.stale_at > wound.expires_at


@given(configurations())
def test_without_wishes_the_queue_decides(rules: Configuration) -> None:
    assert wind(rules, Wishes(), now=NOON, reversible=False) == Deadlines(
        due_at=NOON + timedelta(seconds=rules.due_in_s),
        stale_at=NOON + timedelta(seconds=rules.stale_in_s),
        expires_at=NOON + timedelta(seconds=rules.expires_in_s),
        on_expiry=rules.on_expiry,
    )


def test_a_default_moves_up_to_the_expiry_that_was_asked_for() -> None:
    wound = wind(REFUND, Wishes(expires_in_s=60), now=NOON, reversible=False)
    assert wound.due_at == wound.expires_at == NOON + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("wishes", "reversible", "pointer"),
    [
        (Wishes(due_in_s=0), False, "/due_in_s"),
        (Wishes(stale_in_s=-1), False, "/stale_in_s"),
        (Wishes(expires_in_s=YEAR_S + 1), False, "/expires_in_s"),
        (Wishes(due_in_s=61, expires_in_s=60), False, "/due_in_s"),
        (Wishes(on_expiry=OnExpiry.APPROVE), False, "/on_expiry"),
        (Wishes(on_expiry=OnExpiry.APPROVE), True, "/on_expiry"),
    ],
)
def test_what_cannot_be_kept_is_refused(wishes: Wishes, *, reversible: bool, pointer: str) -> None:
    with pytest.raises(DoomedRequest) as refusal:
        wind(REFUND, wishes, now=NOON, reversible=reversible)
    assert [error["pointer"] for error in refusal.value.facts["errors"]] == [pointer]


def test_nothing_escalates_to_nowhere() -> None:
    nowhere = replace(REFUND, escalates_to=None)
    with pytest.raises(DoomedRequest):
        wind(nowhere, Wishes(on_expiry=OnExpiry.ESCALATE), now=NOON, reversible=False)


@given(st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=1)))
def test_facts_hold_until_their_instant(later: timedelta) -> None:
    if later < timedelta():
        ensure_fresh(NOON, now=NOON + later)
        return
    with pytest.raises(FactsStale):
        ensure_fresh(NOON, now=NOON + later)
