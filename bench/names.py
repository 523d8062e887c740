"""Draw entries to judge by eye whether their names are what a person would call the things.

    python -m bench.names --seed 7 --count 300 ../shared/lists

Every list and kind of entry is drawn from in turn, so that a list of rows does not drown the rest;
one seed always draws the same. `docs/names.md` holds what the judging found.
"""

import argparse
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from catalog.markdown import Block, Entry, parse

WIDTH = 200


class Sample(NamedTuple):
    """An entry, the block it stands in, and the file that holds both."""

    file: str
    block: Block
    entry: Entry


def draw(files: list[Path], *, seed: int, count: int, suggested: bool = False) -> Iterator[Sample]:
    """Yield up to `count` entries, one of each list and kind in turn, none twice."""
    strata: dict[tuple[str, str], list[Sample]] = {}
    for file in files:
        document = parse(file.read_text("utf-8", newline=""))
        for entry in document.entries:
            if entry.suggested == suggested:
                block = document.blocks[entry.block]
                sample = Sample(file.name, block, entry)
                strata.setdefault((file.name, block.kind), []).append(sample)
    chance = random.Random(seed)  # a sample that can be drawn again, no secret
    left = list(strata.values())
    for samples in left:
        chance.shuffle(samples)
    chance.shuffle(left)
    while left and count > 0:
        for samples in left[:count]:
            yield samples.pop()
        count -= len(left)
        left = [samples for samples in left if samples]


def main() -> None:
    """Print what the arguments ask for: name and description, and the source below."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.names")
    parser.add_argument("paths", nargs="+", type=Path, help="lists, or folders of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--suggested", action="store_true", help="of what is not published yet")
    arguments = parser.parse_args()
    files = [
        file
        for path in arguments.paths
        for file in (sorted(path.glob("*.md")) if path.is_dir() else [path])
    ]
    samples = draw(files, seed=arguments.seed, count=arguments.count, suggested=arguments.suggested)
    for number, (file, block, entry) in enumerate(samples, 1):
        print(f"{number} {block.kind} {file}:{entry.first_line}")
        print(f"    {entry.name!r} | {cut(entry.description)}")
        print(f"    {cut(block.source)}")


def cut(text: str) -> str:
    """The text on one line of at most `WIDTH` characters."""
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


if __name__ == "__main__":
    main()
