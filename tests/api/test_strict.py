"""JSON that two parsers could read differently is refused, whatever type it claims to be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.intake.strict import DEEPEST, LARGEST, NotJson, check
from review.kernel.problems import InvalidRequest

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_plain_json_passes(value: Any, escaped: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    check(json.dumps(value, ensure_ascii=escaped).encode())


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        check(body)
    except (InvalidRequest, NotJson):
        return
    json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 1}',
        b'{"x": [{"a": 1, "b": 2, "a": 3}]}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": NaN}',
        b"[Infinity, 1]",
        b"-Infinity",
        b'{"a": %d}' % (LARGEST + 1),
        b'{"a": %d}' % (-LARGEST - 1),
        b"9" * 5_000,
        b"1e400",
        b"-1e400",
        b"9007199254740992.0",
        b"1e30",
        b'{"a": "nul \\u0000 inside"}',
        b'{"nul \\u0000 inside": 1}',
        b'{"a": "\\ud800 alone"}',
        b'{"\\udc00": 1}',
        b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2),
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_json_and_means_two_things_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        check(body)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nope", b"{'a': 1}", b'{"a": 1}}', b'"\x00"', b"\xff\xfe", b"\xef\xbb\xbf{}",
     '{"a": 1}'.encode("utf-16"), '{"a": 1}'.encode("utf-32-le"), b'{"a": "\xff"}'],
    ids=repr,
)  # fmt: skip
def test_what_is_no_json_in_utf8_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        check(body)


def test_the_largest_integers_and_the_deepest_nesting_pass() -> None:
    check(b"[%d, %d, 9007199254740991.0, 0.1, 1e-300]" % (LARGEST, -LARGEST))
    check(b"[" * DEEPEST + b"]" * DEEPEST)
