"""The list as it was: read off the text of a past revision, since nothing else is kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import batched

from catalog import markdown
from catalog.exporting.scopes import no_such_section
from catalog.history.revisions import blocks_at
from catalog.models import Catalog, Change, Entry
from catalog.store.outlining import section_paths, title_section
from catalog.store.projection import living_state

_BATCH = 1000


@dataclass(frozen=True)
class Past:
    """A past text as `(uid, source)` of its blocks."""

    bom: bool
    rows: Sequence[tuple[int, str]]

    @cached_property
    def document(self) -> markdown.Document:
        """The text, read."""
        return markdown.parse("".join([source for _uid, source in self.rows]))


def past_blocks(catalog: Catalog, number: int) -> Past:
    """The text at a revision. Raises `NotFound` for one that does not exist."""
    return Past(*blocks_at(catalog, number))


def paths_of(document: markdown.Document) -> list[str]:
    """The path of each section, as if the text were that of a new list."""
    return section_paths(document.sections, title_section(document))


def past_span(document: markdown.Document, path: str) -> tuple[int, int]:
    """The blocks of a section, by index, its end not included. Raises `NotFound`."""
    paths = paths_of(document)
    if path not in paths:
        raise no_such_section(path, paths)
    number = paths.index(path)
    section = document.sections[number]
    behind = [
        other.block for other in document.sections[number + 1 :] if other.level <= section.level
    ]
    return section.block, behind[0] if behind else len(document.blocks)


def past_entries(catalog: Catalog, past: Past) -> Iterator[tuple[int | None, markdown.Entry]]:
    """The entries of a past text that were published, with their keys where these are known.

    Whether a link in running text is an entry is what was decided about it since.
    """
    known = _entries_by_start(catalog, past.rows)
    starts, start = [], 0
    for block in past.document.blocks:
        starts.append(start)
        start += len(block.source)
    for entry in past.document.entries:
        key, decision = known.get(starts[entry.block], (None, ""))
        if living_state(entry, decision) == Entry.State.PUBLISHED:
            yield key, entry


def _entries_by_start(
    catalog: Catalog, rows: Sequence[tuple[int, str]]
) -> Mapping[int, tuple[int, str]]:
    """Key and decision of the entry on each block, by where in the text the block starts."""
    living = Entry.objects.living().filter(catalog=catalog)
    known = living.values_list("block__uid", "id", "decision")
    decisions: dict[int, tuple[int, str]] = {uid: (key, decision) for uid, key, decision in known}
    # The history names the entries of blocks that are gone.
    gone = [uid for uid, _source in rows if uid not in decisions]
    for uids in batched(gone, _BATCH, strict=False):
        removed = Change.objects.filter(
            revision__catalog=catalog, op=Change.Op.DELETE, uid__in=uids, entry_id__isnull=False
        )
        decisions |= {uid: (key, "") for uid, key in removed.values_list("uid", "entry_id") if key}
    starts, start = {}, 0
    for uid, source in rows:
        if uid in decisions:
            starts[start] = decisions[uid]
        start += len(source)
    return starts
