"""Sections and the text between the entries: added, renamed, removed, edited.

Each is one transaction and one revision, written through the whole document (`lines.py`):
what stands after it may change its address, its numbers and what it belongs to. The table of
contents and links to a section's anchor follow, and the details of the revision say which. All
raise `EditRefused`, `InvalidField`, `RevisionConflict` and `NotFound` as `entries.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import count
from typing import Any

from django.utils.translation import gettext as _

from catalog import markdown
from catalog.editing.lines import (
    LineEdit,
    check_rows,
    refuse_changed,
    write_edit,
    write_rows,
)
from catalog.editing.neighbourhood import Neighbourhood
from catalog.editing.planning import find_listing, refusals
from catalog.errors import EditRefused, InvalidField, NotFound
from catalog.history.diffs import Diff, diff_rows
from catalog.history.revisions import Author
from catalog.importing.applying import transaction_on
from catalog.markdown import BlockKind, parse
from catalog.markdown.folding import length_in_fold
from catalog.markdown.inline import with_characters
from catalog.markdown.nodes import LINE_ENDING, ListingKind, begun_by
from catalog.markdown.writing.composing import new_entry
from catalog.markdown.writing.contents import follow_headings
from catalog.markdown.writing.context import Context
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.layout import (
    CodecError,
    html_forms,
    number_of,
    one_line,
    single_blanks,
    text_forms,
)
from catalog.markdown.writing.slots import Values
from catalog.models import Block, Catalog, Listing, Revision, Section
from catalog.sentences import refusal_sentence
from catalog.store.snapshots import Snapshot, take_snapshot

# The start of a new section: an empty table or its first entry, as in the sections beside it


def model_listing(catalog: Catalog, end: int | None) -> Listing | None:
    """The listing that a section before position `end` is written like: the nearest before it."""
    listings = Listing.objects.filter(catalog=catalog, is_toc=False).order_by("position")
    before = listings if end is None else listings.filter(position__lt=end)
    return before.filter(entries__isnull=False).last() or listings.first()


def first_lines(catalog: Catalog, model: Listing | None, newline: str, entry: Values | None) -> str:
    """The lines of a new section written like `model`, without its heading; '' for none.

    Raises `InvalidField` and `EditRefused` for what cannot be written.
    """
    if model is None or model.kind not in {Listing.Kind.TABLE, Listing.Kind.LIST}:
        # A line of text alone would be no entry, and HTML needs what is around it.
        return _line(Dialect(newline=newline), Context(depth=1), entry, model)
    near = Neighbourhood(catalog, [model.position], [model])
    dialect = replace(near.dialect(model.pk), newline=newline, gap="")
    listing = near.document.listings[near.listings[model.pk]]
    if listing.kind is ListingKind.LIST:
        dialect = replace(dialect, prefix=dialect.prefix.lstrip(" \t>"))
        return _line(dialect, Context(near.document.definitions, depth=1), entry, model)
    if listing.header_block is None:
        return ""
    head = tuple(
        near.document.blocks[listing.header_block + step].source.strip("\r\n") + newline
        for step in (0, 1)
    )
    context = Context(
        near.document.definitions,
        head,
        name_column=listing.name_column,
        description_column=listing.description_column,
    )
    return "".join(head) + _line(dialect, context, entry, model)


def _line(dialect: Dialect, context: Context, entry: Values | None, model: Listing | None) -> str:
    if entry is None:
        return ""
    is_numbered = dialect.number_column is not None or number_of(dialect.prefix) is not None
    with refusals(model):
        return new_entry(
            dialect,
            context,
            number=1 if is_numbered else None,
            **entry,
        )


# What leads to a section: the table of contents and links elsewhere, written with it


LINKS, DANGLING = "links_changed", "links_dangling"
"""Keys of a revision's details: lines elsewhere whose links were changed, or lead nowhere now."""


def write_section_edit(
    catalog: Catalog, edit: LineEdit, *, by: Author, verb: str
) -> Revision | None:
    """Write an edit of headings; see `write_section_rows`."""
    snapshot = take_snapshot(catalog)
    return write_section_rows(catalog, snapshot, edit.applied(snapshot.rows), by=by, verb=verb)


