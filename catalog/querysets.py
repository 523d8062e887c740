"""Every reusable read rule. Methods chain and read like a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from catalog import models as catalog_models


class CatalogQuerySet(models.QuerySet["catalog_models.Catalog"]):
    """Catalogs."""

    def published(self) -> Self:
        """Catalogs that have a text."""
        return self.filter(revision__gt=0)


class SectionQuerySet(models.QuerySet["catalog_models.Section"]):
    """Sections."""

    def in_reading_order(self) -> Self:
        """As they follow in the list."""
        return self.order_by("position")

    def within(self, section: catalog_models.Section) -> Self:
        """The section and its descendants."""
        return self.filter(
            Q(pk=section.pk)
            | Q(catalog_id=section.catalog_id, path__startswith=f"{section.path}/")
        )


class ListingQuerySet(models.QuerySet["catalog_models.Listing"]):
    """Listings."""

    def in_reading_order(self) -> Self:
        """As they follow in the list."""
        return self.order_by("position")


class BlockQuerySet(models.QuerySet["catalog_models.Block"]):
    """Blocks."""

    def in_reading_order(self) -> Self:
        """As they follow in the list."""
        return self.order_by("position")


class EntryQuerySet(models.QuerySet["catalog_models.Entry"]):
    """Entries."""

    def published(self) -> Self:
        """What visitors see."""
        return self.filter(state="published")

    def living(self) -> Self:
        """Published and suggested: whatever has a line in the list."""
        return self.exclude(state="removed")

    def tagged(self, facet: str, *values: str) -> Self:
        """Entries that have one of the tags, by slugs of the facet and its tags."""
        return self.filter(
            entry_tags__tag__facet__slug=facet, entry_tags__tag__slug__in=values
        ).distinct()

    def in_reading_order(self) -> Self:
        """As they follow in the list; a total order."""
        return self.order_by("position", "pk")

    def newest_first(self) -> Self:
        """By the time they came in; a total order. Equal times keep the list's order."""
        return self.order_by("-created_at", "position", "pk")


class FacetQuerySet(models.QuerySet["catalog_models.Facet"]):
    """Facets."""

    def public(self) -> Self:
        """Those offered as filters."""
        return self.filter(is_public=True)


class TagQuerySet(models.QuerySet["catalog_models.Tag"]):
    """Tags."""

    def used(self) -> Self:
        """Tags that a published entry has."""
        return self.filter(entry_count__gt=0)

    def most_used_first(self) -> Self:
        """By count, then by address; a total order inside a facet."""
        return self.order_by("-entry_count", "slug", "pk")


class RevisionQuerySet(models.QuerySet["catalog_models.Revision"]):
    """Revisions."""

    def newest_first(self) -> Self:
        """By number."""
        return self.order_by("-number")

    def news(self) -> Self:
        """What changed lines since the founding import."""
        return self.filter(number__gt=1, changes__isnull=False).distinct()
