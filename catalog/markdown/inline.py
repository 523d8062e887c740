"""Inline markdown and HTML, read: plain text, the names in links, anchors of headings, tags."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from pyromark import Options, events

from catalog.markdown.links import repository_of
from catalog.markdown.nodes import BlockKind, Document, Link, LinkForm, Slot, new_slot
from catalog.markdown.words import GENERIC_TEXTS, NUMBERED_WORDS

_MARKUP = re.compile(r"[*_`\[\]<>&!\\~\r\n]")
# Without its definition the parser would take it for text.
_IMAGE_BY_REFERENCE = re.compile(r"!\[([^\[\]]*)\]\[[^\[\]]*\]")
SURROGATE = re.compile("[\ud800-\udfff]")
_OPTIONS = Options.ENABLE_STRIKETHROUGH


def readable(text: str) -> str:
    """The text for a parser that reads UTF-8, which has no lone surrogates.

    A character as wide in bytes stands in for each, so that offsets stay true.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return SURROGATE.sub("\ufffd", text)
    return text


def plain_text(markdown: str, *, alt: bool = False) -> str:
    """The text a reader sees, on one line with single spaces.

    HTML tags vanish, links give their text, pictures nothing, or their alternative text when
    `alt` is set.
    """
    if not _MARKUP.search(markdown):
        text = markdown.strip()
        if len(" ".join(text.split())) == len(text):
            return text
    return " ".join("".join(_texts(markdown, alt=alt)).split())


def _texts(markdown: str, *, alt: bool) -> Iterator[str]:
    """The texts of inline markdown and the blanks between them, as the parser tells them."""
    if "![" in markdown:
        markdown = _IMAGE_BY_REFERENCE.sub(r"![\1](.)", markdown)
    images = 0
    # A no-break space in front keeps a leading sign from starting a list or a heading, and
    # unlike a letter leaves emphasis what it is.
    stream: Iterator[Any] = events("\u00a0" + readable(markdown.lstrip()), options=_OPTIONS)
    for event in stream:
        if isinstance(event, str):
            yield " "
            continue
        ((tag, value),) = event.items()
        if tag in {"Text", "Code"}:
            if alt or not images:
                yield value
        elif tag == "InlineHtml" and value[:3].lower() == "<br":
            yield " "
        elif tag == "Start" and not isinstance(value, str) and "Image" in value:
            images += 1
        elif tag == "End" and value == "Image":
            images -= 1


# Emoji by their short codes, as GitHub shows them

_SHORT_CODE = re.compile(r":([a-z0-9_+-]+):")


@cache
def _characters() -> dict[str, str]:
    """Characters by short code, without the colons."""
    table = Path(__file__).with_name("short_codes.txt").read_text("utf-8").split()
    return dict(zip(table[::2], table[1::2], strict=True))


def with_characters(text: str) -> str:
    """The text with characters for the short codes in it: 🔥 for `:fire:`."""
    if text.count(":") < len("::"):
        return text
    return _SHORT_CODE.sub(lambda code: _characters().get(code[1], code[0]), text)


# Names in links, and where text and address stand in the source


