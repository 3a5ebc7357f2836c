"""Problems where the person is looking: a sentence and the facts, never raw JSON."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from review.door import SAFE, AnyRequest
from review.identity.credentials import SignInNeeded
from review.infra.status import STATUS
from review.kernel.problems import InvalidRequest, Kind, Problem
from ui.places import sign_in_at
from ui.rendering import html

log = logging.getLogger(__name__)

LOST = frozenset({"stale-claim", "already-settled", "expired", "revision-moved", "item-missing"})
FIELDS = ("note", "arguments", "reason_codes")
TOLD = frozenset({"errors", "state"})  # facts that are shown another way, or mean nothing to people

Handler: TypeAlias = Callable[[AnyRequest, Any], Response[Any]]


class PageMissing(Problem):
    """There is nothing at this address.

    The link may be old, or mistyped. Items are never deleted: look for yours in the list.
    """

    kind = Kind.MISSING


class PageBroke(Problem):
    """Something broke on our side.

    Nothing was stored unless you were told so before. Try again; if it keeps happening, the
    operator's log says why.
    """

    kind = Kind.UNAVAILABLE


class PageRefused(Problem):
    """This request could not be served.

    `detail` says why.
    """


def on_problem(request: AnyRequest, problem: Problem) -> Response[Any]:
    """Say no: beside the control that was used, or as a page of its own."""
    return told(request, problem, STATUS[problem.kind])


def told(request: AnyRequest, problem: Problem, status: HTTPStatus) -> Response[Any]:
    """Render a refusal for whoever made the request, a script of ours or a browser's navigation."""
    if "hx-request" in request.headers:
        return beside(request, problem, status)
    if isinstance(problem, SignInNeeded):
        path = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(
            sign_in_at(path if request.method in SAFE else "/"), status_code=HTTP_303_SEE_OTHER
        )
    return html("problem_page.html", status=status, problem=problem, facts=facts_of(problem),
                status_code=status.value)  # fmt: skip


def beside(request: AnyRequest, problem: Problem, status: HTTPStatus) -> Response[str]:
    """Render a refusal into the page that is open; what was typed there stays."""
    if isinstance(problem, SignInNeeded):
        here = urlsplit(request.headers.get("hx-current-url", ""))
        path = here.path + (f"?{here.query}" if here.query else "")
        return html("blank.html", status=200, headers={"HX-Redirect": sign_in_at(path)})
    lost = problem.code() in LOST
    return html(
        "problem.html",
        status=status,
        headers={
            "HX-Retarget": "#problem",
            "HX-Reswap": "innerHTML",
            "HX-Trigger": "claim-lost" if lost else "refused",
        },
        problem=problem,
        facts=facts_of(problem),
        fields=fields_of(problem),
        lost=lost,
    )


def facts_of(problem: Problem) -> dict[str, object]:
    """Return the facts worth reading."""
    return {name: fact for name, fact in problem.facts.items() if name not in TOLD}


def fields_of(problem: Problem) -> dict[str, list[str]]:
    """Return what is wrong with each field of the decision form, and the rest under `other`."""
    found: dict[str, list[str]] = {name: [] for name in (*FIELDS, "other")}
    for error in problem.facts.get("errors", ()):
        field, _, rest = str(error["pointer"]).lstrip("/").partition("/")
        place = field if field in FIELDS else "other"
        inner = rest if place == "arguments" else (field if place == "other" else "")
        found[place].append(f"{inner}: {error['message']}" if inner else str(error["message"]))
    return found


def on_validation(request: AnyRequest, error: ValidationException) -> Response[Any]:
    """Say that an address or a form could not be read."""
    return on_problem(request, InvalidRequest(detail=error.detail.partition("\n")[0]))


def on_http(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """Dress the framework's own refusals."""
    status = HTTPStatus(error.status_code)
    missing = status is HTTPStatus.NOT_FOUND
    problem = PageMissing() if missing else PageRefused(detail=f"{status.value} {status.phrase}")
    return told(request, problem, status)


def on_crash(request: AnyRequest, error: Exception) -> Response[Any]:
    """Log everything, tell the visitor nothing."""
    log.error("unhandled", exc_info=error)
    return told(request, PageBroke(), HTTPStatus.INTERNAL_SERVER_ERROR)


HANDLERS: dict[type[Exception], Handler] = {
    Problem: on_problem,
    ValidationException: on_validation,
    HTTPException: on_http,
    Exception: on_crash,
}


def for_visitors(otherwise: Handler) -> Handler:
    """Return a handler that answers browsers' navigations with a page, and programs as before."""

    def chosen(request: AnyRequest, error: Any) -> Response[Any]:  # noqa: ANN401 - any exception
        wants_page = "text/html" in request.headers.get("accept", "")
        if wants_page and not request.url.path.startswith(("/v1/", "/schema")):
            return on_http(request, error)
        return otherwise(request, error)

    return chosen
