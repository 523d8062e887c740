"""Whatever is asked of the index is what plain Python says of the rows, after any edits.

The model reads the rows of the entries and decides for each; it knows neither terms nor bitmaps.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from catalog import browsing
from catalog.browsing import Selection, sections_of
from catalog.checking import check_catalog
from catalog.editing.entries import change_entry, move_entry, remove_entry
from catalog.editing.sections import rename_section
from catalog.editing.tags import merge_tags, rename_tag, tag_entry, untag_entry
from catalog.finding import facets, ordering
from catalog.finding.facets import Request, count, facets_of
from catalog.finding.indexing import language_of
from catalog.finding.ordering import CHANGED, NAME, NEWEST, POSITION
from catalog.finding.query import Entries, EntryQuery
from catalog.history.revisions import Author
from catalog.markdown.links import canonical_url
from catalog.models import Catalog, Entry, EntryTag, Link, Section, Tag
from catalog.outline import Outline
from tests import factories
from tests.api.entries.requesting import made_list, make
from tests.catalog.importing.imports import import_again, new_list
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

SEEDS = range(20 if IS_LONG else 1)
STEPS = 12
BY = Author(credit="Ada")


@dataclass
class Known:
    """What the rows say of a published entry."""

    pk: int
    catalog: int
    title: str
    position: int
    slug: str
    created_at: datetime
    updated_at: datetime
    language: str
    sections: set[int]
    tags: set[int]
    addresses: set[str]


def known() -> list[Known]:
    """All published entries."""
    parents = dict(Section.objects.values_list("pk", "parent"))
    titles = set(Section.objects.filter(is_title=True).values_list("pk", flat=True))
    rows = []
    for entry in Entry.objects.published().select_related("catalog"):
        sections: set[int] = set()
        at = entry.section_id
        while at is not None and (at not in titles or not sections):
            sections.add(at)
            at = None if at in titles else parents[at]
        rows.append(
            Known(
                entry.pk,
                entry.catalog_id,
                entry.catalog.title,
                entry.position,
                entry.slug,
                entry.created_at,
                entry.updated_at,
                language_of(entry.name, entry.description),
                sections,
                set(EntryTag.objects.filter(content_object=entry).values_list("tag", flat=True)),
                set(Link.objects.filter(entry=entry).values_list("canonical_url", flat=True)),
            )
        )
    return rows


def matches(query: EntryQuery, row: Known) -> bool:
    """Whether all of a query without words is true of an entry."""
    return (
        query.catalog in {None, row.catalog}
        and all(row.tags.intersection(group) for group in query.tags)
        and (query.sections is None or bool(row.sections.intersection(query.sections)))
        and (query.addresses is None or bool(row.addresses.intersection(query.addresses)))
        and query.language in {"", row.language}
        and (query.created_since is None or row.created_at >= query.created_since)
        and (query.updated_since is None or row.updated_at >= query.updated_since)
        and (query.only is None or row.pk in query.only)
    )


ORDERS: dict[str, Callable[[Known], Any]] = {
    POSITION: lambda row: (row.title, row.catalog, row.position, row.pk),
    NAME: lambda row: (row.slug.encode(), row.pk),
    NEWEST: lambda row: (-row.created_at.timestamp(), row.pk),
    CHANGED: lambda row: (-row.updated_at.timestamp(), row.pk),
}


def queries(chance: random.Random) -> Iterator[EntryQuery]:
    """Each filter alone, and some together, of a list or of all."""
    lists = list(Catalog.objects.values_list("pk", flat=True))
    tags = list(Tag.objects.values_list("pk", flat=True))
    sections = list(Section.objects.values_list("pk", flat=True))
    moments = list(Entry.objects.values_list("updated_at", flat=True))
    urls = list(Link.objects.values_list("canonical_url", flat=True))
    choices: dict[str, Callable[[], Any]] = {
        "tags": lambda: tuple(
            tuple(chance.sample(tags, chance.randint(0, 3))) for _ in range(chance.randint(1, 2))
        ),
        "sections": lambda: tuple(chance.sample(sections, chance.randint(0, 2))),
        "addresses": lambda: (chance.choice(urls), canonical_url("https://no.such/")),
        "language": lambda: chance.choice(("zh", "und", "ja")),
        "created_since": lambda: chance.choice(moments),
        "updated_since": lambda: chance.choice(moments),
    }
    yield EntryQuery()
    for name, make_one in choices.items():
        yield EntryQuery(chance.choice([None, *lists]), **{name: make_one()})
    for _ in range(4):
        some = chance.sample(sorted(choices), chance.randint(0, 3))
        yield EntryQuery(chance.choice([None, *lists]), **{name: choices[name]() for name in some})


def check_pages(answer: Entries, rows: list[Known], chance: random.Random) -> None:
    for name, key in ORDERS.items():
        for is_backwards in (False, True):
            order = answer.order(name, is_backwards=is_backwards)
            expected = [row.pk for row in sorted(rows, key=key, reverse=is_backwards)]
            places = [0, len(rows), *(chance.randint(0, len(rows)) for _ in range(2))]
            for start, stop in pairwise(sorted(places)):
                assert answer.page(order, start, stop) == expected[start:stop]
            if rows:
                at = chance.randrange(len(rows))
                mark = order.marks([expected[at]])[expected[at]]
                step = {"is_forwards": True, "with_mark": False}
                assert order.onward(answer.keys, mark, 3, **step) == expected[at + 1 :][:3]
                step = {"is_forwards": False, "with_mark": True}
                assert order.onward(answer.keys, mark, 3, **step) == expected[: at + 1][::-1][:3]


def check_facets(answer: Entries, rows: list[Known], query: EntryQuery) -> None:
    catalog = Catalog.objects.get(pk=query.catalog or 0)
    catalog_rows = catalog.entries.published()
    counts = Counter(tag for row in rows for tag in row.tags)
    for most in (2, 300):
        requests = [Request(facet, answer.keys, most) for facet in facets_of(catalog).values()]
        counted, _tags = count(catalog, requests, len(catalog_rows))
        for request, each in zip(requests, counted, strict=True):
            facet = request.facet
            tags = Tag.objects.filter(facet=facet.pk)
            by_count = sorted(tags, key=lambda tag: (-counts[tag.pk], tag.slug.encode()))
            expected = [(tag.slug, counts[tag.pk]) for tag in by_count if counts[tag.pk]]
            assert [(tag.slug, number) for tag, number in each.values] == expected[:most]
            assert each.total in {len(expected), facet.total}
            assert each.total >= len(expected)
            own = {tag.pk for tag in tags}
            assert each.unstated == sum(own.isdisjoint(row.tags) for row in rows)
    if answer.keys is not None:
        sections = list(catalog.sections.values_list("pk", flat=True))
        numbers = {pk: sum(pk in row.sections for row in rows) for pk in sections}
        assert answer.in_sections(sections) == numbers


def check_sections(answer: Entries, rows: list[Known]) -> None:
    outline = Outline(Catalog.objects.get(pk=answer.query.catalog or 0))
    level = outline.children(None, 1000)
    for above in (None, *level):
        below = outline.children(above, 1000) if above else level
        numbers = [(row.path, sum(row.pk in each.sections for each in rows)) for row in below]
        offered = sections_of(answer, Selection(section=above), outline)
        assert [(row.path, number) for row, number in offered] == [
            (path, number) for path, number in numbers if number
        ]


def check(chance: random.Random) -> None:
    """Compare everything with the model."""
    rows = known()
    for query in queries(chance):
        answer = Entries(query)
        expected = [row for row in rows if matches(query, row)]
        assert answer.number == len(expected), query
        if answer.keys is not None:
            assert set(answer.keys) == {row.pk for row in expected}, query
        check_pages(answer, expected, chance)
        if query.catalog is not None:
            check_facets(answer, expected, query)
            check_sections(answer, expected)


def edit(chance: random.Random) -> None:
    """Do something to one of the lists."""
    published = list(Entry.objects.published().filter(is_opaque=False))
    entry = chance.choice(published)
    tag = chance.choice(list(Tag.objects.filter(facet__catalog=entry.catalog_id)))
    match chance.randrange(9):
        case 0:
            remove_entry(entry=entry, by=BY)
        case 1:
            change_entry(entry=entry, by=BY, name=f"{entry.name} 模型")
        case 2 if entry.listing:
            move_entry(entry=entry, by=BY, listing=entry.listing, first=True)
        case 3:
            tag_entry(entry=entry, tag=tag, by=BY)
        case 4:
            if given := entry.tags.first():
                untag_entry(entry=entry, tag=given, by=BY)
        case 5:
            rename_tag(tag=tag, name=f"{tag.name} {chance.random()}", by=BY)
        case 6:
            others = tag.facet.tags.exclude(pk=tag.pk)[:1]
            merge_tags(into=tag, others=others, by=BY)
        case 7:
            sections = entry.catalog.sections.filter(is_title=False)
            rename_section(section=chance.choice(list(sections)), title="Other", by=BY)
        case _:
            text = made_list(chance.randrange(100))
            catalog = entry.catalog
            import_again(catalog, text, theirs=True)


@pytest.mark.parametrize("few", [0, 500], ids=["many", "few"])
@pytest.mark.parametrize("seed", SEEDS)
def test_index_says_what_the_rows_say(seed: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is done for many entries is done for few, too.
    monkeypatch.setattr(ordering, "FEW", few)
    monkeypatch.setattr("catalog.finding.query.FEW", few)
    monkeypatch.setattr(browsing, "SECTIONS_READ", 2)
    monkeypatch.setattr(facets, "FEW", few)
    monkeypatch.setattr(facets, "SAMPLE", 1000)
    monkeypatch.setattr("catalog.finding.query.MANY", few)
    if not few:
        monkeypatch.setattr(ordering, "READ_AHEAD", 10_000)
    chance = random.Random(seed)
    for n in range(3):
        make(f"list-{n}", made_list(seed * 10 + n, 25))

    check(chance)
    for step in range(STEPS):
        edit(chance)
        if step % 4 == 3:
            check(chance)

    for catalog in Catalog.objects.all():
        assert check_catalog(catalog) == []


def test_value_that_is_rare_in_the_list_is_offered_where_most_of_the_choice_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(facets, "FEW", 3)
    monkeypatch.setattr(facets, "BIGGEST", 2)
    monkeypatch.setattr(facets, "CANDIDATES", 3)
    catalog = new_list("# L\n\n" + "".join(f"- [E{n}](https://e{n}.example/)\n" for n in range(30)))
    rows = list(catalog.entries.order_by("position"))
    chosen = factories.make_tag(catalog, "Kind", "chosen", rows[:4])
    for value, own in {"a": rows[10:20], "b": rows[20:30], "rare": rows[:3]}.items():
        factories.make_tag(catalog, "License", value, own)
    answer = Entries(EntryQuery(catalog.pk, tags=((chosen.pk,),)))

    facet = facets_of(catalog)["license"]
    [counted], _tags = count(catalog, [Request(facet, answer.keys, 2)], 30)

    assert [(tag.slug, number) for tag, number in counted.values] == [("rare", 3)]
    assert (counted.total, counted.unstated) == (1, 1)
