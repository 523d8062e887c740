"""The OpenAPI schema of operations: common parts are added here, views declare the rest.

A view names its `operation_id`, `summary`, `tags`, parameters and what it answers when all is well;
which errors there are beside follows from what the operation is, and is looked up in `problems`.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.permissions import SAFE_METHODS

from catalog.api.published import PublishedView
from config.errors import CODES, PROBLEMS
from submissions.choices import Role
from submissions.operations import OPERATIONS, REVISION

# Errors, which all operations share


type Schema = dict[str, Any]


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_ERROR: dict[str, Schema] = {
    "code": _reference("ErrorCode"),
    "detail": {"type": "string", "description": "One sentence for people."},
    "errors": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "description": "Sentences by the field or parameter that they are about.",
    },
}
_TEXT: Schema = {"type": "string"}

SCHEMAS: dict[str, Schema] = {
    "ErrorCode": {
        "type": "string",
        "enum": CODES,
        "description": "What went wrong. New ones may come; treat unknown ones by the status.",
    },
    "Error": {
        "type": "object",
        "description": "Why a request was refused.",
        "required": ["code", "detail", "errors"],
        "properties": {
            **_ERROR,
            "removed_at": {
                "type": "string",
                "format": "date-time",
                "description": "With `gone`: since when.",
            },
            "part_of": {
                "type": ["integer", "null"],
                "description": "With `gone`: the id of the entry that it is a part of now.",
            },
            "challenge": {
                "type": "object",
                "additionalProperties": {},
                "description": "With `challenge_needed`: what to solve; see the documentation.",
            },
        },
    },
    "Conflict": {
        "type": "object",
        "description": "Why the list or the submission, as they stand, do not take this.",
        "required": ["code", "detail", "errors"],
        "properties": {
            **_ERROR,
            "status": {**_TEXT, "description": "The status of the submission now."},
            "revision": {
                "type": "integer",
                "description": "The revision of the submission now, for `expected_revision`.",
            },
            "conflicts": {"type": "array", "items": _reference("ConflictPart")},
            "seen": {**_TEXT, "description": "Sent back with the resolution of the conflicts."},
            "findings": {"type": "array", "items": _reference("NoticedFinding")},
            "entry": {
                "type": "object",
                "additionalProperties": {},
                "description": "The entry as it is now, where it was changed since it was read.",
            },
        },
    },
}
"""The shared schemas, by name under `components/schemas`."""

_HEADERS: dict[HTTPStatus, dict[str, Schema]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {
            "description": "How to sign in (RFC 6750).",
            "required": True,
            "schema": _TEXT,
        }
    },
    HTTPStatus.METHOD_NOT_ALLOWED: {
        "Allow": {"description": "The methods there are.", "required": True, "schema": _TEXT}
    },
    HTTPStatus.TOO_MANY_REQUESTS: {
        "Retry-After": {
            "description": "After how many seconds to try again; none where waiting does not help.",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
}


def problem_name(status: int) -> str:
    """Return the name of a status's answers under `components/responses`: `NotFound`."""
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _response(status: HTTPStatus, codes: dict[str, str]) -> Schema:
    """The answer to what is refused, with its codes explained and shown."""
    lines = [f"- `{code}`: {sentence}" for code, sentence in codes.items()]
    examples = {
        code: {"value": {"code": code, "detail": sentence, "errors": {}}}
        for code, sentence in codes.items()
    }
    schema = _reference("Conflict" if status == HTTPStatus.CONFLICT else "Error")
    response: Schema = {
        "description": "\n".join([f"{status.phrase}.", "", *lines]),
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }
    return {**response, "headers": _HEADERS[status]} if status in _HEADERS else response


_ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_WITH_BODY = (HTTPStatus.CONTENT_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
_OF_CHANGES = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
_ADDRESSED: dict[str, Schema] = {
    "slug": {
        "description": "The name of the list in its address.",
        "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    }
}
"""Parts of addresses that are the same everywhere, and described here."""
_VALIDATORS = {
    "ETag": {
        "description": "What the answer is now; send it as If-None-Match the next time.",
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "Answers may be kept, but are to be asked for again before use.",
        "schema": {"type": "string"},
    },
}


class OperationSchema(AutoSchema):
    """Describes one operation. Set as `DEFAULT_SCHEMA_CLASS`."""

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> Schema | None:
        """The operation as its view describes it, with the errors it can have besides."""
        operation: Schema | None = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation is None:
            return None
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                parameter.update(_ADDRESSED.get(parameter["name"], {}))
        responses = operation["responses"]
        if self._is_published:
            responses["200"].setdefault("headers", {}).update(_VALIDATORS)
            responses[str(HTTPStatus.NOT_MODIFIED.value)] = {
                "description": "What If-None-Match names is still what would be answered.",
                "headers": _VALIDATORS,
            }
        declared = {int(status) for status in responses if int(status) >= HTTPStatus.BAD_REQUEST}
        for status in sorted(declared | self._problems(operation)):
            responses[str(status)] = {"$ref": f"#/components/responses/{problem_name(status)}"}
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _get_request_for_media_type(
        self, serializer: Any, direction: str = "request"
    ) -> tuple[Schema, bool]:
        """One of several bodies is needed, which the library does not see."""
        media_type = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        schema, is_required = media_type
        return schema, is_required or isinstance(serializer, PolymorphicProxySerializer)

    def _get_format_parameters(self) -> list[Schema]:
        description = "The format; by default what `Accept` asks for."
        return [{**each, "description": description} for each in super()._get_format_parameters()]

    def get_auth(self) -> list[Schema]:
        """Without a token, too, where anybody may."""
        security: list[Schema] = super().get_auth()
        anonymous = any(
            getattr(permission, "may_be_anonymous", False)
            for permission in self.view.get_permissions()
        )
        return [*security, {}] if anonymous and {} not in security else security

    @property
    def _is_published(self) -> bool:
        return isinstance(self.view, PublishedView) and self.method == "GET"

    def _problems(self, operation: Schema) -> set[int]:
        media_type = set(_ALWAYS)
        if self.method not in SAFE_METHODS:
            media_type.update(_OF_CHANGES)
        if any(hasattr(permission, "scope") for permission in self.view.get_permissions()):
            media_type.add(HTTPStatus.FORBIDDEN)
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        if "{" in self.path or "page" in names:
            media_type.add(HTTPStatus.NOT_FOUND)
        if "requestBody" in operation:
            media_type.update(_WITH_BODY)
        return {status.value for status in media_type}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The schema's name for being signed in on the site."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> Schema:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": (
                "The session of somebody who is signed in on the site, in the browser. It may do "
                "all that the person may; requests that change something need the CSRF token of "
                "the cookie `csrftoken` as the header `X-CSRFToken`."
            ),
        }


def add_problems(result: Schema, **_: Any) -> Schema:
    """Add the answers that operations refer to. A postprocessing hook of drf-spectacular."""
    components = result["components"]
    components["responses"] = {
        problem_name(status): _response(status, codes)
        for status, codes in PROBLEMS.items()
        if status < HTTPStatus.INTERNAL_SERVER_ERROR
    }
    components["schemas"] = dict(sorted((SCHEMAS | components.get("schemas", {})).items()))
    return result


# Links (OpenAPI 3.1, section 4.8.20): values in an answer are parameters of the next operation, so
# that programs that explore the API by its schema find the way from a proposal to its decision


_VERBS_OF_SUBMITTERS = tuple(one.id for one in OPERATIONS if one.who == Role.SUBMITTER)
_OF_MODERATORS = [one for one in OPERATIONS if one.who == Role.MODERATOR]
_DECISIONS = tuple(one.id for one in _OF_MODERATORS if REVISION in one.fields)
_WITHOUT_REVISION = tuple(one.id for one in _OF_MODERATORS if REVISION not in one.fields)
_OF_CATALOG = ("listSections", "listTags", "listChanges", "exportCatalog")


class Link(NamedTuple):
    """Leads from an answer to other operations: a parameter of theirs, and where its value stands.

    `value` and the values of `body` are runtime expressions of OpenAPI.
    """

    to: tuple[str, ...]
    parameter: str
    value: str
    body: Mapping[str, str] = {}


_IN_ANSWER = "$response.body#/"
_AS_READ = {"expected_revision": f"{_IN_ANSWER}revision"}

LINKS: dict[tuple[str, str], tuple[Link, ...]] = {
    ("getCatalog", "200"): (
        Link(_OF_CATALOG, "slug", "$request.path.slug"),
        Link(("listEntries",), "catalog", f"{_IN_ANSWER}slug"),
    ),
    ("submit", "201"): (
        Link(("getSubmission",), "token", f"{_IN_ANSWER}token"),
        Link(_VERBS_OF_SUBMITTERS, "token", f"{_IN_ANSWER}token", _AS_READ),
        Link(("getQueuedSubmission",), "id", f"{_IN_ANSWER}id"),
        Link(_DECISIONS, "id", f"{_IN_ANSWER}id", _AS_READ),
        Link(_WITHOUT_REVISION, "id", f"{_IN_ANSWER}id"),
    ),
    ("getSubmission", "200"): (
        Link(_VERBS_OF_SUBMITTERS, "token", "$request.path.token", _AS_READ),
    ),
    ("getQueuedSubmission", "200"): (
        Link(_DECISIONS, "id", "$request.path.id", _AS_READ),
        Link(_WITHOUT_REVISION, "id", "$request.path.id"),
    ),
}
"""Links by operation and status of its answer.

None begins at a page of a list: it may be empty, and then there would be nothing to go on with.
"""


def add_links(result: Schema, **_: Any) -> Schema:
    """Add the links to the answers. A postprocessing hook of drf-spectacular."""
    for methods in result["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                if links := LINKS.get((operation["operationId"], status)):
                    response["links"] = {to: _link(to, link) for link in links for to in link.to}
    return result


def _link(to: str, link: Link) -> Schema:
    described: Schema = {"operationId": to, "parameters": {link.parameter: link.value}}
    return described | ({"requestBody": dict(link.body)} if link.body else {})
