"""The rules of the linter, in the spirit of awesome-lint.

Nothing here changes or refuses anything: lists are full of exceptions that are right. Every
finding says what, where and what to do; codes are stable, so that a list can switch one off.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import partial

from catalog.markdown.findings import Finding, Severity, in_block, in_entry, shortened
from catalog.markdown.links import canonical_url, host_of, tracking_parameters
from catalog.markdown.linting.broken_anchors import broken_anchors
from catalog.markdown.linting.style import style_findings
from catalog.markdown.nodes import Block, BlockKind, Document, LinkForm
from catalog.markdown.parser import fold_label

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
