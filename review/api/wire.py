"""Documents that come in: all fields known, read as JSON means them, every wrong one pointed at."""

from typing import Any, Self

import msgspec
from pydantic import BaseModel, ConfigDict, ValidationError

from review.kernel.problems import InvalidRequest, pointer_to


class Wire(BaseModel):
    """A document whose fields are all known."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    @classmethod
    def model_validate(cls, obj: Any, **_given: Any) -> Self:  # noqa: ANN401 - a JSON document
        """Read a document as JSON means it: `"5"` is no number, 1 is not true nor an instant.

        The framework would have it read as Python, where these are the same.

        Raises: InvalidRequest.
        """
        try:
            return cls.model_validate_json(msgspec.json.encode(obj))
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            errors = [
                {"pointer": pointer_to(one["loc"]) or "/", "message": one["msg"]} for one in found
            ]
            raise InvalidRequest(errors=errors) from None
