"""Pages of the site as a whole: the API's root, its schema and documentation, `security.txt`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import yaml
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import get_conditional_response
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer2
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.formats import JsonRenderer, dump
from api.parameters import refuse_unknown
from catalog.published import site_of

VERSION: str = spectacular_settings.VERSION
"""The version in the schema; docs/api.md has what it promises, its first number is in the
addresses."""
BEGINNINGS = {
    "catalogs": "catalog-list",
    "entries": "entry-list",
    "submissions": "submissions",
    "moderation": "moderation-queue",
    "schema": "schema",
    "docs": "docs",
}
"""The links in the root, by name."""


class Root(APIView):
    """The version, and where everything else is."""

    @extend_schema(
        operation_id="getRoot",
        summary="Where everything is",
        tags=["About"],
        responses=inline_serializer(
            "Root",
            {
                "version": serializers.CharField(help_text="Of what the schema describes."),
                **{name: serializers.URLField() for name in BEGINNINGS},
            },
        ),
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request, ())
        site = site_of(request._request)
        addresses = {name: site + reverse(f"api:{view}") for name, view in BEGINNINGS.items()}
        return Response({"version": VERSION, **addresses})


class UnknownAddress(APIView):
    """Any other address: 404 for every verb, or the way to the same with a slash at its end."""

    schema = None
    throttle_classes = ()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Return 404 before 406: take any format."""
        return super().perform_content_negotiation(request, force=True)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound(_("There is nothing at %(path)s.") % {"path": request.path[:200]})

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        path = request.path_info
        if not path.endswith("/") and leads_somewhere(f"{path}/"):
            query = request.META.get("QUERY_STRING", "")
            # 308 keeps the verb and the body (RFC 9110, section 15.4.9).
            location = f"{request.path}/" + (f"?{query}" if query else "")
            return HttpResponse(status=308, headers={"Location": location})
        return super().dispatch(request, *args, **kwargs)


def leads_somewhere(path: str) -> bool:
    """Whether a path is the address of something."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return getattr(match.func, "cls", None) is not UnknownAddress


# The schema is the same for everybody and as long as the process lives, so it is made once.


@cache
def document() -> dict[str, Any]:
    """The schema as data, in English whoever asks first."""
    with override("en"):
        schema: dict[str, Any] = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(
            request=None, public=True
        )
        return schema


@cache
def document_as(name: str) -> tuple[bytes, str]:
    """The schema in the format of this name, `json` or `yaml`, and its ETag."""
    with override("en"):
        content = dump(document())
    if name == "yaml":
        # From our JSON: what is left to be translated is no text yet for YAML.
        content = yaml.dump(
            yaml.load(content, yaml.CSafeLoader),
            Dumper=yaml.CSafeDumper,
            sort_keys=False,
            allow_unicode=True,
            encoding="utf-8",
        )
    return content, f'"{hashlib.blake2s(content, digest_size=12).hexdigest()}"'


class Description(APIView):
    """The schema itself."""

    # Only their media types count: what is sent is `document_as`.
    renderer_classes = (JsonRenderer, OpenApiJsonRenderer, OpenApiYamlRenderer2)

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
        content, etag = document_as(request.accepted_renderer.format)
        response = get_conditional_response(request._request, etag=etag)
        if response is None:
            response = HttpResponse(content, content_type=request.accepted_media_type)
        response.headers["ETag"] = etag
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


VALID_FOR = timedelta(days=180)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where to report a weakness (RFC 9116): SECURITY_CONTACT; 404 when there is none."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + VALID_FOR
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    lines = (
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {languages}",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", "text/plain; charset=utf-8")


@require_safe
def missing_file(request: HttpRequest, name: str) -> HttpResponse:
    """Answer for a static file that is not there; those that are never come as far as views."""
    return HttpResponseNotFound(f"There is no file {name}.\n", "text/plain; charset=utf-8")


def site_context(request: HttpRequest) -> dict[str, str]:
    """Give every template the name that the operator gave this site."""
    return {"site_name": settings.SITE_NAME}
