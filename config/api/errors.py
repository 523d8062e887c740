"""Errors of the API: `{"code", "detail", "errors": {field: [sentence]}}`, whatever went wrong.

The errors themselves are named in `catalog.errors`, `submissions.errors`, `accounts.limits` and in
REST framework; here they are translated, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_framework_handler

from api.negotiation import BodyTooLarge, JsonRenderer, dump
from catalog.errors import CatalogError
from submissions.errors import TooMany, status_of

PREFIX = "/api/"
"""Prefix of the API's addresses."""

_OF_FIELDS = "invalid"
_CODES = {"throttled": TooMany.code}
"""Codes of REST framework that we name otherwise."""


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Translate an error into an answer; None for what is nobody's mistake but ours."""
    response = _translated(error, context)
    request = context.get("request")
    if response is not None and request is not None:
        _answer_as_json(request)
    return response


def _answer_as_json(request: Request) -> None:
    """Refuse in JSON where CSV or markdown was asked for; people who look still get their page."""
    renderer = getattr(request, "accepted_renderer", None)
    if renderer is None or renderer.format != "api":
        request.accepted_renderer = JsonRenderer()
        request.accepted_media_type = JsonRenderer.media_type


def _translated(error: Exception, context: Mapping[str, Any]) -> Response | None:
    if isinstance(error, CatalogError):
        return _refusal(error)
    if isinstance(error, RequestDataTooBig):
        error = BodyTooLarge()
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response: Response | None = rest_framework_handler(error, dict(context))
    if response is not None and isinstance(error, exceptions.APIException):
        response.data = _body_of(error)
    return response


def _refusal(error: CatalogError) -> Response:
    wait = error.retry_after if isinstance(error, TooMany) else None
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Response(
        {"code": error.code, "detail": error.message, "errors": {}} | error.details(),
        status=status_of(error),
        headers=headers,
    )


def _body_of(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        return _of_fields(dict(_flat("", error.detail)))
    code = str(getattr(error.detail, "code", error.default_code))
    return {"code": _CODES.get(code, code), "detail": str(error.detail), "errors": {}}


def _of_fields(errors: dict[str, list[str]]) -> dict[str, Any]:
    """The sentences by field; the first of them is the detail."""
    whole = errors.pop("", [])
    if whole:
        detail = whole[0]
    else:
        name, sentences = next(iter(errors.items()))
        detail = f"{name}: {sentences[0]}"
    return {"code": _OF_FIELDS, "detail": detail, "errors": errors}


def _flat(name: str, detail: Any) -> Iterator[tuple[str, list[str]]]:
    """Sentences by the path of their field, `cells.0`; '' for the whole."""
    if isinstance(detail, Mapping):
        for key, part in detail.items():
            inner = "" if key == "non_field_errors" else str(key)
            yield from _flat(".".join(filter(None, (name, inner))), part)
    elif isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        for number, part in enumerate(detail):
            yield from _flat(".".join(filter(None, (name, str(number)))), part)
    else:
        yield name, [str(part) for part in (detail if isinstance(detail, list) else [detail])]


def of_django(request: HttpRequest, status: HTTPStatus) -> HttpResponse | None:
    """The answer to what Django itself refuses, or fails at; None for what is not of the API."""
    if not request.path_info.startswith(PREFIX):
        return None
    code, detail = _OF_DJANGO.get(status) or _OF_DJANGO[HTTPStatus.BAD_REQUEST]
    body = dump({"code": code, "detail": detail, "errors": {}})
    return HttpResponse(body, content_type="application/json", status=status)


_OF_DJANGO = {
    HTTPStatus.BAD_REQUEST: ("invalid", _("The request is invalid.")),
    HTTPStatus.FORBIDDEN: ("permission_denied", _("This is not allowed.")),
    HTTPStatus.NOT_FOUND: ("not_found", _("There is nothing here.")),
    HTTPStatus.CONTENT_TOO_LARGE: (BodyTooLarge.default_code, BodyTooLarge.default_detail),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "server_error",
        _("Something went wrong. The error has been logged; please try again later."),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "unavailable",
        _("The site cannot do this right now, and nothing was saved; please try again later."),
    ),
}
