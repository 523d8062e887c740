"""What else a visitor of an entry may want: the same thing in other places, and things like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from catalog.models import Entry, EntryTag, Link, Tag

SAME, LIKE = 10, 6
RARE = 300
"""Entries a tag may have for what shares it to be related; bounds what the database reads."""
TELLING_TAGS = 3


class Related(NamedTuple):
    """Entries that list the same thing, and entries that share telling tags."""

    same: list[Entry]
    like: list[Entry]


def related_to(entry: Entry, tags: Sequence[Tag]) -> Related:
    """What goes with an entry that has these tags, in one query.

    The more tags are shared the nearer; only the rarest of the entry's tags find candidates.
    """
    links = Link.objects.filter(catalog=entry.catalog_id, canonical_url=entry.canonical_url)
    links = links.filter(entry__isnull=False) if entry.canonical_url else Link.objects.none()
    rare = sorted(
        (tag for tag in tags if 1 < tag.entry_count <= RARE),
        key=lambda tag: (tag.entry_count, tag.slug),
    )[:TELLING_TAGS]
    found = links.values_list("entry_id")
    if rare:
        tagged = EntryTag.objects.filter(tag__in=rare).values_list("content_object_id")
        found = found.union(tagged)
    elif not entry.canonical_url:
        return Related([], [])
    shared = EntryTag.objects.filter(content_object=OuterRef("pk"), tag__in=list(tags)).order_by()
    counted = shared.values("content_object").annotate(count=Count("pk")).values("count")
    entries = (
        Entry.objects.published()
        .filter(pk__in=found)
        .exclude(pk=entry.pk)
        .annotate(
            is_same=Exists(links.filter(entry=OuterRef("pk"))),
            shared=Coalesce(Subquery(counted), Value(0)) if rare else Value(0),
        )
        .order_by("-is_same", "-shared", "position", "pk")
        .select_related("section")
        .only("name", "slug", "section__title")
    )
    same: list[Entry] = []
    like: list[Entry] = []
    for other in entries[: SAME + LIKE]:
        (same if other.is_same else like).append(other)
    return Related(same[:SAME], like[:LIKE])
