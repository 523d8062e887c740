"""Finding entries by what somebody typed, the best first: the order is the same on both databases.

1. what an address leads to
2. what is called exactly that, then names that begin so, the shortest first
3. entries with all words, in any form: the rarer a word, the more it counts, and more in a name
4. the same with the words of their lists' titles, where nothing has all words
5. the same in the nearest spelling
6. entries with the words that say most, where nothing has all of them in any spelling

Entries that are worth the same come in the order of their length: what is short is about nothing
else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice, product
from math import inf
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.indexing import KEY_LENGTH
from catalog.finding.matching import Index, Part, Stage, Way, near, scored, some
from catalog.finding.postings import (
    NAME,
    PUBLISHED,
    REMOVED,
    WORD,
    address_term,
    host_term,
    key_terms,
)
from catalog.finding.text import (
    Filter,
    Meaning,
    Term,
    fold,
    is_cjk,
    read_query,
    stream,
    words_with_places,
)
from catalog.markdown.chinese import in_both_scripts
from catalog.markdown.links import host_of
from catalog.models import Catalog, Entry, Section, Tag
from catalog.slugs import slugify
from catalog.sql.bulk import among, fetch, text_table

# Fields of a query, `name:value`, as terms of the index


_NAMES = {
    "licence": "license", "许可": "license", "许可证": "license", "授权": "license",
    "lang": "language", "语言": "language",
    "section": "in", "分区": "in", "章节": "in",
    "标签": "tag", "列表": "list", "网站": "site", "host": "site", "类型": "kind",
}  # fmt: skip
"""Other names of fields; any other name is the slug of a facet."""
_MOST = 500
"""Sections or tags that a value may stand for."""


class Narrowing(NamedTuple):
    """Entries have one of these terms of the index, or none of them."""

    terms: frozenset[str]
    is_excluded: bool


def narrowings(
    filters: Sequence[Filter], catalog: int | None
) -> tuple[list[Narrowing], list[Filter]]:
    """Return the terms of the filters, and those filters that match nothing here. A query or two
    for each.

    Values of one name are alternatives, as in browsing.
    """
    chosen: dict[tuple[str, bool], set[str]] = {}
    others = []
    for each in filters:
        name = _NAMES.get(each.name, each.name)
        of_field = _FIELDS.get(name, partial(_tags, facet=slugify(name)))
        if own := set(of_field(each.value, catalog)):
            chosen.setdefault((name, each.is_excluded), set()).update(own)
        else:
            others.append(each)
    return [Narrowing(frozenset(own), no) for (_name, no), own in chosen.items()], others


def _words_of(filter_: Filter) -> tuple[str, ...]:
    """The words that were meant where nothing here has such a field: `C: drive`, but `lang:go`."""
    is_name = filter_.name in {*_NAMES, *_NAMES.values(), *_FIELDS}
    return tuple(stream(fold(filter_.value if is_name else f"{filter_.name} {filter_.value}")))


def _of_list(value: str, catalog: int | None) -> Iterable[str]:
    slug = slugify(value)
    exact, part = Q(slug=slug), Q()
    for each in in_both_scripts(value):
        exact |= Q(title__iexact=each)
    if slug:
        part = Q(slug__endswith=f"-{slug}") | Q(slug__contains=f"-{slug}-")
    return _first(Catalog.objects.published(), postings.CATALOG, exact, part)


def _of_section(value: str, catalog: int | None) -> Iterable[str]:
    exact, part = Q(), Q()
    for each in in_both_scripts(value):
        path = "/".join(slugify(step) for step in each.split("/"))
        exact |= Q(title__iexact=each) | Q(path=path) | Q(path__endswith=f"/{path}")
        part |= Q(title__icontains=each)
    sections = Section.objects.filter(is_title=False)
    if catalog is not None:
        sections = sections.filter(catalog=catalog)
    return _first(sections, postings.SECTION, exact, part)


def _tags(value: str, catalog: int | None, facet: str = "") -> Iterable[str]:
    """Tags of that name, or else those whose names begin so: `license:gpl`."""
    tags = Tag.objects.filter(entry_count__gt=0)
    if catalog is not None:
        tags = tags.filter(facet__catalog=catalog)
    if facet:
        tags = tags.filter(facet__slug=facet)
    exact, start = Q(), Q()
    for each in in_both_scripts(value):
        if slug := slugify(each):
            exact |= Q(slug=slug) | Q(name__iexact=each)
            start |= Q(slug__startswith=f"{slug}-")
    return _first(tags, postings.TAG, exact, start)


def _first(rows: QuerySet[Any], kind: str, *conditions: Q) -> list[str]:
    """The terms of the rows that meet the first condition which any meets."""
    for condition in filter(None, conditions):
        chosen = rows.filter(condition).order_by().values_list("pk", flat=True)
        if pks := list(chosen[:_MOST]):
            return key_terms(kind, pks)
    return []


def _of_language(value: str, catalog: int | None) -> Iterable[str]:
    """The language that an entry is written in, or that a facet says; else what is tagged so."""
    code = value.lower()
    written = [postings.LANGUAGE + code] if code.isascii() and 2 <= len(code) <= 3 else []
    return [*written, *(_tags(value, catalog, "language") or _tags(value, catalog))]


def _of_site(value: str, catalog: int | None) -> Iterable[str]:
    host = host_of(f"https://{value}")
    return [host_term(host)] if host else []


_FIELDS: dict[str, Callable[[str, int | None], Iterable[str]]] = {
    "in": _of_section,
    "kind": lambda value, _catalog: [postings.KIND + value.lower()],
    "language": _of_language,
    "list": _of_list,
    "site": _of_site,
    "tag": _tags,
}


# Spelling correction, by near words of the vocabulary


MOST_SPELLINGS = 5
"""Most alternative spellings of one word that are tried."""
MOST_TRIED = 2000
"""Combinations of spellings that are put in order."""
MOST_READ = 100
"""Combinations that are tried."""
MOST_ERRORS = 3
"""Wrong letters of a query."""
LEAST_PART = 2
"""Letters of each of two words that were written as one."""
LEAST_DOUBTED = 6
"""Letters of a word that entries have and that may be a mistake all the same: short ones are like
many others."""


class _Spelling(NamedTuple):
    """An alternative spelling of a term; the least one is the likeliest."""

    errors: int
    """Wrong letters."""
    known: int
    """Words that some entries have, and were changed nevertheless."""
    rank: int
    """The negative number of entries that have the other word."""
    term: Term


def corrected(meaning: Meaning, index: Index) -> Meaning | None:
    """The query in the nearest spelling whose words are all in one entry; None if there is none."""
    spellings = _doubted([_spellings(group, index) for group in meaning.groups], meaning, index)
    tried = [
        combination
        for combination in islice(product(*spellings), MOST_TRIED)
        if 0 < sum(spelling.errors for spelling in combination) <= MOST_ERRORS
    ]
    tried.sort(key=_likeliness)
    # What somebody has in mind is most often called so.
    for kind, combination in product((NAME, WORD), tried[:MOST_READ]):
        terms = [spelling.term for spelling in combination]
        words = [index.of(kind + word) for term in terms for word in term.words]
        if BitMap.intersection(index.within, *words):
            return _with(meaning, terms)
    return None


def with_joined_words(meaning: Meaning, index: Index) -> Meaning:
    """The query with words that no entry has together as the one that some have: `type wolf`.

    Two terms that become one are both that one.
    """
    terms = [group[0] for group in meaning.groups]
    runs = [range(n, n + size) for size in (1, 2) for n in range(len(terms) - size + 1)]
    words = {run: [word for n in run for word in terms[n].words] for run in runs}
    whole = {
        run: Term(("".join(own),))
        for run, own in words.items()
        if len(own) == 2
        and not any(len(meaning.groups[n]) > 1 or terms[n].is_quoted for n in run)
        and not is_cjk(own[0])
    }
    index.read({WORD + term.words[0] for term in whole.values()})
    for run, term in whole.items():
        apart = [index.of(WORD + word) for word in words[run]]
        if index.of(WORD + term.words[0]) & index.within and not BitMap.intersection(
            index.within, *apart
        ):
            terms[run.start : run.stop] = [term] * len(run)
    return _with(meaning, terms)


def _doubted(
    spellings: Sequence[list[_Spelling]], meaning: Meaning, index: Index
) -> list[list[_Spelling]]:
    """The spellings without those of words that are right: of known ones beside unknown ones."""
    known = [bool(index.part(group[0]).ways) for group in meaning.groups]
    return [
        own[:1] if is_known and (not all(known) or _is_short(group[0], index)) else own
        for own, group, is_known in zip(spellings, meaning.groups, known, strict=True)
    ]


def _is_short(term: Term, index: Index) -> bool:
    """Whether so few letters are taken for what they say: `fuzy` is no word, only its stem is."""
    return len("".join(term.words)) < LEAST_DOUBTED and all(
        index.of(WORD + word) for word in term.words
    )


def _likeliness(combination: Sequence[_Spelling]) -> list[int]:
    return [sum(figures) for figures in zip(*(each[:3] for each in combination), strict=True)]


def with_known_words(meaning: Meaning, index: Index) -> Meaning:
    """The query with the words that no entry has in the nearest spelling that some have."""
    terms: list[Term] = []
    for group in meaning.groups:
        spellings = _spellings(group, index)
        is_known = len(spellings) < 2 or bool(index.part(group[0]).ways)
        terms.append(spellings[0 if is_known else 1].term)
    return _with(meaning, terms)


def _with(meaning: Meaning, terms: Sequence[Term]) -> Meaning:
    if all(term.words == group[0].words for term, group in zip(terms, meaning.groups, strict=True)):
        return meaning
    return replace(
        meaning,
        groups=tuple((term, *group[1:]) for term, group in zip(terms, meaning.groups, strict=True)),
        name_key=" ".join(word for term in dict.fromkeys(terms) for word in term.words),
        is_open=False,
    )


def _spellings(group: Sequence[Term], index: Index) -> list[_Spelling]:
    """The first term of a group as it is, then as it may be meant, the likeliest first."""
    term = group[0]
    spellings = []
    if not term.is_quoted and len(group) == 1:
        others = [(n, near(word)) for n, word in enumerate(term.words)]
        pairs = _apart(term.words, index)
        words = {other for _n, known in others for _errors, other in known}
        index.read({kind + word for kind in (NAME, WORD) for word in words.union(*pairs)})
        for n, known in others:
            for errors, other in known:
                if count := len(index.of(WORD + other) & index.within):
                    changed = (*term.words[:n], other, *term.words[n + 1 :])
                    is_known = int(bool(index.of(WORD + term.words[n])))
                    spellings.append(_Spelling(errors, is_known, -count, Term(changed)))
        for pair in pairs:
            sets = [index.of(WORD + word) for word in pair]
            if count := len(BitMap.intersection(index.within, *sets)):
                spellings.append(_Spelling(1, 0, -count, Term(pair)))
    return [_Spelling(0, 0, 0, term), *sorted(spellings)[:MOST_SPELLINGS]]


def _apart(words: Sequence[str], index: Index) -> list[tuple[str, str]]:
    """All ways in which a word that no entry has may be two that were written as one."""
    word = words[0]
    if len(words) > 1 or not word.isalpha() or is_cjk(word) or index.of(WORD + word):
        return []
    ends = range(LEAST_PART, len(word) - LEAST_PART + 1)
    return [(word[:end], word[end:]) for end in ends]


def in_place(meaning: Meaning, better: Meaning) -> tuple[str, str]:
    """The query in the other spelling, and as it was typed with what was changed in quotes."""
    changes = dict(_changes(meaning, better))
    query = meaning.query
    corrected_, quoted, at = [], [], 0
    for word, start, end in words_with_places(query):
        if word in changes:
            corrected_ += [query[at:start], changes[word]] if changes[word] else []
            quoted += [query[at:start], f'"{query[start:end]}"']
            at = end
    rest = query[at:]
    return "".join([*corrected_, rest]), "".join([*quoted, rest])


def _changes(meaning: Meaning, better: Meaning) -> Iterator[tuple[str, str]]:
    before = None
    for group, other in zip(meaning.groups, better.groups, strict=True):
        words, others = group[0].words, other[0].words
        if len(words) < len(others):
            # Two words were written as one.
            others = (" ".join(others),)
        elif other == before or len(words) > len(others):
            # Or one as two, which stands where the first of them did.
            others = (*(() if other == before else others), "")
        before = other
        for word, instead in zip(words, others, strict=True):
            if word != instead:
                yield word, instead


MOST_RESULTS = 1000
"""Results that are shown."""
FEW = MOST_REMOVED = 5
"""Results so few that removed entries are shown, too; and how many of these."""
MOST_NAMED = 300
"""Entries whose names begin with the query that come first."""
MOST_SORTED = 150
"""Entries of one score that are put in the order of their length."""
SORTED_TOGETHER = 100
"""Entries of several scores whose lengths are read by one query."""
MOST_PARTS = 8
"""Terms of which the best ones are looked for where nothing has all of them."""
ENOUGH = 20
"""Entries with fewer words than were typed, before others with still fewer are left out."""
LEAST_SHARE = 0.5
"""Least share of the best such entry's weight that others must have."""


