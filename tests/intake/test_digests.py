"""Canonical digests: the same meaning has the same bytes (RFC 8785), and no other."""

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from review.intake.digests import canonical, digest
from review.kernel.problems import InvalidRequest

LARGEST = 2**53 - 1
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(st.text(), values, max_size=5)


def shuffled(value: Any) -> Any:
    """The same document with every object's names the other way round."""
    if isinstance(value, dict):
        return {name: shuffled(inner) for name, inner in reversed(list(value.items()))}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [shuffled(inner) for inner in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


def seal(canonical: str) -> str:
    return "sha256:" + hashlib.sha256(b"review/t/v1\n" + canonical.encode()).hexdigest()


@given(documents)
def test_the_order_of_names_means_nothing(document: dict[str, Any]) -> None:
    assert digest("t", document) == digest("t", shuffled(document))


@given(documents)
def test_a_detour_over_json_means_nothing(document: dict[str, Any]) -> None:
    assert digest("t", document) == digest("t", json.loads(json.dumps(document)))


@given(documents)
def test_the_quick_spelling_is_the_canonical_one(document: dict[str, Any]) -> None:
    assert canonical(document) == rfc8785.dumps(document)


@given(st.floats(min_value=1e-8, max_value=1e23) | st.floats(min_value=-1, max_value=1))
def test_numbers_are_spelled_as_javascript_does(number: float) -> None:
    assert canonical({"n": number}) == rfc8785.dumps({"n": number})


@pytest.mark.parametrize(
    ("document", "canonical"),
    [
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        ({"numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27]},
         '{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}'),
        ({"n": [0, -0.0, 1.0, 1, 100.0]}, '{"n":[0,0,1,1,100]}'),
        ({"string": '\u20ac$\u000f\nA\'B"\\\\"/'}, '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'),
        ({"literals": [None, True, False]}, '{"literals":[null,true,false]}'),
        # names sort by UTF-16 code units: a surrogate pair comes before U+FB33
        ({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "\r": 4, "1": 5, "\u0080": 6, "\u00f6": 7},
         '{"\\r":4,"1":5,"\u0080":6,"ö":7,"€":3,"😀":2,"\ufb33":1}'),
    ],
)  # fmt: skip
def test_the_examples_of_the_standard_hold(document: dict[str, Any], canonical: str) -> None:
    assert digest("t", document) == seal(canonical)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": "1"}),
        ({"a": None}, {}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": True}, {"a": 1}),
        ({"a": "é"}, {"a": "e\u0301"}),  # composed and decomposed: two strings, two digests
        ({"a": 0.1 + 0.2}, {"a": 0.3}),
    ],
)
def test_what_differs_in_meaning_differs_in_digest(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert digest("t", one) != digest("t", other)


@given(documents)
def test_an_action_cannot_pass_for_a_request(document: dict[str, Any]) -> None:
    assert digest("action", document) != digest("request", document)


@pytest.mark.parametrize(
    "value", [LARGEST + 1, -LARGEST - 1, float("nan"), float("inf"), "\ud800", {"\udfff": 1}]
)
def test_what_canonical_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(InvalidRequest):
        digest("t", {"a": value})
