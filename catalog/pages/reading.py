"""A stretch of the list as its page shows it: blocks in order, in the shape the README gives them.

What stands in a block was rendered when it was written; here the blocks are put into tables,
lists and headings. This is the one place where markup is made in Python: a page has hundreds of
rows, and a template takes ten times as long for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape, unescape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.markdown.attributes import ENDS_SENTENCE, MOST
from catalog.markdown.links import host_of
from catalog.markdown.words import NAVIGATION_TEXTS, folded
from catalog.models import Block, Entry
from catalog.pages.blocks import BlockRow, Sorting, Table
from catalog.rendering import Header, lang_attribute, split_marks
from catalog.rendering.html import SourceLinks, render_block

# The line of an entry as its section shows it: what of its HTML is name, text and signs.
#
# The HTML was sanitised when it was written: each `<` begins a tag, each value has quotes.


NAME_LENGTH = 120
"""Characters of a name in the label of a link."""

_LINK_START = '<a href="'
_PLAIN = re.compile(r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)[/?#]?", re.IGNORECASE)
"""The beginning of an address whose host can be read off: nearly all."""
_LINK = re.compile(r'<a href="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_TO_BE_ESCAPED = re.compile("[&<>\"']")
_OPENED = re.compile(r"<([a-z0-9]+)")
_SEPARATOR = re.compile(r"\s*(?:[-–—:：|·•]+(?=\s|<|\Z)\s*)*")
_BLOCK_ELEMENT = re.compile(r"</(?:p|li|pre|div|table|blockquote|dl)>|<hr>")
_SEPARATES = " \t\n-–—:：|·•"
_BETWEEN = " \t\n,|·/"


_LONGEST_AROUND = 500
_EDGES = re.compile(r"\A\W+|\W+\Z")


def _leads_around(html: str) -> bool:
    """Whether a text is but a link to another place of the README: `back to top`."""
    if len(html) > _LONGEST_AROUND or "<a " not in html:
        return False
    return folded(_EDGES.sub("", unescape(_TAG.sub("", html)))) in NAVIGATION_TEXTS


class Line(NamedTuple):
    """An entry's HTML in parts, each of them balanced."""

    head: str
    """The name, with the link to the entry's page and the one to the thing itself."""
    text: str
    """The description, '' for none."""
    signs: list[str]
    """Code spans at the end: licence, platform and the like."""


def name_linked(html: str, name: str, address: str) -> tuple[str, int] | None:
    """The HTML with its name leading to `address`, and where that link ends.

    A name that was a link has an arrow behind it that leads where that link led. None when the name
    does not stand in the HTML.
    """
    if not name:
        return None
    words = escape(name, quote=False) if _TO_BE_ESCAPED.search(name) else name
    # Most lines begin with their name; searching by patterns takes many times as long.
    end = html.find(f">{words}</a>")
    start = html.rfind("<", 0, end) if end >= 0 else -1
    if start >= 0 and html.startswith(_LINK_START, start):
        href, _quote, rest = html[start + len(_LINK_START) : end].partition('"')
        head = html[:start] + _head(words, href, rest, name, address)
        return head + html[end + len(words) + 5 :], len(head)
    if linked := _text_linked(html, words, address):
        return linked
    for link in _LINK.finditer(html):
        text = _plain(link[3])
        # The first may show the whole address, or stars behind the name.
        if text == name or (_is_named(text, name) and not _plain(html[: link.start()])):
            head = html[: link.start()] + _head(link[3], link[1], link[2], name, address)
            return head + html[link.end() :], len(head)
    return None


def _head(text: str, href: str, rest: str, name: str, address: str) -> str:
    """The link to the entry's page, and to the thing itself with the `rest` of its attributes."""
    return (
        f'<a class="name" href="{address}">{text}</a>'
        f' <a class="out" href="{href}"{rest} aria-label="{_label(name, href)}">↗</a>'
    )


def _text_linked(html: str, words: str, address: str) -> tuple[str, int] | None:
    """The same for a name that is no link: its first place that is no part of a word or a tag."""
    start = html.find(words)
    while start >= 0:
        end = start + len(words)
        is_text = html.rfind("<", 0, start) <= html.rfind(">", 0, start)
        if (
            _is_whole(html, start, end)
            and is_text
            and html.rfind("<a ", 0, start) <= html.rfind("</a>", 0, start)
        ):
            head = f'{html[:start]}<a class="name" href="{address}">{words}</a>'
            return head + html[end:], len(head)
        start = html.find(words, end)
    return None


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _is_named(text: str, name: str) -> bool:
    """Return whether the words of a link have the name in them."""
    text, name = text.casefold(), name.casefold()
    start = text.find(name)
    return start >= 0 and _is_whole(text, start, start + len(name))


