"""Quality of reading: names, descriptions, headings and facets of real lists, with the worst of
each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from catalog.markdown import Block, BlockKind, Document, Entry, parse
from catalog.markdown.attributes import CODE_KEYS, attributes_of
from catalog.markdown.describing import is_balanced
from catalog.markdown.fields import LONG_NAME
from catalog.tagging.values import is_license, split_values, value_key
from quality.headings import Heading, headings_of

WORST = 10
SHARED = 5
"""So many others of a list with the same name make it one that names nothing."""
_HTML_HEADING = re.compile(r"<h[1-6]\b", re.IGNORECASE)
_STRAY = re.compile(r"[.,;:)\]）】。，；：](?=[\s*_]|\Z)")


class Count(NamedTuple):
    """A figure of one list: how many of how many entries are wrong, and one of them."""

    wrong: int
    of: int
    example: str


def main(folder: Path) -> None:
    """Print the figures over all lists of a folder."""
    documents = {
        path.name: parse(path.read_text("utf-8", newline=""))
        for path in sorted(folder.glob("*.md"))
    }
    for title, count in FIGURES.items():
        counts = {name: count(document) for name, document in documents.items()}
        wrong, of = sum(c.wrong for c in counts.values()), sum(c.of for c in counts.values())
        share = wrong / max(of, 1)
        print(f"{title}: {wrong} of {of} ({share:.2%})")
        worst = sorted(counts.items(), key=lambda item: -item[1].wrong)[:WORST]
        for name, figure in worst:
            if figure.wrong:
                print(f"    {figure.wrong:6} of {figure.of:6}  {name}: {figure.example[:70]}")


def _published(document: Document) -> list[Entry]:
    return [entry for entry in document.entries if not entry.suggested]


def _count(test: Callable[[Entry], bool]) -> Callable[[Document], Count]:
    """The figure of entries that a test finds wrong."""

    def count(document: Document) -> Count:
        entries = _published(document)
        wrong = [entry for entry in entries if test(entry)]
        return Count(len(wrong), len(entries), _shown(wrong))

    return count


def _shown(entries: Iterable[Entry]) -> str:
    return next((f"{entry.name} | {entry.description}" for entry in entries), "")


def _shared(document: Document) -> Count:
    entries = _published(document)
    names = Counter(entry.name for entry in entries)
    wrong = [entry for entry in entries if names[entry.name] > SHARED]
    return Count(len(wrong), len(entries), _shown(wrong))


def _broken(document: Document) -> Count:
    """Descriptions that are cut where something is open; what the source leaves open is its own."""
    entries = _published(document)
    wrong = [
        entry
        for entry in entries
        if (text := entry.description)
        and (
            _STRAY.match(text) is not None
            or (not is_balanced(text) and is_balanced(document.blocks[entry.block].source))
        )
    ]
    return Count(len(wrong), len(entries), _shown(wrong))


def _headings(document: Document) -> Count:
    """Headings that are missing, or have another level or anchor than on GitHub."""
    shown = headings_of(document.text)
    read = Counter(
        Heading(section.level, section.anchor)
        for section in document.sections
        # A summary is a heading for readers alone.
        if not _is_summary(document.blocks[section.block])
    )
    wrong = [*(shown - read).elements(), *(read - shown).elements()]
    return Count(len(wrong), shown.total(), wrong[0].anchor if wrong else "")


def _is_summary(block: Block) -> bool:
    return block.kind is BlockKind.HTML and not _HTML_HEADING.search(block.source)


def _licensed(document: Document) -> Count:
    """Entries without a licence and a platform, of listings that write both in code behind most."""
    listings: dict[int, list[tuple[bool, Entry]]] = {}
    for entry in _published(document):
        if entry.listing is not None:
            attributes = attributes_of(document.blocks[entry.block].source)
            spans = [each.text for each in attributes if each.key in CODE_KEYS]
            listings.setdefault(entry.listing, []).append((_has_both(spans), entry))
    own = [rows for rows in listings.values() if 2 * sum(has for has, _ in rows) > len(rows)]
    wrong = [entry for rows in own for has, entry in rows if not has]
    return Count(len(wrong), sum(map(len, own)), _shown(wrong))


def _has_both(spans: list[str]) -> bool:
    licensed = [
        any(is_license(value_key("license", value)) for value in split_values(span))
        for span in spans
    ]
    return any(licensed) and not all(licensed)


FIGURES: dict[str, Callable[[Document], Count]] = {
    f"names that {SHARED} others of the list share": _shared,
    "names that are empty": _count(lambda entry: not entry.name.strip()),
    f"names of more than {LONG_NAME} characters": _count(lambda entry: len(entry.name) > LONG_NAME),
    "descriptions that are cut open or begin in the middle": _broken,
    "headings that are not as on GitHub": _headings,
    "entries without the licence and platform that most have": _licensed,
    "entries whose fields have no place of their own": _count(lambda entry: entry.opaque),
}
"""The figures by name."""