def write_section_rows(
    catalog: Catalog,
    snapshot: Snapshot,
    rows: Sequence[tuple[int | None, str]],
    *,
    by: Author,
    verb: str,
    joined: Mapping[int, int] | None = None,
    relocated: Container[int] = (),
) -> Revision | None:
    """Make these rows the list; what leads to headings follows, and the revision says what did.

    `joined` and `relocated` are uids of headings, see `follow_headings`. `details` of the revision
    hold the lines elsewhere with a link that follows (`LINKS`), and those with one that leads to a
    section that is gone (`DANGLING`). Refused where any other block would read otherwise.
    """
    rows, details = _followed(snapshot, rows, joined, relocated)
    known = dict(snapshot.rows)
    check_rows(snapshot, rows, {uid for uid, source in rows if uid and known[uid] != source})
    return write_rows(catalog, snapshot, rows, by=by, verb=verb, details=details)


def section_diff(catalog: Catalog, edit: LineEdit) -> Diff:
    """Return the difference that `write_section_edit` would make; writes nothing."""
    snapshot = take_snapshot(catalog)
    rows, _details = _followed(snapshot, edit.applied(snapshot.rows))
    new = count(catalog.next_uid)
    return diff_rows(snapshot.rows, [(uid or next(new), source) for uid, source in rows])


def _followed(
    snapshot: Snapshot,
    rows: Sequence[tuple[int | None, str]],
    joined: Mapping[int, int] | None = None,
    relocated: Container[int] = (),
) -> tuple[list[tuple[int | None, str]], dict[str, Any]]:
    """The rows with what leads to headings, and the lines elsewhere that it concerns."""
    old, new = markdown.parse(_text(snapshot.rows)), markdown.parse(_text(rows))
    old_keys = [uid or 0 for uid in _uids(old, snapshot.rows)]
    followed = follow_headings(old, old_keys, new, _uids(new, rows), joined, relocated)
    sources = followed.sources
    rows = [(uid, sources.get(uid, source) if uid else source) for uid, source in rows]
    lines = {LINKS: followed.links, DANGLING: followed.dangling}
    details = {key: those for key, those in lines.items() if those}
    return [(uid, source) for uid, source in rows if source], details


def _text(rows: Iterable[tuple[int | None, str]]) -> str:
    return "".join([source for _uid, source in rows])


def _uids(document: markdown.Document, rows: Iterable[tuple[int | None, str]]) -> list[int | None]:
    """The uid of each block: that of the row that begins where it does."""
    uids = begun_by(document, rows)
    return [uids.get(index) for index in range(len(document.blocks))]


_ATX = re.compile(r"( {0,3}#{1,6}[ \t]+)(.*?)([ \t]+#+)?([ \t]*[\r\n]*)\Z", re.DOTALL)
_SETEXT = re.compile(
    r"([ \t]*)(.*?)([ \t]*(?:\r\n|\n|\r) {0,3}(?:=+|-+)[ \t]*[\r\n]*)\Z", re.DOTALL
)
_DEEPEST = 6


def add_section(
    *,
    catalog: Catalog,
    title: str,
    by: Author,
    parent: Section | None = None,
    after: Section | None = None,
    entry: Values | None = None,
    like: Listing | None = None,
) -> Revision:
    """Add a section: behind `after` and what is in it, else as the last of `parent`.

    With neither it is the last of the list. `title` is plain text. It is written like the listing
    before it, or `like`: beside tables it has a table with their columns; `entry` is its first one.
    The revision's only inserted heading names the section, `entry_added_by` gives the entry.
    """
    with transaction_on(catalog.pk) as row:
        edit = plan_section(row, title=title, parent=parent, after=after, entry=entry, like=like)
        revision = write_section_edit(row, edit, by=by, verb=Revision.Verb.ADD_SECTION)
    if revision is None:
        raise AssertionError("an added section is a change")
    return revision


