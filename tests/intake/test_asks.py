"""Asks that contradict themselves are refused before a person sees them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from review.intake.asks import SKEW, Ask, Change, action_digest, screen, screen_facts
from review.kernel.problems import DoomedRequest

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
ACTION = {"name": "issue_refund", "arguments": {"amount": "240.00"}}
ASK = Ask(
    key="k", document={"action": ACTION}, queue="refunds", kind="approval", title="t", action=ACTION
)


def at_fault(ask: Ask) -> list[str]:
    with pytest.raises(DoomedRequest) as refusal:
        screen(ask, now=NOON)
    return [error["pointer"] for error in refusal.value.facts["errors"]]


def test_a_plain_request_passes() -> None:
    screen(ASK, now=NOON)
    screen(replace(ASK, reversible=True, rollback="refund the refund"), now=NOON)


@pytest.mark.parametrize("rollback", [None, "", " \n"])
def test_what_is_reversible_says_how(rollback: str | None) -> None:
    assert at_fault(replace(ASK, reversible=True, rollback=rollback)) == ["/risk/rollback"]


def test_a_fact_is_not_fetched_in_the_future() -> None:
    fetched = (NOON - timedelta(days=1), None, NOON + SKEW, NOON + SKEW + timedelta(seconds=1))
    screen_facts(fetched[:3], now=NOON)
    assert at_fault(replace(ASK, fetched=fetched)) == ["/facts/3/fetched_at"]


def test_an_action_is_its_name_and_its_exact_arguments() -> None:
    assert ASK.action_digest == action_digest({"arguments": {"amount": "240.00"}, **ACTION})
    assert ASK.action_digest != action_digest({**ACTION, "arguments": {"amount": 240}})
    assert ASK.action_digest != action_digest({**ACTION, "name": "void_refund"})
    assert replace(ASK, action=None).action_digest is None


@pytest.mark.parametrize(
    ("fields", "renews"),
    [({"facts": [{"name": "n"}]}, True), ({"action": ACTION}, True),
     ({"content": {"type": "text"}}, True), ({"facts": []}, False),
     ({"title": "t", "narrative": "n"}, False)],
)  # fmt: skip
def test_only_what_a_decision_rests_on_renews_it(
    fields: dict[str, object], *, renews: bool
) -> None:
    assert Change(fields).renews is renews
