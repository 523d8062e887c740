"""Answers to requests that Django itself refuses, or that the site fails at.

Programs get them as JSON; what was sent is not read: it is why the request was refused.
"""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from catalog.views import page_not_found
from config.api.errors import of_django


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say of what is too large that it is (413), of all else that it makes no sense (400)."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return of_django(request, HTTPStatus.CONTENT_TOO_LARGE) or render(
            request, "413.html", status=413
        )
    return of_django(request, HTTPStatus.BAD_REQUEST) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that it is not allowed (403)."""
    return of_django(request, HTTPStatus.FORBIDDEN) or defaults.permission_denied(
        request, exception
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing (404), and help people to find what was meant."""
    return of_django(request, HTTPStatus.NOT_FOUND) or page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that the site failed (500); what at is in its log."""
    return of_django(request, HTTPStatus.INTERNAL_SERVER_ERROR) or defaults.server_error(request)
