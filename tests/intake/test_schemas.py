"""A queue's JSON Schemas: usable or refused, and every misfit pointed at."""

from typing import Any

import pytest

from review.intake.schemas import ArgumentsInvalid, check, check_schema
from review.kernel.problems import InvalidRequest

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {"type": "string"},
        "lines": {"type": "array", "items": {"type": "integer"}},
        "a/b": {"type": "object", "properties": {"c~d": {"type": "boolean"}}},
    },
    "additionalProperties": False,
}


def pointers(document: object) -> set[str]:
    with pytest.raises(ArgumentsInvalid) as refusal:
        check(document, SCHEMA, "/action/arguments")
    return {error["pointer"] for error in refusal.value.facts["errors"]}


def test_what_fits_passes_and_no_schema_fits_everything() -> None:
    check({"amount": "1.00", "lines": [1, 2]}, SCHEMA, "")
    check({"anything": object}, None, "")


def test_every_misfit_is_pointed_at() -> None:
    found = pointers({"amount": 1, "lines": [1, "two", 3, None], "stray": 1})
    assert found == {
        "/action/arguments",
        "/action/arguments/amount",
        "/action/arguments/lines/1",
        "/action/arguments/lines/3",
    }


def test_a_pointer_escapes_what_would_break_it() -> None:
    assert pointers({"amount": "1", "a/b": {"c~d": 1}}) == {"/action/arguments/a~1b/c~0d"}


def test_the_list_of_misfits_ends_somewhere() -> None:
    with pytest.raises(ArgumentsInvalid) as refusal:
        check({"amount": "1", "lines": ["x" * 10_000] * 10_000}, SCHEMA, "")
    assert len(refusal.value.facts["errors"]) == 20
    assert all(len(error["message"]) <= 300 for error in refusal.value.facts["errors"])


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"pattern": "("},
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#/nowhere"},
        {"minimum": "one"},
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check_schema(schema, "/content_schema")
    assert [error["pointer"] for error in refusal.value.facts["errors"]] == ["/content_schema"]
