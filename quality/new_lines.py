"""Add a made-up entry to sections of real lists and show it between its neighbours.

    python -m quality.new_lines --seed 7 --count 100 ../shared/lists

Whether a maintainer would merge the line without a second look is judged by eye;
`docs/new-lines.md` holds what the judging found.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from catalog.markdown import Document, ListingKind, parse
from catalog.markdown.words import language_of
from catalog.markdown.writing.composing import place_by_name
from catalog.markdown.writing.dialect import VALUES_ALONE, dialect_of
from catalog.markdown.writing.edit import add_entry
from catalog.markdown.writing.layout import CodecError
from quality.lists import folder_of

WIDTH = 200
NAMES = ("Quibble", "Marrow Notes", "Ánfora", "Tinkerpad", "Lumen Forge", "zipline-tools")
DESCRIPTIONS = {
    "": "Keeps small notes in order",
    "zh": "把小笔记整理好",
    "ja": "小さなメモを整理する",
    "ko": "작은 메모를 정리합니다",
    "ru": "Держит заметки в порядке",
}


class Addition(NamedTuple):
    """A made-up entry in a listing: what was asked for, and the lines around it afterwards."""

    file: str
    section: str
    kind: ListingKind
    before: list[str]
    line: str
    behind: list[str]


def draw(files: list[Path], *, seed: int, count: int) -> Iterator[Addition]:
    """Yield up to `count` additions, one of each list and kind of listing in turn."""
    chance = random.Random(seed)  # a sample that can be drawn again, no secret
    strata: dict[tuple[str, str], list[tuple[Document, int]]] = {}
    for file in files:
        document = parse(file.read_text("utf-8", newline=""))
        with_entries = {
            entry.listing
            for entry in document.entries
            if entry.listing is not None
            and not entry.suggested
            and document.blocks[entry.block].head is None
        }
        for number in sorted(with_entries):
            kind = document.listings[number].kind
            strata.setdefault((file.name, kind), []).append((document, number))
    left = list(strata.items())
    for _key, listings in left:
        chance.shuffle(listings)
    chance.shuffle(left)
    while left and count > 0:
        for (file_name, _kind), listings in left[:count]:
            document, number = listings.pop()
            yield _added(file_name, document, number, chance)
        count -= len(left)
        left = [(key, listings) for key, listings in left if listings]


def _added(file: str, document: Document, number: int, chance: random.Random) -> Addition:
    listing = document.listings[number]
    section = "" if listing.section is None else document.sections[listing.section].title
    dialect = dialect_of(document, number)
    name = chance.choice(NAMES)
    url = f"https://{name.split()[0].lower().encode('ascii', 'ignore').decode()}.example.org"
    entries = [
        document.entries[entry]
        for index in listing.blocks
        if (entry := document.blocks[index].entry) is not None
    ]
    texts = [entry.description for entry in entries if entry.description]
    sentences = [text for text in texts if not VALUES_ALONE.fullmatch(text)]
    description = ""
    if sentences and 2 * len(sentences) >= len(entries):
        description = DESCRIPTIONS[_script("".join(sentences))]
    if listing.kind is ListingKind.TABLE and listing.description_column is None:
        description = ""
    after = place_by_name(document, number, name, dialect)
    try:
        edit = add_entry(document, number, after=after, name=name, url=url, description=description)
    except CodecError as error:
        shown = [document.blocks[index].source for index in listing.blocks[:3]]
        return Addition(file, section, listing.kind, shown, f"REFUSED {error.code}\n", [])
    lines = [item.source for item in edit.put if not isinstance(item, int)]
    at = edit.at or 0
    around = [block.source for block in document.blocks[max(at - 3, 0) : at]]
    behind = [block.source for block in document.blocks[at : at + 2]]
    return Addition(file, section, listing.kind, around, "".join(lines), behind)


def _script(text: str) -> str:
    language = language_of(text[:600])
    return language if language in DESCRIPTIONS else ""


def shortened(text: str) -> str:
    """A text on one line of at most `WIDTH` characters, blanks as they are."""
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m quality.new_lines")
    parser.add_argument("folder", nargs="?", default="", help="a folder of lists")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    arguments = parser.parse_args()
    for number, addition in enumerate(
        draw(
            sorted(folder_of(arguments.folder).glob("*.md")),
            seed=arguments.seed,
            count=arguments.count,
        ),
        1,
    ):
        print(f"{number} {addition.kind} {addition.file} · {addition.section}")
        for sign, sources in (
            ("   ", addition.before),
            (">>>", [addition.line]),
            ("   ", addition.behind),
        ):
            for source in sources:
                for line in source.splitlines()[:6]:
                    print(f"{sign} {shortened(line)}")


if __name__ == "__main__":
    main()
