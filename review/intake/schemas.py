"""Checking documents against a queue's JSON Schemas."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec

from review.kernel.problems import Kind, Problem, invalid, pointer_to

MOST_ERRORS = 20
LONGEST_MESSAGE = 300  # a message may quote the value it refuses


class ArgumentsInvalid(Problem):
    """The arguments or the content do not fit this queue's JSON Schema.

    `errors` lists what does not fit, each with a JSON Pointer into the request. The schemas are
    part of the queue's configuration: `GET /v1/queues/{queue}`.
    """

    kind = Kind.INVALID


def refuse_remote(uri: str) -> Any:  # noqa: ANN401 - never returns
    """Refuse to fetch a schema: nothing a configuration names is loaded from anywhere."""
    msg = f"schemas may not refer to {uri}"
    raise ValueError(msg)


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> jsonschema_rs.Validator:
    """Return the compiled form of one schema."""
    return jsonschema_rs.validator_for(msgspec.json.decode(schema), retriever=refuse_remote)


def check_schema(schema: Mapping[str, Any], pointer: str) -> None:
    """Return quietly if a schema can be used.

    Raises: InvalidRequest.
    """
    try:
        _validator(msgspec.json.encode(schema, order="deterministic"))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        message = str(error).partition("\n")[0]
        raise invalid(pointer, f"is not a usable JSON Schema: {message}") from None


def check(document: object, schema: Mapping[str, Any] | None, pointer: str) -> None:
    """Return quietly if a document fits its schema; no schema fits everything.

    Raises: ArgumentsInvalid.
    """
    if schema is None:
        return
    validator = _validator(msgspec.json.encode(schema, order="deterministic"))
    if validator.is_valid(document):
        return
    errors = [
        {
            "pointer": pointer + pointer_to(error.instance_path),
            "message": error.message[:LONGEST_MESSAGE],
        }
        for error, _ in zip(validator.iter_errors(document), range(MOST_ERRORS), strict=False)
    ]
    raise ArgumentsInvalid(errors=errors)
