"""What a receiver's answer means."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.delivery.answers import Answer, Fate

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_success_is_2xx_and_410_ends_it_and_all_else_is_tried_again() -> None:
    fates = {status: Answer(1, status).fate for status in range(100, 600)}
    assert {status for status, fate in fates.items() if fate is Fate.ARRIVED} == {*range(200, 300)}
    assert {status for status, fate in fates.items() if fate is Fate.UNWANTED} == {410}
    assert Answer(1, error="no answer in time").fate is Fate.RETRY


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Fri, 20 Nov 2026 09:10:00 GMT", timedelta(minutes=10)),
        ("Fri, 20 Nov 2026 09:10:00 -0000", timedelta(minutes=10)),
        ("Fri, 20 Nov 2020 09:10:00 GMT", timedelta()),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_a_busy_receiver_is_understood(said: str | None, wait: timedelta | None) -> None:
    assert Answer(1, 503, retry_after=said).asked_pause(NOW) == wait
    assert Answer(1, 500, retry_after=said).asked_pause(NOW) is None


@given(st.text())
def test_whatever_a_receiver_says_is_survived(said: str) -> None:
    wait = Answer(1, 429, retry_after=said).asked_pause(NOW)
    assert wait is None or wait >= timedelta()