def line_of(html: str, name: str, address: str) -> Line | None:
    """The parts of an entry's inline HTML, None when it is not name first and text behind it."""
    linked = name_linked(html, name, address)
    if linked is None:
        return None
    whole, end = linked
    head, text = whole[:end], whole[end:]
    for tag in [] if head.startswith('<a class="name"') else reversed(_open_tags(head)):
        if not text.startswith(f"</{tag}>"):
            return None
        head, text = f"{head}</{tag}>", text[len(tag) + 3 :]
    if text[:3] == " - ":
        text = text[3:].lstrip()
    if text[:1] in _SEPARATES and (separator := _SEPARATOR.match(text)):
        text = text[separator.end() :]
    # Signs of the name: "[Tool](…) `⚠` - Says what it does".
    marks, text = split_marks(text)
    head = f"{head} {marks}" if marks else head
    rest, signs = _codes_at_end(text)
    # One alone may be a word of the sentence: "Wraps `fetch`".
    if len(signs) == 1 and _TAG.sub("", rest[-500:])[-1:] not in ENDS_SENTENCE:
        return Line(head, text, [])
    return Line(head, rest, signs)


def _codes_at_end(text: str) -> tuple[str, list[str]]:
    """The text without the code spans that it ends in, and these in order."""
    signs: list[str] = []
    rest = text.rstrip(". ")
    while rest.endswith("</code>") and len(signs) < MOST:
        start = rest.rfind("<code>")
        signs.append(rest[start:])
        rest = rest[:start].rstrip(_BETWEEN)
    return (rest, signs[::-1]) if signs else (text, [])


@lru_cache(maxsize=4096)
def entry_html(html: str, name: str, address: str) -> str:
    """An entry's HTML as its section shows it, '' where its name does not stand in it.

    In two lines where it is inline and begins with the name; kept, because a list that is edited
    has nearly all of its entries as they were.
    """
    if "</p>" in html or _BLOCK_ELEMENT.search(html):
        linked = name_linked(html, name, address)
        return f"<div{lang_attribute(html)}>{linked[0]}</div>" if linked else ""
    if line := line_of(html, name, address):
        return line_html(line, name)
    linked = name_linked(html, name, address)
    return f"<bdi{lang_attribute(html)}>{linked[0]}</bdi>" if linked else ""


def line_html(line: Line, name: str) -> str:
    """The parts as one row: the name, its signs at the edge, the text below."""
    signs = f'<p class="signs">{" ".join(line.signs)}</p>' if line.signs else ""
    text = f"<p><bdi{lang_attribute(line.text)}>{line.text}</bdi></p>" if line.text else ""
    head = f"<p><bdi{lang_attribute(name)}>{line.head}</bdi></p>"
    return f'<div class="line">{head}{signs}{text}</div>'


def _open_tags(html: str) -> list[str]:
    """The elements that begin in the HTML and do not end in it, the outermost first."""
    opened: list[str] = []
    for tag in _TAG.findall(html):
        if tag[1] == "/":
            opened.pop()
        elif (match := _OPENED.match(tag)) and match[1] not in {"br", "wbr", "hr"}:
            opened.append(match[1])
    return opened


def _plain(html: str) -> str:
    text = unescape(_TAG.sub("", html)) if "<" in html or "&" in html else html
    return " ".join(text.split())


def _label(name: str, href: str) -> str:
    """Return the accessible name of a link to the thing itself."""
    plain = _PLAIN.match(href)
    host = plain[1].lower() if plain else host_of(unescape(href))
    label = f"{name[:NAME_LENGTH]}: {host}" if host else name[:NAME_LENGTH]
    return escape(label) if _TO_BE_ESCAPED.search(label) else label


WIDE_TABLE = 9
"""A table of so many columns or more scrolls sideways instead of squeezing its text."""

Kind = Block.Kind
SILENT = frozenset({Kind.GAP, Kind.DELIMITER_ROW, Kind.DEFINITION, Kind.FRONT_MATTER})
"""Kinds that a reader of the rendered list never sees."""

NUMBER = re.compile(r"\d{1,3}")


class Heading(NamedTuple):
    """A heading on the page: its section, and how deep that is below the page's."""

    title: str
    address: str
    depth: int


