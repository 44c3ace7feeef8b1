"""Errors of the API: problem+json (RFC 9457) that says what went wrong, and what to do."""

import logging
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from fumo.server.edges.access.allowances import TooMany
from fumo.server.edges.rest.frame import Asked
from fumo.server.filter import BadFilter
from fumo.server.office import Missing

log = logging.getLogger("fumo.server")
PROBLEM = "application/problem+json"


class Problem(Struct, frozen=True):
    """RFC 9457: what went wrong, and in `detail` what to do."""

    title: str
    status: int
    detail: str


def denied(_: Asked, fault: Exception) -> Response[Problem]:
    """An order that makes no sense, or names what is not there."""
    if isinstance(fault, BadFilter):
        return _problem(400, "Bad filter", str(fault))
    missing, headers = isinstance(fault, Missing), getattr(fault, "headers", {})
    title = "Not there" if missing else "Denied"
    return _problem(404 if missing else 409, title, str(fault), **headers)


def outdated(_: Asked, fault: Exception) -> Response[Problem]:
    """If-Match names another state than the present one."""
    return _problem(412, "Changed meanwhile", str(fault))


def too_many(_: Asked, fault: TooMany) -> Response[Problem]:
    """Too often; the header says when to come again."""
    headers = {"Retry-After": str(fault.retry_after_s)}
    words = f"{fault}: come again in {fault.retry_after_s} s"
    return _problem(429, "Too many", words, **headers)


def failed(_: Asked, fault: Exception) -> Response[Problem]:
    """A request that fits no route or no model; or a fault of our own, whose words stay inside."""
    if not isinstance(fault, HTTPException):
        log.error("the API: %s", fault, exc_info=fault)
        return _problem(500, "Our own fault", f"{type(fault).__name__}: try again later")
    extra: Any = fault.extra[0] if isinstance(fault.extra, list) and fault.extra else None
    more = f": {extra.get('key', '')} {extra.get('message', '')}" if isinstance(extra, dict) else ""
    title = type(fault).__name__.removesuffix("Exception")
    detail = f"{fault.detail}{more}".strip() or "see /api/v1/openapi.json for what there is"
    return _problem(fault.status_code, title, detail, **(fault.headers or {}))


def _problem(status: int, title: str, detail: str, **headers: str) -> Response[Problem]:
    told = Problem(title, status, detail)
    return Response(told, media_type=PROBLEM, status_code=status, headers=headers)
