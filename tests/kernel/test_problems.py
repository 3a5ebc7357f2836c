"""Problems: one class, one sentence, one code, one status."""

import re
from inspect import cleandoc

import pytest

from review.api.operation import every_problem
from review.api.problems import document_of
from review.infra.status import STATUS
from review.kernel.problems import Kind, Problem, doomed, invalid

OURS = [one for one in every_problem() if one.__module__.startswith("review.")]


class LostAndFound(Problem):
    """Something was lost.

    It may be found.
    """

    kind = Kind.MISSING


def test_a_problem_is_named_titled_and_explained_by_its_class() -> None:
    assert LostAndFound.code() == "lost-and-found"
    assert LostAndFound.sentence() == "Something was lost."
    assert LostAndFound.explanation() == "It may be found."
    assert str(LostAndFound(where="here")) == "Something was lost."


def test_every_kind_of_no_has_a_status_of_its_own() -> None:
    assert set(STATUS) == set(Kind)
    assert len(set(STATUS.values())) == len(Kind)
    assert all(400 <= status <= 503 for status in STATUS.values())


@pytest.mark.parametrize("problem", OURS, ids=lambda problem: problem.code())
def test_every_problem_of_ours_becomes_a_whole_document(problem: type[Problem]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem.code())
    assert "\n" not in problem.sentence()
    assert cleandoc(problem.__doc__ or "").startswith(problem.sentence())
    document = document_of(problem(code="forged", status=200, item="x"))
    assert document == {
        "type": f"/problems/{problem.code()}",
        "title": problem.sentence(),
        "status": STATUS[problem.kind].value,
        "code": problem.code(),
        "retryable": problem.retryable,
        "item": "x",
    }


def test_a_wrong_field_is_pointed_at() -> None:
    for refuse, code in ((invalid, "invalid-request"), (doomed, "doomed-request")):
        problem = refuse("/due_in_s", "must be positive")
        assert problem.code() == code
        assert problem.facts == {
            "errors": [{"pointer": "/due_in_s", "message": "must be positive"}]
        }
