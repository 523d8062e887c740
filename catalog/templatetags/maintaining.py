"""Links for maintainers on the public pages of their lists."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from catalog.models import Catalog

register = template.Library()


@register.simple_tag(takes_context=True)
def edit_address(context: Context, catalog: Catalog) -> str:
    """Return where the page's entry, or else its list, is edited; '' for whoever may not.

    Asks one query for staff, and none for others.
    """
    user: Any = context.get("user")
    if user is None or not user.is_staff or not user.maintains(catalog.pk):
        return ""
    match = context["request"].resolver_match
    if match and match.view_name in {"catalog:entry-detail", "catalog:entry-by-id"}:
        return reverse("admin:catalog_entry_change", args=[match.kwargs["pk"]])
    return reverse("admin:catalog_catalog_change", args=[catalog.pk])
