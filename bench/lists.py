"""Lists of any size with the shape of life, made up and the same at every run.

One table of a fifth of the entries, a section for every fifty, 40 columns that hold facet values
spread as Zipf found words to be, Chinese in three entries of ten, several links in one of ten.
"""

import random
from collections.abc import Iterator
from itertools import accumulate

FACETS = 40
VALUES = 200
"""Values of each facet; the n-th is met 1/n times as often as the first."""
PER_SECTION = 50
COLUMNS_OF_A_TABLE = 4

_WORDS = [
    "fast",
    "small",
    "open",
    "tools",
    "for",
    "reading",
    "writing",
    "large",
    "models",
    "data",
    "sets",
    "training",
    "images",
]
_CHINESE = "开源大语言模型训练推理数据集评测工具框架中文指令微调对话检索增强生成多模态语音图像"
_WEIGHTS = list(accumulate(1 / rank for rank in range(1, VALUES + 1)))


def make_list(entries: int, *, seed: int = 1) -> str:
    """A list with so many entries."""
    chance = random.Random(seed)
    return "".join(_lines(entries, chance))


def _lines(entries: int, chance: random.Random) -> Iterator[str]:
    yield "# A list\n\nMade up to be measured.\n\n"
    in_table = entries // 5
    yield "## The large table\n\n"
    yield from _table(range(in_table), 0, chance)
    number = in_table
    section = 0
    while number < entries:
        section += 1
        end = min(number + PER_SECTION, entries)
        level = "##" if section % 5 == 1 else "###"
        yield f"\n{level} Section {section}\n\n"
        if section % 2:
            yield from _table(range(number, end), section, chance)
        else:
            for entry in range(number, end):
                link = _links(entry, chance, " / ")
                yield f"- {link} - {_sentence(chance)}\n"
        number = end


def _table(entries: range, section: int, chance: random.Random) -> Iterator[str]:
    facets = [(section * 3 + column) % FACETS for column in range(COLUMNS_OF_A_TABLE)]
    yield f"| name | {' | '.join(f'facet {facet}' for facet in facets)} | description |\n"
    yield f"|{'---|' * (COLUMNS_OF_A_TABLE + 2)}\n"
    for entry in entries:
        values = [_value(facet, chance) for facet in facets]
        yield (
            f"| {_links(entry, chance, '<br />')} | {' | '.join(values)} | {_sentence(chance)} |\n"
        )


def _links(entry: int, chance: random.Random, separator: str) -> str:
    names = [f"Project {entry}"]
    if chance.random() < 0.1:
        names += [f"Project {entry} paper", f"Project {entry} demo"]
    return separator.join(
        f"[{name}](https://github.com/owner-{entry % 977}/{name.replace(' ', '-').lower()})"
        for name in names
    )


def _value(facet: int, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.1:
        return "-"
    number = 2 if kind < 0.3 else 1
    ranks = chance.choices(range(VALUES), cum_weights=_WEIGHTS, k=number)
    return "/".join(f"value {facet} {rank}" for rank in ranks)


def _sentence(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return "".join(chance.choices(_CHINESE, k=chance.randint(10, 40))) + "。"
    words = " ".join(chance.choices(_WORDS, k=chance.randint(5, 15)))
    return f"{words.capitalize()}."
