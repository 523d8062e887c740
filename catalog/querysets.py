"""Every reusable read rule. Methods chain and read like a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import (
    Exists,
    OuterRef,
    Q,
)
from django.utils.translation import gettext as _

from catalog.errors import NotFound
from catalog.slugs import slugify
from catalog.sql.bulk import keys_in

if TYPE_CHECKING:
    from catalog import models as catalog_models


class CatalogQuerySet(models.QuerySet["catalog_models.Catalog"]):
    """Catalogs."""

    def published(self) -> Self:
        """Catalogs that have a text."""
        return self.filter(revision__gt=0)

    def called(self, slug: str) -> catalog_models.Catalog:
        """The catalog with this address. Raises `NotFound`, naming the nearest one there is."""
        catalog = self.filter(slug=slug).first()
        if catalog is None:
            raise self.not_found(slug)
        return catalog

    def not_found(self, slug: str) -> NotFound:
        """The error for an address that no catalog has, naming the nearest one there is."""
        slug = slug[:100]
        slugs = list(self.order_by("slug").values_list("slug", flat=True))
        near = get_close_matches(slug, slugs, 1)
        some = f"{', '.join(slugs[:5])}{', …' if len(slugs) > 5 else ''}"
        names = {"slug": slug, "near": near[0] if near else "", "some": some}
        if near:
            return NotFound(_("There is no catalog %(slug)s: did you mean %(near)s?") % names)
        if slugs:
            return NotFound(_("There is no catalog %(slug)s: there are %(some)s.") % names)
        return NotFound(
            _("There is no catalog %(slug)s: there is none yet; import one with import_markdown.")
            % names
        )


def keys_above(number: int) -> str:
    """A statement for the keys of so many sections and of all that they stand in."""
    marks = ", ".join(["%s"] * number) or "NULL"
    # Each parent is looked up by itself: joined, PostgreSQL reads all sections there are.
    return (
        f"WITH RECURSIVE above(id) AS (SELECT id FROM catalog_section WHERE id IN ({marks}) "  # noqa: S608
        "UNION SELECT (SELECT parent_id FROM catalog_section WHERE id = above.id) FROM above "
        "WHERE above.id IS NOT NULL) SELECT id FROM above"
    )


class SectionQuerySet(models.QuerySet["catalog_models.Section"]):
    """Sections."""

    def in_reading_order(self) -> Self:
        """Order by position in the list."""
        return self.order_by("position")

    def above(self, sections: Iterable[int]) -> Self:
        """These sections, by key, and all that they stand in."""
        keys = sorted(sections)
        chosen = f"catalog_section.id {keys_in(keys_above(len(keys)))}"
        among: Self = self.extra(where=[chosen], params=keys)  # type: ignore[assignment]  # noqa: S610
        return among

    def within(self, section: catalog_models.Section) -> Self:
        """The section and its descendants."""
        return self.filter(
            Q(pk=section.pk) | Q(catalog_id=section.catalog_id, path__startswith=f"{section.path}/")
        )


class ListingQuerySet(models.QuerySet["catalog_models.Listing"]):
    """Listings."""

    def in_reading_order(self) -> Self:
        """Order by position in the list."""
        return self.order_by("position")

    def titles(self, keys: Iterable[int | None]) -> dict[int, str]:
        """The titles of the sections that listings stand in, by their keys; one query, if any."""
        rows = self.filter(pk__in={key for key in keys if key})
        titles = rows.order_by().values_list("pk", "section__title")
        return {key: title or _("top of the list") for key, title in titles}


class BlockQuerySet(models.QuerySet["catalog_models.Block"]):
    """Blocks."""

    def in_reading_order(self) -> Self:
        """Order by position in the list."""
        return self.order_by("position")

    def between(self, catalog: catalog_models.Catalog, start: int, end: int | None) -> Self:
        """Blocks from a position up to another, without its end; None: up to the last."""
        blocks = self.filter(catalog=catalog, position__gte=start)
        return blocks if end is None else blocks.filter(position__lt=end)


class EntryQuerySet(models.QuerySet["catalog_models.Entry"]):
    """Entries."""

    def published(self) -> Self:
        """Select entries that visitors see."""
        return self.filter(state="published")

    def living(self) -> Self:
        """Published and suggested: whatever has a line in the list."""
        return self.exclude(state="removed")

    def in_reading_order(self) -> Self:
        """Order by position in the list; a total order."""
        return self.order_by("position", "pk")


class FacetQuerySet(models.QuerySet["catalog_models.Facet"]):
    """Facets."""

    def public(self) -> Self:
        """Select facets that are offered as filters."""
        return self.filter(is_public=True)


class TagQuerySet(models.QuerySet["catalog_models.Tag"]):
    """Tags."""

    def used(self) -> Self:
        """Tags that a published entry has."""
        return self.filter(entry_count__gt=0)

    def most_used_first(self) -> Self:
        """Order by count, then by address; a total order inside a facet."""
        return self.order_by("-entry_count", "slug", "pk")

    def called(
        self, catalog: catalog_models.Catalog, facet: str, slug: str
    ) -> catalog_models.Tag | None:
        """The tag of a public facet by both addresses, or by that of another spelling of it."""
        public = self.filter(facet__catalog=catalog, facet__slug=facet, facet__is_public=True)
        tags = public.select_related("facet")
        if tag := tags.filter(slug=slug).first():
            return tag
        spelled = public.filter(aliases__is_confirmed=True)
        for spelling, pk in spelled.values_list("aliases__spelling", "pk"):
            if slugify(spelling) == slug:
                return tags.get(pk=pk)
        return None


class ChangeQuerySet(models.QuerySet["catalog_models.Change"]):
    """Line operations."""

    def of_entry(self, catalog: catalog_models.Catalog, key: int) -> Self:
        """Select the changes of an entry and of its parts, without those taken back at once.

        Nor are lines that were cut otherwise when the list was read again: no text changed.
        """
        parts = catalog.entries.filter(successor__into=key).order_by().values("pk")
        of_entry = self.filter(Q(entry_id=key) | Q(entry_id__in=parts), revision__catalog=catalog)
        return of_entry.exclude(revision__details__has_any_keys=["taken_back", "rebuilt"])


class RevisionQuerySet(models.QuerySet["catalog_models.Revision"]):
    """Revisions."""

    def newest_first(self) -> Self:
        """Order by number, newest first."""
        return self.order_by("-number")

    def with_lines(self) -> Self:
        """Select revisions that changed lines since the founding import, not only their division
        into blocks."""
        changed = self.model._default_manager.filter(pk=OuterRef("pk"), changes__isnull=False)
        return self.filter(Exists(changed), number__gt=1).exclude(details__has_key="rebuilt")

    def news(self) -> Self:
        """Select revisions that changed lines since the founding import and were not taken back at
        once."""
        return self.with_lines().exclude(details__has_key="taken_back")