class TextSearch:
    """All entries that match a query, and their order by how well they fit.

    `typed` is the query, `corrected` the same in the spelling that was searched for, where nothing
    fits it as it was typed; `as_typed` finds that alone. `left_out` are words that the first
    entries lack, where none has all of them; `lacking` says it of each.
    """

    def __init__(self, meaning: Meaning, index: Index) -> None:
        self._catalog = index.catalog
        self._index = index
        self._meaning = meaning
        self.typed = meaning.query
        self.corrected = self.as_typed = ""
        self.left_out: tuple[str, ...] = ()
        self.entries = BitMap()
        self._parts: list[Part] = []
        self._by_words: list[tuple[str, BitMap]] = []
        self._addressed: list[BitMap] = []
        self._named: list[int] = []
        if self._meaning:
            self._find()

    @property
    def terms(self) -> Sequence[Term]:
        """Return the terms that may be marked in the entries' texts, with their other forms."""
        terms = self._meaning.terms
        return [*terms, *[form for term in terms for form in self._index.forms(term)]]

    def best(self, among: BitMap | None, start: int, stop: int) -> list[int]:
        """Keys of those among some entries, or of all, from one place in the order to another."""
        entries = self.entries if among is None else self.entries & among
        return some(self._stages(entries), start, stop)

    def lacking(self, pk: int) -> list[str]:
        """Return the words that an entry lacks, where none has all of them."""
        return [words for words, entries in self._by_words if pk not in entries]

    # What matches

    def _find(self) -> None:
        self._prepare(self._meaning)
        self._within = self._filtered()
        meaning = self._meaning
        self._addressed = self._at_addresses()
        self.entries = BitMap.union(BitMap(), *self._addressed)
        self._match(meaning)
        if self.entries or not meaning.groups:
            return
        if "://" in meaning.query:
            # The words of an address that leads nowhere say nothing.
            return
        joined = with_joined_words(meaning, self._index)
        better: Meaning | None = joined
        if joined != meaning:
            self._match(joined)
        if not self.entries and self._catalog is None:
            self._match_with_titles(joined)
        if not self.entries and (better := corrected(joined, self._index)):
            self._match(better)
        if self.entries:
            self._correct(better or meaning)
            return
        better = with_known_words(joined, self._index)
        self._correct(better)
        self._match_some(better)

    def _prepare(self, meaning: Meaning) -> None:
        """Read what a query needs, as far as it was not read for another spelling of it."""
        addresses = map(address_term, meaning.addresses)
        self._index.prepare([*meaning.terms, *meaning.excluded], addresses)

    def _correct(self, better: Meaning) -> None:
        if better != self._meaning:
            self.corrected, self.as_typed = in_place(self._meaning, better)
            self._meaning = better

    def _filtered(self) -> BitMap:
        """The entries that fields and excluded words leave."""
        meaning = self._meaning
        within = self._index.within
        if meaning.filters:
            chosen, others = narrowings(meaning.filters, self._catalog)
            # What is no field was meant as words.
            words = [_words_of(each) for each in others if not each.is_excluded]
            meaning = replace(meaning, groups=(*meaning.groups, *[(Term(w),) for w in words if w]))
            self._meaning = meaning
            self._index.read({term for each in chosen for term in each.terms})
            for each in chosen:
                having = self._index.with_any(each.terms)
                within = within - having if each.is_excluded else within & having
        if meaning.excluded:
            excluded = [self._index.part(term).entries for term in meaning.excluded]
            within = within.difference(*excluded)
        return within

    def _at_addresses(self) -> list[BitMap]:
        """Return the entries at an address, else those of what it is a part of; then the others."""
        terms = map(address_term, self._meaning.addresses)
        sets = [self._index.of(term) & self._within for term in terms]
        nearest = next(filter(None, sets), None)
        return [nearest, sets[-1]] if nearest else []

    def _match(self, meaning: Meaning) -> None:
        """Entries with all words of a query, or any that a field leaves where there are none."""
        self._prepare(meaning)
        needed = [_either([self._index.part(term) for term in group]) for group in meaning.groups]
        optional = [self._index.part(term, is_filler=True) for term in meaning.fillers]
        self._parts = [*needed, *optional]
        matching = BitMap.intersection(self._within, *[part.entries for part in needed])
        self._named = self._named_so(meaning)
        named = BitMap(self._named) & self._within
        if needed or not meaning.addresses:
            self.entries |= matching | named

    def _match_with_titles(self, meaning: Meaning) -> None:
        """Entries with all words but those of their list's title, and a few with fewer words."""
        terms = [group[0] for group in meaning.groups if len(group) == 1]
        if len(terms) < 2 or not self._index.read_titles(terms):
            return
        self._match(meaning)
        if 0 < len(self.entries) < FEW:
            self._match_some(meaning)

    def _match_some(self, meaning: Meaning) -> None:
        """Entries with the words that say most."""
        groups = [(group, self._apart(group)) for group in meaning.groups]
        parts = [part for _group, own in groups for part in own]
        known = sorted((p for p in parts if p.ways), key=lambda p: -p.weight)[:MOST_PARTS]
        if not known:
            return
        # No word is rarer for it that others but begin so.
        most = min([part.weight for part in known if not part.is_begun], default=inf)
        known = [
            part._replace(
                is_needed=False, weight=min(part.weight, most) if part.is_begun else part.weight
            )
            for part in known
        ]
        plain = [part._replace(ways=(Way(part.entries, 1.0),)) for part in known]
        least: float | None = None
        for score, entries in scored(
            plain, self._within & BitMap.union(*[p.entries for p in plain])
        ):
            least = score * LEAST_SHARE if least is None else least
            if score < least or len(self.entries) >= ENOUGH:
                break
            self.entries |= entries
        self._parts = [*known, *[part for part in self._parts if not part.is_needed]]
        self._by_words = [
            (" ".join(group[0].words), BitMap.union(BitMap(), *[p.entries for p in own]))
            for group, own in groups
        ]
        _score, first = next(scored(self._parts, self.entries), (0.0, BitMap()))
        self.left_out = tuple(words for words, entries in self._by_words if not first & entries)

    def _apart(self, group: Sequence[Term]) -> list[Part]:
        """The words of a group, each for itself where they are not met together."""
        whole = _either([self._index.part(term) for term in group])
        words = group[0].words
        if whole.ways or len(words) == 1 or group[0].is_quoted:
            return [whole]
        terms = [Term((word,)) for word in words]
        self._index.prepare(terms)
        parts = [self._index.part(term) for term in terms]
        # Each character of a run is in two pairs.
        share = 0.5 if is_cjk(words[0]) else 1.0
        return [part._replace(weight=part.weight * share) for part in parts]

    # What comes first

    def _stages(self, within: BitMap) -> Iterator[Stage]:
        for addressed in self._addressed:
            yield self._led_to(addressed & within)
        yield [pk for pk in self._named if pk in within]
        sets: list[BitMap] = []
        number = 0
        for _score, entries in scored(self._parts, within):
            sets.append(entries)
            number += len(entries)
            if number >= SORTED_TOGETHER:
                yield from chain.from_iterable(_shortest_first(sets))
                sets, number = [], 0
        yield from chain.from_iterable(_shortest_first(sets))
        yield within

    def _led_to(self, entries: BitMap) -> Stage:
        """Entries at an address: first those whose own it is, then those that name it, too."""
        if not 1 < len(entries) <= MOST_SORTED:
            return entries
        chosen, keys = among(entries)
        addresses, urls = text_table(self._meaning.addresses)
        select = (
            f"SELECT id FROM catalog_entry WHERE id {chosen} ORDER BY canonical_url IN"  # noqa: S608
            f" (SELECT value FROM {addresses}) DESC, length(name), id"
        )
        return [pk for (pk,) in fetch(select, [keys, urls])]

    def _named_so(self, meaning: Meaning) -> list[int]:
        """Entries whose names begin with the query, the shortest first: called exactly that.

        Of very many the first of the alphabet, so that it takes no longer among more.
        """
        key = meaning.name_key[:KEY_LENGTH]
        if not key:
            return []
        collated = 'name_key COLLATE "C"' if connection.vendor == "postgresql" else "name_key"
        where = f"{collated} >= %s AND {collated} < %s"
        # Behind a whole word only a blank is less than any sign.
        end = "\U0010ffff" if meaning.is_open or is_cjk(key[-1]) else "!"
        parameters: list[Any] = [key, key + end]
        if self._catalog is not None:
            where, parameters = f"catalog_id = %s AND {where}", [self._catalog, *parameters]
        first = (
            f"SELECT id, {collated} AS name_key FROM catalog_indexedentry"  # noqa: S608
            f" WHERE {where} ORDER BY {collated}, id LIMIT %s"
        )
        shortest = f"SELECT id FROM ({first}) AS named ORDER BY length(name_key), {collated}, id"  # noqa: S608
        return [pk for (pk,) in fetch(shortest, [*parameters, MOST_NAMED])]


