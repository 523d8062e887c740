"""Errors as the site and its API answer them.

`PROBLEMS` is the table of codes. Errors are named in `catalog.errors`, `submissions.errors`,
`accounts.limits` and in REST framework; here they become `{"code", "detail", "errors":
{field: [sentence]}}`, or a page for people.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csp import get_nonce
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.log import log_response
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_framework_handler

from api.formats import BodyTooLarge, JsonRenderer, dump
from catalog.errors import CatalogError, problem_of
from catalog.views import page_not_found
from config.telemetry import request_id
from submissions.errors import TooMany, status_of

# The codes: the schema, the documentation and the tests read this table


PROBLEMS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.BAD_REQUEST: {
        "invalid": "A parameter or field has a value that it cannot have.",
        "invalid_field": "A field has a value that cannot be taken.",
        "parse_error": "The body is not JSON.",
        "too_many_tokens": "The account has as many tokens as it can.",
        "unknown_parameter": "There is no parameter of this name here.",
        "unreadable": "The text cannot be stored: NUL, or not UTF-8.",
    },
    HTTPStatus.UNAUTHORIZED: {
        "authentication_failed": "Who calls could not be made out.",
        "invalid_token": "The token is unknown, revoked, expired or not well-formed.",
        "not_authenticated": "This needs a token, or a session.",
    },
    HTTPStatus.FORBIDDEN: {
        "challenge_needed": "The list is flooded: solve the `challenge`, or sign in.",
        "insufficient_scope": "The token is good, but does not have the scope that this needs.",
        "mfa_required": "Members of staff have to set up two-factor authentication first.",
        "not_allowed": "This person may not do that here.",
        "permission_denied": "This is not allowed: with a session, the CSRF token may be missing.",
    },
    HTTPStatus.NOT_FOUND: {
        "gone": "The entry was removed from its list; `removed_at` says when, `part_of` which "
        "entry it is a part of now, if any.",
        "not_found": "There is no such thing, or no such page of it.",
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        "method_not_allowed": "The address does not take this method; Allow names those it takes.",
    },
    HTTPStatus.NOT_ACCEPTABLE: {
        "not_acceptable": "The answer does not come in any of the formats that Accept names.",
    },
    HTTPStatus.CONFLICT: {
        "address_taken": "The slug is taken or reserved.",
        "ahead_of_catalog": "The list has no such revision yet; what was asked for is ahead.",
        "conflict": "What this was based on is no longer what stands there.",
        "edit_conflict": "What this would change was changed underneath; `conflicts` says where.",
        "edit_refused": "This would change more of the README than its own lines.",
        "findings_block": "By the rules of the list this must be changed first; see `findings`.",
        "idempotency_key_reused": "The Idempotency-Key was used for another request.",
        "invalid_transition": "The status of the submission does not allow this; see `status`.",
        "merge_conflict": "Both sides changed the same lines.",
        "not_taken": "What was sent is well-formed, but the list does not take it as it stands.",
        "stale_submission": "Somebody else changed or decided the submission in the meantime.",
    },
    HTTPStatus.CONTENT_TOO_LARGE: {
        "too_large": "The body is larger than the API takes, which is 1 MiB.",
    },
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {
        "unsupported_media_type": "Bodies have to be application/json.",
    },
    HTTPStatus.TOO_MANY_REQUESTS: {
        "too_many": "A limit is reached; Retry-After says after how many seconds to try again.",
    },
    HTTPStatus.INTERNAL_SERVER_ERROR: {
        "server_error": "The site failed at this; it was written down. Try again later.",
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {
        "unavailable": "The database cannot do this now; Retry-After says when to try again.",
    },
}
"""Codes by status; a code stands for one thing, and has one status."""

CODES = sorted(code for codes in PROBLEMS.values() for code in codes)


# The API


PREFIX = "/api/"
"""Prefix of the API's addresses."""

_CODES = {"throttled": TooMany.code}
"""Codes of REST framework that we name otherwise."""


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Translate an error into an answer; None for what is nobody's mistake but ours."""
    response = _translated(error, context)
    request = context.get("request")
    renderer = getattr(request, "accepted_renderer", None)
    # In JSON where CSV or markdown was asked for; people who look still get their page.
    is_page = renderer is not None and renderer.format == "api"
    if response is not None and request is not None and not is_page:
        request.accepted_renderer = JsonRenderer()
        request.accepted_media_type = JsonRenderer.media_type
    return response


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
    if not isinstance(error, exceptions.ValidationError):
        code = str(getattr(error.detail, "code", error.default_code))
        return {"code": _CODES.get(code, code), "detail": str(error.detail), "errors": {}}
    # The sentences by field; the first of them is the detail.
    errors = dict(_flat("", error.detail))
    if whole := errors.pop("", []):
        detail = whole[0]
    else:
        name, sentences = next(iter(errors.items()))
        detail = f"{name}: {sentences[0]}"
    return {"code": "invalid", "detail": detail, "errors": errors}


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


# What Django itself refuses, or the site fails at. What was sent is not read: it is the reason.


RETRY_AFTER_SECONDS = 120
"""Seconds until a full or read-only database may be writable again; somebody has to act."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 413 to what is too large, and 400 to all else."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return of_django(request, HTTPStatus.CONTENT_TOO_LARGE) or render(
            request, "413.html", status=413
        )
    return of_django(request, HTTPStatus.BAD_REQUEST) or _plain_page(
        request, HTTPStatus.BAD_REQUEST
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return of_django(request, HTTPStatus.FORBIDDEN) or defaults.permission_denied(
        request, exception
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 with a search, and with what may have been meant."""
    return of_django(request, HTTPStatus.NOT_FOUND) or page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 by a page that needs nothing; the cause is in the log.

    Or that it cannot do this for a while (503), when it is the database that can not.
    """
    error = sys.exc_info()[1]
    is_for_a_while = problem_of(error) is not None
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_for_a_while else HTTPStatus.INTERNAL_SERVER_ERROR
    response = of_django(request, status) or _plain_page(request, status)
    line = (status.phrase, request.path)
    if is_for_a_while:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        # Without a traceback: each request fails alike until somebody has acted.
        log_response("%s: %s: %s", *line, str(error), response=response, request=request)
    else:
        # Django itself logs no traceback when it is the page for another error that fails.
        log_response("%s: %s", *line, response=response, request=request, exception=error)
    return response


def _plain_page(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """A page that needs neither static files nor the database, nor knows who asks."""
    nonce = get_nonce(request)
    # It is false until it is read. None: what failed stands before the policy that it is for.
    context = {"nonce": "" if nonce is None else str(nonce), "request_id": request_id.get()}
    # Without the request, by which the template could ask the database who sent it.
    page = render_to_string(f"{status:d}.html", context)
    return HttpResponse(page, status=status)
