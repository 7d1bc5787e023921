"""Errors as problem details (RFC 9457): one format for all of them, which a program can read."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.plugins.problem_details import ProblemDetailsException

from ecomkafka.logs import log

MAX_ERRORS = 100
"""In one answer: a client that has made more mistakes than that makes the same one again and again."""


class FieldError(msgspec.Struct, frozen=True):
    """One thing that is wrong with a request. `pointer` says where (RFC 6901), `detail` what, and what is allowed."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details. `errors` names every field that is wrong, at once."""

    status: int
    title: str
    detail: str
    errors: list[FieldError] = []


_RFC_9110 = {HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content"}
"""Names that Python before 3.13 does not know yet."""


def problem(
    status: HTTPStatus, detail: str, errors: Sequence[FieldError] = (), headers: dict[str, str] | None = None
) -> ProblemDetailsException:
    """The exception that is answered with these problem details."""
    extra: dict[str, Any] = {"errors": [msgspec.to_builtins(error) for error in errors[:MAX_ERRORS]]} if errors else {}
    title = _RFC_9110.get(status, status.phrase)
    return ProblemDetailsException(status_code=status, title=title, detail=detail, extra=extra, headers=headers)


def unavailable(detail: str, seconds: int = 1) -> ProblemDetailsException:
    """503: not now. The client may come again after so many seconds."""
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": str(seconds)})


def from_framework(error: HTTPException) -> ProblemDetailsException:
    """What Litestar refuses by itself: unknown paths, methods, parameters, bodies that are too large."""
    status = HTTPStatus(error.status_code)
    errors = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        errors = [
            FieldError(f"{getattr(found['source'], 'value', 'request')}:{found['key']}", str(found["message"]))
            for found in error.extra
            if isinstance(found, dict) and "source" in found
        ]
    return problem(status, error.detail, errors, dict(error.headers) if error.headers else None)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """500: our own mistake. The log has it all; the client is told nothing of our inside."""
    log.error("⚠️ request failed", service="gateway", path=request.url.path, exc_info=error)
    own = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the gateway has made a mistake: its log has more")
    return own.to_response(request)


def answers(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """The problems that a path may answer with, for OpenAPI."""
    media_type: Any = "application/problem+json"
    return {
        int(status): ResponseSpec(Problem, description=status.phrase, generate_examples=False, media_type=media_type)
        for status in statuses
    }


def guarded(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """The same for a path to which not everybody is let in at any time."""
    return answers(
        HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, *statuses
    )
