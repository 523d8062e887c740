"""What the columns of a catalog's tables mean: guessed from headers and cells, or decided.

A guess is only that: a maintainer's decision on the `Column` row wins and is never changed here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from catalog.column_roles import MEANINGS, WITH_TAGS
from catalog.column_words import LOOSE_FACETS, NUMERIC_FACETS
from catalog.markdown.inline import plain_text
from catalog.models import Catalog, Column
from catalog.slugs import slugify
from catalog.tagging.values import split_values

Role = Column.Role

_IN_PARENTHESES = re.compile(r"\([^()]*\)|（[^（）]*）")
_ALTERNATIVE = re.compile(r"[/／|,，&]|\bor\b|\band\b")
_HEAD_COMES_FIRST = re.compile(r" (?:of|de|du|des|di|del|do|von) ")
_NUMBER = re.compile(
    r"\W*\d[\d.,:/\s~–-]*\+?\s*(?:%|[kmbgtx]b?|ms|s|sec|min|minutes?|h|hrs?|hours?|days?|weeks?|months?"
    r"|years?|pages?|(?:hours?|hrs?)/\w+|[万亿元年月日天个]+)?\W*",
    re.I,
)
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.I)
_SENTENCE = re.compile(r"[.!?]\s+\w|[。！？]")

MIN_CELLS = 8
"""Fewer cells than this do not show whether values come back."""
SAMPLED_CELLS = 200
"""About as many cells under a header are looked at for a guess, spread over all its rows."""
MIN_USES = 2.5
"""How often a value of a facet has to come back on average, when the header does not tell."""


def header_key(header: str) -> str:
    """Fold a header, inline markdown, so that spellings of it are equal.

    Case, width, spaces, punctuation, pictures and markup are folded; up to 200 characters. Only a
    header without any letter or digit keeps its signs.
    """
    text = unicodedata.normalize("NFKC", plain_text(header)).casefold()
    text = text.replace("i\u0307", "i")  # What casefold() makes of the Turkish İ.
    words = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text).split()
    return (" ".join(words) or "".join(text.split()))[:200].strip()


def guess_column(header: str, values: Sequence[str]) -> tuple[str, str]:
    """Guess a column's role and, for a facet, its slug ('' otherwise).

    `header` and `values`, a sample of its cells, are inline markdown. Which column of a table
    holds the name is the codec's to say: `NAME` here means that the header could be one's.
    """
    role, facet = _meaning(header)
    if role and role not in WITH_TAGS:
        return role, ""
    cells = _Cells.of(values)
    if facet:
        return (Role.FACET, facet) if cells.may_be(facet) else (Role.TEXT, "")
    facet = slugify(plain_text(header))
    return (Role.FACET, facet) if facet and cells.look_like_a_facet() else (Role.TEXT, "")


def _meaning(header: str) -> tuple[str, str]:
    """Role and facet by the words of the header; ('', '') if they say nothing."""
    text = plain_text(header)
    text = _IN_PARENTHESES.sub("", text).strip() or text
    for part in _ALTERNATIVE.split(text.casefold()):
        meaning = _meaning_of_words(header_key(part))
        if meaning:
            return meaning
    return "", ""


def _meaning_of_words(key: str) -> tuple[str, str] | None:
    """What stands last counts: a release date is a date, a language model a model."""
    key = _HEAD_COMES_FIRST.split(key)[0]
    words = key.split()
    for start in range(len(words)):
        if meaning := MEANINGS.get(" ".join(words[start:])):
            return meaning
    # Chinese and Japanese headers are not cut into words: 开源协议 ends in 协议.
    last = words[-1] if words and not words[-1].isascii() else ""
    if not any("CJK" in unicodedata.name(character, "") for character in last):
        return None
    return next((known for i in range(1, len(last)) if (known := MEANINGS.get(last[i:]))), None)


@dataclass(frozen=True, slots=True)
class _Cells:
    """What a sample of cells looks like."""

    filled: int
    empty: int
    linked: int
    prose: int
    values: Counter[str]

    @classmethod
    def of(cls, cells: Sequence[str]) -> _Cells:
        texts = [text for cell in cells if (text := plain_text(cell))]
        return cls(
            filled=len(texts),
            empty=len(cells) - len(texts),
            linked=sum("](" in cell or "http" in cell for cell in cells),
            prose=sum(len(text) > 80 or bool(_SENTENCE.search(text)) for text in texts),
            values=_count_values(cells),
        )

    def share(self, pattern: re.Pattern[str]) -> float:
        """Share of the values, counted as often as they come, that the pattern matches."""
        matched = sum(n for value, n in self.values.items() if pattern.fullmatch(value))
        return matched / max(self.values.total(), 1)

    def may_be(self, facet: str) -> bool:
        """Whether nothing speaks against what the header says."""
        if not self.filled:
            return True
        if facet in LOOSE_FACETS and self.filled >= MIN_CELLS and not self.come_back(2):
            return False
        return (
            self.prose <= self.filled / 2
            and self.mean_length() <= 40
            and self.share(_HOST) <= 0.5
            and (facet in NUMERIC_FACETS or self.share(_NUMBER) <= 0.5)
        )

    def look_like_a_facet(self) -> bool:
        """Whether these are few, short values that come back over many rows."""
        return (
            self.filled >= MIN_CELLS
            and self.linked <= self.filled * 0.3
            and self.prose <= self.filled * 0.1
            and self.share(_NUMBER) <= 0.3
            and self.share(_HOST) <= 0.1
            and self.values.total() >= self.filled * 0.25
            and self.mean_length() <= 30
            # One value on every row says nothing about any of them.
            and (len(self.values) > 1 or self.empty * 10 >= self.filled)
            and self.come_back(MIN_USES)
        )

    def mean_length(self) -> float:
        return sum(map(len, self.values)) / max(len(self.values), 1)

    def come_back(self, times: float) -> bool:
        return self.values.total() >= times * len(self.values) > 0


def _count_values(cells: Sequence[str]) -> Counter[str]:
    """How often each value is met; equal cells are read once."""
    values: Counter[str] = Counter()
    for cell, times in Counter(cells).items():
        for value in split_values(cell, ampersand=False):
            values[value] += times
    return values


@dataclass(slots=True)
class _Evidence:
    """What the tables of a write show about the columns under one header."""

    rows: int = 0
    name_rows: int = 0
    description_rows: int = 0
    samples: list[Sequence[str]] = field(default_factory=list)

    def guess(self, header: str) -> tuple[str, str]:
        """Role in the catalog, and facet; what the codec says of most rows counts."""
        if self.name_rows * 2 > self.rows:
            return Role.NAME, ""
        cells = [cell for sample in self.samples for cell in sample]
        role, facet = guess_column(header, cells[:: max(1, len(cells) // SAMPLED_CELLS)])
        if self.description_rows * 2 > self.rows and role not in WITH_TAGS:
            return Role.DESCRIPTION, ""
        # Each table has one column of names, and here it is another.
        return (Role.TEXT, "") if role == Role.NAME else (role, facet)


class Columns:
    """The columns of a catalog by key, for one write. Reading them costs one query."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.known = {column.key: column for column in catalog.columns.all()}
        self._evidence: dict[str, _Evidence] = {}

    @property
    def are_settled(self) -> bool:
        """Whether the guesses rest on everything that was met."""
        return not self._evidence

    def of_table(
        self,
        header: Sequence[str],
        name_column: int,
        values: Sequence[Sequence[str]] | None = None,
        description_column: int | None = None,
    ) -> list[Column]:
        """The columns of a table, in order; see `Tagger.columns_for`."""
        columns = [self._column(text) for text in header]
        for index, column in enumerate(columns):
            if values is None and not column._state.adding:
                continue
            evidence = self._evidence.setdefault(column.key, _Evidence())
            sample = values[index] if values is not None and index < len(values) else ()
            # A table without rows still says where its names would stand.
            weight = max(len(sample), 1)
            evidence.rows += weight
            evidence.name_rows += weight * (index == name_column)
            evidence.description_rows += weight * (index == description_column)
            evidence.samples.append(sample)
        return columns

    def of_listing(self, keys: Iterable[str]) -> list[Column]:
        """The columns of a stored listing; a key without a row means nothing."""
        return [self.known.get(key) or Column(key=key, guessed_role=Role.TEXT) for key in keys]

    def header_of(self, facet: str) -> str:
        """The header that first stood for a facet, '' if none does."""
        return next((c.header for c in self.known.values() if c.guessed_facet == facet), "")

    def settle(self) -> None:
        """Guess what was met since the last time, and store what is new about it."""
        new, changed = [], []
        for key, evidence in self._evidence.items():
            column = self.known[key]
            before = column.guessed_role, column.guessed_facet
            column.guessed_role, column.guessed_facet = evidence.guess(column.header)
            if column._state.adding:
                new.append(column)
            elif before != (column.guessed_role, column.guessed_facet):
                changed.append(column)
        self._evidence = {}
        Column.objects.bulk_create(new)
        Column.objects.bulk_update(changed, ["guessed_role", "guessed_facet"])

    def _column(self, header: str) -> Column:
        key = header_key(header)
        if key not in self.known:
            self.known[key] = Column(
                catalog=self.catalog,
                key=key,
                header=plain_text(header)[:500],
                guessed_role=Role.TEXT,
            )
        return self.known[key]
