"""Markdown to HTML that is safe in a page.

GitHub Flavored Markdown with its tag filter, then an allow list: no classes, ids, styles, scripts
or pictures, links only to where a click may lead. A piece is rendered by itself and comes out
balanced, so that nothing in it can reach what follows on the page.

Most pieces of a list are words, or words and a link. For those the sanitiser is the dear part
(ten times the parser), and it has nothing to do where no raw HTML came in: the parser has escaped
all text, and addresses are checked in `sanitising` anyway. Whatever is out of the ordinary goes the
long way. Tests hold the short ways to what the long one gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from pyromark import Markdown, Options
from pyromark.event import BrokenLink

from catalog.markdown.entries import item_start
from catalog.markdown.nodes import BlockKind
from catalog.markdown.parser import fold_label, split_lines
from catalog.rendering.sanitising import (
    Resolve,
    finish_inline,
    is_too_deep,
    sanitise_block,
    sanitise_inline,
)

_INLINE_OPTIONS = Options.ENABLE_STRIKETHROUGH
_BLOCK_OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_GFM
)

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
# A line that the parser would give back as it is, but for `>` and the blanks around it.
_MARKUP = re.compile(r"[\\`*_\[<&~#\r\n\x0b\x0c]|://|www\.")
_FOLD = re.compile(r"(\\|(?<![ \t])[ \t]*)(?:\r\n|\n|\r)((?:[ \t>]*(?:\r\n|\n|\r))*)[ \t>]*")
# Raw HTML that cannot come out as anything but itself, or a link.
_HARMLESS = re.compile(r"<(?:br ?/?|https?://[^\s<>]*)>")
# What an ATX heading takes for its end (CommonMark 0.31.2, section 4.2).
_CLOSING_HASHES = re.compile(r"(?:^|(?<=[ \t]))(#+)\Z")
_HEADING_LIMIT = "</h1>\n<h1>"
_HEADING = re.compile(r"<h[1-6][^>]*>(.*)</h[1-6]>\n\Z", re.DOTALL)


def no_relative_links(_url: str, _is_image: bool) -> str:
    """A `Resolve` that knows no place for addresses that are not absolute."""
    return ""


def render_inline(
    markdown: str,
    resolve: Resolve = no_relative_links,
    definitions: Mapping[str, str] | None = None,
) -> str:
    """Inline markdown as HTML without block elements. Never raises.

    Line ends are read as in a paragraph; lists, headings and tables in raw HTML become lines.
    `definitions` are destinations of reference links by folded label.
    """
    return render_many([markdown], resolve, definitions)[0]


def render_many(
    snippets: Sequence[str],
    resolve: Resolve = no_relative_links,
    definitions: Mapping[str, str] | None = None,
) -> list[str]:
    """`render_inline` for many pieces at once, many times as fast; equal ones cost nothing."""
    parser = _parser(_INLINE_OPTIONS, definitions)
    rendered: dict[str, str] = {}
    lines: dict[str, str] = {}
    for snippet in dict.fromkeys(snippets):
        if not _MARKUP.search(snippet) and not _UNREADABLE.search(snippet):
            rendered[snippet] = escape(snippet.strip(" \t"), quote=False)
            continue
        line = _one_line(snippet)
        if "<" in line and "<" in _HARMLESS.sub("", line):
            html = _html(parser, [line])[0]
            rendered[snippet] = (
                escape(line, quote=False) if is_too_deep(html) else sanitise_inline(html, resolve)
            )
        else:
            lines[snippet] = line
    for snippet, html in zip(lines, _html(parser, list(lines.values())), strict=True):
        rendered[snippet] = finish_inline(html, resolve)
    return [rendered[snippet] for snippet in snippets]


def render_block(
    source: str,
    kind: str,
    resolve: Resolve = no_relative_links,
    definitions: Mapping[str, str] | None = None,
) -> str:
    """A block's source as HTML, by its kind (`BlockKind`). Never raises.

    Headings and single lines come without an element around them, and so does an item, of which
    only what stands behind its marker counts; rows are nothing without their table. What no
    reader sees is ''.
    """
    if kind == BlockKind.RULE:
        return "<hr>"
    if kind == BlockKind.LINE:
        return render_inline(source, resolve, definitions)
    if kind not in {
        BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.CODE, BlockKind.HTML, BlockKind.ITEM
    }:  # fmt: skip
        return ""
    source = _UNREADABLE.sub("\ufffd", source)
    source = _item_content(source) if kind == BlockKind.ITEM else _outdented(source)
    html = _parser(_BLOCK_OPTIONS, definitions).html(source)
    if is_too_deep(html):
        return f"<p>{escape(source, quote=False)}</p>"
    if kind == BlockKind.HEADING:
        heading = _HEADING.match(html)
        return sanitise_inline(heading[1] if heading else html, resolve)
    html = sanitise_block(html, resolve)
    if kind == BlockKind.ITEM and html.startswith("<p>") and html.find("</p>") == len(html) - 4:
        return html[3:-4]
    return html


def _parser(options: Options, definitions: Mapping[str, str] | None) -> Markdown:
    if not definitions:
        return _PARSERS[options]

    def find(link: BrokenLink) -> tuple[str, str] | None:
        target = definitions.get(fold_label(link["reference"]))
        return None if target is None else (target, "")

    return Markdown(options=options, broken_link_callback=find)


_PARSERS = {options: Markdown(options=options) for options in (_INLINE_OPTIONS, _BLOCK_OPTIONS)}


# Markdown


def _one_line(markdown: str) -> str:
    """The text as one line that a heading can hold, which is read as inline markdown only."""
    line = _UNREADABLE.sub("\ufffd", markdown).strip(" \t\r\n")
    if "\n" in line or "\r" in line:
        line = _FOLD.sub(_fold, line)
    if line.endswith("#"):
        line = _CLOSING_HASHES.sub(lambda hashes: "\\" + hashes[1], line)
    return line


def _fold(end: re.Match[str]) -> str:
    is_hard = end[2] or end[1] == "\\" or len(end[1]) > 1
    return "<br>" if is_hard else " "


def _html(parser: Markdown, lines: list[str]) -> list[str]:
    """The HTML of each line, unsanitised."""
    if not lines:
        return []
    html = parser.html("".join([f"# {line}\n" for line in lines]))[4:-6]
    return html.split(_HEADING_LIMIT) if len(lines) > 1 else [html]


def _outdented(source: str) -> str:
    """The lines without the indentation that the list items around them ask for."""
    indent = len(source) - len(source.lstrip(" \t"))
    if not indent:
        return source
    return re.sub(rf"^[ \t]{{1,{indent}}}", "", source, flags=re.MULTILINE)


def _item_content(source: str) -> str:
    """Return an item's content behind the marker, and the lines below without indentation."""
    start = item_start(source)
    head = source[:start]
    first, *rest = split_lines(source[start:]) or [""]
    indentation = re.compile(rf"[ \t{'>' if '>' in head else ''}]{{0,{start}}}")
    return first + "".join([indentation.sub("", line, count=1) for line in rest])
