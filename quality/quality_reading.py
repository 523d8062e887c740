"""Quality of reading: names, descriptions, headings and facets of real lists, with the worst of
each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from catalog.markdown import Document, Entry, parse
from catalog.markdown.describing import is_balanced
from catalog.markdown.fields import LONG_NAME
from quality.headings import Heading, headings_of

WORST = 10
SHARED = 5
"""So many others of a list with the same name make it one that names nothing."""
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
    read = Counter(Heading(section.level, section.anchor) for section in document.sections)
    wrong = [*(shown - read).elements(), *(read - shown).elements()]
    return Count(len(wrong), shown.total(), wrong[0].anchor if wrong else "")


FIGURES: dict[str, Callable[[Document], Count]] = {
    f"names that {SHARED} others of the list share": _shared,
    "names that are empty": _count(lambda entry: not entry.name.strip()),
    f"names of more than {LONG_NAME} characters": _count(lambda entry: len(entry.name) > LONG_NAME),
    "descriptions that are cut open or begin in the middle": _broken,
    "headings that are not as on GitHub": _headings,
    "entries whose fields have no place of their own": _count(lambda entry: entry.opaque),
}
"""The figures by name."""
