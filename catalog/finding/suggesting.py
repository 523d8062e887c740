"""Suggestions while somebody types: the first results, then lists, sections and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from pyroaring import BitMap

from catalog.finding.matching import Index, adjoining, stem_of
from catalog.finding.postings import NAME, WORD
from catalog.finding.results import Result, suggestions_of
from catalog.finding.searching import TextSearch
from catalog.finding.text import FILLERS, Term, fold, read_query, stream
from catalog.models import Catalog
from catalog.sql.bulk import among, fetch, keys_in

MOST_ENTRIES, MOST_OTHERS = 8, 2
LEAST_LETTERS = 2
"""Fewest letters before anything but entries is suggested."""
AROUND = 50
"""Number of first results whose sections and tags are suggested in a search of all lists."""
LIST, SECTION, TAG = "list", "section", "tag"
"""Kinds of places."""


class Place(NamedTuple):
    """A list, section or tag that is called so."""

    kind: str
    title: str
    path: str
    """The address below that of its list, not quoted; '' for the list itself."""
    catalog_slug: str
    catalog_title: str
    facet: str
    """The name of a tag's facet, '' for the others."""


class Suggestions(NamedTuple):
    """Entries as a search would show them first, and what else is called so."""

    entries: list[Result]
    places: list[Place]
    terms: Sequence[Term]
    """Terms that may be marked in names and titles."""


# Written out: to put them together takes the ORM longer than the database to answer.
_LISTS = """
SELECT 'list', title, '' AS path, slug, title AS list, '' AS facet
FROM catalog_catalog WHERE revision > 0 AND {called} ORDER BY title, id LIMIT %s"""
_SECTIONS = """
SELECT 'section', section.title, section.path, catalog.slug, catalog.title, ''
FROM catalog_section AS section JOIN catalog_catalog AS catalog ON catalog.id = section.catalog_id
WHERE NOT section.is_title AND section.entry_count > 0 AND {within} AND {called}
ORDER BY section.entry_count DESC, section.id LIMIT %s"""
_TAGS = """
SELECT 'tag', tag.name, 'tags/' || facet.slug || '/' || tag.slug, catalog.slug, catalog.title,
    facet.name
FROM catalog_tag AS tag JOIN catalog_facet AS facet ON facet.id = tag.facet_id
JOIN catalog_catalog AS catalog ON catalog.id = facet.catalog_id
WHERE facet.is_public AND tag.entry_count > 0 AND {within} AND {called}
ORDER BY tag.entry_count DESC, tag.id LIMIT %s"""
_OF_ENTRIES = "SELECT section_id FROM catalog_entry WHERE id {chosen}"
_TAGGING = "SELECT tag_id FROM catalog_entrytag WHERE content_object_id {chosen}"


def suggest(typed: str, catalog: Catalog | None) -> Suggestions:
    """The suggestions in one list, or in all."""
    matches = TextSearch(read_query(typed), Index(catalog.pk if catalog else None))
    keys = matches.best(None, 0, MOST_ENTRIES if catalog else AROUND)
    entries = suggestions_of(keys[:MOST_ENTRIES], matches.terms)
    return Suggestions(entries, places_called(typed, catalog, keys), matches.terms)


def places_called(typed: str, catalog: Catalog | None, keys: Sequence[int]) -> list[Place]:
    """Lists, sections and tags whose names have all words, in this order; one query.

    In a search of all lists only sections and tags of some entries, the first results.
    """
    if len(typed.strip()) < LEAST_LETTERS:
        return []
    words = typed.split()
    places = _places([w for w in words if w not in FILLERS] or words, catalog, keys)
    titles = {place.title for place in places if place.kind == SECTION}
    # Sections are tags of their entries, too.
    return [place for place in places if place.kind != TAG or place.title not in titles]


