"""A queue's configuration is checked before it is kept, and says which field is wrong."""

from copy import deepcopy
from typing import Any

import pytest

from review.kernel.problems import InvalidRequest
from review.queue.configuration import (
    ReasonNeeded,
    UnknownVerdict,
    configuration_of,
    document_of,
)
from tests.makers import REFUNDS

RULES = configuration_of(REFUNDS)


def changed(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(REFUNDS), **changes}


def with_verdict(place: int, **changes: Any) -> dict[str, Any]:
    document = changed()
    document["verdicts"][place].update(changes)
    return document


ONLY_ASKS = [{"name": "ask", "effect": "request_info", "label": "Ask", "key": "q"}]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/"),
        ([], "/"),
        (changed(owner=" "), "/owner"),
        (changed(kinds="approval"), "/kinds"),
        (changed(due_in_s=0), "/due_in_s"),
        (changed(due_in_s="soon"), "/due_in_s"),
        (changed(due_in_s=7_201), "/due_in_s"),
        (changed(stale_in_s=-1), "/stale_in_s"),
        (changed(expires_in_s=0), "/expires_in_s"),
        (changed(lease_s=0), "/lease_s"),
        (changed(max_claims=0), "/max_claims"),
        (changed(verdicts=[]), "/verdicts"),
        (changed(verdicts=ONLY_ASKS), "/verdicts"),
        (with_verdict(1, name="approve"), "/verdicts"),
        (with_verdict(1, key="a"), "/verdicts"),
        (with_verdict(2, effect="explode"), "/verdicts/2/effect"),
        (with_verdict(0, label=None), "/verdicts/0/label"),
        (changed(on_expiry="panic"), "/on_expiry"),
        (changed(on_expiry="approve"), "/may_approve_on_expiry"),
        (changed(on_expiry="approve", may_approve_on_expiry=True), "/on_expiry"),
        (changed(on_expiry="escalate", escalates_to=None), "/escalates_to"),
        (changed(escalates_to=None), "/escalates_to"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(document: object, pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        configuration_of(document)
    assert [error["pointer"] for error in refusal.value.facts["errors"]] == [pointer]


def test_a_configuration_survives_being_kept() -> None:
    assert configuration_of(document_of(RULES)) == RULES


def test_a_verdict_that_is_not_on_the_form_is_refused_with_the_form() -> None:
    assert RULES.verdict("reject").needs_reason
    with pytest.raises(UnknownVerdict) as refusal:
        RULES.verdict("remove")
    assert refusal.value.facts["allowed"] == [one["name"] for one in REFUNDS["verdicts"]]


@pytest.mark.parametrize(
    ("verdict", "codes", "note", "pointers"),
    [
        ("approve", (), "", []),
        ("approve", ("in_policy",), "", []),
        ("reject", ("out_of_policy",), "", []),
        ("request_info", (), "Which order?", []),
        ("reject", (), "", ["/reason_codes"]),
        ("reject", ("because",), "", ["/reason_codes/0"]),
        ("approve", ("in_policy", "vibes", "mood"), "", ["/reason_codes/1", "/reason_codes/2"]),
        ("request_info", (), " \n", ["/note"]),
    ],
)
def test_reasons_and_notes_are_asked_for_where_the_form_does(
    verdict: str, codes: tuple[str, ...], note: str, pointers: list[str]
) -> None:
    choice = RULES.verdict(verdict)
    if not pointers:
        RULES.check_reasons(choice, codes, note)
        return
    with pytest.raises(ReasonNeeded) as refusal:
        RULES.check_reasons(choice, codes, note)
    assert [error["pointer"] for error in refusal.value.facts["errors"]] == pointers
