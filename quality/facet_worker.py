"""Facets and tags on the database of DATABASE_URL: run by `quality_facets.py`.

The database is filled with the lists where it is empty.
"""

import os
import random
import sys
from collections import Counter
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.core.management import call_command  # noqa: E402

from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import Catalog, Entry, EntryTag, Facet  # noqa: E402
from catalog.tagging.values import spelling_key  # noqa: E402

SAMPLED = 300
OF_HEADINGS = {"topic", "added-in"}
SHOWN = 6


def fill(folder: Path) -> None:
    """Import the lists that are not there yet."""
    call_command("migrate", verbosity=0)
    present = set(Catalog.objects.values_list("title", flat=True))
    for number, path in enumerate(sorted(folder.glob("*.md")), 1):
        if path.stem not in present:
            text = path.read_text(encoding="utf-8", newline="")
            import_text(text, catalog=Catalog(slug=f"list-{number}", title=path.stem), by=Author())


def report() -> None:
    """Print the facets of each list, and how many have two besides those of headings."""
    facets = Facet.objects.filter(is_public=True).select_related("catalog").order_by("rank", "slug")
    by_list: dict[str, list[Facet]] = {
        title: [] for title in Catalog.objects.values_list("title", flat=True)
    }
    for facet in facets:
        used = EntryTag.objects.filter(tag__facet=facet).exclude(origin=EntryTag.Origin.SECTION)
        if facet.slug not in OF_HEADINGS and used.exists():
            by_list[facet.catalog.title].append(facet)
    several = sum(len(own) > 1 for own in by_list.values())
    unnamed = [facet for own in by_list.values() for facet in own if "," in facet.name]
    twice = [facet for own in by_list.values() for facet in own if _has_two_spellings(facet)]
    print(f"lists with two facets besides their headings: {several} of {len(by_list)}")
    print(f"facets that are called by their values: {len(unnamed)}")
    print(f"facets with two spellings of a value: {len(twice)}")
    for title, own in sorted(by_list.items()):
        print(f"  {title}: {'; '.join(map(_shown, own)) or '-'}")


def _has_two_spellings(facet: Facet) -> bool:
    keys = Counter(
        map(spelling_key, facet.tags.filter(entry_count__gt=0).values_list("name", flat=True))
    )
    return any(count > 1 for count in keys.values())


def _shown(facet: Facet) -> str:
    tags = facet.tags.filter(entry_count__gt=0).order_by("-entry_count")
    names = ", ".join(f"{tag.name} {tag.entry_count}" for tag in tags[:SHOWN])
    return f"{facet.name} ({names}; {tags.count()})"


def sample() -> None:
    """Print tags that were derived, each with the line that it is read from."""
    rows = EntryTag.objects.filter(
        tag__facet__is_public=True, content_object__state=Entry.State.PUBLISHED
    ).exclude(tag__facet__slug__in=OF_HEADINGS)
    by_list: dict[int, list[int]] = {}
    for pk, catalog in rows.order_by("pk").values_list("pk", "content_object__catalog_id"):
        by_list.setdefault(catalog, []).append(pk)
    chance = random.Random(1)  # a sample that can be drawn again, no secret
    each = max(1, -(-SAMPLED // max(len(by_list), 1)))
    keys = [pk for own in by_list.values() for pk in chance.sample(own, min(each, len(own)))]
    for row in EntryTag.objects.filter(pk__in=keys[:SAMPLED]).select_related(
        "tag__facet", "content_object__block"
    ):
        entry = row.content_object
        source = " ".join(entry.block.source.split())[:220]
        print(f"  {row.tag.facet.name}: {row.tag.name} | {source}")


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
    report()
    sample()
