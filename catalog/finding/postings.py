"""The index itself: for each term the keys of the entries that have it, as bitmaps.

A bitmap is cut into segments of 65,536 keys, so that an edit writes at most 8 kB for each term
that it adds or takes away, however many entries there are. All lists share one index, and a list is
a term like any other.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import batched
from struct import Struct
from typing import Any, NamedTuple

from django.db import connection
from pyroaring import BitMap

from catalog.finding.text import is_cjk
from catalog.models import IndexTerm
from catalog.sql.bulk import array_text, fetch_bytes

# Terms: texts whose first letter is their kind, so that no word is taken for anything else


WORD, NAME, BEGINNING, CHARACTER = "w", "n", "b", "c"
"""A word anywhere; one of the name; its first letter or two; a Chinese character anywhere."""
STATE, CATALOG, SECTION, TAG, FACET = "x", "l", "s", "t", "f"
"""Prefixes of terms: state, list, section or one above, tag, any tag of a facet."""
ADDRESS, HOST, KIND, LANGUAGE = "u", "h", "k", "g"
"""Prefixes of terms: canonical address or repository; host and kind of the first link; language."""

PUBLISHED, REMOVED = f"{STATE}published", f"{STATE}removed"


class IndexRow(NamedTuple):
    """A row of the index for one entry: `names`, `words` and `others` are separated by spaces."""

    pk: int
    catalog: int
    name_key: str
    """The words of the name in their order, of which the first 200 characters."""
    names: str
    """All words of the name, and what else it is found by."""
    words: str
    """The words of everything else, in the order of the text."""
    others: str
    """Terms that are no words."""
    length: int
    """The number of words."""


def terms_of_row(row: IndexRow) -> frozenset[str]:
    """All terms of an entry."""
    terms = {key_term(CATALOG, row.catalog), *_split(row.others)}
    terms.update(*map(_terms_of_name, _split(row.names)), *map(_terms_of_word, _split(row.words)))
    return frozenset(terms)


def changed_terms(old: IndexRow, new: IndexRow | None) -> tuple[Set[str], Set[str]]:
    """The terms that an entry of a list loses, and those that it gains; all are lost without a new
    row."""
    if new is None or old.names != new.names or not (old.words + new.words).isascii():
        before, after = terms_of_row(old), terms_of_row(new) if new else frozenset[str]()
        return before - after, after - before
    # Such a word is one term, which each of the name has too; most words are in both rows.
    names = {*_split(old.names)}
    was, now = {*_split(old.words)}, {*_split(new.words)}
    had, has = {*_split(old.others)}, {*_split(new.others)}
    return (
        {WORD + word for word in was - now - names} | (had - has),
        {WORD + word for word in now - was - names} | (has - had),
    )


def _terms_of_word(word: str) -> tuple[str, ...]:
    if word.isascii() or not is_cjk(word):
        return (WORD + word,)
    return WORD + word, CHARACTER + word[0]


def _terms_of_name(word: str) -> tuple[str, ...]:
    return NAME + word, BEGINNING + word[:1], BEGINNING + word[:2], *_terms_of_word(word)


type Keys = defaultdict[str, array[int]]
"""Keys of entries by term."""


def no_keys() -> Keys:
    """Keys by term, none so far."""
    return defaultdict(partial(array, "I"))


class NewRows:
    """The terms of entries of which the index has nothing yet, gathered from their rows.

    Terms are made of each word once, not once for each entry that has it.
    """

    def __init__(self) -> None:
        self._names, self._words, self._others = no_keys(), no_keys(), no_keys()

    def add(self, row: IndexRow) -> None:
        """Take the terms of an entry."""
        pk, names = row.pk, set(_split(row.names))
        for name in names:
            self._names[name].append(pk)
        for word in set(_split(row.words)) - names:
            self._words[word].append(pk)
        for term in {key_term(CATALOG, row.catalog), *_split(row.others)}:
            self._others[term].append(pk)

    def take(self) -> Keys:
        """The keys by term; nothing is left here. A key may be there twice."""
        taken, self._others = self._others, no_keys()
        for texts, terms_of in ((self._names, _terms_of_name), (self._words, _terms_of_word)):
            while texts:
                text, keys = texts.popitem()
                for term in terms_of(text):
                    taken[term].extend(keys)
        return taken


def key_term(kind: str, pk: int) -> str:
    """The term of what is known by its key: a list, a section, a tag."""
    return f"{kind}{pk}"


def key_terms(kind: str, pks: Iterable[int]) -> list[str]:
    """The terms of several of a kind."""
    return [key_term(kind, pk) for pk in pks]


def address_term(address: str) -> str:
    """The term of a canonical address, or of a repository as `repository_of` calls it."""
    return ADDRESS + _without_spaces(address)


def host_term(host: str) -> str:
    """The term of the host of an entry's first link."""
    return HOST + _without_spaces(host)


