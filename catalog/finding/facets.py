"""Facets with their values, how many of some entries have each, and the tags of entries.

Of few entries the tags are counted row by row. Of many the rows of some say which values may be the
most frequent; these are counted by cutting their sets with the entries, as are the biggest values
of the facet. Of all of a list the counts are stored with the tags.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import FACET, TAG, key_term, key_terms
from catalog.models import Catalog, EntryTag, Facet, Tag
from catalog.published import per_revision
from catalog.sql.bulk import among, fetch, joined_keys, split, text_table

MOST_FACETS = 8
"""Facets whose values are offered at first; the others are opened by a link."""
BIGGEST = 20
"""Values of each of these that are known without being looked up."""
DATED = frozenset({"year", "added-in"})
"""Facets of dates: the latest is offered first, and they are chosen from one to another."""
MOST_DATES = 50
"""Values that are known of these."""
CANDIDATES = 12
"""Values of a facet that are counted among many entries: those that most of some of the entries
have, then the biggest."""
FEW = 150
"""Entries whose tags are counted row by row."""
SAMPLE = 60
"""Number of entries that are looked at where there are many, evenly spread."""


class TagRow(NamedTuple):
    """A tag that published entries have."""

    pk: int
    facet: str
    slug: str
    name: str
    entry_count: int

    @property
    def key(self) -> str:
        """Return the tag as addresses name it: `language:zh`."""
        return f"{self.facet}:{self.slug}"


class FacetRow(NamedTuple):
    """A public facet and how many of its values are used.

    `tags` are the biggest values by slug, the most used first, of the facets that are offered at
    first and of those of dates; none of the others.
    """

    pk: int
    slug: str
    name: str
    tags: dict[str, TagRow]
    total: int


class FacetCounts(NamedTuple):
    """The values of a facet that most entries have, each with how many have it."""

    values: list[tuple[TagRow, int]]
    total: int
    """Number of values in use; where not all were counted, the number that the facet has."""
    unstated: int
    """Number of entries without a value."""


class Request(NamedTuple):
    """A facet, the entries among which its values are counted, and how many values are needed."""

    facet: FacetRow
    entries: BitMap | None
    """None: all of the list."""
    most: int


# Equal ones follow by their addresses, byte by byte on every database.
_BIGGEST = f"""
SELECT * FROM (
    SELECT id, facet_id, slug, name, entry_count FROM {Tag._meta.db_table}
    WHERE facet_id = %s AND entry_count > 0
    ORDER BY entry_count DESC, {{slug}}, id LIMIT %s
) AS facet_{{number}}"""  # noqa: S608

_FACETS = f"""
SELECT id, slug, name, (
    SELECT count(*) FROM {Tag._meta.db_table} AS tag
    WHERE tag.facet_id = facet.id AND tag.entry_count > 0
) FROM {Facet._meta.db_table} AS facet
WHERE catalog_id = %s AND is_public ORDER BY rank, slug"""  # noqa: S608

_TAGGED = f"""
SELECT {{entries}}, {{tags}}
FROM {EntryTag._meta.db_table} WHERE content_object_id {{chosen}}"""  # noqa: S608

_VALUES = f"""
SELECT id, facet_id, slug, name, entry_count FROM {Tag._meta.db_table} WHERE id """  # noqa: S608

_CALLED = f"""
SELECT id, facet_id, slug, name, entry_count FROM {Tag._meta.db_table}
WHERE facet_id {{facets}} AND slug IN (SELECT value FROM {{slugs}}) AND entry_count > 0"""  # noqa: S608

# Written out: the ORM takes longer to prepare a thousand keys than the database to find them.
_NAMES = f"""
SELECT tag.id, facet.slug, tag.slug, tag.name, facet.name
FROM {Tag._meta.db_table} AS tag JOIN {Facet._meta.db_table} AS facet ON facet.id = tag.facet_id
WHERE tag.id %s AND (facet.is_public OR %s) ORDER BY facet.rank, facet.slug, tag.%s"""  # noqa: S608

type EntryTagRow = tuple[int, str, str, str, str]
"""Key of an entry, slug of a facet, slug and name of a tag, name of the facet."""


def tags_of_entries(
    entries: Sequence[int], *, public_only: bool, order: Literal["name", "slug"]
) -> list[EntryTagRow]:
    """The tags of entries, a row each, in the order of the facets; two queries.

    With `public_only` those of facets that are not offered to readers are left out.
    """
    having = _entries_by_tag(*_tagged([entries])[0])
    if not having:
        return []
    condition, keys = among(having)
    named = fetch(_NAMES % (condition, "%s", order), [keys, not public_only])
    return [(entry, *row) for pk, *row in named for entry in having[pk]]


def _tagged(groups: Sequence[Iterable[int]]) -> list[tuple[Sequence[int], Sequence[int]]]:
    """For each group of entries the keys of those that have a tag, and beside them the tags'; one
    query."""
    # Joining tags in the same statement, PostgreSQL reads all of them.
    selects, parameters = [], []
    for n, entries in enumerate(groups):
        chosen, keys = among(entries)
        columns = {
            "entries": f"{n}, {joined_keys('content_object_id')}",
            "tags": joined_keys("tag_id"),
        }
        selects.append(_TAGGED.format(chosen=chosen, **columns))
        parameters.append(keys)
    rows = sorted(fetch(" UNION ALL ".join(selects), parameters))
    return [(split(entries), split(tags)) for _n, entries, tags in rows]


def _entries_by_tag(entries: Sequence[int], tags: Sequence[int]) -> dict[int, list[int]]:
    having: defaultdict[int, list[int]] = defaultdict(list)
    for entry, tag in zip(entries, tags, strict=True):
        having[tag].append(entry)
    return having


@per_revision
def facets_of(catalog: Catalog) -> dict[str, FacetRow]:
    """The public facets with used values, in their order, by address; two queries."""
    rows = [row for row in fetch(_FACETS, [catalog.pk]) if row[3]]
    tags = _biggest(
        (pk, slug, MOST_DATES if slug in DATED else BIGGEST)
        for number, (pk, slug, _name, _total) in enumerate(rows)
        if number < MOST_FACETS or slug in DATED
    )
    return {
        slug: FacetRow(pk, slug, name, tags.get(pk, {}), total) for pk, slug, name, total in rows
    }


@per_revision
def _biggest_by_key(catalog: Catalog) -> dict[int, TagRow]:
    return {tag.pk: tag for facet in facets_of(catalog).values() for tag in facet.tags.values()}


def biggest_of(facets: Sequence[FacetRow], most: Sequence[int]) -> list[list[TagRow]]:
    """At least so many of the most used values of each facet; one query where some are unknown."""
    read = _biggest(
        (facet.pk, facet.slug, number)
        for facet, number in zip(facets, most, strict=True)
        if len(facet.tags) < min(number, facet.total)
    )
    return [[*read.get(facet.pk, facet.tags).values()] for facet in facets]


def tags_called(catalog: Catalog, keys: Iterable[str]) -> dict[str, TagRow]:
    """Used public tags of the list by what addresses call them, those that it has; one query.

    None for those that are among the biggest of their facets.
    """
    facets = facets_of(catalog)
    pairs = [(facet, slug) for facet, _, slug in (key.partition(":") for key in keys)]
    known = [facets[facet].tags.get(slug) for facet, slug in pairs if facet in facets]
    small = [
        (facets[facet].pk, slug)
        for facet, slug in pairs
        if facet in facets and slug not in facets[facet].tags and "\0" not in slug
    ]
    tags = [tag for tag in known if tag]
    if small:
        chosen, facet_keys = among({facet for facet, _slug in small})
        table, slugs = text_table({slug for _facet, slug in small})
        rows = fetch(_CALLED.format(facets=chosen, slugs=table), [facet_keys, slugs])
        addresses = {facet.pk: slug for slug, facet in facets.items()}
        tags += [TagRow(pk, addresses[facet], *others) for pk, facet, *others in rows]
    return {tag.key: tag for tag in tags}


def count(
    catalog: Catalog, requests: Sequence[Request], number: int, shown: Sequence[int] = ()
) -> tuple[list[FacetCounts], list[EntryTagRow]]:
    """Count for each facet the values that most of the entries have; and the public tags of the
    entries `shown`, in the order of the facets.

    `number` is how many entries the list has. Costs three queries; one more where values are needed
    that are not known.
    """
    rows, frequent = _tags_of(catalog, requests, shown)
    numbers = [max(each.most, CANDIDATES) for each in requests]
    biggest = biggest_of([each.facet for each in requests], numbers)
    candidates = [_candidates(*each) for each in zip(requests, frequent, biggest, strict=True)]
    needed = key_terms(FACET, [each.facet.pk for each in requests])
    for each, tags in zip(requests, candidates, strict=True):
        if each.entries is not None and len(each.entries) > FEW:
            needed += key_terms(TAG, [tag.pk for tag in tags])
    read = postings.read(needed)
    counts = []
    for (facet, entries, most), values, tags in zip(requests, frequent, candidates, strict=True):
        stating = read[key_term(FACET, facet.pk)]
        total = facet.total
        if entries is None:
            values = [(tag, tag.entry_count) for tag in tags]
            unstated = number - len(stating)
        else:
            number_with = entries.intersection_cardinality
            unstated = len(entries) - number_with(stating)
            if len(entries) > FEW:
                values = [(tag, number_with(read[key_term(TAG, tag.pk)])) for tag in tags]
            values = [value for value in values if value[1]]
            if len(entries) <= FEW or len(tags) == total:
                total = len(values)
        counts.append(FacetCounts(_most_frequent(values)[:most], total, unstated))
    return counts, rows


def _candidates(
    request: Request, tagged: list[tuple[TagRow, int]], biggest: list[TagRow]
) -> Sequence[TagRow]:
    """Values of a facet that are worth counting, where `tagged` are those of some entries."""
    frequent = [tag for tag, _n in _most_frequent(tagged)[: request.most]]
    # Of the same tag everything is the same.
    tags = [*dict.fromkeys([*frequent, *biggest])]
    return tags[: request.most if request.entries is None else max(request.most, CANDIDATES)]


def _most_frequent(values: list[tuple[TagRow, int]]) -> list[tuple[TagRow, int]]:
    return sorted(values, key=lambda value: (-value[1], value[0].slug, value[0].pk))


def _tags_of(
    catalog: Catalog, requests: Sequence[Request], shown: Sequence[int]
) -> tuple[list[EntryTagRow], list[list[tuple[TagRow, int]]]]:
    """The tags of the entries shown; and for each request the values of its entries, with how many
    of them have each: of all where they are few, else of a sample. Two queries at most."""
    sets = {id(own): own for each in requests if (own := each.entries)}
    if not (sets or shown):
        return [], [[] for _request in requests]
    # What most of the fewest have is counted among the others, too.
    fewest = min(sets, key=lambda key: len(sets[key]), default=0)
    looked_at = {
        key: own if len(own) <= FEW else own[:: len(own) // SAMPLE or 1]
        for key, own in sets.items()
        if len(own) <= FEW or key == fewest
    }
    [of_shown, *others] = _tagged([shown, *looked_at.values()])
    having = _entries_by_tag(*of_shown)
    numbers: dict[int, dict[int, int]] = {}
    for key, (_entries, tags) in zip(looked_at, others, strict=True):
        # Of a sample, what one entry alone has tells nothing.
        least = 1 if len(sets[key]) <= FEW else 2
        numbers[key] = {pk: own for pk, own in Counter(tags).items() if own >= least}
    known = _values(catalog, {*having}.union(*numbers.values()))
    values: dict[tuple[int, str], list[tuple[TagRow, int]]] = defaultdict(list)
    for key, counted in numbers.items():
        for pk, number in counted.items():
            if tag := known.get(pk):
                values[key, tag.facet].append((tag, number))
    facets = facets_of(catalog)
    ranks = {slug: rank for rank, slug in enumerate(facets)}
    ordered = sorted(
        [known[pk] for pk in having if pk in known], key=lambda tag: (ranks[tag.facet], tag.slug)
    )
    rows = [
        (pk, tag.facet, tag.slug, tag.name, facets[tag.facet].name)
        for tag in ordered
        for pk in having[tag.pk]
    ]
    keys = [id(each.entries) if id(each.entries) in numbers else fewest for each in requests]
    return rows, [
        values[key, each.facet.slug] if each.entries else []
        for key, each in zip(keys, requests, strict=True)
    ]


def _values(catalog: Catalog, pks: set[int]) -> dict[int, TagRow]:
    """Those of some tags of a list that are public, by key; one query where not all are among the
    biggest of their facets."""
    biggest = _biggest_by_key(catalog)
    tags = {pk: biggest[pk] for pk in pks if pk in biggest}
    if unknown := pks - tags.keys():
        slugs = {facet.pk: slug for slug, facet in facets_of(catalog).items()}
        chosen, keys = among(unknown)
        for pk, facet, *others in fetch(_VALUES + chosen, [keys]):
            if facet in slugs:
                tags[pk] = TagRow(pk, slugs[facet], *others)
    return tags


def _biggest(facets: Iterable[tuple[int, str, int]]) -> dict[int, dict[str, TagRow]]:
    """Used values of facets, given with their addresses and how many, the most used first; one
    query."""
    parameters, slugs = [], {}
    for pk, slug, most in facets:
        slugs[pk] = slug
        parameters += [pk, most]
    if not slugs:
        return {}
    slug = 'slug COLLATE "C"' if connection.vendor == "postgresql" else "slug"
    selects = [_BIGGEST.format(number=number, slug=slug) for number in range(len(slugs))]
    rows = fetch(" UNION ALL ".join(selects), parameters)
    rows.sort(key=lambda row: (-row[4], row[2]))
    tags: dict[int, dict[str, TagRow]] = {pk: {} for pk in slugs}
    for pk, facet, *values in rows:
        tag = TagRow(pk, slugs[facet], *values)
        tags[facet][tag.slug] = tag
    return tags
