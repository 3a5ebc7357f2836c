"""The OpenAPI document, brought into agreement with what the service answers.

Litestar describes routes, parameters and answers. What every operation has in common (who may
call it, how it says no) is added here, once; what it alone may refuse, a handler declares with
`refusing`. Documents that come in are described by pydantic, whose schema is the one it checks.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar.enums import OpenAPIMediaType
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Example, SecurityScheme
from pydantic.json_schema import models_json_schema

from review.api.problems import PROBLEM_JSON, Crash, ProblemOut, RouteUnknown
from review.api.wire import Wire
from review.door import COOKIE, SAFE, AnyRequest, CrossSite
from review.identity.actors import NotPermitted
from review.identity.credentials import SignInNeeded
from review.infra.db import DatabaseBusy, DatabaseUnavailable
from review.infra.status import STATUS
from review.intake.strict import NotJson
from review.kernel.problems import InvalidRequest, Problem

Document = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")
# Whoever calls these need not say who they are.
OPEN = {("get", "/healthz"), ("get", "/readyz"), ("get", "/problems/{code}")}
SIGN_IN = ("post", "/v1/sessions")
IDLE = {("get", "/healthz"), ("get", "/problems/{code}")}  # these ask no database
SCHEMA = "#/components/schemas/"
SCHEMES = {
    "key": SecurityScheme(type="http", scheme="bearer", description="An agent's API key."),
    "session": SecurityScheme(
        type="apiKey", security_scheme_in="cookie", name=COOKIE, description="A person's session."
    ),
    "csrf": SecurityScheme(
        type="apiKey",
        security_scheme_in="header",
        name="X-CSRF-Token",
        description="The token `POST /v1/sessions` returned, on whatever is not a GET.",
    ),
}
HEADERS: dict[str, Document] = {
    "Idempotency-Key": {
        "required": True,
        "description": "The same for every retry of a request, different for every other: a string"
        " of 1 to 255 printable ASCII characters, quoted as in RFC 9651.",
        "schema": {"type": "string", "pattern": r'^"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,255}"$'},
    },
    "Prefer": {
        "description": "`wait=30` waits that many seconds for an answer, at most 60 (RFC 7240).",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "description": "The `ETag` of the state that is known; 304 while it stands.",
        "schema": {"type": "string"},
    },
    "Last-Event-ID": {
        "description": "The `id` of the event that was read last; replay begins behind it.",
        "schema": {"type": "string"},
    },
}
TEXT: Document = {"type": "string"}


def refusing(*problems: type[Problem]) -> dict[int, ResponseSpec]:
    """Return, for a handler's `responses`, what it may refuse besides what every operation may."""
    found = dict[int, ResponseSpec]()
    for problem in problems:
        spec = ResponseSpec(ProblemOut, generate_examples=False, media_type=PROBLEM_JSON)
        spec = found.setdefault(STATUS[problem.kind], spec)
        examples = spec.examples or []
        spec.examples = [*examples, Example(id=problem.code(), summary=problem.sentence())]
    return found


def configuration() -> OpenAPIConfig:
    """Return how the document is made: one JSON file, and no page that loads scripts from afar."""
    return OpenAPIConfig(
        title="Review",
        version="1",
        description="A review queue between software that asks and people who decide.",
        path="/schema",
        use_handler_docstrings=True,
        components=Components(security_schemes={**SCHEMES}),
        render_plugins=[Contract()],
    )


