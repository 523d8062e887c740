"""The root of the API, and its answer at unknown addresses."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.parameters import refuse_unknown
from catalog.published.conditional import site_of

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