_NUMBERED = re.compile(r"([^\W\d][^\d]*?)[\s#.-]*\d+(?:\.\d+)?")
_LONGEST_GENERIC = max(map(len, GENERIC_TEXTS))
LETTER = re.compile(r"[^\W\d_]")
# Patterns stop at the next opening bracket, so that none reads on to the end from each of them.
# What is no word though letters are in it: badges, pictures, tags, emoji codes, entities, ordinals.
_DECORATION = re.compile(
    r"\[!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])\]\([^()]*\)|"
    r"!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])|"
    r"<[^<>]*>|:[a-z0-9_+-]+:|&[a-z]+;|\b\d+(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
# All that is before the first letter of a word.
_BEFORE_WORDS = re.compile(rf"(?:[^\w\[!<:&]|{_DECORATION.pattern}|[\W\d_])*+", re.IGNORECASE)
_OPENING_MARKUP = re.compile(
    r"(?:<[^<>]*>|!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])|\s|:[a-z0-9_]+:)+(?=\S)"
)
_CLOSING_TAG = re.compile(r"</\w+\s*>\Z")
_WRAPPERS = ("**", "__", "~~", "*", "_", "`")
_SPACE = re.compile(r"[ \t\r\n]")
_SCHEME = re.compile(r"(?i)(?:[a-z]+://|mailto:)(?:www\.)?")
_HTML_HREF = re.compile(r"""\bhref\s*=\s*(["']?)""", re.IGNORECASE)

_LONG_LEAD = 60
"""Characters before a link from which they are a sentence and no name."""

SHOWN_AS_ADDRESS = frozenset({LinkForm.BARE, LinkForm.AUTOLINK})
"""Links whose text is their address."""


def is_generic(text: str) -> bool:
    """Whether a link's text names a kind of page (`paper`, `地址`) or nothing at all."""
    if text[:1].isalpha():
        if len(text) > _LONGEST_GENERIC:
            return False
        last = text[-1]
        if last.isalpha():
            return text.casefold() in GENERIC_TEXTS
        folded = text.casefold() if last.isdigit() else _without_edges(text).casefold()
    else:
        folded = _without_edges(text).casefold()
    if folded in GENERIC_TEXTS:
        return True
    if folded[-1:].isdigit() and (numbered := _NUMBERED.fullmatch(folded)):
        return numbered[1] in GENERIC_TEXTS or numbered[1] in NUMBERED_WORDS
    return not folded[:1].isalpha() and not LETTER.search(folded)


def _without_edges(text: str) -> str:
    """A text from its first letter or digit to its last one."""
    start, end = 0, len(text)
    while end and not text[end - 1].isalnum():
        end -= 1
    while start < end and not text[start].isalnum():
        start += 1
    return text[start:end]


def has_words(markdown: str) -> bool:
    """Whether there is a letter in it, pictures, badges, tags and emoji codes aside."""
    before = _BEFORE_WORDS.match(markdown)
    return before is not None and before.end() < len(markdown)


def is_address(text: str) -> bool:
    """Whether it begins with an address of the web, so that it says no name."""
    return "://" in text and text.partition("://")[0].isalpha()


def without_decoration(markdown: str, blank: str = "") -> str:
    """The text without pictures, badges, tags and emoji codes."""
    return _DECORATION.sub(blank, markdown)


def shows_address(link: Link, lead: str) -> bool:
    """Whether a link's text is its address, or the file or host in it, and `lead` its name."""
    if link.form in SHOWN_AS_ADDRESS:
        return True
    text = link.text.strip().rstrip("/")
    return "." in text and len(lead) <= _LONG_LEAD and link.url.rstrip("/").endswith(text)


def primary_link(links: list[Link]) -> Link | None:
    """The link that an entry is about: the first with a text that leads out, else the first."""
    fallback = None
    for link in links:
        if link.url[:1] == "#":
            continue
        if not link.is_image_only:
            return link
        fallback = fallback or link
    return fallback


STAR, COUNT = r"[★☆⭐🌟]\ufe0f?", r"\d[\d.,]*[kKmM]?"
"""How many stars a thing has: a sign and a number, as patterns."""
# `★ 2339 ⧗ 0`, behind a name.
_COUNT_AT_END = re.compile(
    rf"(?<=\S)\s+[(（\[]?{STAR}\s*{COUNT}(?:\s+[^\w\s]\ufe0f?\s*\d+){{0,4}}[)）\]]?\Z"
)


def without_count(name: str) -> str:
    """A name without how many stars, and the like, the thing has."""
    return _COUNT_AT_END.sub("", name) if not name.isascii() else name


def link_name(source: str, link: Link) -> str:
    """The plain text of a link; of a picture its alternative text."""
    if link.form in SHOWN_AS_ADDRESS:
        return address_name(link.url)
    text = without_count(link.text.strip())
    if "  " in text or "\n" in text or "\t" in text:
        text = " ".join(text.split())
    if not text and link.text_slot:
        text = plain_text(source[link.text_slot.start : link.text_slot.end], alt=True)
    return address_name(text or link.url) if not text or is_address(text) else text


def address_name(url: str) -> str:
    """Return a name for a thing that only has an address: its repository, else host and path."""
    repository = repository_of(url)
    if repository:
        return repository.partition("/")[2]
    scheme = _SCHEME.match(url)
    return url[scheme.end() if scheme else 0 :].rstrip("/") or url


def name_slot(source: str, link: Link, name: str) -> Slot | None:
    """Return the slot of a link's text that says `name`, without emphasis and pictures; else
    None."""
    slot = link.text_slot
    if slot is None or link.form in SHOWN_AS_ADDRESS:
        return None
    start, end = slot
    if source[start:end] == name:
        return slot
    start, end = _without_wrapping(source, start, end)
    if _reads_as(source[start:end], name):
        return Slot(start, end)
    at = source.find(name, start, end)
    if name and at >= 0 and plain_text(name) == name:
        return Slot(at, at + len(name))
    return None


def _reads_as(markdown: str, name: str) -> bool:
    # In a table `\|` stands for `|`, and elsewhere it is the same sign escaped.
    return markdown == name or plain_text(markdown.replace("\\|", "|")) == name


def _without_wrapping(source: str, start: int, end: int) -> tuple[int, int]:
    """Trim pictures and tags at the front, and pairs of emphasis signs around the rest."""
    moved = True
    while moved and start < end:
        moved = False
        if source[start] in "<![: \t\r\n":
            opening = _OPENING_MARKUP.match(source, start, end)
            if opening and opening.end() < end:
                start, moved = opening.end(), True
        for mark in _WRAPPERS:
            size = len(mark)
            if (
                end - start > 2 * size
                and source.startswith(mark, start)
                and source.endswith(mark, start, end)
            ):
                start, end, moved = start + size, end - size, True
                break
    while end > start and source[end - 1] in " \t\r\n>":
        closing = _CLOSING_TAG.search(source, start, end)
        if source[end - 1] == ">" and closing is None:
            break
        end = closing.start() if closing else end - 1
    return start, end


def url_slot(source: str, link: Link) -> Slot | None:
    """Return the slot of a link's destination, or None when it is defined elsewhere."""
    inner = link.text_slot
    if inner is None:
        return None
    if link.form is LinkForm.INLINE:
        start, end = inner[1] + 2, link.slot[1] - 1
        if source.startswith(link.url, start) and start + len(link.url) == end:
            return new_slot((start, end))
        return _destination_slot(source, inner, end)
    if link.form in SHOWN_AS_ADDRESS:
        return inner
    if link.form is LinkForm.HTML:
        href = _HTML_HREF.search(source, link.slot.start, inner.start)
        if href and href[1]:
            return Slot(href.end(), source.find(href[1], href.end()))
    return None


def _destination_slot(source: str, inner: Slot, end: int) -> Slot | None:
    """Return the slot of a destination in brackets, escaped, or followed by a title."""
    start = inner.end + 2
    if source[inner.end : start] != "](":
        bracket = source.find("](", inner.start, end)
        if bracket < 0:
            return None
        start = bracket + 2
    while start < end and source[start] in " \t\r\n":
        start += 1
    if start < end and source[start] == "<":
        return Slot(start + 1, source.find(">", start, end))
    space = _SPACE.search(source, start, end)
    return Slot(start, space.start() if space else end)


# Anchors: the fragments that GitHub gives to headings
#
# The rule is GitHub's own, as github-slugger documents and tests it against the site: lower case,
# everything but letters, marks, decimal and letter numbers, ``_``, ``-`` and spaces removed,
# spaces to ``-``; nothing is trimmed, so that a leading emoji leaves a leading ``-``. CJK letters
# stay, their punctuation and emoji go (but not the variation selector after an emoji, a mark).


# What GitHub takes for an anchor besides headings.
_HTML_ANCHOR = re.compile(
    r"""<[a-z][^<>]*?\s(?:id|name)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE
)
# A heading inside an item or a quote: no section, but an anchor.
_INNER_HEADING = re.compile(r"^[ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?#{1,6}[ \t]+(\S.*)", re.MULTILINE)

_ANCHOR_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
# Circled and squared Latin letters are symbols by category and letters by GitHub's \p{Word}.
_ALPHABETIC_SYMBOLS = frozenset(
    map(chr, (*range(0x24B6, 0x24EA), *range(0x1F130, 0x1F14A), *range(0x1F150, 0x1F16A),
              *range(0x1F170, 0x1F18A)))
)  # fmt: skip


class _Table(dict[int, str]):
    """Replacements of characters by code point, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == " ":
            replacement = "-"
        elif (
            character == "-"
            or unicodedata.category(character) in _ANCHOR_CATEGORIES
            or character in _ALPHABETIC_SYMBOLS
        ):
            replacement = character
        else:
            replacement = ""
        self[code] = replacement
        return replacement


_TABLE = _Table()


def anchor_of(title: str) -> str:
    """The fragment of a heading by its plain text, without the `-1` of a repeated one.

    '' when nothing is left.
    """
    lowered = title.lower()
    if lowered.replace(" ", "").replace("-", "").isalpha():
        return lowered.replace(" ", "-")  # as most are
    return lowered.translate(_TABLE)


class Anchors:
    """The anchors of one document, headings in order: repeated ones are numbered."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}

    def add(self, title: str) -> str:
        """The anchor of the next heading: `tools`, then `tools-1`, `tools-2`, each never twice."""
        base = anchor = anchor_of(title)
        uses = self._uses
        while anchor in uses:
            uses[base] += 1
            anchor = f"{base}-{uses[base]}"
        uses[anchor] = 0
        return anchor


def anchors_of(document: Document) -> list[str]:
    """All anchors of a document in order: of headings, and of HTML with an id or a name."""
    anchors = dict.fromkeys(section.anchor for section in document.sections)
    for block in document.blocks:
        source = block.source
        if "<" in source:
            for match in _HTML_ANCHOR.finditer(source):
                anchors.setdefault(unescape(match[1].strip("\"'")))
        if "#" in source and block.kind not in {BlockKind.HEADING, BlockKind.CODE}:
            for match in _INNER_HEADING.finditer(source):
                anchors.setdefault(anchor_of(plain_text(match[1].rstrip("# \t\r"))))
    return list(anchors)


# Links, headings and rows inside HTML, read without a parser and never rewritten


_ANCHOR = re.compile(r"<a\s", re.IGNORECASE)
_ANCHOR_END = re.compile(r"</a\s*>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
_IMAGE = re.compile(r"<img\b|!\[", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_VERBATIM = re.compile(
    r"<(pre|script|style|textarea)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_HEADING = re.compile(r"<h([1-6])(?=[\s>/])[^<>]*>", re.IGNORECASE)
_HEADING_END = re.compile(r"</h[1-6]\s*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_COUNT = re.compile(r"(?<!\s)\s*<kbd\b[^<>]*>[^<>]*\d[^<>]*</kbd\s*>", re.IGNORECASE)
_WAY_AROUND = re.compile(
    r"(?:[\s(\[（*_]|&nbsp;|<su[bp]>)*"
    r"(?:\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(#[^()\s]*\)|<a\b[^<>]*\bhref=[\"']?#[^<>]*>[^\r\n]*?</a\s*>)"
    r"(?:[\s)\]）#*_]|</su[bp]>)*\Z",
    re.IGNORECASE,
)
_LONGEST_WAY = 300
"""Characters at the end of a heading in which a link to elsewhere on the page is looked for."""
# What keeps the lines of one row together: only what is closed again can straddle lines.
_NESTING = re.compile(r"<(/?)(tr|a|li)\b", re.IGNORECASE)


def blank_out(source: str) -> str:
    """The source with comments and verbatim elements as spaces, so that offsets stay."""
    if "<!--" in source:
        source = _COMMENT.sub(lambda match: " " * len(match[0]), source)
    if _VERBATIM.search(source):
        source = _VERBATIM.sub(lambda match: " " * len(match[0]), source)
    return source


def html_links(source: str, *, base: int = 0) -> Iterator[Link]:
    """The ``<a href>`` elements of an HTML fragment, in order; offsets count from `base`.

    Comments, ``<pre>``, ``<script>`` and ``<style>`` hold none. Linear in the source: an element
    that is never closed ends the search.
    """
    source = blank_out(source)
    position = 0
    while start := _ANCHOR.search(source, position):
        opened = source.find(">", start.end())
        if opened < 0:
            return
        closed = _ANCHOR_END.search(source, opened)
        if not closed:
            return
        position = closed.end()
        href = _HREF.search(source, start.end(), opened)
        if not href:
            continue
        inner = source[opened + 1 : closed.start()]
        text = " ".join(unescape(TAG.sub("", inner)).split())
        yield Link(
            text=text,
            url=unescape(href[1].strip("\"'").strip()),
            form=LinkForm.HTML,
            slot=Slot(base + start.start(), base + closed.end()),
            text_slot=Slot(base + opened + 1, base + closed.start()),
            is_image_only=not text and bool(_IMAGE.search(inner)),
        )


class HtmlHeading(NamedTuple):
    """An ``<h1>`` to ``<h6>``; `end` is where its end tag ends, or None if it is not closed here.

    `inner` is the HTML between the tags, as far as it stands here.
    """

    level: int
    start: int
    end: int | None
    inner: str


def html_headings(source: str) -> Iterator[HtmlHeading]:
    """The headings of an HTML fragment, in order. The next one ends a heading that is open."""
    if not _HEADING.search(source):
        return
    source = blank_out(source)
    matched = _HEADING.search(source)
    while matched:
        following = _HEADING.search(source, matched.end())
        limit = following.start() if following else len(source)
        closed = _HEADING_END.search(source, matched.end(), limit)
        end = closed.end() if closed else limit if following else None
        inner = source[matched.end() : closed.start() if closed else limit]
        yield HtmlHeading(int(matched[1]), matched.start(), end, inner)
        matched = following


def heading_end(source: str) -> re.Match[str] | None:
    """The first end tag of a heading in HTML or markdown."""
    return _HEADING_END.search(source)


def html_text(source: str) -> str:
    """The text content of an HTML fragment, blanks and line ends as they are."""
    return unescape(TAG.sub("", source))


def without_asides(source: str) -> str:
    """Return a heading without what stands beside its title: how much is below it
    (`<kbd>5 projects</kbd>`), and links to elsewhere on the page (`[back to top](#top)`)."""
    source = _COUNT.sub("", source)
    if "#" not in source:
        return source
    ends = [len(source)]
    while way := _WAY_AROUND.search(source, max(ends[-1] - _LONGEST_WAY, 0), ends[-1]):
        ends.append(way.start())
    if len(ends) > 1 and not LETTER.search(TAG.sub("", source[: ends[-1]])):
        ends.pop()  # A title that is a link.
    return source[: ends[-1]]


def html_title(source: str) -> str:
    """Return the text that a reader sees of a heading's HTML, on one line; of pictures alone their
    text."""
    source = without_asides(source)
    text = " ".join(html_text(_BREAK.sub(" ", source)).split())
    return text or " ".join(unescape(alt[1][1:-1]) for alt in _ALT.finditer(source)).strip()


def html_units(lines: list[str]) -> list[tuple[int, int]]:
    """Cut the lines of an HTML block into the smallest runs that keep their elements together.

    Returns pairs of line indexes, end exclusive. A table row, a list item and a link stay in one
    piece, a paragraph does not: many lists are one paragraph with a line for each entry. An
    element that is never closed ends with the block.
    """
    units = []
    start = offset = 0
    depth: dict[str, int] = {}
    source = blank_out("".join(lines))
    for number, line in enumerate(lines):
        for tag in _NESTING.finditer(source, offset, offset + len(line)):
            closing, name = tag[1], tag[2].lower()
            level = depth.get(name, 0) + (-1 if closing else 1)
            # HTML closes a list item by itself where the next one starts.
            depth[name] = min(max(level, 0), 1) if name == "li" else max(level, 0)
        offset += len(line)
        if not any(depth.values()):
            units.append((start, number + 1))
            start = number + 1
    if start < len(lines):
        units.append((start, len(lines)))
    return units
