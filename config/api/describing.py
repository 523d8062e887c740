"""The schema of the API, as a file and as a page for people.

It is the same for everybody and as long as the process lives, so it is made once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import yaml
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.translation import override
from django.views.decorators.csp import csp_override
from django.views.generic import TemplateView
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api.negotiation import JsonRenderer, dump
from api.parameters import refuse_unknown


class Copy(NamedTuple):
    """The schema in one format, ready to be sent."""

    content: bytes
    etag: str


class JsonSchemaRenderer(JsonRenderer):
    """Stands for JSON under the name that OpenAPI has registered for itself."""

    media_type = "application/vnd.oai.openapi+json"


class YamlSchemaRenderer(BaseRenderer):
    """Stands for YAML."""

    media_type = "application/yaml"
    format = "yaml"


@cache
def document() -> dict[str, Any]:
    """The schema as data, in English whoever asks first."""
    with override("en"):
        schema: dict[str, Any] = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(
            request=None, public=True
        )
        return schema


@cache
def copy_in(name: str) -> Copy:
    """The schema in the format of this name: `json` or `yaml`."""
    with override("en"):
        content = _yaml(document()) if name == "yaml" else dump(document())
    return Copy(content, f'"{hashlib.blake2s(content, digest_size=12).hexdigest()}"')


def _yaml(data: Any) -> bytes:
    # What is left to be translated is no text yet for YAML, but is for our JSON.
    plain = yaml.load(dump(data), yaml.CSafeLoader)
    text: bytes = yaml.dump(
        plain, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, encoding="utf-8"
    )
    return text


class Description(APIView):
    """The schema itself."""

    renderer_classes = (JsonRenderer, JsonSchemaRenderer, YamlSchemaRenderer)

    @extend_schema(
        operation_id="getSchema",
        summary="This description",
        tags=["About"],
        parameters=[
            OpenApiParameter(
                "format",
                {"type": "string", "enum": ["json", "yaml"]},
                description="The format; by default what `Accept` asks for, else JSON.",
                examples=[OpenApiExample("YAML", value="yaml")],
            )
        ],
        responses={
            (200, renderer.media_type): {"type": "object", "additionalProperties": {}}
            for renderer in renderer_classes
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The whole API in OpenAPI 3.1; made anew with each release."""
        refuse_unknown(request, ())
        copy = copy_in(request.accepted_renderer.format)
        response = get_conditional_response(request._request, etag=copy.etag)
        if response is None:
            response = HttpResponse(copy.content, content_type=request.accepted_media_type)
        response.headers["ETag"] = copy.etag
        response.headers["Cache-Control"] = "public, no-cache"
        return response


class Operation(NamedTuple):
    """The facts about one operation in a list of operations."""

    method: str
    path: str
    summary: str


def operations() -> Iterator[Operation]:
    """All operations, in the order of the schema."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield Operation(method.upper(), path, operation["summary"])


# The icons of Swagger UI are in its style sheet, as addresses that begin with data:.
@method_decorator(
    csp_override({**settings.SECURE_CSP, "img-src": [CSP.SELF, "data:"]}), name="dispatch"
)
class Docs(TemplateView):
    """The schema as a page on which to try operations out; without scripts, a list of them."""

    template_name = "api/docs.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(operations=list(operations()), **kwargs)
