"""How both HTTP edges say no: the one table from a problem's kind to a status code."""

from http import HTTPStatus

from review.kernel.problems import Kind

STATUS = {
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.MISSING: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.GONE: HTTPStatus.GONE,
    Kind.MOVED: HTTPStatus.PRECONDITION_FAILED,
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
