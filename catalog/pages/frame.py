"""What all pages of a catalog share: paging, and what each says about the list."""

from __future__ import annotations

import re
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Catalog
from catalog.rendering.source_links import SourceLinks

WEB = re.compile("https?://", re.IGNORECASE)
WEB_OR_ANCHOR = re.compile("[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)
"""Addresses that are not relative to the file, or lead into it."""


def page_of[T](request: HttpRequest, rows: QuerySet[Any, T], per_page: int) -> Page[T]:
    """The page of the rows that the address asks for; most often the first is all there is."""
    paginator = Paginator(rows, per_page)
    number = request.GET.get("page", "1")
    if number != "1":
        try:
            return paginator.page(number)
        except InvalidPage:
            raise Http404 from None
    first = list(rows[: per_page + 1])
    if len(first) <= per_page:
        paginator.count = len(first)
    return Page(first[:per_page], 1, paginator)


def render_page(
    request: HttpRequest,
    template: str,
    catalog: Catalog,
    *,
    status: int = 200,
    at: str = "",
    query: str = "",
    **context: Any,
) -> HttpResponse:
    """A page of the catalog, with what every one of them says about the list.

    `at` and `query` are its address, where that is not simply the path that was asked for.
    """
    page = context.get("page")
    if page:
        context["page_numbers"] = page.paginator.get_elided_page_range(page.number)
    start = f"{query}&" if query else "?"
    if page and page.number > 1:
        query = f"{start}page={page.number}"
    context |= {
        "catalog": catalog,
        "canonical": request.build_absolute_uri((at or request.path) + query),
        "pages_start": start,
        "source": web_link(catalog.source_url),
        "licence": web_link(catalog.license_url),
    }
    return render(request, template, context, status=status)


def web_link(address: str, relative_to: Catalog | None = None) -> dict[str, str] | None:
    """The address with what to call it, when a browser may follow it out of this site.

    `relative_to` says whose file it stands in.
    """
    if relative_to and not WEB_OR_ANCHOR.match(address):
        address = SourceLinks(relative_to.source_url, {})(address, False)
    if not WEB.match(address):
        return None
    return {"url": address, "label": address.partition("://")[2].rstrip("/")}
