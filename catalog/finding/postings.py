"""The index itself: for each term the keys of the entries that have it, as bitmaps.

A bitmap is cut into segments of 65,536 keys, so that an edit writes at most 8 kB for each term
that it adds or takes away, however many entries there are. All lists share one index, and a list is
a term like any other.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from django.db import connection
from pyroaring import BitMap

from catalog.models import IndexTerm

SEGMENT_BITS = 16
_BATCH = 5000
"""Terms read or written by one statement."""
_TABLE = IndexTerm._meta.db_table
_LOCK = 0x6C697374
"""The key of PostgreSQL's advisory lock on writing the index."""

NOTHING = BitMap()
"""Never changed."""


def segment_of(pk: int) -> int:
    """The number of the segment that a key falls into."""
    return pk >> SEGMENT_BITS


# Reading


def read(terms: Iterable[str], catalog: str = "") -> defaultdict[str, BitMap]:
    """The entries of each term, with one query; empty where there are none.

    With the term of a list only where its keys are, which may be many times less.
    """
    wanted = list(dict.fromkeys(terms))
    found: defaultdict[str, BitMap] = defaultdict(BitMap)
    for batch in batched(wanted, 20_000, strict=False):
        sql, parameters = reading(batch, catalog)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            gather(cursor.fetchall(), found)
    return found


def reading(terms: Collection[str], catalog: str = "") -> tuple[str, list[Any]]:
    """A statement that reads what `gather` takes."""
    encoded: list[Any] = [term.encode() for term in terms]
    chosen, parameters = f"IN ({', '.join(['%s'] * len(encoded))})", encoded
    if connection.vendor == "postgresql":
        chosen, parameters = "= ANY(%s)", [encoded]
    within, scope = _within(catalog)
    return (
        f"SELECT term, entries FROM {_TABLE} WHERE term {chosen}{within}",  # noqa: S608
        [*parameters, *scope],
    )


def reading_begun(start: str, most: int, catalog: str = "") -> tuple[str, list[Any]]:
    """A statement that reads the terms that begin so and go on, the first of them."""
    within, scope = _within(catalog)
    sql = (
        f"SELECT term, entries FROM {_TABLE} WHERE term > %s AND term < %s{within}"  # noqa: S608
        " ORDER BY term, segment LIMIT %s"
    )
    # No byte of UTF-8 is as large.
    return sql, [start.encode(), start.encode() + b"\xff", *scope, most]


def _within(catalog: str) -> tuple[str, list[Any]]:
    if not catalog:
        return "", []
    segments = f"SELECT segment FROM {_TABLE} WHERE term = %s"  # noqa: S608
    return f" AND segment IN ({segments})", [catalog.encode()]


def gather(rows: Iterable[tuple[Any, Any]], into: defaultdict[str, BitMap]) -> None:
    """Merge rows that were read into the bitmaps."""
    for term, entries in rows:
        text = bytes(term).decode()
        own = _decoded(entries)
        # Only a term of several segments is there already.
        into[text] = into[text] | own if text in into else own


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
    segments: dict[int, dict[str, list[Collection[int]]]] = defaultdict(dict)
    for n, keys in enumerate((gone, come)):
        for term, own in keys.items():
            for segment, part in _segments(own):
                segments[segment].setdefault(term, [(), ()])[n] = part
    for segment, changes in sorted(segments.items()):
        for batch in batched(sorted(changes), _BATCH, strict=False):
            _change(segment, {term: changes[term] for term in batch})


def _segments(keys: Collection[int]) -> Iterator[tuple[int, Collection[int]]]:
    if len(keys) == 1:
        yield segment_of(next(iter(keys))), keys
        return
    low, high = segment_of(min(keys)), segment_of(max(keys))
    if low == high:
        yield low, keys
        return
    parts: dict[int, array[int]] = defaultdict(lambda: array("I"))
    for pk in keys:
        parts[segment_of(pk)].append(pk)
    yield from parts.items()


def _change(segment: int, changes: Mapping[str, Sequence[Collection[int]]]) -> None:
    stored: dict[bytes, Any] = {}
    sql, parameters = reading(changes)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} AND segment = %s", [*parameters, segment])
        stored = {bytes(term): bytes(entries) for term, entries in cursor}
    empty: list[bytes] = []
    written: list[tuple[bytes, bytes]] = []
    for text, (gone, come) in changes.items():
        term = text.encode()
        before = stored.get(term, b"")
        if not before:
            if come:
                written.append((term, _encode(_set(come))))
            continue
        entries = _decoded(before)
        entries.difference_update(_set(gone))
        entries.update(come)
        after = _encode(entries)
        if after and after != before:
            written.append((term, after))
        elif before and not after:
            empty.append(term)
    _delete(segment, empty)
    _upsert(segment, written)


def _delete(segment: int, terms: list[bytes]) -> None:
    if terms:
        rows = IndexTerm.objects.filter(term__in=terms, segment=segment)
        rows._raw_delete(rows.db)


def _upsert(segment: int, rows: list[tuple[bytes, bytes]]) -> None:
    if not rows:
        return
    if connection.vendor == "postgresql":
        source = (
            "SELECT term, %s, entries FROM unnest(%s::bytea[], %s::bytea[]) AS r(term, entries)"
        )
        parameters: list[Any] = [segment, [term for term, _e in rows], [e for _term, e in rows]]
    else:
        source = f"VALUES {', '.join(['(%s, %s, %s)'] * len(rows))}"
        parameters = [value for term, entries in rows for value in (term, segment, entries)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} (term, segment, entries) {source}"
            " ON CONFLICT (term, segment) DO UPDATE SET entries = excluded.entries",
            parameters,
        )


def _encode(entries: BitMap) -> bytes:
    """The same bytes for the same entries, however they came together; b'' for none.

    They do as long as nothing was packed into runs, so no set here is made with `optimize`.
    """
    return bytes(entries.serialize()) if entries else b""


def _set(keys: Collection[int]) -> BitMap:
    return BitMap(keys, optimize=False)


def _decoded(stored: Any) -> BitMap:
    return BitMap.deserialize(bytes(stored)) if stored else BitMap()
