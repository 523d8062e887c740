"""Pages of which a part is enough: whoever has the rest asks with htmx and gets that part alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from catalog.published.conditional import asks_for_part


def template_or_part(request: HttpRequest, template: str, part: str) -> str:
    """The name of the template, or of its part when that is what htmx asked for."""
    return f"{template}#{part}" if asks_for_part(request) else template


def varying(response: HttpResponse) -> HttpResponse:
    """Mark the answer as depending on who asks."""
    patch_vary_headers(response, ["HX-Request"])
    return response
