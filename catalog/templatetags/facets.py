"""Facets and the counts of their values."""

from __future__ import annotations

from django import template

from catalog.facet_names import facet_name as name_of
from catalog.models import Facet

register = template.Library()

STEPS = 20
"""Lengths that a bar can have; the stylesheet has a class for each."""


@register.filter
def facet_name(facet: Facet) -> str:
    """Return the facet's name for the reader."""
    return name_of(facet.slug, facet.name)


@register.filter
def share(count: int, most: int) -> int:
    """Return the length of a bar behind the count, of `STEPS`, where `most` has the longest."""
    return max(1, round(STEPS * count / most)) if count and most else 0