def blocks_html(
    blocks: Sequence[BlockRow],
    tables: Mapping[int, Table],
    addresses: Mapping[int, str],
    headings: Mapping[int, Heading] | None = None,
    *,
    skip: int | None = None,
    without_contents: bool = False,
    sorting: Sorting | None = None,
) -> SafeString:
    """The blocks as HTML. `headings` are known by position; others are shown without a link.

    `tables` are those of their listings (`tables_of`), `addresses` those of their entries
    (`addresses_of`).
    `skip` is the position of a heading that the page shows itself.
    `without_contents` leaves out tables of contents, for a page that has one of its own.
    `sorting` is the order that its tables are in, where they can be sorted: by their headers.
    """
    if without_contents:
        blocks = [b for b in blocks if not (b.listing and tables[b.listing].is_toc)]
    writer = _Writer(tables, headings or {}, addresses, sorting)
    for block in blocks:
        if block.position == skip:
            writer.write_own_entry(block)
        else:
            writer.write(block)
    # All of it is escaped here or was sanitised when it was written.
    return mark_safe(writer.finish())  # noqa: S308


@lru_cache(maxsize=64)
def guidelines_html(guidelines: str, source_url: str) -> SafeString:
    """A catalog's guidelines as HTML."""
    # Sanitised by the renderer.
    return mark_safe(render_block(guidelines, Kind.PARAGRAPH, SourceLinks(source_url, {})))  # noqa: S308


def _list_tags(item: BlockRow) -> tuple[str, str]:
    """The tags of the list that begins (on this page) with this item."""
    if item.kind != Kind.ITEM:
        return '<ul class="lines">', "</ul>"
    number = NUMBER.match(item.marker)
    if not number:
        return "<ul>", "</ul>"
    return f'<ol start="{int(number[0])}">' if number[0] != "1" else "<ol>", "</ol>"


