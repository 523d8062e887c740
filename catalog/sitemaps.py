"""What search engines are told about, in shards that each are one small query."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet

from catalog.models import Catalog, Entry, Section, Tag


class CatalogSitemap(Sitemap):
    """The lists."""

    def items(self) -> QuerySet[Catalog]:
        """Published ones."""
        return Catalog.objects.published().order_by("pk").only("slug", "updated_at")

    def lastmod(self, item: Catalog) -> datetime:
        """When anything of it changed."""
        return item.updated_at


class SectionSitemap(Sitemap):
    """Sections; a list's own title is the catalog's page."""

    limit = 5000

    def items(self) -> QuerySet[Section]:
        """In a total order, so that no shard misses one."""
        sections = Section.objects.filter(is_title=False, catalog__revision__gt=0).order_by("pk")
        return sections.select_related("catalog").only("path", "catalog__slug")


class EntrySitemap(Sitemap):
    """Published entries."""

    limit = 5000

    def items(self) -> QuerySet[Entry]:
        """In a total order, so that no shard misses one."""
        entries = Entry.objects.published().filter(catalog__is_unfinished=False)
        entries = entries.select_related("catalog").order_by("pk")
        return entries.only("slug", "updated_at", "catalog__slug")

    def lastmod(self, item: Entry) -> datetime:
        """When it changed."""
        return item.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        """By the database: Django's own would load every entry for the index."""
        latest: datetime | None
        latest = Entry.objects.published().aggregate(latest=Max("updated_at"))["latest"]
        return latest


class TagSitemap(Sitemap):
    """Tags that are used."""

    limit = 5000

    def items(self) -> QuerySet[Tag]:
        """In a total order, so that no shard misses one."""
        tags = Tag.objects.used().filter(facet__is_public=True, facet__catalog__is_unfinished=False)
        tags = tags.select_related("facet__catalog")
        return tags.order_by("pk").only("slug", "facet__slug", "facet__catalog__slug")


SITEMAPS: dict[str, type[Sitemap]] = {
    "catalogs": CatalogSitemap,
    "sections": SectionSitemap,
    "entries": EntrySitemap,
    "tags": TagSitemap,
}
