"""What comes first."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from review.queue.ordering import sort_key, why_now, words

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
spans = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=300))


@given(spans, spans, spans)
def test_the_earlier_deadline_comes_first(created: timedelta, a: timedelta, b: timedelta) -> None:
    at = NOON + created
    first, second = (sort_key(created_at=at, due_at=at + span) for span in sorted((a, b)))
    assert first <= second


@given(spans, st.timedeltas(min_value=-timedelta(days=300), max_value=timedelta(days=300)))
def test_nothing_comes_before_it_was_asked(created: timedelta, due: timedelta) -> None:
    at = NOON + created
    assert sort_key(created_at=at, due_at=at + due) >= at


@given(st.integers(0, 10**9))
def test_a_duration_is_said_in_its_largest_unit(seconds: int) -> None:
    number, unit = words(seconds).split(" ")
    size = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}[unit]
    assert int(number) * size <= seconds < (int(number) + 1) * size


def test_why_now_says_how_late_it_is() -> None:
    late = why_now(due_at=NOON, now=NOON + timedelta(seconds=1), risk_tier="low")
    assert late == "low risk, overdue by 1 s; the earliest deadline comes first"
