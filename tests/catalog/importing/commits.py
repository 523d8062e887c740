"""Lifelike commits: what maintainers of lists do to a README between two imports.

Each takes the blocks of a text and returns their sources; what it makes up is by chance.
"""

import random
import re
from collections.abc import Callable
from itertools import pairwise

from catalog.markdown import Block, BlockKind, Document, parse

type Chance = random.Random
type Commit = Callable[[Document, Chance], list[str]]

_ENTRIES = {BlockKind.ITEM, BlockKind.TABLE_ROW}
_DEEPEST = 6


def commit(text: str, chance: Chance) -> str:
    """The text after one commit; there is always one that changes something."""
    while True:
        document = parse(text)
        after = document.bom + "".join(chance.choice(COMMITS)(document, chance))
        if after != text:
            return after


# Sections


def _sources(document: Document) -> list[str]:
    return [block.source for block in document.blocks]


def _sections(document: Document, chance: Chance) -> list[tuple[int, int]]:
    """Where each section below the list's title begins and ends, in an order of chance."""
    spans = []
    for index, section in enumerate(document.sections):
        if index == 0 and section.level == 1:
            continue
        following = (
            other.block for other in document.sections[index + 1 :] if other.level <= section.level
        )
        spans.append((section.block, next(following, len(document.blocks))))
    chance.shuffle(spans)
    return spans


def _word(chance: Chance) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6))


def rename_section(document: Document, chance: Chance) -> list[str]:
    sources = _sources(document)
    for start, _end in _sections(document, chance)[:1]:
        sources[start] = re.sub(r"(#+ ).*", rf"\1{_word(chance).title()}", sources[start])
    return sources


def exchange_titles(document: Document, chance: Chance) -> list[str]:
    sources = _sources(document)
    starts = [start for start, _end in _sections(document, chance)[:2]]
    titles = [sources[start].lstrip("#") for start in reversed(starts)]
    for start, title in zip(starts, titles, strict=True):
        sources[start] = _marks(sources[start]) + title
    return sources


def move_section(document: Document, chance: Chance) -> list[str]:
    sources = _sources(document)
    sections = _sections(document, chance)
    for start, end in sections[:1]:
        others = [there for there, _ in sections if not start <= there < end]
        if others:
            there = chance.choice(others)
            moved = _ended(sources[start:end])
            if there < start:
                return sources[:there] + moved + sources[there:start] + sources[end:]
            return sources[:start] + sources[end:there] + moved + sources[there:]
    return sources


def split_section(document: Document, chance: Chance) -> list[str]:
    """A heading of the same or the next level between two entries."""
    sources = _sources(document)
    places = [
        index
        for index, block in enumerate(document.blocks)
        if block.kind is BlockKind.ITEM
        and block.depth == 1
        and index
        and document.blocks[index - 1].kind in _ENTRIES
        and block.section is not None
    ]
    if places:
        here = chance.choice(places)
        section = document.sections[document.blocks[here].section or 0]
        level = min(max(section.level, 2) + chance.randint(0, 1), _DEEPEST)
        sources.insert(here, f"\n{'#' * level} {_word(chance).title()}\n\n")
    return sources


def join_sections(document: Document, chance: Chance) -> list[str]:
    """A heading goes, and what stood below it belongs to the one above."""
    sources = _sources(document)
    for start, _end in _sections(document, chance)[:1]:
        del sources[start]
    return sources


def put_section_above(document: Document, chance: Chance) -> list[str]:
    """A new section around an old one, which goes down a level."""
    sources = _sources(document)
    for start, end in _sections(document, chance)[:1]:
        marks = _marks(sources[start])
        if _lowest(document, start, end) < _DEEPEST:
            _level(document, sources, start, end, 1)
            sources[start] = f"{marks} {_word(chance).title()}\n\n{sources[start]}"
    return sources


def level_section(document: Document, chance: Chance) -> list[str]:
    sources = _sources(document)
    for start, end in _sections(document, chance)[:1]:
        step = chance.choice((-1, 1))
        highest = len(_marks(sources[start])) + step
        if highest >= 1 and _lowest(document, start, end) + step <= _DEEPEST:
            _level(document, sources, start, end, step)
    return sources


def _level(document: Document, sources: list[str], start: int, end: int, step: int) -> None:
    for index in range(start, end):
        if document.blocks[index].kind is BlockKind.HEADING:
            level = len(_marks(sources[index])) + step
            sources[index] = "#" * level + sources[index].lstrip("#")


def _lowest(document: Document, start: int, end: int) -> int:
    return max(len(_marks(block.source)) for block in document.blocks[start:end])


def _marks(source: str) -> str:
    return source[: len(source) - len(source.lstrip("#"))]


def _ended(sources: list[str]) -> list[str]:
    """The sources with blank lines behind them, so that a heading may follow."""
    return [*sources, "\n"]


# Entries


def _entries(document: Document) -> list[int]:
    return [i for i, block in enumerate(document.blocks) if block.kind in _ENTRIES]


def _alike(one: Block, other: Block) -> bool:
    return (one.kind, one.depth) == (other.kind, other.depth)