def _without_spaces(text: str) -> str:
    # They are what stands between terms.
    return text.replace(" ", "%20")


def _split(text: str) -> list[str]:
    return text.split(" ") if text else []


SEGMENT_BITS = 16
NEAR = 2
"""Segments of a list that are read where not all of it has to be."""
_BATCH = 5000
"""Terms read or written by one statement."""
_TABLE = IndexTerm._meta.db_table
_LOCK = 0x6C697374
"""The key of PostgreSQL's advisory lock on writing the index."""

NOTHING = BitMap()
"""Never changed."""
type _Some = Collection[int] | BitMap


def segment_of(pk: int) -> int:
    """The number of the segment that a key falls into."""
    return pk >> SEGMENT_BITS


# Reading


def read(terms: Iterable[str]) -> defaultdict[str, BitMap]:
    """The entries of each term, with one query; empty where there are none."""
    sets: defaultdict[str, BitMap] = defaultdict(BitMap)
    for batch in batched(dict.fromkeys(terms), 20_000, strict=False):
        sets |= gather(*reading(batch))
    return sets


def reading(
    terms: Collection[str],
    catalog: str = "",
    starts: Iterable[str] = (),
    most: int = 0,
    near: int | None = None,
) -> tuple[str, list[Any]]:
    """A statement for `gather`, of terms, and of those that begin so and go on: the first rows of
    each.

    With the term of a list only where its keys are, which may be many times less of what all lists
    have; with a key that is `near` only what stands in its segment, and where most of the list is.
    """
    within, scope = "", list[Any]()
    if catalog:
        segments, scope = f"SELECT segment FROM {_TABLE} WHERE term = %s", [catalog.encode()]  # noqa: S608
        if near is not None:
            segments += " ORDER BY segment = %s DESC, length(entries) DESC, segment LIMIT %s"
            scope += [segment_of(near), NEAR]
        within = f" AND segment IN ({segments})"
    chosen, parameters = one_of(terms)
    sql = f"SELECT term, entries FROM {_TABLE} WHERE term {chosen}{within}"  # noqa: S608
    parameters += scope
    for n, start in enumerate(starts):
        begun = (
            f"SELECT term, entries FROM {_TABLE} WHERE term > %s AND term < %s{within}"  # noqa: S608
            " ORDER BY term, segment LIMIT %s"
        )
        sql += f" UNION ALL SELECT * FROM ({begun}) AS begun{n}"  # noqa: S608
        # No byte of UTF-8 is as large.
        parameters += [start.encode(), start.encode() + b"\xff", *scope, most]
    return sql, parameters


def one_of(texts: Iterable[str]) -> tuple[str, list[Any]]:
    """A condition that a binary column holds one of some texts, with its parameters."""
    encoded: list[Any] = [text.encode() for text in texts]
    if connection.vendor == "postgresql":
        return "= ANY(%s::bytea[])", [array_text(encoded)]
    return f"IN ({', '.join(['%s'] * len(encoded))})", encoded


def gather(sql: str, parameters: Sequence[Any]) -> defaultdict[str, BitMap]:
    """The entries of each term that a statement reads."""
    segments: defaultdict[str, list[BitMap]] = defaultdict(list)
    for term, entries in fetch_bytes(sql, parameters):
        segments[bytes(term).decode()].append(_decoded(entries))
    sets: defaultdict[str, BitMap] = defaultdict(BitMap)
    for text, own in segments.items():
        sets[text] = own[0] if len(own) == 1 else BitMap.union(*own)
    return sets


