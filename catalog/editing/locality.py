"""Whether an edit can be written by its own lines, or may change how others read.

What a list's entries are is partly read off all of them: which column of a table names them,
whether items without a link count, whether a list is a table of contents. An edit that may turn
one of these over goes through the whole document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import Count, Q

from catalog import markdown
from catalog.editing.neighbourhood import Neighbourhood
from catalog.markdown.entries import ADVERTISED, is_advertisement
from catalog.markdown.grouping import FEW_PARTS, MANY_PARTS, may_group
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import BlockKind, ListingKind
from catalog.markdown.tables import RowEvidence, guess_columns, read_cells
from catalog.markdown.writing.context import (
    BlockText,
    Context,
    enclosing,
    read_blocks,
    stack,
    with_line_ending,
)
from catalog.markdown.writing.edit import Edit
from catalog.models import Block, Link, Section
from catalog.sql.prepared import Prepared

_PLAIN = {BlockKind.ITEM, BlockKind.TABLE_ROW, BlockKind.GAP}
_DEFINITION_LINE = re.compile(r"(?:\A|[\r\n])[ \t>]*\[[^\]]+\]:")
_SAMPLE = 30
"""Rows from which the codec guesses a table's columns."""
_MANY = 2000
"""Entries of a listing from which on a single one does not say what the others are."""

_LINKS = Prepared(
    lambda *blocks: Link.objects.filter(block__in=blocks).values_list("block", "url").order_by()
)
_BEHIND = Prepared(
    lambda catalog, position: (
        Block.objects.filter(catalog=catalog, position__gt=position)
        .order_by("position")
        .values_list("pk", "listing", "source")[1 : _SAMPLE + 2]
    )
)


def reaches_others(near: Neighbourhood, edit: Edit, target: int) -> bool:
    """Whether an edit may change more than its lines; `target` is the listing it puts blocks in."""
    document = near.document
    if edit.put and document.listings[target].kind is ListingKind.HTML:
        return True
    blocks = document.blocks
    moved = [item for item in edit.put if isinstance(item, int)]
    gone = [*edit.removed, *moved]
    touched = {*gone, *edit.replaced}
    if any(
        _listing_kind(document, index) not in {None, document.listings[target].kind}
        for index in moved
    ):
        return True  # What was a row becomes an item, or the other way.
    if any(
        blocks[index].kind not in _PLAIN and not _is_last_line(near, edit, index)
        for index in touched
    ):
        return True
    sources = [blocks[index].source for index in touched] + list(edit.replaced.values())
    sources += [item.source for item in edit.put if isinstance(item, BlockText)]
    if any(_DEFINITION_LINE.search(source) for source in sources):
        return True
    if _stands_apart(document, edit, target):
        return True
    if _may_group(near, edit, target, touched, sources):
        return True
    if _holds_listings(near, gone):
        return True
    listings = {blocks[index].listing for index in touched} - {None}
    if edit.put:
        listings.add(target)
    return any(
        _Rows(near, edit, number, gives=gone, takes=number == target).turn_over()
        for number in listings
        if number is not None
    )


def _may_group(
    near: Neighbourhood, edit: Edit, target: int, touched: Iterable[int], sources: Sequence[str]
) -> bool:
    """Whether lines of a thing may come together, or part, by the edit, or a list becomes one
    site's advertisement.

    They do by what all the lines say that stand in one item, or in one list below a title.
    """
    document = near.document
    blocks = document.blocks
    if any(
        (is_several_lines(source) and may_group(source)) or ADVERTISED.search(source)
        for source in sources
    ):
        return True
    listings = {blocks[index].listing for index in touched} - {None}
    if edit.put:
        listings.add(target)
    for number in listings:
        if number is None or document.listings[number].kind is not ListingKind.LIST:
            continue
        rows = document.listings[number].blocks
        if is_advertisement([blocks[row].source for row in rows]):
            return True
        if not _stands_below(document, rows):
            continue
        if len(rows) <= FEW_PARTS and rows and blocks[rows[0]].parent is not None:
            return True
        if any(may_group(source) for source in (*sources, *[blocks[row].source for row in rows])):
            return True
    return False


def _stands_below(document: markdown.Document, rows: Sequence[int]) -> bool:
    """Whether a list stands in an item, or is a short one that may stand below its title."""
    if not rows:
        return True
    return document.blocks[rows[0]].parent is not None or len(rows) <= MANY_PARTS


def is_several_lines(source: str) -> bool:
    """Whether a source has more than one line."""
    return "\n" in source.rstrip("\r\n") or "\r" in source.rstrip("\r\n")


def _stands_apart(document: markdown.Document, edit: Edit, target: int) -> bool:
    """Whether items are put behind a text that ends their list, so that they are a list of their
    own."""
    blocks, rows = document.blocks, document.listings[target].blocks
    at = edit.at if edit.put else None
    if not rows or at is None or at <= rows[0]:
        return False
    number = at - 1
    while blocks[number].kind is BlockKind.GAP:
        number -= 1
    return blocks[number].depth < blocks[rows[0]].depth


