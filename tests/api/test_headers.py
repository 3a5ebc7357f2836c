"""Headers that mean something: the idempotency key, and for how long to wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.api.headers import KeyInvalid, idempotency_key, preferred_wait_s
from review.intake.receipts import KeyMissing

printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)


@given(printable)
def test_every_printable_key_reads_back_from_its_quoted_form(key: str) -> None:
    quoted = key.replace("\\", "\\\\").replace('"', '\\"')
    assert idempotency_key(f'"{quoted}"') == key


@pytest.mark.parametrize("key", ["run-17/call-3", "0198f2c0-0000-7000-8000-000000000000", "a"])
def test_a_plain_key_needs_no_quotes(key: str) -> None:
    assert idempotency_key(key) == idempotency_key(f'"{key}"') == key


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_key_is_said_to_be_missing(value: str | None) -> None:
    with pytest.raises(KeyMissing):
        idempotency_key(value)


@pytest.mark.parametrize(
    "value",
    ['""', '"a', 'a"', '"a" ', '"a"b"', "two words", '"tab\there"', '"caf\xe9"', '"a\n"', "a\n",
     '"a"\n', "\n", '"\\a"', '"' + "x" * 256 + '"', "x" * 256, 17, ["a"], True],
    ids=repr,
)  # fmt: skip
def test_a_key_that_cannot_be_read_is_refused(value: object) -> None:
    with pytest.raises(KeyInvalid):
        idempotency_key(value)


@given(st.text(max_size=40) | st.from_regex(r"(respond-async, ?)?wait=\d{1,20}", fullmatch=True))
def test_nobody_waits_longer_than_a_minute(prefer: str) -> None:
    assert 0 <= preferred_wait_s(prefer) <= 60


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [(None, 0), ("", 0), ("wait=5", 5), ("respond-async, wait=30", 30), ("wait=9999", 60),
     ("wait=10;x", 10), ("wait=-1", 0), ("await=5", 0), ("wait=soon", 0)],
)  # fmt: skip
def test_a_caller_waits_as_long_as_it_prefers(prefer: str | None, seconds: float) -> None:
    assert preferred_wait_s(prefer) == seconds
