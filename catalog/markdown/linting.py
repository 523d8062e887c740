"""The linter of lists, in the spirit of awesome-lint; start with `lint`.

Nothing here changes or refuses anything: lists are full of exceptions that are right. Every
finding says what, where and what to do; codes are stable, so that a list can switch one off.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from functools import lru_cache, partial
from urllib.parse import unquote

from rapidfuzz import fuzz, process

from catalog.markdown.inline import anchor_of, anchors_of, plain_text
from catalog.markdown.links import canonical_url, find_bare_urls, host_of, tracking_parameters
from catalog.markdown.nodes import (
    LINE_ENDING,
    Block,
    BlockKind,
    Document,
    Entry,
    Link,
    LinkForm,
    ListingKind,
)
from catalog.markdown.parser import fold_label
from catalog.markdown.subsequences import longest_sorted
from catalog.markdown.words import folded

# Findings, which the checks of proposals (`submissions/checks`) make too; their sentences are in
# `catalog/sentences.py`, in the reader's language.


_LONGEST_VALUE = 60

type Values = Mapping[str, str | int]


class Severity(StrEnum):
    """Severity of a finding, the worst first."""

    BLOCK = "block"
    """Something is lost, leads nowhere, or cannot be published."""
    WARN = "warn"
    """A probable mistake."""
    NOTE = "note"
    """A difference in style from the neighbours."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `code` is stable; with `variant` and `values` it makes the sentence.

    In a list, `line` counts from 1, and `entry` and `block` are indexes of the document's lists.
    In a proposal, `field` is `name`, `url`, `description`, `cell-0`, `tags` …, or '' for the whole;
    `fix` are fields with better values, `link` leads to what it is about.
    """

    code: str
    severity: Severity
    values: Values = dataclass_field(default_factory=dict)
    variant: str = ""
    line: int = 0
    entry: int | None = None
    block: int | None = None
    field: str = ""
    fix: dict[str, str] | None = None
    link: str = ""


def in_block(
    block: Block,
    index: int,
    offset: int,
    code: str,
    severity: Severity,
    /,
    variant: str = "",
    **values: str | int,
) -> Finding:
    """A finding at an offset of a block's source; `variant` chooses among a code's sentences."""
    line = block.first_line
    if block.last_line > line:
        line += bisect_right(_line_ends(block.source), offset)
    return Finding(code, severity, values, variant, line, block.entry, index)


@lru_cache(maxsize=2)
def _line_ends(source: str) -> list[int]:
    """Offsets behind the line endings; findings of one block follow each other."""
    return [ending.end() for ending in LINE_ENDING.finditer(source)]


def in_entry(
    entry: Entry,
    index: int,
    code: str,
    severity: Severity = Severity.NOTE,
    /,
    variant: str = "",
    **values: str | int,
) -> Finding:
    """A finding about an entry as a whole; its name is the value `name`."""
    named = {"name": shortened(entry.name), **values}
    return Finding(code, severity, named, variant, entry.first_line, index, entry.block)


def shortened(text: str) -> str:
    """A part of the list as a sentence can mention it: on one line, at most 60 characters."""
    text = " ".join(text[: 4 * _LONGEST_VALUE].split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


# Style: differences of an entry from its neighbours, and probable mistakes
#
# A rule about neighbours speaks only where nearly all of them agree: it repeats what the list's
# own people do, and has no taste of its own.


FEW = 5
"""A listing with fewer entries has no habits."""
NEARLY_ALL = 0.9
LONGEST = 2000
"""Characters of a field that is looked into; what is longer is prose."""

type _Members = Sequence[tuple[int, Entry]]

_END_MARKS = tuple(".!?…。！？｡؟।")
_AROUND = " \t*_`\"'()[]{}<>“”‘’«»「」『』（）【】《》"
_ELLIPSIS = ("...", "…", "。。。")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
# What may stand before a parenthesis that is alone on purpose: `1)`, `a)` of an enumeration,
# or the eyes of a face.
_ALONE = re.compile(r"(?:(?:^|[\s,;])\w{1,2}|(?:^|\s)[:;=]['-]?)\Z")
_PAIRS = dict(zip(")]}）】」』》”", "([{（【「『《“", strict=True))
_OPENING = frozenset(_PAIRS.values())
_MARKS = '"' + re.escape("".join([*_PAIRS, *_OPENING]))
_PAIRED = re.compile(f"[{_MARKS}]")
# A link without any such mark in its text and address.
_LINK = re.compile(rf"\[[^{_MARKS}]*\]\([^\s{_MARKS}]*\)")
_CURLY_QUOTES = dict.fromkeys(map(ord, "„“”"))
_INCH = re.compile(r'\d"')
_MARKER = re.compile(r"[ \t>]*([-*+])[ \t\r\n]")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W_]")


def style_findings(document: Document) -> list[Finding]:
    """Findings about how entries are written, in no particular order."""
    listings: defaultdict[int, list[tuple[int, Entry]]] = defaultdict(list)
    findings = list(_markers(document))
    for index, entry in enumerate(document.entries):
        if entry.suggested:
            continue
        findings += _within(document, index, entry)
        if entry.listing is not None:
            listings[entry.listing].append((index, entry))
    for number, members in listings.items():
        listing = document.listings[number]
        findings += _repeated_names(members)
        if listing.kind is ListingKind.TABLE:
            findings += _row_lengths(members, len(listing.header))
        if len(members) >= FEW:
            if listing.kind is not ListingKind.TABLE or listing.description_column is not None:
                findings += _descriptions(members)
            findings += _order(members)
    return findings


# One entry


def _within(document: Document, index: int, entry: Entry) -> Iterator[Finding]:
    block = document.blocks[entry.block]
    texts = [cell.text for cell in entry.cells]
    if block.kind in {BlockKind.ITEM, BlockKind.LINE, BlockKind.PARAGRAPH}:
        texts.append(block.source)
    for text in texts:
        lone = lone_bracket(text)
        if lone:
            yield in_entry(entry, index, "unbalanced", Severity.WARN, mark=lone)
            break
    if entry.description.rstrip().endswith(_ELLIPSIS):
        yield in_entry(entry, index, "ellipsis")
    for link in entry.links:
        start = link.slot.start
        before = block.source[start - 1 : start]
        if (
            before.isascii()
            and (before.isalnum() or before in {",", ";"})
            and before
            and link.form in {LinkForm.INLINE, LinkForm.REFERENCE}
            and link.text[:1].isascii()
            and link.text[:1].isalnum()
        ):
            text = shortened(link.text)
            yield in_block(block, entry.block, start, "space-before-link", Severity.NOTE, text=text)


def lone_bracket(markdown: str) -> str:
    """The first bracket or quotation mark without its counterpart, '' if there is none."""
    if len(markdown) > LONGEST or not _PAIRED.search(markdown) or "…" in markdown:
        return ""  # Prose, plain words, or a text that was cut short.
    if "&" not in markdown and not _PAIRED.search(_LINK.sub("", markdown)):
        return ""
    text = plain_text(" ".join(_CODE.sub("", markdown).split()))
    for start, end, _ in reversed(list(find_bare_urls(text))):
        text = text[:start] + text[end:]
    if "„" in text or "“" not in text:
        # German and Swedish close with what others open with, or use one mark for both.
        text = text.translate(_CURLY_QUOTES)
    for mark, start in _unpaired(text):
        if not _ALONE.search(text, max(start - 3, 0), start):
            return mark
    # Behind a number it is an inch.
    return '"' if text.count('"') % 2 and not _INCH.search(text) else ""


def _unpaired(text: str) -> Iterator[tuple[str, int]]:
    """Yield brackets without counterpart and their places: closing ones, then opening ones."""
    open_ones: list[tuple[str, int]] = []
    for match in _PAIRED.finditer(text):
        mark, start = match[0], match.start()
        if mark in _OPENING:
            open_ones.append((mark, start))
        elif open_ones and open_ones[-1][0] == _PAIRS.get(mark):
            open_ones.pop()
        elif mark != '"':
            yield mark, start
    yield from open_ones


# Entries and their neighbours


def _descriptions(members: _Members) -> Iterator[Finding]:
    described = [(i, entry, plain_text(entry.description[:LONGEST])) for i, entry in members]
    texts = [(index, entry, text) for index, entry, text in described if text]
    habits = {
        "no-description": [(index, entry, bool(text)) for index, entry, text in described],
        "name-in-description": [
            (index, entry, not repeats_name(entry.name, text)) for index, entry, text in texts
        ],
        "capital": [
            (index, entry, capital)
            for index, entry, text in texts
            if (capital := has_capital(entry.name, entry.description, text)) is not None
        ],
        "end-mark": [(index, entry, has_end_mark(text)) for index, entry, text in texts],
    }
    for code, judged in habits.items():
        if _is_habit([follows for *_, follows in judged]):
            yield from (in_entry(entry, i, code) for i, entry, follows in judged if not follows)


def _is_habit(judged: Sequence[bool]) -> bool:
    """Whether nearly all of enough entries do something alike."""
    return len(judged) >= FEW and sum(judged) >= NEARLY_ALL * len(judged)


def has_capital(name: str, description: str, text: str) -> bool | None:
    """Whether a description begins with a capital; None where there is no such choice.

    `text` is the plain text of it.
    """
    word = text.lstrip(_AROUND).partition(" ")[0]
    if not word[:1].isalpha() or word[0].upper() == word[0].lower():
        return None
    if word[0].isupper():
        return True
    # macOS, a command, a file, the thing's own name: spelled so on purpose.
    on_purpose = not word[1:].rstrip(".,;:").isalpha() or word != word.lower()
    if on_purpose or word.casefold() in name.casefold() or description[:1] in "`[<":
        return None
    return False


def has_end_mark(text: str) -> bool:
    """Whether a description, as plain text, ends as a sentence does."""
    return text.rstrip(_AROUND).endswith(_END_MARKS)


def repeats_name(name: str, text: str) -> bool:
    """Whether a description, as plain text, begins with the name."""
    size = len(name)
    if size <= 2 or len(text) <= size or text[:size].casefold() != name.casefold():
        return False
    return not (text[size].isalnum() or text[size] in "-_./'’+#")


def _order(members: _Members) -> Iterator[Finding]:
    """Entries out of order where nearly all others are in alphabetical order."""
    named = [(index, entry) for index, entry in members if _WORD.search(entry.name)]
    in_place, keys = longest_order([entry.name for _, entry in named])
    if len(in_place) == len(named) or len(in_place) < NEARLY_ALL * len(named):
        return
    in_order = [keys[position] for position in in_place]
    for position in sorted(set(range(len(named))).difference(in_place)):
        index, entry = named[position]
        place = bisect_right(in_order, keys[position])
        neighbour = named[in_place[max(place - 1, 0)]][1]
        variant = "" if place else "before"
        yield in_entry(entry, index, "order", other=shortened(neighbour.name), variant=variant)


def longest_order(names: Sequence[str]) -> tuple[list[int], list[str]]:
    """Positions of a longest run of names that is in alphabetical order, and what they sort by."""
    plain = [_sort_key(name) for name in names]
    # `Part 10` after `Part 9` is in order, and so it is after `Part 1`.
    natural = [_NUMBER.sub(lambda number: number[0].zfill(12), key) for key in plain]
    return max(
        ((longest_sorted(keys), keys) for keys in (plain, natural)), key=lambda way: len(way[0])
    )


def _sort_key(name: str) -> str:
    first = _WORD.search(name)
    return name[first.start() :].casefold() if first else ""


def _repeated_names(members: _Members) -> Iterator[Finding]:
    first: dict[str, Entry] = {}
    for index, entry in members:
        name = folded(entry.name)
        earlier = first.setdefault(name, entry)
        if name and earlier is not entry:
            first_line = earlier.first_line
            yield in_entry(entry, index, "duplicate-name", Severity.WARN, first=first_line)


def _row_lengths(members: _Members, columns: int) -> Iterator[Finding]:
    for index, entry in members:
        cells = len(entry.cells)
        if cells == columns:
            continue
        code, severity = "missing-cells", Severity.NOTE
        if cells > columns:
            code, severity = "extra-cells", Severity.BLOCK
        yield in_entry(entry, index, code, severity, cells=cells, columns=columns)


def _markers(document: Document) -> Iterator[Finding]:
    """Lists whose bullet is another than that of nearly all lists as deep as they are."""
    by_depth: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for listing in document.listings:
        if listing.kind is ListingKind.LIST and listing.blocks and not listing.is_toc:
            block = document.blocks[listing.blocks[0]]
            match = _MARKER.match(block.source)
            if match and block.kind is BlockKind.ITEM:
                by_depth[block.depth].append((listing.blocks[0], match[1]))
    for lists in by_depth.values():
        usual, count = Counter(marker for _, marker in lists).most_common(1)[0]
        if len(lists) < FEW or count < NEARLY_ALL * len(lists):
            continue
        for index, marker in lists:
            if marker != usual:
                note = partial(in_block, document.blocks[index], index, 0)
                yield note("other-marker", Severity.NOTE, marker=marker, usual=usual)


# Links to places in the list that are not there, with the place that may be meant


_OF_THE_PAGE = frozenset({"", "readme", "top", "start-of-content"})
"""Fragments that GitHub's own page around the README answers."""
_PREFIX = "user-content-"