class Contract(JsonRenderPlugin):
    """Serves the document, completed once."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)
        self._rendered: bytes | None = None

    def render(self, request: AnyRequest, openapi_schema: Document) -> bytes:
        """Return the document as JSON."""
        if self._rendered is None:
            plain = self.render_json(request, openapi_schema)  # pyright: ignore[reportUnknownMemberType]
            self._rendered = msgspec.json.encode(completed(msgspec.json.decode(plain)))
        return self._rendered


def completed(document: Document) -> Document:
    """Add to a document what Litestar does not know; it is changed and returned."""
    schemas: Document = document["components"]["schemas"]
    schemas["ProblemOut"] = ProblemOut.model_json_schema()
    schemas |= {name: one for name, one in incoming().items() if name in schemas}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                complete(method, path, item[method])
    return document


def incoming() -> Document:
    """Return the schema of every document that comes in, as it is checked."""
    models = [(model, "validation") for model in family(Wire)]
    _, schema = models_json_schema(models, ref_template=SCHEMA + "{model}")  # pyright: ignore[reportArgumentType]
    return schema["$defs"]


def family(root: type[Wire]) -> Iterator[type[Wire]]:
    """Yield every kind of document that comes in."""
    for child in root.__subclasses__():
        yield child
        yield from family(child)


def complete(method: str, path: str, operation: Document) -> None:
    """Complete one operation."""
    safe = method.upper() in SAFE
    operation["security"] = [{"key": []}, {"session": []} if safe else {"session": [], "csrf": []}]
    if (method, path) in {*OPEN, SIGN_IN}:
        operation["security"] = []
    for parameter in operation.get("parameters", []):
        parameter["schema"] = present(parameter["schema"])
        parameter.update(HEADERS.get(parameter["name"], {}))
    responses: Document = operation["responses"]
    if PROBLEM_JSON not in responses.get("400", {}).get("content", {}):
        responses.pop("400", None)  # Litestar's own, which is never sent
    for problem in common(method, path, operation):
        answer = responses.setdefault(str(STATUS[problem.kind].value), {"content": {}})
        content = answer["content"].setdefault(PROBLEM_JSON, {"examples": {}})
        content["examples"].setdefault(problem.code(), {"summary": problem.sentence()})
    responses["500"] = {"content": {PROBLEM_JSON: {"examples": {Crash.code(): said(Crash)}}}}
    if "requestBody" in operation:
        code, summary = "request-entity-too-large", "The body is larger than this takes."
        responses["413"] = {"content": {PROBLEM_JSON: {"examples": {code: {"summary": summary}}}}}
    for status, answer in responses.items():
        finish(status, answer)


def said(problem: type[Problem]) -> Document:
    """Return a problem as an example without a value."""
    return {"summary": problem.sentence()}


def common(method: str, path: str, operation: Document) -> Iterator[type[Problem]]:
    """Yield what every operation of this shape may refuse."""
    if (method, path) not in {*OPEN, SIGN_IN}:
        yield from (SignInNeeded, NotPermitted)
        if method.upper() not in SAFE:
            yield CrossSite
    if "{" in path:
        yield RouteUnknown
    if "requestBody" in operation:
        yield NotJson
    if "requestBody" in operation or operation.get("parameters"):
        yield InvalidRequest
    if (method, path) not in IDLE:
        yield from (DatabaseUnavailable, DatabaseBusy)


def finish(status: str, answer: Document) -> None:
    """Say of a refusal which codes it has, of an empty answer that it is empty."""
    content: Document = answer.get("content") or {}
    if status in {"204", "304"}:
        answer.pop("content", None)
    if "text/event-stream" in content:
        content["text/event-stream"] = {"schema": TEXT}
    if PROBLEM_JSON not in content:
        return
    codes: Document = content[PROBLEM_JSON].pop("examples")
    answer["description"] = "\n".join(f"- `{code}`: {codes[code]['summary']}" for code in codes)
    code = {"properties": {"code": {"enum": list(codes)}}}
    content[PROBLEM_JSON]["schema"] = {"allOf": [{"$ref": f"{SCHEMA}ProblemOut"}, code]}
    if status == "401":
        answer["headers"] = {"WWW-Authenticate": {"required": True, "schema": TEXT}}
    if status == "429":
        answer["headers"] = {"Retry-After": {"required": True, "schema": TEXT}}


def present(schema: Document) -> Document:
    """Return the schema of a parameter that is there; one that is not is no null on the wire."""
    some = [one for one in schema.get("oneOf", []) if one.get("type") != "null"]
    if len(some) == 1:
        return some[0]
    if isinstance(schema.get("type"), list):
        kind = next(one for one in schema["type"] if one != "null")
        values = [one for one in schema.get("enum", []) if one is not None]
        return {"type": kind, "enum": values} if values else {"type": kind}
    return schema