class _Writer:
    """Writes blocks one after the other, opening and closing tables and lists around them."""

    def __init__(
        self,
        tables: Mapping[int, Table],
        headings: Mapping[int, Heading],
        addresses: Mapping[int, str],
        sorting: Sorting | None,
    ) -> None:
        self.tables = tables
        self.headings = headings
        self.addresses = addresses
        self.sorting = sorting
        self.details = escape(_("Details"))
        self.alone = escape(_("This section alone"))
        self.out: list[str] = []
        self.table: int | None = None
        # The list open on each depth: its listing and the end tag.
        self.lists: list[tuple[int | None, str]] = []

    def write(self, block: BlockRow) -> None:
        if block.kind in SILENT:
            return
        if block.kind == Kind.TABLE_HEADER or block.kind == Kind.TABLE_ROW:
            self._close_lists(block.depth)
            self._open_table(block)
            if block.kind == Kind.TABLE_ROW:
                self._row(block)
            return
        self._close_table()
        if block.kind == Kind.ITEM:
            self._item(block, max(block.depth, 1))
        elif block.listing and block.kind in {Kind.LINE, Kind.HTML, Kind.PARAGRAPH}:
            self._item(block, block.depth + 1)
        else:
            self._close_lists(block.depth)
            self._prose(block)

    def finish(self) -> str:
        self._close_table()
        self._close_lists(0)
        return "".join(self.out)

    def _prose(self, block: BlockRow) -> None:
        if block.kind == Kind.HEADING:
            self._heading(block)
        elif block.state == Entry.State.PUBLISHED:
            self.out.append(f'<div class="entry"{self._about(block)}>{self._entry(block)}</div>')
        else:
            html = block.html or block.entry_html or ""
            if _leads_around(html):
                return
            # Raw HTML may be words alone, or a link.
            is_bare = block.kind in {Kind.LINE, Kind.HTML} and html
            self.out.append(f"<div>{html}</div>" if is_bare else html)

    def _heading(self, block: BlockRow) -> None:
        heading = self.headings.get(block.position)
        html = block.entry_html or block.html or (escape(heading.title) if heading else "")
        linked = self._linked(html, block)
        about = self._about(block) if linked else ""
        html = linked or html
        tag = f"h{min(6, 1 + heading.depth if heading else 2)}"
        self.out.append(f"<{tag}{about}{lang_attribute(html)}>{html}")
        if heading:
            self.out.append(
                f' <a class="permalink" href="{heading.address}" title="{self.alone}">#</a>'
            )
        self.out.append(f"</{tag}>")
        if not linked:
            self.write_own_entry(block)

    def write_own_entry(self, heading: BlockRow) -> None:
        """Write the anchor and the link to its own page of an entry that is a heading."""
        if heading.state == Entry.State.PUBLISHED:
            link = self._details_link(heading)
            self.out.append(f'<div class="entry"{self._about(heading)}>{link}</div>')

    def _item(self, block: BlockRow, depth: int) -> None:
        self._open_list(block, depth)
        if block.state == Entry.State.PUBLISHED:
            self.out.append(f'<li class="entry"{self._about(block)}>{self._entry(block)}')
        else:
            html = block.html or block.entry_html or ""
            self.out.append(f"<li{lang_attribute(html)}>{html}")

    def _open_list(self, item: BlockRow, depth: int) -> None:
        """Make ready for an item on `depth`; its predecessor ends here."""
        self._close_lists(depth)
        if len(self.lists) == depth:
            self.out.append("</li>")
            if self.lists[-1][0] == item.listing:
                return
            self.out.append(self.lists.pop()[1])
        while len(self.lists) < depth - 1:
            # A page may start in the middle of a nested list.
            self.out.append('<ul><li class="continued">')
            self.lists.append((None, "</ul>"))
        start, end = _list_tags(item)
        self.out.append(start)
        self.lists.append((item.listing, end))

    def _close_lists(self, depth: int) -> None:
        while len(self.lists) > depth:
            self.out.append(f"</li>{self.lists.pop()[1]}")

    def _open_table(self, block: BlockRow) -> None:
        if self.table == block.listing:
            return
        self._close_table()
        self.table = block.listing
        keys, columns, _is_toc = self.tables[block.listing] if block.listing else ([], [], False)
        scroll = ' class="scroll" tabindex="0"' if len(keys) >= WIDE_TABLE else ""
        heads = "".join(
            self._column_head(key, column) if column.html else "<td></td>"
            for key, column in zip(keys, columns, strict=True)
        )
        self.out.append(f"<div{scroll}><table><thead><tr>{heads}</tr></thead><tbody>")

    def _column_head(self, key: str, column: Header) -> str:
        """A column's header, which leads to the page in its order."""
        html, order = column.html, ""
        if self.sorting is not None:
            html = f'<a href="{self.sorting.next_for(key).address()}" rel="nofollow">{html}</a>'
            if key == self.sorting.column:
                order = "descending" if self.sorting.is_descending else "ascending"
                order = f' aria-sort="{order}"'
        return f'<th scope="col"{column.marks}{order}>{html}</th>'

    def _close_table(self) -> None:
        if self.table is not None:
            self.out.append("</tbody></table></div>")
            self.table = None

    def _row(self, block: BlockRow) -> None:
        html = block.html
        if block.state == Entry.State.PUBLISHED:
            cell = html.find('<th scope="row"')
            start, end = html.find(">", cell) + 1, html.find("</th>", cell)
            linked = self._linked(html[start:end], block) if cell >= 0 else ""
            if linked:
                html = f"{html[:start]}{linked}{html[end:]}"
            else:
                # No column names it, or with other words: its names may be those of several things.
                end = end if cell >= 0 else html.find("</t")
                html = f"{html[:end]} {self._details_link(block)}{html[end:]}"
        self.out.append(f"<tr{self._about(block)}>{html}</tr>")

    def _linked(self, html: str, block: BlockRow) -> str:
        """The HTML with its name leading to the entry's page, '' where there is no such name."""
        if block.state != Entry.State.PUBLISHED or not block.name:
            return ""
        linked = name_linked(html, block.name, self.addresses[block.entry or 0])
        return linked[0] if linked else ""

    def _about(self, block: BlockRow) -> str:
        """The entry's anchor on the page."""
        return f' id="e{block.entry}"' if block.state == Entry.State.PUBLISHED else ""

    def _entry(self, block: BlockRow) -> str:
        """Return the entry's HTML, isolated: text from right to left must not turn round the
        rest."""
        html = block.entry_html or block.html
        shown = entry_html(html, block.name or "", self.addresses[block.entry or 0])
        if shown:
            return shown
        link = self._details_link(block)
        if html.endswith("</p>"):
            return f"<div{lang_attribute(html)}>{html[:-4]} {link}</p></div>"
        return f"<div{lang_attribute(html)}>{html} {link}</div>"

    def _details_link(self, block: BlockRow) -> str:
        """The link to the entry's page; its name for those who hear it says of what."""
        name = escape((block.name or "")[:NAME_LENGTH])
        return (
            f'<a class="details" href="{self.addresses[block.entry or 0]}"'
            f' aria-label="{self.details}: {name}">{self.details}</a>'
        )