_COMPARISONS = 500_000
"""Most pairs compared for suggestions; a broken link costs as many as there are anchors."""
_SIMILAR = 60
"""Least similarity of a suggestion, of 100."""


def broken_anchors(document: Document) -> list[Finding]:
    """Links to a place in the document that is not there, with the place that may be meant.

    Case does not count, as on GitHub. A link without ``#`` that names an anchor is one too.
    """
    anchors = anchors_of(document)
    exactly = {anchor for anchor in anchors if anchor not in _OF_THE_PAGE}
    known = {anchor.casefold() for anchor in anchors} | _OF_THE_PAGE
    pictured = _beside_pictures(document)
    findings = []
    suggestions: dict[str, str] = {}
    affordable = _COMPARISONS // (len(anchors) + 1)
    for index, block, link in _links(document):
        url = link.url
        if url[0] == "#":
            fragment = unquote(url[1:]).casefold().removeprefix(_PREFIX)
            if fragment in known or fragment.strip("-") in pictured:
                continue
            if url not in suggestions:
                enough = len(suggestions) >= affordable
                suggestions[url] = "" if enough else _nearest(fragment, anchors)
            code, variant = "broken-anchor", "" if suggestions[url] else "unknown"
            values: dict[str, str] = {"nearest": "#" + suggestions[url]} if suggestions[url] else {}
        elif url in exactly:
            code, variant, values = "anchor-without-hash", "", {"better": "#" + url}
        else:
            continue
        values |= {"text": shortened(link.text or url), "url": shortened(url)}
        start = link.slot.start
        findings.append(
            in_block(block, index, start, code, Severity.BLOCK, variant=variant, **values)
        )
    return findings


