"""The scope of an export: revision, section, filters; and the list as it was at a revision."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import batched

from django.utils.translation import gettext as _

from catalog import markdown
from catalog.errors import NotFound
from catalog.history.revisions import blocks_at
from catalog.models import Catalog, Change, Entry
from catalog.sql.bulk import BATCH
from catalog.store.outlining import section_paths, title_section
from catalog.store.projection import living_state

type Chunks = Generator[str, None, None]
"""An export: parts of a text that do not grow with the list. Who leaves some unread closes them."""


class Keys:
    """Keys of entries in reading order, of which it is quickly known whether one is among them."""

    def __init__(self, keys: Sequence[int]) -> None:
        self._keys = keys
        self._known = frozenset(keys)

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._known


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a list, the whole of it as it stands by default.

    `section` is the path of one; `only` are keys of the entries that are wanted, in reading order;
    `table_style` is for markdown. With `is_public` facets that are not offered to readers are left
    out.
    """

    revision: int | None = None
    section: str = ""
    only: Keys | None = None
    table_style: str = "exact"
    is_public: bool = False

    def is_past(self, catalog: Catalog) -> bool:
        """Whether a revision is asked for that is not the catalog's newest.

        Which entries are wanted is known of the newest alone.
        """
        return self.revision not in {None, catalog.revision} and self.only is None


def span_of(catalog: Catalog, path: str) -> tuple[int, int | None]:
    """Positions of a section's heading and of the next one of its level or above.

    None where it goes to the end of the list. Raises `NotFound`, naming the nearest path.
    """
    sections = catalog.sections.in_reading_order()
    section = sections.filter(path=path).values_list("position", "level").first()
    if section is None:
        raise no_such_section(path, sections.values_list("path", flat=True))
    position, level = section
    behind = sections.filter(position__gt=position, level__lte=level)
    return position, behind.values_list("position", flat=True).first()


def no_such_section(path: str, paths: Iterable[str]) -> NotFound:
    """The error for a path that no section has, naming the nearest one there is."""
    names: Collection[str] = list(paths)
    near = get_close_matches(path[:200], names, 1)
    values = {"path": path[:200], "near": near[0] if near else ""}
    if near:
        return NotFound(_("There is no section %(path)s: did you mean %(near)s?") % values)
    return NotFound(_("There is no section %(path)s.") % values)


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
    for uids in batched(gone, BATCH, strict=False):
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
