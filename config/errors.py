"""Answers to requests that Django itself refuses, or that the site fails at.

Programs get them as JSON; what was sent is not read: it is why the request was refused.
"""

import sys
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import get_nonce
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from catalog.database_errors import problem_of
from catalog.views import page_not_found
from config.api.errors import of_django
from config.logs import request_id

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
    if problem_of(sys.exc_info()[1]):
        return _unavailable(request)
    return of_django(request, HTTPStatus.INTERNAL_SERVER_ERROR) or _plain_page(
        request, HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _unavailable(request: HttpRequest) -> HttpResponse:
    response = of_django(request, HTTPStatus.SERVICE_UNAVAILABLE) or _plain_page(
        request, HTTPStatus.SERVICE_UNAVAILABLE
    )
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _plain_page(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """A page that needs neither static files nor the database, nor knows who asks."""
    nonce = get_nonce(request)
    # It is false until it is read. None: what failed stands before the policy that it is for.
    context = {"nonce": "" if nonce is None else str(nonce), "request_id": request_id.get()}
    # Without the request, by which the template could ask the database who sent it.
    page = render_to_string(f"{status:d}.html", context)
    return HttpResponse(page, status=status)