def _links(document: Document) -> Iterator[tuple[int, Block, Link]]:
    for index, block in enumerate(document.blocks):
        for link in block.links:
            if link.url:
                yield index, block, link


def _beside_pictures(document: Document) -> set[str]:
    """Anchors of headings with a picture, ``-`` at the ends aside.

    GitHub has at times counted the space between a heading's words and a picture, at times not;
    either spelling is let pass.
    """
    sources = ((section, document.blocks[section.block].source) for section in document.sections)
    return {
        section.anchor.casefold().strip("-")
        for section, source in sources
        if "![" in source or "<" in source
    }


def _nearest(fragment: str, anchors: list[str]) -> str:
    match = process.extractOne(
        anchor_of(fragment), anchors, scorer=fuzz.ratio, score_cutoff=_SIMILAR
    )
    return match[0] if match else ""


# The rules


# Controls but tab and line ends, zero-width characters, direction marks, embeddings, overrides.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
# Right-to-left scripts need marks of direction, theirs and Indic ones joiners, emoji too.
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")
_JOINERS = frozenset("\u200c\u200d")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")

_WHOLE_PAGE = frozenset({"", "readme"})
# `[//]: # (…)` is how people write comments.
_COMMENT_LABELS = frozenset({"//", "comment"})
_REFERENCE = re.compile(r"(?<![\]\\!])\[([^\[\]\r\n]{1,200})\]\[([^\[\]\r\n]{0,200})\]")
_CODE_SPAN = re.compile(r"`[^`\r\n]*`")
_VERBATIM = frozenset({BlockKind.CODE, BlockKind.HTML, BlockKind.FRONT_MATTER})


