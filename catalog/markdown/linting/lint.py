"""What is worth a look in a list, in the spirit of awesome-lint.

Nothing here changes or refuses anything: lists are full of exceptions that are right. Every
finding says what, where and what to do; codes are stable, so that a list can switch one off.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

from catalog.markdown.links import canonical_url, host_of, tracking_parameters
from catalog.markdown.linting.findings import Finding, Severity, in_block, in_entry, quoted
from catalog.markdown.linting.style import style_findings
from catalog.markdown.nodes import Block, BlockKind, Document, LinkForm
from catalog.markdown.parser import fold_label
from catalog.markdown.toc import broken_anchors

__all__ = ["Finding", "Severity", "lint"]

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
        title = quoted(section.title)
        if level and section.level > level + 1:
            message = (
                f"The heading {title} is of level {section.level} under one of level {level}; "
                f"make it level {level + 1}."
            )
            yield in_block(block, section.block, 0, "heading-jump", message, Severity.NOTICE)
        if not section.title:
            message = "A heading has no words, so that nothing can lead to it; name it."
            yield in_block(block, section.block, 0, "empty-heading", message, Severity.WARNING)
        if one_title and has_title and section.level == 1:
            message = f"The heading {title} is a second title; make it level 2."
            yield in_block(block, section.block, 0, "second-title", message, Severity.NOTICE)
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
            message = (
                f"{quoted(entry.name)} leads to the same place as {quoted(other.name)} in line "
                f"{other.first_line}; keep both only if both are meant."
            )
            yield in_entry(entry, index, "duplicate-url", message, Severity.WARNING)


def _addresses(document: Document) -> Iterator[Finding]:
    secure = {
        host_of(link.url)
        for block in document.blocks
        for link in block.links
        if link.url[:8].lower() == "https://"
    }
    for index, block in enumerate(document.blocks):
        for link in block.links:
            url, name, start = link.url, quoted(link.text or link.url), link.slot.start
            if not url.strip() and link.form is not LinkForm.HTML:
                message = f"The link {name} leads nowhere; give it an address or take it out."
                yield in_block(block, index, start, "empty-link", message, Severity.ERROR)
                continue
            if not link.text.strip() and not link.is_image_only and link.form is LinkForm.INLINE:
                message = f"The link to {quoted(url)} has no words; nobody can see it, so name it."
                yield in_block(block, index, start, "link-without-text", message, Severity.WARNING)
            if url[:7].lower() == "http://" and host_of(url) in secure:
                message = (
                    f"The link {name} uses http where other links to {host_of(url)} use https; "
                    "use https."
                )
                yield in_block(block, index, start, "http-link", message, Severity.NOTICE)
            tracking = tracking_parameters(url)
            if tracking:
                message = (
                    f"The address of {name} tells who sent the reader "
                    f"({', '.join(map(quoted, tracking[:5]))}); cut that off."
                )
                yield in_block(block, index, start, "tracking", message, Severity.NOTICE)


def _references(document: Document) -> Iterator[Finding]:
    defined: dict[str, Block] = {}
    for index, block in enumerate(document.blocks):
        if block.kind is BlockKind.DEFINITION and block.label not in _COMMENT_LABELS:
            earlier = defined.setdefault(block.label, block)
            if earlier is not block:
                message = (
                    f"The reference {quoted(block.label)} is defined in line "
                    f"{earlier.first_line} already, and that one counts; take this one out."
                )
                yield in_block(block, index, 0, "duplicate-definition", message, Severity.WARNING)
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
            message = (
                f"{quoted(match[0])} is shown as it stands, since {quoted(label)} is not defined; "
                "define it or write the address in parentheses."
            )
            yield in_block(block, index, start, "undefined-reference", message, Severity.WARNING)


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
            message = (
                f"There is an unseen character here (U+{ord(character):04X}, {name}); take it out."
            )
            yield in_block(block, index, start, "unseen-character", message, Severity.WARNING)
