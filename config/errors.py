"""Answers to requests that Django itself refuses."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say of a form that is too large that it is (413); of all else that it makes no sense (400).

    What was sent is not read: it is why the request was refused.
    """
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return render(request, "413.html", status=413)
    response: HttpResponse = defaults.bad_request(request, exception)
    return response