def lint(document: Document) -> list[Finding]:
    """All findings, by line. Never raises; takes time linear in the document."""
    findings = [
        *_headings(document),
        *_duplicate_urls(document),
        *_addresses(document),
        *_references(document),
        *_unseen_characters(document),
        *broken_anchors(document),
        *style_findings(document),
    ]
    return sorted(findings, key=lambda finding: (finding.line, finding.code))


def _headings(document: Document) -> Iterator[Finding]:
    sections = document.sections
    titles = sum(section.level == 1 for section in sections)
    # Where many headings are of level 1, they are the list's way to write sections.
    one_title = 10 * titles <= len(sections)
    level = 0
    has_title = False
    for section in sections:
        block = document.blocks[section.block]
        title, note = shortened(section.title), partial(in_block, block, section.block, 0)
        if level and section.level > level + 1:
            yield note(
                "heading-jump",
                Severity.NOTE,
                title=title,
                level=section.level,
                above=level,
                better=level + 1,
            )
        if not section.title:
            yield note("empty-heading", Severity.WARN)
        if one_title and has_title and section.level == 1:
            yield note("second-title", Severity.NOTE, title=title)
        level = section.level
        has_title = has_title or level == 1


def _duplicate_urls(document: Document) -> Iterator[Finding]:
    """Entries whose address an earlier entry has; two places of one page are two things."""
    first: dict[str, int] = {}
    whole: dict[str, int] = {}
    for index, entry in enumerate(document.entries):
        canonical = canonical_url(entry.url)
        if not canonical:
            continue
        place = entry.url.partition("#")[2]
        if place in _WHOLE_PAGE:
            whole.setdefault(canonical, index)
            earlier = first.setdefault(canonical, index)
        else:
            first.setdefault(canonical, index)
            earlier = whole.get(canonical, first.setdefault(f"{canonical}#{place}", index))
        if earlier != index:
            other = document.entries[earlier]
            yield in_entry(
                entry,
                index,
                "duplicate-url",
                Severity.WARN,
                other=shortened(other.name),
                first=other.first_line,
            )


