"""Problems, framework errors and crashes as RFC 9457 problem documents: one door out."""

import difflib
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from litestar import Response
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from pydantic import BaseModel, ConfigDict

from review.door import AnyRequest
from review.infra.status import STATUS
from review.kernel.problems import InvalidRequest, Kind, Problem

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
PLACES = {"body": "", "query": "query", "path": "path", "header": "header", "cookie": "cookie"}


class RouteUnknown(Problem):
    """There is no such address here.

    `nearest` lists the addresses that look most like it.
    """

    kind = Kind.MISSING


class Crash(Problem):
    """We failed; it was not your request.

    Nothing was stored unless you were told so before. Send the request again, with the same
    `Idempotency-Key` where it had one; if it keeps failing, the operator's log says why.
    """

    kind = Kind.UNAVAILABLE


class ProblemOut(BaseModel):
    """Why a request was refused (RFC 9457). Further members are the facts of the case."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    code: str
    retryable: bool


def document_of(problem: Problem) -> dict[str, Any]:
    """Return a problem as its document; `type` is a page of our own documentation."""
    return members(
        STATUS[problem.kind],
        problem.code(),
        problem.sentence(),
        retryable=problem.retryable,
        facts=problem.facts,
    )


def members(
    status: HTTPStatus, code: str, title: str, *, retryable: bool, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the members of one problem document."""
    known = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status.value,
        "code": code,
        "retryable": retryable,
    }
    return {**facts, **known}


def document(
    status: HTTPStatus, code: str, title: str, *, retryable: bool, facts: Mapping[str, Any]
) -> Response[dict[str, Any]]:
    """Build the answer that carries a problem document."""
    body = members(status, code, title, retryable=retryable, facts=facts)
    headers = {"Retry-After": str(facts["retry_after_s"])} if "retry_after_s" in facts else {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(body, status_code=status, media_type=PROBLEM_JSON, headers=headers)


def on_problem(_request: AnyRequest, problem: Problem) -> Response[dict[str, Any]]:
    """Say no, with the reason and the facts."""
    return document(
        STATUS[problem.kind],
        problem.code(),
        problem.sentence(),
        retryable=problem.retryable,
        facts=problem.facts,
    )


def pointer(source: str, key: str) -> str:
    """Return where in the request a wrong field is: a JSON Pointer, or the parameter's name.

    >>> pointer("body", "facts.0.name"), pointer("query", "limit")
    ('/facts/0/name', 'query/limit')
    """
    return f"{PLACES.get(source, '')}/{key.replace('.', '/')}"


def on_validation(request: AnyRequest, error: ValidationException) -> Response[dict[str, Any]]:
    """Point at every field that is wrong."""
    extra: list[Any] = error.extra if isinstance(error.extra, list) else []
    errors = [
        {
            "pointer": pointer(one.get("source", "body"), str(one.get("key", ""))),
            "message": str(one.get("message", "is not valid")),
        }
        for one in extra
    ]
    if errors and errors[0]["pointer"] == "/data":  # what handlers call the body
        errors = [{"pointer": "/", "message": "a JSON document is required"}]
    detail = {"pointer": "/", "message": error.detail.partition("\n")[0]}
    return on_problem(request, InvalidRequest(errors=errors or [detail]))


def on_missing(request: AnyRequest, _error: NotFoundException) -> Response[dict[str, Any]]:
    """Name the nearest addresses that do exist; agents invent routes."""
    known = sorted({route.path for route in request.app.routes})
    nearest = difflib.get_close_matches(request.url.path, known, n=3, cutoff=0.4)
    return on_problem(request, RouteUnknown(path=request.url.path, nearest=nearest))


def code_of(status: HTTPStatus) -> str:
    """Return the code under which a plain HTTP refusal goes.

    >>> code_of(HTTPStatus.METHOD_NOT_ALLOWED)
    'method-not-allowed'
    """
    return status.phrase.lower().replace(" ", "-")


def on_http(_request: AnyRequest, error: HTTPException) -> Response[dict[str, Any]]:
    """Dress the framework's own refusals."""
    status = HTTPStatus(error.status_code)
    code = code_of(status)
    facts = {"detail": error.detail}
    answer = document(status, code, f"{status.phrase}.", retryable=False, facts=facts)
    answer.headers.update(error.headers or {})
    return answer


def on_crash(_request: AnyRequest, error: Exception) -> Response[dict[str, Any]]:
    """Log everything, tell the caller nothing."""
    log.error("unhandled", exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return document(status, Crash.code(), Crash.sentence(), retryable=True, facts={})


Handler: TypeAlias = Callable[[AnyRequest, Any], Response[Any]]
HANDLERS: dict[type[Exception], Handler] = {
    Problem: on_problem,
    ValidationException: on_validation,
    NotFoundException: on_missing,
    HTTPException: on_http,
    Exception: on_crash,
}
