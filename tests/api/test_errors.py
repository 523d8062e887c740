"""Errors as programs see them: one shape, whatever went wrong, and wherever it did."""

from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from django.utils.datastructures import MultiValueDict
from rest_framework import exceptions
from rest_framework.request import Request

from api.formats import MAX_BODY, BodyTooLarge, JsonParser, JsonRenderer
from api.parameters import UnknownParameter, refuse_unknown
from catalog.errors import EditRefused, InvalidField, NotFound, RevisionConflict
from config.errors import bad_request, exception_handler, permission_denied, server_error
from submissions.errors import NotAllowed, TooMany

TRANSLATED: dict[str, tuple[Exception, int, dict[str, Any]]] = {
    "refused": (EditRefused("No."), 409, {"code": "edit_refused", "detail": "No.", "errors": {}}),
    "a field": (
        InvalidField("name", "Too long."),
        400,
        {"code": "invalid_field", "detail": "Too long.", "errors": {"name": ["Too long."]}},
    ),
    "not there": (NotFound("Gone."), 404, {"code": "not_found", "detail": "Gone.", "errors": {}}),
    "not allowed": (
        NotAllowed("Not you."),
        403,
        {"code": "not_allowed", "detail": "Not you.", "errors": {}},
    ),
    "conflict": (
        RevisionConflict("Changed."),
        409,
        {"code": "conflict", "detail": "Changed.", "errors": {}},
    ),
    "limit": (
        TooMany("Slow.", 7),
        429,
        {"code": "too_many", "detail": "Slow.", "errors": {}},
    ),
    "fields": (
        exceptions.ValidationError({"cells": {"0": ["Too long.", "Empty."]}, "url": ["Bad."]}),
        400,
        {
            "code": "invalid",
            "detail": "cells.0: Too long.",
            "errors": {"cells.0": ["Too long.", "Empty."], "url": ["Bad."]},
        },
    ),
    "the whole": (
        exceptions.ValidationError({"non_field_errors": ["No object."]}),
        400,
        {"code": "invalid", "detail": "No object.", "errors": {}},
    ),
    "a list of objects": (
        exceptions.ValidationError({"rows": [{}, {"name": ["Empty."]}]}),
        400,
        {
            "code": "invalid",
            "detail": "rows.1.name: Empty.",
            "errors": {"rows.1.name": ["Empty."]},
        },
    ),
    "django's 404": (
        Http404(),
        404,
        {"code": "not_found", "detail": "Not found.", "errors": {}},
    ),
    "django's 403": (
        PermissionDenied(),
        403,
        {
            "code": "permission_denied",
            "detail": "You do not have permission to perform this action.",
            "errors": {},
        },
    ),
    "django's 413": (
        RequestDataTooBig(),
        413,
        {
            "code": "too_large",
            "detail": "The body is too large; the API takes at most 1 MiB.",
            "errors": {},
        },
    ),
    "throttled": (
        exceptions.Throttled(3),
        429,
        {
            "code": "too_many",
            "detail": "Request was throttled. Expected available in 3 seconds.",
            "errors": {},
        },
    ),
}


@pytest.mark.parametrize(("error", "status", "body"), TRANSLATED.values(), ids=TRANSLATED)
def test_error_is_translated(error: Exception, status: int, body: dict[str, Any]) -> None:
    response = exception_handler(error, {})

    assert response is not None
    assert (response.status_code, response.data) == (status, body)


def test_wait_is_reported_in_seconds() -> None:
    for error in (TooMany("Slow.", 7), exceptions.Throttled(7)):
        response = exception_handler(error, {})

        assert response is not None
        assert response.headers["Retry-After"] == "7"


def test_our_own_mistakes_are_not_hidden() -> None:
    assert exception_handler(ZeroDivisionError(), {}) is None


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/nothing/", "/api/v2/", "/api/v1/nothing", "/api/v1/no%0Athing/"]
)
@pytest.mark.parametrize("query", ["", "?format=csv"])
def test_wrong_address_is_404_as_json(client: Client, verb: str, path: str, query: str) -> None:
    response = getattr(client, verb)(path + query)

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/json")
    assert response.json() == {
        "code": "not_found",
        "detail": f"There is nothing at {unquote(path)}.",
        "errors": {},
    }


@pytest.mark.django_db
def test_address_without_its_last_slash_leads_to_the_right_one(client: Client) -> None:
    response = client.post("/api/v1?format=json", {}, content_type="application/json")

    assert (response.status_code, response.headers["Location"]) == (308, "/api/v1/?format=json")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["xml", ""])
def test_unknown_format_is_refused_with_those_there_are(client: Client, name: str) -> None:
    response = client.get(f"/api/v1/?format={name}")

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert list(response.json()["errors"]) == ["format"]
    assert "json" in response.json()["detail"]


OF_DJANGO = {
    "too large": (lambda request: bad_request(request, RequestDataTooBig()), 413, "too_large"),
    "senseless": (lambda request: bad_request(request, ValueError()), 400, "invalid"),
    "forbidden": (
        lambda request: permission_denied(request, PermissionDenied()),
        403,
        "permission_denied",
    ),
    "failed": (server_error, 500, "server_error"),
}


@pytest.mark.parametrize(("handler", "status", "code"), OF_DJANGO.values(), ids=OF_DJANGO)
def test_what_django_refuses_is_json_for_programs_alone(
    rf: RequestFactory, handler: Any, status: int, code: str
) -> None:
    of_api: HttpRequest = rf.get("/api/v1/entries/")
    response = handler(of_api)

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/json")
    assert f'"code":"{code}"'.encode() in response.content
    assert handler(rf.get("/tools/")).headers["Content-Type"].startswith("text/html")
    assert response.status_code == HTTPStatus(status)


# Bodies


NO_JSON = {
    "nothing": b"",
    "half": b'{"name": ',
    "no json": b"name=x",
    "not a number": b'{"a": NaN}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "no utf-8": b'{"a": "\xff"}',
    "too deep": b"[" * 5000 + b"]" * 5000,
}


@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(exceptions.ParseError, match=r"The body is not JSON: line 1, column \d+\."):
        JsonParser().parse(BytesIO(body))


def test_body_is_read_up_to_its_limit() -> None:
    fits = b'"' + b"x" * (MAX_BODY - 2) + b'"'

    assert len(JsonParser().parse(BytesIO(fits))) == MAX_BODY - 2
    with pytest.raises(BodyTooLarge):
        JsonParser().parse(BytesIO(fits + b" "))


def test_json_is_written_as_it_is_read() -> None:
    data = {"name": "清华 \u2028 “x”", "none": None, "numbers": [1, 2.5], "deep": {"a": True}}

    assert JsonParser().parse(BytesIO(JsonRenderer().render(data))) == data


# Parameters


def requests(rf: RequestFactory, query: str) -> Request:
    request = Request(rf.get(f"/?{query}"))
    assert isinstance(request.query_params, MultiValueDict)
    return request


def test_known_parameters_pass(rf: RequestFactory) -> None:
    refuse_unknown(requests(rf, "page=1&format=json&tag=a:b&tag=c:d"), {"page", "tag"})


@pytest.mark.parametrize(
    ("query", "answers"),
    [
        ("tags=a:b", "There is no parameter “tags” here; did you mean “tag”?"),
        ("x=1", "There is no parameter “x” here; the parameters are format, page, tag."),
    ],
)
def test_unknown_parameter_is_named(rf: RequestFactory, query: str, answers: str) -> None:
    with pytest.raises(UnknownParameter, match=answers.replace("?", r"\?")):
        refuse_unknown(requests(rf, query), {"page", "tag"})