def plan_section(
    catalog: Catalog,
    *,
    title: str,
    parent: Section | None = None,
    after: Section | None = None,
    entry: Values | None = None,
    like: Listing | None = None,
) -> LineEdit:
    """The lines that `add_section` would add, the table of contents apart; writes nothing."""
    above, beside = _around(catalog, parent, after)
    level = beside.level if beside else above.level + 1 if above else 2
    end = _end_of(catalog, beside or above)
    model = find_listing(like.pk) if like else model_listing(catalog, end)
    last = _last_before(catalog, end)
    newline = _newline(catalog)
    text = new_heading(title, level, newline)
    if lines := first_lines(catalog, model, newline, entry):
        text += newline + lines
    edit = LineEdit(after=last.uid if last else 0)
    put: list[int | str] = [text]
    if last and not last.source.endswith(("\n", "\r")):
        # A file without a last line ending stays one.
        edit.replaced[last.uid] = last.source + newline
        put = [newline, text.rstrip("\r\n")]
    elif last and last.kind != Block.Kind.GAP:
        put = [newline, text]
    elif end is not None:
        put = [text, newline]
    edit.put = put
    return edit


def listing_at_end(catalog: Catalog) -> Listing | None:
    """The listing that a section at the end of the list is written like."""
    above, beside = _around(catalog)
    return model_listing(catalog, _end_of(catalog, beside or above))


def _around(
    catalog: Catalog, parent: Section | None = None, after: Section | None = None
) -> tuple[Section | None, Section | None]:
    """The section that a new one goes below, and the one behind which it goes.

    Without a place it is the last below the list's title; where that has no sections below it, it
    goes behind the last of those beside it.
    """
    if after is not None:
        return None, find_section(after, catalog)
    if parent is not None:
        return find_section(parent, catalog), None
    title = catalog.sections.filter(is_title=True).first()
    if title is None or title.children.exists():
        return title, None
    beside = catalog.sections.filter(parent=None, is_title=False).order_by("position").last()
    return title, beside


def rename_section(
    *,
    section: Section,
    title: str,
    by: Author,
) -> Revision | None:
    """Rename a section to a plain text; its old address redirects to the new one.

    Emphasis, pictures and links of the heading stay where the title is one piece of its text.
    None if that is its title.
    """
    with transaction_on(section.catalog_id) as row:
        living = find_section(section, row)
        block = _heading(living)
        if living.title == title:
            return None
        kind = BlockKind(block.kind)
        source = _first_writable(title, _renamed(block.source, kind, living.title, title), kind)
        edit = LineEdit({block.uid: source})
        return write_section_edit(row, edit, by=by, verb=Revision.Verb.RENAME_SECTION)


def remove_section(
    *,
    section: Section,
    by: Author,
    with_contents: bool = False,
    expected_revision: int | None = None,
) -> Revision:
    """Remove a section's heading, and with `with_contents` all that stands below it.

    Without, it is refused unless nothing but blank lines stands there: the contents would become
    part of the section above.
    """
    with transaction_on(section.catalog_id, expected_revision) as row:
        living = find_section(section, row)
        block = _heading(living)
        end = _end_of(row, living)
        blocks = list(Block.objects.between(row, block.position, end).in_reading_order())
        if not with_contents and any(other.kind != Block.Kind.GAP for other in blocks[1:]):
            raise EditRefused(
                _(
                    "The section “%(title)s” is not empty; "
                    "empty it first, or remove it with its contents."
                )
                % {"title": living.title}
            )
        edit = LineEdit(removed={other.uid for other in blocks})
        revision = write_section_edit(row, edit, by=by, verb=Revision.Verb.REMOVE_SECTION)
    if revision is None:
        raise AssertionError("a removed section is a change")
    return revision


def edit_prose(
    *,
    block: Block,
    source: str,
    by: Author,
    expected_source: str | None = None,
) -> Revision | None:
    """Write a block that is no entry anew, verbatim; '' takes it out. None if nothing differs.

    It may become several blocks of any kind, but no other block may read otherwise.
    """
    with transaction_on(block.catalog_id) as row:
        living = Block.objects.filter(pk=block.pk).first()
        if living is None:
            raise NotFound(_("These lines no longer exist."))
        refuse_changed(living.source, expected_source, _("This text"))
        if "\0" in source or any("\ud800" <= char <= "\udfff" for char in source):
            raise InvalidField("source", _("The text contains a character that cannot be stored."))
        is_last = not Block.objects.filter(catalog=row, position__gt=living.position).exists()
        if source and not is_last and not source.endswith(("\n", "\r")):
            raise InvalidField("source", _("The last line must end with a line break."))
        edit = LineEdit({living.uid: source} if source else {}, set() if source else {living.uid})
        return write_edit(row, edit, by=by, verb=Revision.Verb.PROSE)


