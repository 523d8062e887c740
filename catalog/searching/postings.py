"""The entries of each word as bitmaps, written with the search rows.

A full-text index finds the first entries with a word quickly, but counting or intersecting all
hundred thousand of a common one takes it a hundred milliseconds. A bitmap of them has a few
kilobytes and is intersected in microseconds. It is cut into stretches of 65,536 keys, so that an
edit writes no more in a long list than in a short one.

Beside words there are their beginnings (`g*`, `go*`) as far as a letter or two are looked for: in
names, and single Chinese characters everywhere.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import batched
from typing import Any, NamedTuple

from pyroaring import BitMap

from catalog.finding.words import is_cjk
from catalog.models import Catalog, Posting
from catalog.sql.bulk import add_rows, update_rows

CHUNK_BITS = 16
BATCH = 500
_BEGINNINGS = (1, 2)
"""Letters of a beginning that is kept like a word; longer ones are looked up among the words."""
_FIELDS = ("catalog_id", "word", "chunk", "entries", "named")

type Key = tuple[str, int]
"""A word and a stretch of keys."""


class Words(NamedTuple):
    """What an entry is found by."""

    names: Collection[str]
    all: Collection[str]


class Both(NamedTuple):
    """Entries that have a word anywhere, and those that have it in the name."""

    entries: BitMap
    named: BitMap


def key_of_beginning(letters: str) -> str:
    """What the entries with a word that begins so are kept under; no word looks like it."""
    return f"{letters}*"


def write_all(catalog: Catalog, words: Iterable[tuple[int, Words]]) -> None:
    """Have these words by entry, sorted by key, and no others; what is right is left alone."""
    keys = partial(array, "I")
    anywhere: dict[str, array[int]] = defaultdict(keys)
    named: dict[str, array[int]] = defaultdict(keys)
    for pk, own in words:
        in_name, everywhere = _keys(own)
        for word in everywhere:
            anywhere[word].append(pk)
        for word in in_name:
            named[word].append(pk)
    stored = {
        (bytes(word), chunk): (key, bytes(entries), bytes(names))
        for key, word, chunk, entries, names in Posting.objects.filter(catalog=catalog)
        .values_list("pk", "word", "chunk", "entries", "named")
        .iterator(chunk_size=2000)
    }
    wanted = _encoded(anywhere, named)
    if not stored:
        add_rows(Posting, _FIELDS, ((catalog.pk, *row) for row in wanted))
        return
    missing, surplus = [], []
    for encoded in wanted:
        row = stored.pop(encoded[:2], None)
        if row is None or row[1:] != encoded[2:]:
            missing.append((catalog.pk, *encoded))
            if row:
                surplus.append(row[0])
    _delete([*surplus, *(row[0] for row in stored.values())])
    add_rows(Posting, _FIELDS, missing)


def write_difference(
    catalog: Catalog, before: Mapping[int, Words], after: Mapping[int, Words]
) -> None:
    """Follow a change of some entries, given as the words of each as they were and are."""
    gone: dict[Key, tuple[BitMap, BitMap]] = defaultdict(lambda: (BitMap(), BitMap()))
    come: dict[Key, tuple[BitMap, BitMap]] = defaultdict(lambda: (BitMap(), BitMap()))
    nothing = Words((), ())
    for pk in before.keys() | after.keys():
        was, now = _keys(before.get(pk, nothing)), _keys(after.get(pk, nothing))
        for n in (0, 1):
            for word in was[n] - now[n]:
                gone[word, pk >> CHUNK_BITS][1 - n].add(pk)
            for word in now[n] - was[n]:
                come[word, pk >> CHUNK_BITS][1 - n].add(pk)
    for keys in batched(sorted(gone.keys() | come.keys()), BATCH, strict=False):
        _change(catalog, {key: (gone[key], come[key]) for key in keys})


type _Change = tuple[tuple[BitMap, BitMap], tuple[BitMap, BitMap]]


def _change(catalog: Catalog, changes: Mapping[Key, _Change]) -> None:
    rows = Posting.objects.filter(
        catalog=catalog,
        word__in=[word.encode() for word, _chunk in changes],
        chunk__in={chunk for _word, chunk in changes},
    )
    stored = {
        (bytes(word).decode(), chunk): (pk, _decoded(entries), _decoded(named))
        for pk, word, chunk, entries, named in rows.values_list(
            "pk", "word", "chunk", "entries", "named"
        )
    }
    new, changed, empty = [], [], []
    for (word, chunk), (gone, come) in changes.items():
        pk, entries, named = stored.get((word, chunk), (0, BitMap(), BitMap()))
        entries, named = (entries - gone[0]) | come[0], (named - gone[1]) | come[1]
        if not entries:
            empty.append(pk)
        elif pk:
            changed.append((pk, _encode(entries), _encode(named)))
        else:
            new.append((catalog.pk, word.encode(), chunk, _encode(entries), _encode(named)))
    _delete(empty)
    update_rows(Posting, ("entries", "named"), changed)
    add_rows(Posting, _FIELDS, new)


def _delete(keys: Iterable[int]) -> None:
    for batch in batched(keys, 10_000, strict=False):
        rows = Posting.objects.filter(pk__in=batch)
        rows._raw_delete(rows.db)


def _keys(words: Words) -> tuple[set[str], set[str]]:
    """What the entry is kept under for its name, and for all of it."""
    named, anywhere = set(words.names), set(words.all)
    for word in words.names:
        named.update(_beginnings(word))
    if not "".join(words.all).isascii():
        # Far fewer than words.
        characters = {word[0] for word in words.all if not word.isascii()}
        anywhere.update([key_of_beginning(letter) for letter in characters if is_cjk(letter)])
    anywhere |= named
    return named, anywhere


@lru_cache(maxsize=50_000)
def _beginnings(word: str) -> tuple[str, ...]:
    return tuple([key_of_beginning(word[:length]) for length in _BEGINNINGS if word[:length]])


def _encoded(
    anywhere: Mapping[str, array[int]], named: Mapping[str, array[int]]
) -> Iterator[tuple[bytes, int, bytes, bytes]]:
    nothing = array("I")
    for word in sorted(anywhere):
        entries, names = anywhere[word], named.get(word, nothing)
        for chunk in range(entries[0] >> CHUNK_BITS, (entries[-1] >> CHUNK_BITS) + 1):
            there = _part(entries, chunk)
            if there:
                in_name = _part(names, chunk)
                encoded = _encode(_set(there))
                # Most words of names stand nowhere else.
                named_too = encoded if in_name == there else _encode(_set(in_name))
                yield word.encode(), chunk, encoded, named_too


def _part(keys: array[int], chunk: int) -> array[int]:
    if not keys or keys[0] >> CHUNK_BITS == keys[-1] >> CHUNK_BITS == chunk:
        return keys
    start = bisect_left(keys, chunk << CHUNK_BITS)
    return keys[start : bisect_left(keys, (chunk + 1) << CHUNK_BITS)]


def _encode(entries: BitMap) -> bytes:
    """The same bytes for the same entries, however they came together; b'' for none.

    They do as long as nothing was packed into runs, so no set here is made with `optimize`.
    """
    return bytes(entries.serialize()) if entries else b""


def _set(keys: array[int]) -> BitMap:
    return BitMap(keys, optimize=False)


def _decoded(stored: Any) -> BitMap:
    return BitMap.deserialize(bytes(stored)) if stored else BitMap()