def change_entries(document: Document, chance: Chance) -> list[str]:
    """Some entries say something else, or are called something else."""
    sources = _sources(document)
    for here in chance.sample(_entries(document), min(3, len(_entries(document)))):
        if chance.random() < 0.5:
            sources[here] = re.sub(r"(\w)(\W*)$", r"\1 too\2", sources[here], count=1)
        else:
            sources[here] = re.sub(r"[A-Z]\w+", _word(chance).title(), sources[here], count=1)
    return sources


def add_entries(document: Document, chance: Chance) -> list[str]:
    """New ones behind others, made like them; some have no link."""
    sources = _sources(document)
    for here in sorted(chance.sample(_entries(document), min(2, len(_entries(document)))))[::-1]:
        name = _word(chance)
        new = re.sub(r"[A-Z]\w+", name.title(), sources[here])
        if chance.random() < 0.3:
            new = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", new)
        sources.insert(here + 1, re.sub(r"example\.org/\w+", f"example.org/{name}", new))
    return sources


def double_entry(document: Document, chance: Chance) -> list[str]:
    sources = _sources(document)
    here = chance.choice(_entries(document))
    places = [i for i in _entries(document) if _alike(document.blocks[i], document.blocks[here])]
    sources.insert(chance.choice(places), sources[here])
    return sources


def remove_entries(document: Document, chance: Chance) -> list[str]:
    gone = set(chance.sample(_entries(document), min(2, len(_entries(document)))))
    return [source for index, source in enumerate(_sources(document)) if index not in gone]


def move_entry(document: Document, chance: Chance) -> list[str]:
    """To any place where others like it stand; every other time with other words."""
    sources = _sources(document)
    here = chance.choice(_entries(document))
    places = [i for i in _entries(document) if _alike(document.blocks[i], document.blocks[here])]
    source = sources.pop(here)
    if chance.random() < 0.5:
        source = re.sub(r"(\w)(\W*)$", r"\1 more\2", source, count=1)
    sources.insert(chance.choice(places), source)
    return sources


def sort_entries(document: Document, chance: Chance) -> list[str]:
    """A list or table in another order, what is nested with its item."""
    sources = _sources(document)
    listing = chance.choice([listing for listing in document.listings if listing.blocks])
    first, *_rest, last = [*listing.blocks, listing.blocks[-1] + 1]
    while last < len(sources) and document.blocks[last].depth > document.blocks[first].depth:
        last += 1
    starts = [*listing.blocks, last]
    parts = [sources[start:end] for start, end in pairwise(starts)]
    chance.shuffle(parts)
    return [*sources[:first], *[source for part in parts for source in part], *sources[last:]]


def nest_entry(document: Document, chance: Chance) -> list[str]:
    """An item below the one before it, or out again, with what is nested below it."""
    sources = _sources(document)
    items = [i for i in _entries(document) if document.blocks[i].kind is BlockKind.ITEM]
    if items:
        here = chance.choice(items)
        depth = document.blocks[here].depth
        end = here + 1
        while end < len(sources) and document.blocks[end].depth > depth:
            end += 1
        for index in range(here, end):
            if depth > 1:
                sources[index] = sources[index].removeprefix("  ")
            else:
                sources[index] = "  " + sources[index]
    return sources


COMMITS: tuple[Commit, ...] = (
    rename_section, exchange_titles, move_section, split_section, join_sections,
    put_section_above, level_section, change_entries, add_entries, double_entry, remove_entries,
    move_entry, sort_entries, nest_entry,
)  # fmt: skip


# Lists to begin with


def bullets() -> str:
    """Two levels of sections, all entries items with links."""
    text = "# Tools\n\nTools that are good to have.\n\n"
    for part in ("Editors", "Servers"):
        text += f"## {part}\n\n"
        for group in ("Fast", "Small"):
            text += f"### {group}\n\n"
            text += "".join([_item(f"{part}{group}{number}") for number in range(4)]) + "\n"
    return text


def tables() -> str:
    """A table in each section, values of facets in its cells, a few rows without a link."""
    text = "# Models\n\n"
    for part in ("Chat", "Code", "Speech"):
        text += f"## {part}\n\n| Name | License | Notes |\n|---|---|---|\n"
        for number in range(5):
            name = f"{part}{number}"
            link = f"[{name}](https://example.org/{name.lower()})" if number else name
            text += f"| {link} | {('MIT', 'Apache-2.0')[number % 2]} | Does {name}. |\n"
        text += "\n"
    return text


def nested() -> str:
    """Items below items, many without a link, headings that come twice, no title."""
    text = "一个列表。\n\n"
    for part in ("资源", "Books", "资源"):
        text += f"## {part}\n\n"
        for group in ("Alpha", "Gamma"):
            text += f"* {group}\n" + f"  * Intro: {group} is first.\n"
            text += f"  * [{group}Guide](https://example.org/{group.lower()}) - Guides.\n"
        text += "\n"
    return text


def _item(name: str) -> str:
    return f"- [{name}](https://example.org/{name.lower()}) - Does {name}.\n"