# Headings


def _forms(title: str) -> Iterator[str]:
    try:
        title = single_blanks(one_line(title, "title"))
    except CodecError as error:
        raise InvalidField("title", refusal_sentence(error)) from error
    if not title:
        raise InvalidField("title", _("A section needs a title."))
    return text_forms(title)


def new_heading(title: str, level: int, newline: str) -> str:
    """The line of a heading with this title, plain text."""
    if level > _DEEPEST:
        raise EditRefused(_("A heading of level 6 cannot have sections below it."))
    return _first_writable(title, (f"{'#' * level} {form}{newline}" for form in _forms(title)))


_LISTED = "\n- [a](https://a.example)\n- [b](https://b.example)\n\n</details>\n"
"""What makes a summary the heading of things."""


def _first_writable(title: str, sources: Iterator[str], kind: BlockKind = BlockKind.HEADING) -> str:
    """The plainest block of the kind that reads as a heading with the title and nothing else."""
    folded = with_characters(" ".join(title.split()))
    for source in sources:
        is_summary = kind is BlockKind.HTML and "<summary" in source
        document = parse(source + (_LISTED if is_summary else ""))
        block = document.blocks[0]
        titles = [section.title for section in document.sections]
        if block.source == source and block.kind is kind and titles == [folded]:
            return source
    raise InvalidField(
        "title",
        _("The title cannot be written exactly like this; change it, or edit the lines."),
    )


def _renamed(source: str, kind: BlockKind, old: str, new: str) -> Iterator[str]:
    """The heading with another title: in the place of the old one, else of all its text."""
    forms = list(html_forms(new) if kind is BlockKind.HTML else _forms(new))
    for written in (old, escape(old, quote=False)) if old else ():
        # In HTML the title may stand in an attribute too: between tags is where it is read.
        places = [m.start() for m in re.finditer(re.escape(written), source)]
        if len(places) > 1:
            places = [at for at in places if source[:at].rstrip().endswith(">")]
        if len(places) == 1:
            head, tail = source[: places[0]], source[places[0] + len(written) :]
            yield from (head + form + tail for form in forms)
    match = _ATX.match(source) or _SETEXT.match(source)
    if match and not parse(source).blocks[0].links and "![" not in source and "<" not in source:
        start, end = match.span(2)
        yield from (source[:start] + form + source[end:] for form in forms)


# Places


def find_section(section: Section, catalog: Catalog) -> Section:
    """The section as it stands now."""
    match = Section.objects.filter(pk=section.pk, catalog=catalog).first()
    if match is None:
        raise NotFound(_("The section “%(title)s” no longer exists.") % {"title": section.title})
    return match


def _heading(section: Section) -> Block:
    return Block.objects.get(catalog=section.catalog_id, position=section.position)


def _end_of(catalog: Catalog, section: Section | None) -> int | None:
    """The position of what follows a section and all in it; None: the list's end."""
    if section is None:
        return None
    following = Section.objects.filter(
        catalog=catalog, position__gt=section.position, level__lte=section.level
    )
    end = following.order_by("position").values_list("position", flat=True).first()
    blocks = Block.objects.between(catalog, section.position, end).in_reading_order()
    rows = list(blocks.values_list("position", "source"))
    length = length_in_fold([source for _position, source in rows])
    return rows[length][0] if length < len(rows) else end


def _last_before(catalog: Catalog, position: int | None) -> Block | None:
    blocks = Block.objects.filter(catalog=catalog)
    if position is not None:
        blocks = blocks.filter(position__lt=position)
    return blocks.order_by("-position").first()


def _newline(catalog: Catalog) -> str:
    """Return the line ending of the list's first line."""
    first = Block.objects.filter(catalog=catalog).order_by("position").first()
    match = LINE_ENDING.search(first.source) if first else None
    return match[0] if match else "\n"
