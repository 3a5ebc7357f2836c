"""When to try again."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from review.delivery.backoff import LONGEST, SCHEDULE, pause


def test_the_schedule_is_the_one_of_the_contract() -> None:
    hours = [2, 5, 10, 14, 20, 24]
    expected = [0, 5, 5 * 60, 30 * 60, *(hour * 3_600 for hour in hours)]
    assert [each.total_seconds() for each in SCHEDULE] == expected


@given(st.integers(1, 1_000), st.one_of(st.none(), st.timedeltas()))
def test_a_pause_is_never_shorter_than_the_schedule_nor_longer_than_a_day(
    tries: int, asked: timedelta | None
) -> None:
    wait = pause(tries, asked)
    if tries >= len(SCHEDULE):
        assert wait is None
    else:
        assert wait is not None
        assert SCHEDULE[tries] <= wait <= LONGEST
