"""What people decided, through re-imports and rebuilds; and what is derived, written again."""

from collections.abc import Callable

import pytest
from django.db.models import F

from catalog.checking import projection_differences, rebuild_projection
from catalog.models import Catalog, Column, DismissedTag, Entry, EntryTag, Facet, Link, Section, Tag
from tests.catalog.importing.imports import assert_sound, ids, import_again, new_list

pytestmark = pytest.mark.django_db

HEAD = "# T\n\nSee also [Else](https://example.org/else).\n\n## X\n\n"
TABLE = "| name | license | notes |\n|---|---|---|\n"
TEXT = (
    HEAD
    + TABLE
    + "".join(
        f"| [{name}](https://example.org/{name}) | {licence} | Some {name} words |\n"
        for name, licence in (("A", "MIT"), ("B", "MIT/Apache-2.0"), ("C", "-"))
    )
)


def decide(catalog: Catalog) -> None:
    """Take one decision of each kind."""
    Column.objects.filter(catalog=catalog, key="notes").update(role="facet", facet="notes")
    rebuild_projection(catalog)
    a, b = (Entry.objects.get(catalog=catalog, name=name) for name in "AB")
    hand = Tag.objects.create(
        facet=Facet.objects.create(catalog=catalog, slug="level", name="Level", rank=9),
        name="easy",
        slug="easy",
    )
    EntryTag.objects.create(content_object=a, tag=hand, origin="hand")
    taken = EntryTag.objects.get(content_object=b, tag__name="MIT")
    DismissedTag.objects.create(entry=b, tag=taken.tag)
    taken.delete()
    Entry.objects.filter(catalog=catalog, name="Else").update(decision="confirmed")
    rebuild_projection(catalog)


def decisions(catalog: Catalog) -> dict[str, object]:
    tags = EntryTag.objects.filter(content_object__in=catalog.entries.living())
    return {
        "columns": list(
            Column.objects.filter(catalog=catalog).order_by("key").values_list("key", "role")
        ),
        "tags": sorted(tags.values_list("content_object__name", "tag__name", "origin")),
        "dismissed": list(DismissedTag.objects.values_list("entry__name", "tag__name")),
        "confirmed": list(
            Entry.objects.exclude(decision="").values_list("name", "decision", "state")
        ),
    }


DECIDED = {
    "columns": [("license", ""), ("name", ""), ("notes", "facet")],
    "tags": [
        ("A", "MIT", "cell"),
        ("A", "Some A words", "cell"),
        ("A", "X", "section"),
        ("A", "easy", "hand"),
        ("B", "Apache-2.0", "cell"),
        ("B", "Some B words", "cell"),
        ("B", "X", "section"),
        ("C", "Some C words", "cell"),
        ("C", "X", "section"),
    ],
    "dismissed": [("B", "MIT")],
    "confirmed": [("Else", "confirmed", "published")],
}

LATER: dict[str, Callable[[Catalog], object]] = {
    "nothing": lambda catalog: None,
    "the same text": lambda catalog: import_again(catalog, TEXT),
    "a rebuild": rebuild_projection,
    "rows in another order": lambda catalog: import_again(
        catalog, "".join(sorted(TEXT.splitlines(True), key=lambda line: "/B)" in line))
    ),
    "a longer text and back": lambda catalog: (
        import_again(
            catalog, TEXT + "\n## Y\n\n" + TABLE + "| [D](https://example.org/D) | X | y |\n"
        ),
        import_again(catalog, TEXT),
    ),
    "without a row and back": lambda catalog: (
        import_again(catalog, "".join(TEXT.splitlines(True)[:-2])),
        import_again(catalog, TEXT),
    ),
    "nothing left, and back": lambda catalog: (
        import_again(catalog, "# T\n"),
        import_again(catalog, TEXT),
    ),
}


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_decisions_stay(later: Callable[[Catalog], object]) -> None:
    catalog = new_list(TEXT)
    decide(catalog)
    known = ids(catalog)

    later(catalog)

    assert decisions(catalog) == DECIDED
    assert ids(catalog) == known
    assert projection_differences(catalog) == {}


def test_dismissed_suggestion_stays_dismissed() -> None:
    catalog = new_list(HEAD + "- [A](https://example.org/A)\n")
    Entry.objects.filter(name="A").update(decision="dismissed")
    rebuild_projection(catalog)

    result = import_again(catalog, HEAD + "- [A](https://example.org/A) - More.\n")

    assert Entry.objects.get(name="A").state == "suggested"
    assert (result.summary()["entries"], result.summary()["suggested"]) == (0, 2)
    catalog.refresh_from_db()
    assert (catalog.entry_count, catalog.suggested_count) == (0, 2)


# Whatever is derived can be lost

DAMAGE: dict[str, Callable[[], object]] = {
    "names": lambda: Entry.objects.update(name="Wrong", slug="wrong"),
    "HTML": lambda: Entry.objects.update(html="", description_html="x"),
    "links": lambda: Link.objects.all().delete(),
    "link targets": lambda: Link.objects.update(canonical_url="x"),
    "tags": lambda: EntryTag.objects.all().delete(),
    "tag counts": lambda: Tag.objects.update(entry_count=F("entry_count") + 1),
    "counts": lambda: Section.objects.update(entry_count=99),
    "titles": lambda: Section.objects.update(title="Wrong", anchor="wrong"),
    "guesses": lambda: Column.objects.update(guessed_role="text"),
    "prose": lambda: Catalog.objects.get().blocks.update(html="x"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_rebuild_mends_what_is_derived(damage: Callable[[], object]) -> None:
    catalog = new_list(TEXT)
    paths = list(Section.objects.values_list("pk", "path"))
    known = ids(catalog)
    damage()
    assert projection_differences(catalog) != {}

    assert rebuild_projection(catalog) > 0

    assert projection_differences(catalog) == {}
    assert ids(catalog) == known
    assert list(Section.objects.values_list("pk", "path")) == paths
    assert catalog.revision == 2
    assert rebuild_projection(catalog) == 0
    assert_sound(catalog, TEXT)
