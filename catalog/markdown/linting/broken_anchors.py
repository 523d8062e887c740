"""Links to places in the list that are not there, with the place that may be meant."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from rapidfuzz import fuzz, process

from catalog.markdown.anchors import anchor_of, anchors_of
from catalog.markdown.findings import Finding, Severity, in_block, shortened
from catalog.markdown.nodes import Block, Document, Link

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
