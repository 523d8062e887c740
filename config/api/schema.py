"""The OpenAPI schema of operations: common parts are added here, views declare the rest.

A view names its `operation_id`, `summary`, `tags`, parameters and what it answers when all is well;
which errors there are beside follows from what the operation is, and is looked up in `problems`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.permissions import SAFE_METHODS

from catalog.published.view import PublishedView
from config.api.components import SCHEMAS, problem_name, problem_responses

type Schema = dict[str, Any]

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
    components["responses"] = problem_responses()
    components["schemas"] = dict(sorted((SCHEMAS | components.get("schemas", {})).items()))
    return result