# Writing


def lock() -> None:
    """Wait until nobody else writes the index, until the end of the transaction.

    Entries of different lists share rows here. To be called before what is to be written is read.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def write(gone: Mapping[str, Collection[int]], come: Mapping[str, Collection[int]]) -> None:
    """Remove keys from terms and add keys to terms; the caller holds the lock."""
    segments: dict[int, dict[str, list[_Some]]] = defaultdict(dict)
    for n, keys in enumerate((gone, come)):
        for term, own in keys.items():
            for segment, part in _segments(own):
                segments[segment].setdefault(term, [NOTHING, NOTHING])[n] = part
    for segment, changes in sorted(segments.items()):
        for batch in batched(sorted(changes), _BATCH, strict=False):
            _change(segment, {term: changes[term] for term in batch})


def _segments(keys: _Some) -> Iterator[tuple[int, _Some]]:
    if len(keys) == 1:
        # Most terms have one, and a bitmap of it takes longer than all else here.
        (key,) = keys
        yield segment_of(key), (key,)
        return
    own = _set(keys)
    if not own:
        return
    low, high = segment_of(own.min()), segment_of(own.max())
    if low == high:
        yield low, own
        return
    for segment in range(low, high + 1):
        start = segment << SEGMENT_BITS
        if part := own & BitMap(range(start, start + (1 << SEGMENT_BITS))):
            yield segment, part


def _change(segment: int, changes: Mapping[str, Sequence[_Some]]) -> None:
    sql, parameters = reading(changes)
    rows = fetch_bytes(f"{sql} AND segment = %s", [*parameters, segment])
    stored = {bytes(term): bytes(entries) for term, entries in rows}
    empty: list[bytes] = []
    written: list[tuple[bytes, bytes]] = []
    for text, (gone, come) in changes.items():
        term = text.encode()
        before = stored.get(term, b"")
        if not before:
            if come:
                written.append((term, _encode(come)))
            continue
        # Not in place: `|=` packs a whole segment into a run.
        left = _decoded(before)
        if gone:
            left = left - _set(gone)
        after = _encode(left | _set(come))
        if after and after != before:
            written.append((term, after))
        elif before and not after:
            empty.append(term)
    if empty:
        stale = IndexTerm.objects.filter(term__in=empty, segment=segment)
        stale._raw_delete(stale.db)
    _upsert(segment, written)


def _upsert(segment: int, rows: list[tuple[bytes, bytes]]) -> None:
    if not rows:
        return
    insert = f"INSERT INTO {_TABLE} (segment, term, entries) "
    update = " ON CONFLICT (term, segment) DO UPDATE SET entries = excluded.entries"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            source = "SELECT %s, * FROM unnest(%s::bytea[], %s::bytea[])"
            terms, entries = zip(*rows, strict=True)
            cursor.execute(
                insert + source + update, [segment, array_text(terms), array_text(entries)]
            )
        else:
            cursor.executemany(
                f"{insert} VALUES (%s, %s, %s){update}", [(segment, *row) for row in rows]
            )


_ALONE = Struct("<IIHHIH")
"""A bitmap of one key as Roaring's format has it: kind and number of its containers, the one's
place and the number of its keys less one, where its keys begin, the key in it."""


def _encode(entries: _Some) -> bytes:
    """The same bytes for the same entries, however they came together; b'' for none."""
    if len(entries) == 1:
        (key,) = entries
        return _ALONE.pack(12346, 1, key >> 16, 0, 16, key & 0xFFFF)
    if not entries:
        return b""
    return bytes(_set(entries).serialize())


def _set(keys: _Some) -> BitMap:
    # The bytes of a set are the same only as long as nothing is packed into runs.
    return keys if isinstance(keys, BitMap) else BitMap(keys, optimize=False)


def _decoded(stored: Any) -> BitMap:
    return BitMap.deserialize(bytes(stored)) if stored else BitMap()
