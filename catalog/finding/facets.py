"""Facets with their values, how many of some entries have each, and the tags of entries.

Of few entries the tags are counted row by row. Of many the rows of some say which values may be the
most frequent; these are counted by cutting their sets with the entries, as are the biggest values
of the facet. Of all of a list the counts are stored with the tags.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import FACET, TAG, key_term, key_terms
from catalog.models import Catalog, EntryTag, Facet, Tag
from catalog.published import per_revision
from catalog.sql.bulk import among, fetch, joined_keys, split

BIGGEST = 50
"""Values of a facet that are known without being looked up."""
CANDIDATES = 10
"""Values of a facet that are counted among many entries: of the biggest, and of those that most of
some of the entries have."""
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
    """A public facet: its biggest values by slug, the most used first, and how many are used."""

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
SELECT {{number}}, {{keys}}
FROM {EntryTag._meta.db_table} WHERE content_object_id {{chosen}}"""  # noqa: S608

_TAGS_OF_FACETS = f"""
SELECT id, facet_id, slug, name, entry_count FROM {Tag._meta.db_table}
WHERE id {{tags}} AND facet_id {{facets}}"""  # noqa: S608


# Written out: the ORM takes longer to prepare a thousand keys than the database to find them.
_OF_ENTRIES = f"""
SELECT tagging.content_object_id, facet.slug, tag.slug, tag.name, facet.name
FROM {EntryTag._meta.db_table} AS tagging
JOIN {Tag._meta.db_table} AS tag ON tag.id = tagging.tag_id
JOIN {Facet._meta.db_table} AS facet ON facet.id = tag.facet_id
WHERE tagging.content_object_id %s AND (facet.is_public OR %s)
ORDER BY facet.rank, facet.slug, tag.%s"""  # noqa: S608

type EntryTagRow = tuple[int, str, str, str, str]
"""Key of an entry, slug of a facet, slug and name of a tag, name of the facet."""


def tags_of_entries(
    entries: Sequence[int], *, public_only: bool, order: Literal["name", "slug"]
) -> list[EntryTagRow]:
    """The tags of entries, a row each, in the order of the facets; one query.

    With `public_only` those of facets that are not offered to readers are left out.
    """
    condition, keys = among(entries)
    return fetch(_OF_ENTRIES % (condition, "%s", order), [keys, not public_only])


@per_revision
def facets_of(catalog: Catalog) -> dict[str, FacetRow]:
    """The public facets with used values, in their order, by address; two queries."""
    rows = [row for row in fetch(_FACETS, [catalog.pk]) if row[3]]
    tags = _biggest({pk: slug for pk, slug, _name, _total in rows}, BIGGEST)
    return {slug: FacetRow(pk, slug, name, tags[pk], total) for pk, slug, name, total in rows}


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
        rows = Tag.objects.used().filter(
            facet__in={facet for facet, _slug in small}, slug__in={slug for _facet, slug in small}
        )
        fields = ("pk", "facet__slug", "slug", "name", "entry_count")
        tags += map(TagRow._make, rows.order_by().values_list(*fields))
    return {tag.key: tag for tag in tags}


def count(requests: Sequence[Request], scope: str, number: int) -> list[FacetCounts]:
    """Count for each facet the values that most of the entries have.

    `scope` is the term of the list, `number` how many entries it has. Costs two queries; one more
    for each facet of which more than the biggest values are needed.
    """
    tagged = _tagged(requests)
    candidates = [_candidates(*each) for each in zip(requests, tagged, strict=True)]
    needed = key_terms(FACET, [each.facet.pk for each in requests])
    for each, tags in zip(requests, candidates, strict=True):
        if each.entries is not None and len(each.entries) > FEW:
            needed += key_terms(TAG, [tag.pk for tag in tags])
    read = postings.read(needed, scope)
    counts = []
    for (facet, entries, most), values, tags in zip(requests, tagged, candidates, strict=True):
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
    return counts


