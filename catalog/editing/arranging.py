"""Sections put in another place or order, split, and joined.

Each is one transaction and one revision, written through the whole document. What moves keeps its
lines, but for the level of its headings; blank lines between sections stay where they are. Old
addresses lead on, and the table of contents and links follow. All raise
`EditRefused`, `InvalidField`, `RevisionConflict` and `NotFound` as `entries.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from django.utils.translation import gettext as _

from catalog import markdown
from catalog.editing.sections import find_section, new_heading, write_section_rows
from catalog.errors import EditRefused, NotFound
from catalog.history.revisions import Author
from catalog.importing.applying import transaction_on
from catalog.markdown import Block, BlockKind, parse
from catalog.markdown.folding import length_in_fold
from catalog.markdown.nodes import LINE_ENDING
from catalog.markdown.writing.composing import subtree_end
from catalog.markdown.writing.layout import marker_of
from catalog.models import Catalog, Entry, Revision, Section, SectionPath
from catalog.store.snapshots import take_snapshot

type Row = tuple[int | None, str]
"""A block: its uid, None for a new one, and its source."""

_MARKS = re.compile(r"#{1,6}(?=[ \t]|\r?\n|\Z)")
_TAG = re.compile(r"(</?h)[1-6](?=[\s>])", re.IGNORECASE)
_UNDERLINE = re.compile(r"(\r\n|\n|\r)( {0,3})(?:=+|-+)([ \t]*)(?=[\r\n]*\Z)")
_DEEPEST = 6


def move_section(
    *,
    section: Section,
    by: Author,
    after: Section | None = None,
    parent: Section | None = None,
    first: bool = False,
) -> Revision | None:
    """Move a section and all in it: behind `after`, else below `parent`, as its last or `first`.

    With neither it goes to the end, or the front, of the list's own sections. Its headings get the
    level of the place. None if it stands there already.
    """
    with transaction_on(section.catalog_id) as catalog:
        outline = _Outline(catalog)
        own = outline.number(section)
        start, end = outline.lines(own)
        target, level = outline.place(after, parent, first=first)
        if start < target < end or any(
            place and outline.number(place) in outline.inside(own) for place in (after, parent)
        ):
            raise EditRefused(_("A section cannot be moved into itself."))
        rows = outline.releveled(own, level - outline.document.sections[own].level)
        low, high = min(start, target), max(end, target)
        cuts = sorted({low, start, end, high})
        parts = [rows[a:b] for a, b in pairwise(cuts)]
        moved = outline.laid(parts[::-1], parts, high)
        return write_section_rows(
            catalog,
            outline.snapshot,
            [*rows[:low], *moved, *rows[high:]],
            by=by,
            verb=Revision.Verb.MOVE_SECTION,
            relocated=outline.headings(own),
        )


def reorder_sections(
    *,
    catalog: Catalog,
    sections: Sequence[Section],
    by: Author,
) -> Revision | None:
    """Reorder all children of a section, or of the top; return None if they have this order."""
    with transaction_on(catalog.pk) as row:
        outline = _Outline(row)
        numbers = [outline.number(section) for section in sections]
        parents = {outline.document.sections[number].parent for number in numbers}
        every = outline.below(*parents) if len(parents) == 1 else []
        if not numbers or sorted(numbers) != every:
            raise EditRefused(_("The order must name every section on one level exactly once."))
        if numbers == every:
            return None
        low, high = outline.lines(every[0])[0], outline.lines(every[-1])[1]
        parts = {number: outline.rows[slice(*outline.lines(number))] for number in every}
        ordered = outline.laid([parts[number] for number in numbers], [*parts.values()], high)
        return write_section_rows(
            row,
            outline.snapshot,
            [*outline.rows[:low], *ordered, *outline.rows[high:]],
            by=by,
            verb=Revision.Verb.MOVE_SECTION,
            relocated=set(chain(*[outline.headings(number) for number in numbers])),
        )


def split_section(
    *,
    section: Section,
    title: str,
    entries: Iterable[Entry],
    by: Author,
    below: bool = False,
) -> Revision:
    """Make a section of some entries of another one, behind it, or `below` it as its last.

    They keep their order and what is below them; those of a table get one with its columns.
    """
    with transaction_on(section.catalog_id) as catalog:
        outline = _Outline(catalog)
        own = outline.number(section)
        start, end = outline.lines(own)
        level = outline.document.sections[own].level + below
        heading = new_heading(title, level, outline.newline)
        chosen = outline.blocks_of(own, entries)
        rest = outline.without(chosen, start, end)
        part = [(None, heading), outline.blank, *outline.copied(chosen)]
        rows = outline.rows
        split = outline.laid([rest, part], [rest], end)
        revision = write_section_rows(
            catalog,
            outline.snapshot,
            [*rows[:start], *split, *rows[end:]],
            by=by,
            verb=Revision.Verb.SPLIT_SECTION,
        )
    if revision is None:
        raise AssertionError("a split section is a change")
    return revision


def merge_sections(
    *,
    section: Section,
    into: Section,
    by: Author,
) -> Revision:
    """Move a section's content behind another one's, and remove its heading.

    Its address and links to it lead to the other one, its subsections become that one's. Items go
    on with a list of their kind, rows with a table of the same header.
    """
    with transaction_on(section.catalog_id) as catalog:
        outline = _Outline(catalog)
        own, other = outline.number(section), outline.number(into)
        start, end = outline.lines(own)
        if start <= outline.lines(other)[0] < end:
            raise EditRefused(_("A section cannot be joined with itself or one below it."))
        sections = outline.document.sections
        rows = outline.releveled(own, sections[other].level - sections[own].level)
        opens = outline.opens(own)
        body, below = _core(rows[start + 1 : opens])[0], _core(rows[opens:end])[0]
        rest = outline.cut(rows, start, end)

        def now(index: int) -> int:
            return index if index <= start else min(index - (end - start), len(rest))

        begins, inner, last = map(
            now, (outline.lines(other)[0], outline.opens(other), outline.lines(other)[1])
        )
        parts = [rest[begins:inner], *([rest[inner:last]] if inner < last else [])]
        joined = [outline.continued(parts[0], body), *parts[1:], *([below] if below else [])]
        result = [*rest[:begins], *outline.laid(joined, parts, last, len(rest)), *rest[last:]]
        paths = SectionPath.objects.filter(section=section).values_list("path", flat=True)
        known = [section.path, *paths]
        revision = write_section_rows(
            catalog,
            outline.snapshot,
            result,
            by=by,
            verb=Revision.Verb.MERGE_SECTION,
            joined={outline.uid(own): outline.uid(other)},
            relocated=outline.headings(own),
        )
        old = SectionPath.objects.filter(catalog=catalog, path__in=known, section=None)
        old.update(section=into)
    if revision is None:
        raise AssertionError("a heading less is a change")
    return revision


class _Outline:
    """A list's blocks, and which of them are whose."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.snapshot = take_snapshot(catalog)
        self.document = parse(self.snapshot.text, corrections=self.snapshot.corrections)
        self.rows: list[Row] = [*self.snapshot.rows]
        ending = LINE_ENDING.search(self.snapshot.text)
        self.newline = ending[0] if ending else "\n"
        self.blank: Row = (None, self.newline)

    # Sections, by their numbers in the document

    def number(self, section: Section) -> int:
        """The section as it stands now; refused where it has no lines of its own."""
        living = find_section(section, self.catalog)
        positions = [block.position for block in self.snapshot.blocks]
        block = positions.index(living.position)
        numbers = [n for n, one in enumerate(self.document.sections) if one.block == block]
        if living.is_title:
            raise EditRefused(_("“%(title)s” is the title of the list.") % {"title": living.title})
        if len(numbers) != 1:
            raise EditRefused(
                _("The heading “%(title)s” has no lines of its own; edit the text instead.")
                % {"title": living.title}
            )
        return numbers[0]

    def uid(self, number: int) -> int:
        """The uid of a section's heading."""
        return self.rows[self.document.sections[number].block][0] or 0

    def inside(self, number: int) -> list[int]:
        """A section and all below it."""
        sections = self.document.sections
        end = number + 1
        while end < len(sections):
            parent = sections[end].parent
            if parent is None or parent < number:
                break
            end += 1
        return [*range(number, end)]

    def headings(self, number: int) -> set[int]:
        """The uids of the headings of a section and of all below it."""
        return {self.uid(one) for one in self.inside(number)}

    def below(self, parent: int | None) -> list[int]:
        """The sections right below one; None: below nothing."""
        return [n for n, one in enumerate(self.document.sections) if one.parent == parent]

    def lines(self, number: int) -> tuple[int, int]:
        """Return the range of a section's blocks, with all below it."""
        start = self.document.sections[number].block
        end = self._start(self.inside(number)[-1] + 1)
        return start, start + length_in_fold([source for _uid, source in self.rows[start:end]])

    def opens(self, number: int) -> int:
        """Return where the first section below one begins, or where it ends."""
        return min(self._start(number + 1), self.lines(number)[1])

    def _start(self, number: int) -> int:
        sections = self.document.sections
        return sections[number].block if number < len(sections) else len(self.rows)

    def place(
        self, after: Section | None, parent: Section | None, *, first: bool
    ) -> tuple[int, int]:
        """The block before which a section goes, and the level that it has there."""
        sections = self.document.sections
        if after is not None:
            number = self.number(after)
            return self.lines(number)[1], sections[number].level
        above = self.number(parent) if parent is not None else None
        title = 0 if sections and sections[0].level == 1 else None
        siblings = self.below(title if above is None else above)
        level = sections[siblings[0]].level if siblings else 2
        if above is not None and not siblings:
            level = sections[above].level + 1
        if first and siblings:
            return self.lines(siblings[0])[0], level
        return len(self.rows) if above is None else self.lines(above)[1], level

    def releveled(self, number: int, step: int) -> list[Row]:
        """The rows with the headings of a section and of all below it so much deeper."""
        rows = [*self.rows]
        for one in self.inside(number) if step else ():
            section = self.document.sections[one]
            uid, source = rows[section.block]
            rows[section.block] = uid, _at_level(source, section, section.level + step)
        return rows

    # Entries

    def blocks_of(self, number: int, entries: Iterable[Entry]) -> list[tuple[int, int]]:
        """Return the ranges of the entries' blocks, with what is below them."""
        start, end = self.document.sections[number].block, self.opens(number)
        known = {block.entry: n for n, block in enumerate(self.snapshot.blocks) if block.entry}
        chosen = []
        for entry in entries:
            index = known.get(entry.pk)
            if index is None:
                raise NotFound(_("The entry “%(name)s” has been removed.") % {"name": entry.name})
            block = self.document.blocks[index]
            is_whole = block.kind in _WHOLE and block.parent is None
            if not (start < index < end and is_whole):
                raise EditRefused(
                    _("“%(name)s” does not stand on lines of its own in this section.")
                    % {"name": entry.name}
                )
            chosen.append((index, subtree_end(self.document, index)))
        if not chosen:
            raise EditRefused(_("Choose the entries that go into the new section."))
        return sorted(chosen)

    def copied(self, chosen: Sequence[tuple[int, int]]) -> list[Row]:
        """The blocks as they stand in a section of their own: a table's with its header."""
        rows: list[Row] = []
        previous = -1
        for start, end in chosen:
            block = self.document.blocks[start]
            listing = -1 if block.listing is None else block.listing
            if listing != previous or self._is_loose(listing):
                rows += [self.blank] if rows else []
            header = self.document.listings[listing].header_block if listing >= 0 else None
            if listing != previous and header is not None:
                rows += [(None, self.rows[header + step][1]) for step in (0, 1)]
            rows += _ended(self.rows[start:end], self.newline)
            previous = listing
        return rows

    def _is_loose(self, listing: int) -> bool:
        """Whether blank lines stand between the items of a listing, or paragraphs."""
        if listing < 0:
            return True
        blocks = self.document.listings[listing].blocks
        return any(self._is_blank(index) for index in range(blocks[0], blocks[-1]))

    def _is_blank(self, index: int) -> bool:
        return self.document.blocks[index].kind is BlockKind.GAP

    def without(self, chosen: Sequence[tuple[int, int]], start: int, end: int) -> list[Row]:
        """The rows of a section without some blocks: of the gaps around them one stays."""
        gone = {index for begin, stop in chosen for index in range(begin, stop)}
        rows: list[Row] = []
        was_cut = False
        for index in range(start, end):
            if index in gone:
                was_cut = True
                continue
            is_second_gap = was_cut and self._is_blank(index)
            was_cut = False
            if is_second_gap and len(rows) == 1:
                continue
            if is_second_gap and not rows[-1][1].strip():
                rows.pop()
            rows.append(self.rows[index])
        return _core(rows)[0] if was_cut and end == len(self.rows) else rows

    # Texts

    def laid(
        self,
        parts: Sequence[Sequence[Row]],
        before: Sequence[Sequence[Row]],
        end: int,
        length: int | None = None,
    ) -> list[Row]:
        """The parts one below the other, where the parts `before` stood up to the row `end`.

        Blank lines stay where they are. A file without a last line ending stays one.
        """
        is_end = end == (len(self.rows) if length is None else length)
        gaps = [_core(part)[1] for part in before]
        last = gaps.pop()
        is_open = is_end and not self.rows[-1][1].endswith(("\n", "\r"))
        dense = bool(gaps) and not any(gaps)
        rows: list[Row] = []
        for number, part in enumerate(parts):
            if number:
                gap = gaps[number - 1] if number <= len(gaps) else []
                rows += gap or ([] if dense else [self.blank])
            rows += _ended(_core(part)[0], self.newline)
        if is_open:
            uid, source = rows[-1]
            rows[-1] = uid, source.rstrip("\r\n")
            return rows
        return [*rows, *last]

    def cut(self, rows: Sequence[Row], start: int, end: int) -> list[Row]:
        """The rows without a section, which ends as the list did."""
        if end < len(rows):
            return [*rows[:start], *rows[end:]]
        return self.laid([_core(rows[:start])[0]], [rows[start:end]], end)

    def continued(self, own: Sequence[Row], body: Sequence[Row]) -> list[Row]:
        """Return the blocks of a section followed by those of another one."""
        core, _gap = _core(own)
        core = _ended(core, self.newline)
        while body and not body[0][1].strip():
            body = body[1:]
        if not body:
            return core
        places = {uid: index for index, (uid, _source) in enumerate(self.rows)}
        last, first = (self.document.blocks[places[row[0]]] for row in (core[-1], body[0]))
        if self._is_same_table(last, first):
            return [*core, *body[2:]]
        is_same_list = (
            last.kind is first.kind is BlockKind.ITEM
            and marker_of(last.source) == marker_of(first.source)
            and last.listing is not None
            and not self._is_loose(last.listing)
        )
        gap = [] if is_same_list else [self.blank]
        return [*core, *gap, *body]

    def _is_same_table(self, last: Block, first: Block) -> bool:
        """Whether a table's last row is followed by the header of one with the same columns."""
        if first.kind is not BlockKind.TABLE_HEADER or last.listing is None:
            return False
        one, other = (self.document.listings[block.listing or 0] for block in (last, first))
        return last.kind in _OF_TABLE and one.header == other.header