def _listing_kind(document: markdown.Document, index: int) -> ListingKind | None:
    listing = document.blocks[index].listing
    return None if listing is None else document.listings[listing].kind


def _is_last_line(near: Neighbourhood, edit: Edit, index: int) -> bool:
    """Whether a block is only replaced for the line ending that it lacked."""
    source = near.document.blocks[index].source
    return edit.replaced.get(index, "").rstrip("\r\n") == source.rstrip("\r\n")


def _holds_listings(near: Neighbourhood, gone: Sequence[int]) -> bool:
    """Whether lists go along with what goes, which have places and numbers of their own."""
    listings = {near.document.blocks[index].listing for index in gone} - {None}
    return len(listings) > 1


class _Rows:
    """The entries of one listing before and after an edit."""

    def __init__(
        self, near: Neighbourhood, edit: Edit, number: int, *, gives: Sequence[int], takes: bool
    ) -> None:
        self.near = near
        self.edit = edit
        self.number = number
        self.listing = near.document.listings[number]
        self.key = next(key for key, index in near.listings.items() if index == number)
        blocks = near.document.blocks
        self.gone = [index for index in gives if blocks[index].listing == number]
        # What leaves may be written for another depth; it counts where it goes.
        self.changed = [
            index
            for index in edit.replaced
            if blocks[index].listing == number and index not in self.gone
        ]
        self.new = [
            item.source
            if isinstance(item, BlockText)
            else edit.replaced.get(item, blocks[item].source)
            for item in (edit.put if takes else ())
            if (item.kind if isinstance(item, BlockText) else blocks[item].kind)
            is not BlockKind.GAP
        ]

    def turn_over(self) -> bool:
        """Whether what is read off all of them changes."""
        if len(self.listing.blocks) == len(self.gone) and not self.new:
            return self.listing.kind is not ListingKind.TABLE  # The list is gone.
        if self._flags_change():
            return True
        return self.listing.kind is ListingKind.TABLE and self._columns_change()

    # Links

    def _flags_change(self) -> bool:
        """Whether it becomes a table of contents or stops being one, or items may count otherwise.

        Most edits leave as many links that lead out as there were, or more, and tell so by the
        touched rows alone.
        """
        model = self.near.models[self.key]
        if model.entry_count > _MANY:
            return False
        pks = [self.near.row(index).pk for index in [*self.changed, *self.gone]]
        before: dict[int, list[str]] = {pk: [] for pk in pks}
        for block, url in _LINKS.rows(*pks) if pks else ():
            before[block].append(url)
        changed = [self._links(self.edit.replaced[index]) for index in self.changed]
        new = [self._links(source) for source in self.new]
        anchors = self._anchors([*before.values(), *changed, *new])
        is_list = self.listing.kind is ListingKind.LIST
        if is_list and any(
            # An item that loses its link may be an entry no more.
            _leads(before[pk], anchors) != _leads(links, anchors)
            for pk, links in zip(pks, changed, strict=False)
        ):
            return True
        come = Counter(_leads(links, anchors) for links in [*changed, *new])
        come.subtract(_leads(links, anchors) for links in before.values())
        if not any(come.values()):
            return False
        if not is_list and not model.is_toc and come["inside"] <= 0 <= come["outside"]:
            return False  # Only items without a link ask how many of the others have one.
        return self._count_flips(come)

    def _count_flips(self, come: Counter[str]) -> bool:
        """Whether so many rows more, by where they lead, make another kind of listing of it."""
        if self.listing.kind is not ListingKind.LIST and come["inside"] <= 0:
            # What may lead inside, which hardly any table has.
            inward = Q(url__startswith="#") | ~Q(url__contains=":")
            if not Link.objects.filter(inward, block__listing=self.key).order_by().exists():
                return False
        rows = Block.objects.filter(listing=self.key)
        rows = rows.exclude(kind__in=[Block.Kind.TABLE_HEADER, Block.Kind.DELIMITER_ROW])
        count = rows.count()
        if count > _MANY:
            return False
        links = Link.objects.filter(block__in=rows.order_by().values("pk")).order_by()
        relative = links.exclude(url__contains=":").exclude(url__contains="#")
        anchors = self._anchors([list(relative.values_list("url", flat=True).distinct())])
        out = ~Q(url__startswith="#") & ~Q(url__in=anchors)
        leads = links.aggregate(
            linked=Count("block", distinct=True),
            outside=Count("block", distinct=True, filter=out),
        )
        inside, outside = leads["linked"] - leads["outside"], leads["outside"]
        before = _flags(inside, outside, count)
        return before != _flags(
            inside + come["inside"], outside + come["outside"], count + come.total()
        )

    def _links(self, source: str) -> list[str]:
        """The addresses in a block of the listing."""
        document = self.near.document
        sample = self.listing.blocks[0] if self.listing.blocks else self.listing.header_block
        around = [] if sample is None else enclosing(document, sample)
        lead = stack(document, around)
        kind = BlockKind.ITEM
        if self.listing.kind is ListingKind.TABLE and self.listing.header_block is not None:
            kind = BlockKind.TABLE_ROW
            header = self.listing.header_block
            lead = stack(document, [*enclosing(document, header), header, header + 1])
        depth = 0 if sample is None else document.blocks[sample].depth
        context = Context(document.definitions, lead, depth=depth)
        (block,) = read_blocks([BlockText(kind, source, depth)], context)
        return [link.url for link in block.links]

    def _anchors(self, links: Iterable[Sequence[str]]) -> set[str]:
        """Return those relative addresses that are anchors of the list, without `#`."""
        relative = {url for urls in links for url in urls if ":" not in url and "#" not in url}
        if not relative:
            return set()
        listings = Section.objects.filter(catalog=self.near.catalog, anchor__in=relative)
        return set(listings.values_list("anchor", flat=True))

    # Columns

    def _columns_change(self) -> bool:
        """Whether the guess which column is which would be another."""
        near = self.near
        header = self.listing.header_block
        if header is None:
            return False
        if self._is_behind_sample():
            return False
        first = near.row(header).position
        rows = _BEHIND.rows(near.catalog.pk, first)
        before = [(pk, source) for pk, listing, source in rows if listing == self.key]
        after = self._edited(before)
        if before[:_SAMPLE] == after[:_SAMPLE]:
            return False
        was, would_be = self._guesses(
            [[source for _pk, source in sample[:_SAMPLE]] for sample in (before, after)]
        )
        return was != would_be

    def _is_behind_sample(self) -> bool:
        """Whether more rows than the sample has stand in front of all that changes."""
        blocks = self.near.document.blocks
        first = min([*self.changed, *self.gone, *([self.edit.at or 0] if self.new else [])])
        start = max(first - _SAMPLE - 1, 0)
        there = [
            index
            for index in range(start, first)
            if blocks[index].listing == self.number and blocks[index].kind is BlockKind.TABLE_ROW
        ]
        return len(there) > _SAMPLE

    def _edited(self, rows: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
        near, edit = self.near, self.edit
        gone = {near.row(index).pk for index in self.gone}
        changed = {near.row(index).pk: edit.replaced[index] for index in self.changed}
        new = [(0, source) for source in self.new]
        behind = None
        if new and edit.at is not None:
            before = [
                index for index in self.listing.blocks if index < edit.at and index not in self.gone
            ]
            behind = near.row(before[-1]).pk if before else 0
        edited = list(new) if behind == 0 else []
        for pk, source in rows:
            if pk not in gone:
                edited.append((pk, changed.get(pk, source)))
            if pk == behind:
                edited += new
        return edited

    def _guesses(self, samples: Sequence[Sequence[str]]) -> list[tuple[int, int | None]]:
        """Return the columns that name and describe the rows of each sample, as the codec guesses
        them."""
        document = self.near.document
        header = self.listing.header_block or 0
        texts = [plain_text(cell.text) for cell in read_cells(document.blocks[header].source)]
        lead = stack(document, [*enclosing(document, header), header, header + 1])
        depth = document.blocks[header].depth
        # Nearly all rows are the same, and are read once, if they were not before.
        known = [document.blocks[index] for index in self.listing.blocks]
        links = {with_line_ending(block.source): block.links for block in known if block.links}
        cells = {
            with_line_ending(block.source): document.entries[block.entry].cells
            for block in known
            if block.entry is not None
        }
        sources = {with_line_ending(source): None for sample in samples for source in sample}
        unread = [source for source in sources if source not in links]
        block_texts = [BlockText(BlockKind.TABLE_ROW, source, depth) for source in unread]
        blocks = read_blocks(block_texts, Context(document.definitions, lead, depth=depth))
        links |= {source: block.links for source, block in zip(unread, blocks, strict=True)}
        rows = {
            source: RowEvidence(cells.get(source) or read_cells(source), links[source])
            for source in sources
        }
        guesses = []
        for sample in samples:
            guessed = markdown.Listing(ListingKind.TABLE, None, [], texts)
            guess_columns(guessed, [rows[with_line_ending(source)] for source in sample])
            guesses.append((guessed.name_column, guessed.description_column))
        return guesses


def _leads(urls: Sequence[str], anchors: set[str]) -> str:
    """Return where an item's links lead: nowhere, inside the list, or out of it."""
    if not urls:
        return "nowhere"
    inside = all(url.startswith("#") or url in anchors for url in urls)
    return "inside" if inside else "outside"


def _flags(inside: int, outside: int, count: int) -> tuple[bool, bool]:
    """Whether a listing is a table of contents, and whether most of it has links."""
    return inside > 0 and inside >= 9 * outside, 2 * outside >= count