def _candidates(request: Request, tagged: list[tuple[TagRow, int]]) -> Collection[TagRow]:
    """Values of a facet that are worth counting, where `tagged` are those of some entries."""
    facet, entries, most = request
    if most > len(facet.tags) < facet.total:
        biggest = [*_biggest({facet.pk: facet.slug}, most)[facet.pk].values()]
    else:
        biggest = [*facet.tags.values()][: most if entries is None else max(most, CANDIDATES)]
    # Of the same tag everything is the same.
    return dict.fromkeys([*biggest, *[tag for tag, _n in _most_frequent(tagged)[:CANDIDATES]]])


def _most_frequent(values: list[tuple[TagRow, int]]) -> list[tuple[TagRow, int]]:
    return sorted(values, key=lambda value: (-value[1], value[0].slug, value[0].pk))


def _tagged(requests: Sequence[Request]) -> list[list[tuple[TagRow, int]]]:
    """Return for each request the values of its entries, all where they are few.

    Two queries at most.
    """
    numbers = _numbers_of_tags([each.entries for each in requests if each.entries is not None])
    slugs = {each.facet.pk: each.facet.slug for each in requests}
    tags = {tag.pk: tag for each in requests for tag in each.facet.tags.values()}
    if unknown := set[int]().union(*numbers.values()) - tags.keys():
        chosen, keys = among(unknown)
        facets, facet_keys = among(slugs)
        select = _TAGS_OF_FACETS.format(tags=chosen, facets=facets)
        for pk, facet, *others in fetch(select, [keys, facet_keys]):
            tags[pk] = TagRow(pk, slugs[facet], *others)
    values: dict[tuple[int, str], list[tuple[TagRow, int]]] = defaultdict(list)
    for group, own in numbers.items():
        for pk, number in own.items():
            if tag := tags.get(pk):
                values[group, tag.facet].append((tag, number))
    return [values[id(each.entries), each.facet.slug] for each in requests]


def _numbers_of_tags(groups: Iterable[BitMap]) -> dict[int, dict[int, int]]:
    """How many of some entries have each tag, by the identity of their set; of many in a sample."""
    # Numbered from 0: a statement that was made before is taken again.
    sets = list({id(entries): entries for entries in groups}.values())
    selects, parameters, steps = [], list[str](), list[int]()
    for n, entries in enumerate(sets):
        steps.append(1 if len(entries) <= FEW else max(len(entries) // SAMPLE, 1))
        chosen, keys = among(entries[:: steps[n]])
        selects.append(_TAGGED.format(number=n, keys=joined_keys("tag_id"), chosen=chosen))
        parameters.append(keys)
    counted: dict[int, dict[int, int]] = {}
    for n, keys in fetch(" UNION ALL ".join(selects), parameters) if selects else ():
        numbers = Counter(split(keys))
        # Of a sample, what one entry alone has tells nothing.
        least = 1 if steps[n] == 1 else 2
        counted[id(sets[n])] = {pk: own for pk, own in numbers.items() if own >= least}
    return counted


def _biggest(facets: Mapping[int, str], most: int) -> dict[int, dict[str, TagRow]]:
    """Used values of facets, given with their addresses, the most used first; one query."""
    tags: dict[int, dict[str, TagRow]] = {pk: {} for pk in facets}
    if not facets:
        return tags
    slug = 'slug COLLATE "C"' if connection.vendor == "postgresql" else "slug"
    selects = [_BIGGEST.format(number=number, slug=slug) for number in range(len(facets))]
    parameters = [value for pk in facets for value in (pk, most)]
    rows = fetch(" UNION ALL ".join(selects), parameters)
    rows.sort(key=lambda row: (-row[4], row[2]))
    for pk, facet, *values in rows:
        tag = TagRow(pk, facets[facet], *values)
        tags[facet][tag.slug] = tag
    return tags