def _either(parts: Sequence[Part]) -> Part:
    """Alternatives as one part, which is worth what the best of them is."""
    if len(parts) == 1:
        return parts[0]
    ways = [way for part in parts for way in part.ways]
    return Part(
        tuple(sorted(ways, key=lambda way: -way.worth)),
        max(part.weight for part in parts),
    )


def called(query: str, catalog: int | None, limit: int, state: str = PUBLISHED) -> list[int]:
    """Keys of entries whose names have all words of a query, the shortest first."""
    meaning = read_query(query)
    if not meaning.terms:
        return []
    index = Index(catalog, state)
    index.prepare(meaning.terms)
    [(named, _rest)] = _shortest_first([index.in_names(meaning.terms)])
    return named[:limit]


def removed_named(query: str, catalog: int | None) -> list[Entry]:
    """Some removed entries whose names have all words of a query, each with its list."""
    pks = called(query, catalog, MOST_REMOVED, REMOVED)
    rows = Entry.objects.filter(pk__in=pks, state=Entry.State.REMOVED)
    by_key = rows.select_related("catalog").in_bulk() if pks else {}
    return [by_key[pk] for pk in pks if pk in by_key]


def _shortest_first(sets: Sequence[BitMap]) -> list[tuple[list[int], BitMap]]:
    """Entries of each set in the order of the length of their texts, of very many the first.

    And the others in the order of their keys. One query.
    """
    if not any(sets):
        return [([], entries) for entries in sets]
    firsts = [entries[:MOST_SORTED] for entries in sets]
    chosen, keys = among(BitMap.union(BitMap(), *firsts))
    select = f"SELECT id, length(words) FROM catalog_indexedentry WHERE id {chosen}"  # noqa: S608
    lengths = dict(fetch(select, [keys]))
    return [
        (sorted((pk for pk in first if pk in lengths), key=lengths.__getitem__), entries - first)
        for entries, first in zip(sets, firsts, strict=True)
    ]
