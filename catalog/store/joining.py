"""Data that follows an entry which becomes a part of another, or only a heading.

Its address leads on, and what people decided about its tags holds for the entry that it is a part
of. It keeps its own tags, so that it is itself again when it comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import batched

from django.dispatch import Signal

from catalog.models import DismissedTag, EntryTag, Section, Successor
from catalog.sql.bulk import update_rows
from catalog.store.written import BATCH, DocumentWrite

entries_joined = Signal()
"""Sent with `catalog` and `keys`, those of the entries, in the transaction that joins them.

For applications above this one; what they have about such an entry is about another one now, which
`Successor` names. What they write is part of the same transaction.
"""


def lead_on(written: DocumentWrite, sections: Sequence[Section], entry_keys: Sequence[int]) -> None:
    """Write where entries lead that are none any more, and take their tags along.

    `sections` and `entry_keys` are the rows and keys of the document's.
    """
    living = {block.entry for block in written.blocks}
    returned = [key for key in written.entries.values() if key not in living]
    for start in range(0, len(returned), BATCH):
        Successor.objects.filter(entry__in=returned[start : start + BATCH]).delete()
    into = {key: entry_keys[index] for key, index in written.joined.items()}
    rows = [Successor(entry_id=key, into_id=entry) for key, entry in into.items()]
    rows += [
        Successor(entry_id=key, section=sections[index]) for key, index in written.headings.items()
    ]
    if not rows:
        return
    # What led there leads on: never in two steps.
    before = Successor.objects.filter(entry__catalog=written.catalog, into__in=list(into))
    steps = list(before.values_list("pk", "into")) if into else []
    update_rows(Successor, ["into_id"], [(pk, into[key]) for pk, key in steps])
    Successor.objects.bulk_create(rows, batch_size=BATCH)
    _take_tags_along(into)


def _take_tags_along(into: Mapping[int, int]) -> None:
    """Move tags added and removed by hand to the entries that others became.

    What was decided about that entry itself comes first, then what was given.
    """
    hand = EntryTag.Origin.HAND
    for keys in batched(into, BATCH, strict=False):
        own = EntryTag.objects.filter(content_object__in=keys, origin=hand)
        given = {(into[entry], tag) for entry, tag in own.values_list("content_object", "tag")}
        off = DismissedTag.objects.filter(entry__in=keys).values_list("entry", "tag")
        dismissed = {(into[entry], tag) for entry, tag in off}
        concerned = {entry for entry, _tag in given | dismissed}
        if not concerned:
            continue
        tags = EntryTag.objects.filter(content_object__in=concerned)
        rows = list(tags.values_list("pk", "content_object", "tag", "origin"))
        dismissals = DismissedTag.objects.filter(entry__in=concerned)
        given -= set(dismissals.values_list("entry", "tag"))
        derived = [pk for pk, *pair, origin in rows if origin != hand and tuple(pair) in given]
        EntryTag.objects.filter(pk__in=derived).delete()
        by_hand = {(entry, tag) for _pk, entry, tag, origin in rows if origin == hand}
        EntryTag.objects.bulk_create(
            EntryTag(content_object_id=entry, tag_id=tag, origin=hand)
            for entry, tag in sorted(given - by_hand)
        )
        DismissedTag.objects.bulk_create(
            [
                DismissedTag(entry_id=entry, tag_id=tag)
                for entry, tag in sorted(dismissed - by_hand - given)
            ],
            ignore_conflicts=True,
        )