_WHOLE = {BlockKind.ITEM, BlockKind.TABLE_ROW, BlockKind.PARAGRAPH}
"""Kinds of blocks whose entries can be moved by their lines alone."""
_OF_TABLE = {BlockKind.TABLE_ROW, BlockKind.DELIMITER_ROW}


def _core(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows without the blank ones at their end, and these."""
    end = len(rows)
    while end and not rows[end - 1][1].strip():
        end -= 1
    return [*rows[:end]], [*rows[end:]]


def _ended(rows: Sequence[Row], newline: str) -> list[Row]:
    """The rows, the last of which has a line ending."""
    if not rows or rows[-1][1].endswith(("\n", "\r")):
        return [*rows]
    uid, source = rows[-1]
    return [*rows[:-1], (uid, source + newline)]


def _at_level(source: str, section: markdown.Section, level: int) -> str:
    """A heading on another level."""
    forms = [_TAG.sub(rf"\g<1>{level}", source), _MARKS.sub("#" * level, source, count=1)]
    if underline := _UNDERLINE.search(source):
        start, end = underline.span()
        mark = {1: "=", 2: "-"}.get(level)
        if mark:
            length = max(3, len(underline[0].strip()))
            forms.append(source[:start] + underline[1] + mark * length + source[end:])
        forms.append(f"{'#' * level} {source[:start].strip()}{source[end:]}")
    for form in forms if level <= _DEEPEST else ():
        document = parse(form)
        if [(one.title, one.level) for one in document.sections] == [(section.title, level)]:
            return form
    raise EditRefused(
        _("The heading “%(title)s” cannot be written on level %(level)d.")
        % {"title": section.title, "level": level}
    )