def _places(words: Sequence[str], catalog: Catalog | None, keys: Sequence[int]) -> list[Place]:
    within: list[tuple[str, Any]]
    if catalog:
        within = [
            ("section.catalog_id = %s", catalog.pk),
            ("facet.catalog_id = %s", catalog.pk),
        ]
    else:
        chosen, own = among(keys)
        within = [
            (f"{key} {keys_in(select.format(chosen=chosen))}", own)
            for key, select in (("section.id", _OF_ENTRIES), ("tag.id", _TAGGING))
        ]
    # The longest first: fewest names have it.
    spellings = [_spellings(word) for word in sorted(words, key=len, reverse=True)]
    like = [f"%{connection.ops.prep_for_like_query(text)}%" for own in spellings for text in own]
    selects, parameters = [], list[Any]()
    if not catalog:
        selects.append(_LISTS.format(called=_called("title", spellings)))
        parameters += [*like, MOST_OTHERS]
    for select, column, (where, value) in zip(
        (_SECTIONS, _TAGS), ("section.title", "tag.name"), within, strict=True
    ):
        selects.append(select.format(within=where, called=_called(column, spellings)))
        parameters += [value, *like, MOST_OTHERS]
    parts = [f"SELECT * FROM ({each}) AS called{n}" for n, each in enumerate(selects)]  # noqa: S608
    return [Place(*row) for row in fetch(" UNION ALL ".join(parts), parameters)]


def _spellings(word: str) -> list[str]:
    """The ways to look for a word within a text, none of which has another one in it."""
    texts = {word, fold(word), stem_of(fold(word))}
    # Letters of ASCII alone are the same to every database, large or small.
    lower = {text: text.lower() if text.isascii() else text for text in texts}
    return [
        text for text in sorted(texts) if not any(t != text and t in lower[text] for t in texts)
    ]


def _called(column: str, spellings: Sequence[Sequence[str]]) -> str:
    """A condition that a text has all words, each in one of its spellings."""
    has = f"{column} {'ILIKE' if connection.vendor == 'postgresql' else 'LIKE'} %s ESCAPE '\\'"
    return " AND ".join([f"({' OR '.join([has] * len(own))})" for own in spellings])


# Entries that may be what somebody is about to propose: a few by each of several questions, so that
# the cost does not depend on the length of the list. The caller says which are really alike.


CANDIDATES = 40
"""Most candidates of each query."""
MOST_LOOKED_AT = 1000
"""Entries that are looked at for whether an address stands in them as a whole."""
MOST_WORDS = 4
_LEAST_LETTERS = 3


_CANDIDATES = """
SELECT id, name, slug, url, canonical_url FROM catalog_entry
WHERE state = 'published' AND id {chosen} ORDER BY id"""


class Candidate(NamedTuple):
    """An entry to compare with."""

    pk: int
    name: str
    slug: str
    url: str
    canonical_url: str


def candidates(catalog: Catalog, *, name: str, addresses: Sequence[str] = ()) -> list[Candidate]:
    """Published entries that are called like `name`, or lead to below one of the addresses.

    Addresses are canonical ones, or hosts. Costs three queries at most.
    """
    words = list(dict.fromkeys(stream(fold(name))))[:12]
    # The longest words tell most; their beginnings are right where a slip of the pen is behind.
    longest = [word for word in sorted(words, key=len, reverse=True) if len(word) >= _LEAST_LETTERS]
    starts = [word[: max(_LEAST_LETTERS, 2 * len(word) // 3)] for word in longest[:MOST_WORDS]]
    phrases = [stream(fold(each.partition("://")[2] or each)) for each in addresses]
    pks = _alike(words, starts, [tuple(phrase) for phrase in phrases if phrase], catalog)
    if not pks:
        return []
    chosen, keys = among(pks)
    return [Candidate(*row) for row in fetch(_CANDIDATES.format(chosen=chosen), [keys])]


def _alike(
    names: Sequence[str],
    starts: Sequence[str],
    phrases: Sequence[tuple[str, ...]],
    catalog: Catalog,
) -> BitMap:
    """The first entries by each name's word, by each start of one, and by each phrase."""
    index = Index(catalog.pk)
    terms = [NAME + word for word in names]
    terms += [WORD + word for phrase in phrases for word in phrase]
    begun = [NAME + start for start in starts]
    index.read(terms, begun)
    within = index.within
    sets = [index.of(NAME + word) & within for word in names]
    sets += [index.of(f"{start}*") & within for start in begun]
    having = [BitMap.intersection(within, *[index.of(WORD + w) for w in own]) for own in phrases]
    sets += adjoining(
        [
            (WORD, Term(phrase, False), entries[:MOST_LOOKED_AT])
            for phrase, entries in zip(phrases, having, strict=True)
            if entries
        ]
    )
    return BitMap.union(BitMap(), *[entries[:CANDIDATES] for entries in sets])