def _addresses(document: Document) -> Iterator[Finding]:
    secure = {
        host_of(link.url)
        for block in document.blocks
        for link in block.links
        if link.url[:8].lower() == "https://"
    }
    for index, block in enumerate(document.blocks):
        for link in block.links:
            url, name = link.url, shortened(link.text or link.url)
            note = partial(in_block, block, index, link.slot.start)
            if not url.strip() and link.form is not LinkForm.HTML:
                yield note("empty-link", Severity.BLOCK, name=name)
                continue
            if not link.text.strip() and not link.is_image_only and link.form is LinkForm.INLINE:
                yield note("link-without-text", Severity.WARN, url=shortened(url))
            if url[:7].lower() == "http://" and host_of(url) in secure:
                yield note("http", Severity.NOTE, name=name, host=host_of(url))
            tracking = tracking_parameters(url)
            if tracking:
                names = ", ".join(map(shortened, tracking[:5]))
                yield note("tracking", Severity.NOTE, name=name, names=names)


def _references(document: Document) -> Iterator[Finding]:
    defined: dict[str, Block] = {}
    for index, block in enumerate(document.blocks):
        if block.kind is BlockKind.DEFINITION and block.label not in _COMMENT_LABELS:
            earlier = defined.setdefault(block.label, block)
            if earlier is not block:
                note = partial(in_block, block, index, 0, "duplicate-definition", Severity.WARN)
                yield note(label=shortened(block.label), first=earlier.first_line)
    for index, block in enumerate(document.blocks):
        source = block.source
        if "][" not in source or block.kind in _VERBATIM:
            continue
        source = _CODE_SPAN.sub(lambda code: " " * len(code[0]), source)
        starts = [link.slot.start for link in block.links]
        for match in _REFERENCE.finditer(source):
            label = match[2] or match[1]
            start = match.start()
            before = bisect_right(starts, start)
            in_link = before and start < block.links[before - 1].slot.end
            if in_link or fold_label(label) in defined:
                continue
            note = partial(in_block, block, index, start, "undefined-reference", Severity.WARN)
            yield note(text=shortened(match[0]), label=shortened(label))


def _unseen_characters(document: Document) -> Iterator[Finding]:
    for index, block in enumerate(document.blocks):
        source = block.source
        if block.kind is BlockKind.CODE or (source.isascii() and source.isprintable()):
            continue
        seen: set[str] = set()
        right_to_left: bool | None = None
        for match in _UNSEEN.finditer(source):
            character = match[0]
            if character in seen:
                continue
            if character in _DIRECTION_MARKS:
                if right_to_left is None:
                    right_to_left = bool(_RIGHT_TO_LEFT.search(source))
                if right_to_left:
                    continue
            start = match.start()
            if character in _JOINERS and start and not source[start - 1].isascii():
                continue
            seen.add(character)
            name = unicodedata.name(character, "control character").lower()
            note = partial(in_block, block, index, start, "unseen-character", Severity.WARN)
            yield note(code=f"{ord(character):04X}", name=name)
