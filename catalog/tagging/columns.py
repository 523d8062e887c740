"""Roles of table columns: guessed from headers and cells, or decided.

What stands behind the entries of lists in the same place (`MIT` `Go`) is a column as well, without
a header.

A guess is only that: a maintainer's decision on the `Column` row wins and is never changed here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import median
from typing import NamedTuple

from catalog.column_roles import (
    DATE_HEADERS,
    LOOSE_FACETS,
    MEANINGS,
    NUMERIC_FACETS,
    PEOPLE_AND_PRODUCTS,
    WITH_TAGS,
)
from catalog.markdown.attributes import (
    BRACKET,
    CODE_YEAR,
    LABEL,
    MARK,
    PARENTHESIS,
    attributes_of,
    cell_attributes,
)
from catalog.markdown.inline import plain_text
from catalog.markdown.links import host_of, link_kind
from catalog.markdown.words import NAMES, language_of
from catalog.models import Catalog, Column, TagAlias
from catalog.slugs import slugify
from catalog.sql.prepared import Prepared
from catalog.tagging.values import (
    FORMATS,
    PLATFORMS,
    PROGRAMMING_LANGUAGES,
    is_license,
    of_badge,
    split_values,
    value_key,
)

# Texts of an entry beside its cells: what its source says (`markdown/attributes.py`), where its
# link leads, its language. Each stands under a key, as a cell does under a header.


INFERRED = "="
"""Prefix of the keys of what is inferred from the link and the text, `=host:example.org`: each
value has a key of its own, which no header of a table has."""
INFERRED_FACETS = KIND, HOST, LANGUAGE = "link-kind", "host", "text-language"
"""The facets of such values."""
KINDS = frozenset({"repository", "paper", "model", "dataset", "space", "video", "package"})
"""Kinds of pages that say what a thing is; any other page may be of anything."""


class Text(NamedTuple):
    """A text about an entry, inline markdown, by the key of where it stands."""

    key: str
    text: str


def entry_texts(
    source: str, cells: Sequence[str], *, name: str, url: str, description: str
) -> tuple[Text, ...]:
    """Return the texts of an entry in order, apart from its cells; of a row its cells are
    `cells`."""
    attributes = cell_attributes(cells) if cells else attributes_of(source)
    texts = [Text(attribute.key, attribute.text) for attribute in attributes]
    if (kind := link_kind(url)) in KINDS:
        texts.append(Text(f"{INFERRED}{KIND}:{kind}", kind))
    if host := host_of(url):
        texts.append(Text(f"{INFERRED}{HOST}:{host}", host))
    words = f"{name} {plain_text(description)}" if description else name
    if language := language_of(words):
        texts.append(Text(f"{INFERRED}{LANGUAGE}:{language}", NAMES[language]))
    return tuple(texts)


def header_of(key: str, texts: Sequence[str], legend: Mapping[str, str]) -> str:
    """Return the name of a key for maintainers: a label, what a sign means, examples."""
    if key.startswith(LABEL):
        return key.removeprefix(LABEL).capitalize()
    if key.startswith(MARK):
        sign = key.removeprefix(MARK)
        shown = texts[0]
        is_word = any(map(str.isalpha, shown)) and not shown.startswith(":")
        return legend.get(sign) or (shown if is_word else sign)
    return ", ".join(dict.fromkeys(texts[:_EXAMPLES]))


_EXAMPLES = 3
"""Values that stand for the header where there is none."""


Role = Column.Role

_IN_PARENTHESES = re.compile(r"\([^()]*\)|（[^（）]*）")
_ALTERNATIVE = re.compile(r"[/／|,，&]|\bor\b|\band\b")
_HEAD_COMES_FIRST = re.compile(r" (?:of|de|du|des|di|del|do|von) ")
_STARS = re.compile(r"[★☆⭐🌟✩✭]+")
_NUMBER = re.compile(
    r"\W*\d[\d.,:/\s~–-]*\+?\s*(?:%|[kmbgtx]b?|ms|s|sec|min|minutes?|h|hrs?|hours?|days?|weeks?|months?"
    r"|years?|pages?|(?:hours?|hrs?)/\w+|[万亿元年月日天个]+)?\W*",
    re.I,
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_YEAR_BEHIND = re.compile(r"[ ,'’-]*(?:(?:19|20)\d\d|(?<=['’])\d\d)\Z")
_DATE = re.compile(
    r"\D{0,12}((?:19|20)\d\d)(?:[-/.年\s]\s*\d{1,2}[-/.月일日T\s\d:Z]*|\D{0,12})?", re.I
)
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.I)
_SENTENCE = re.compile(r"[.!?]\s+\w|[。！？]")

MAX_KEY = 200
MIN_CELLS = 8
"""Fewer cells than this do not show whether values come back."""
SAMPLED_CELLS = 200
"""About as many cells under a header are looked at for a guess, spread over all its rows."""
FEWEST_ENTRIES_OF_A_VALUE = 2
"""A facet's median value must have more entries than this; a filter by a name serves nobody."""
ENTRIES_FOR_EACH_VALUE = 3
"""Fewest entries for each value of a facet."""
STANDARD = 0.9
"""Share of the values from which a facet is one of licences, languages or platforms."""
MIN_USES = 2.5
"""Fewest uses of a facet's value on average, when the header does not tell."""


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
    cells = _Cells.of(values)
    if role == Role.TEXT and header_key(header) in DATE_HEADERS and cells.are_dates():
        return Role.FACET, "year"
    if role and role not in WITH_TAGS:
        return role, ""
    if facet:
        return (Role.FACET, facet) if cells.may_be(facet) else (Role.TEXT, "")
    facet = str(slugify(plain_text(header)))
    if not facet and cells.share(_STARS) >= STANDARD:
        facet = "rating"
    if not facet or not cells.look_like_a_facet():
        return Role.TEXT, ""
    return Role.FACET, f"{facet}-column" if facet in OWN_FACETS else facet


def guess_attribute(key: str, values: Sequence[str], listed: int = 0) -> tuple[str, str]:
    """Guess the role and facet of what stands behind the text of entries, by what it is.

    `key` and `values` are those of attributes (`markdown/attributes.py`). Licences, platforms,
    formats and prices are told by half of them being known; others by coming back. `listed` is
    how many entries the list has.
    """
    counts = _count_values(values)
    if facet := _standard_facet(counts):
        return Role.FACET, facet
    if key.startswith("…") or key == BRACKET:
        return Role.TEXT, ""
    cells = _Cells.of(values, listed)
    if key == CODE_YEAR:
        return (Role.FACET, "year") if cells.come_back(MIN_USES) else (Role.TEXT, "")
    is_few = cells.filled < MIN_CELLS and key.startswith("`")
    if cells.look_like_a_facet() or (is_few and all(map(_WORDS.fullmatch, counts))):
        return Role.FACET, "tags"
    return Role.TEXT, ""


def _guess_mark(meaning: str) -> tuple[str, str]:
    """The role and facet of a sign, by what it means; one of which nobody says that is text."""
    if not any(map(str.isalpha, meaning)) or meaning.startswith(":"):
        return Role.TEXT, ""
    return Role.FACET, _standard_facet(Counter([meaning])) or "marks"


def _guess_inferred(key: str, count: int, listed: int) -> tuple[str, str]:
    """Whether a kind of link, a host or a language tells entries apart: neither rare nor of nearly
    all."""
    is_useful = listed >= MIN_CELLS and is_frequent(count, listed) and count * 10 <= listed * 9
    facet = key.removeprefix(INFERRED).partition(":")[0]
    return (Role.FACET, facet) if is_useful else (Role.TEXT, "")


def is_frequent(count: int, listed: int) -> bool:
    """Whether so many entries of a list are too many for a mistake, and worth a filter."""
    return count >= FEWEST_OF_OTHERS and count * 100 >= listed


def _standard_facet(counts: Counter[str]) -> str:
    """The facet of values that everybody knows, half of them at least; '' if they are none."""
    total = max(counts.total(), 1)

    def share(facet: str) -> float:
        known = sum(n for v, n in counts.items() if is_standard(facet, value_key(facet, v)))
        return known / total

    for facet in ("license", "price", "format", "text-language"):
        if share(facet) >= 0.5:
            return facet
    if (technical := share("platform")) >= 0.5:
        return "platform" if technical - share("language") >= 0.1 else "language"
    return ""


def is_standard(facet: str, key: str) -> bool:
    """Whether a value, by its `value_key`, is of a vocabulary that everybody knows."""
    return is_license(key) if facet == "license" else key in _vocabularies().get(facet, ())


_WORDS = re.compile(r"[^\W_]+(?:[ -][^\W_]+){0,2}")


@cache
def _vocabularies() -> dict[str, frozenset[str]]:
    """The values that everybody knows, by facet, as `value_key` has them."""
    platforms = frozenset(value_key("", word) for word in PLATFORMS.split())
    languages = frozenset(value_key("", word) for word in PROGRAMMING_LANGUAGES.split())
    return {
        "platform": platforms | languages,
        "os": platforms,
        "language": languages,
        "format": frozenset(FORMATS.split()),
        "price": frozenset({"free", "paid", "freemium"}),
        "text-language": frozenset(value_key("text-language", code) for code in NAMES),
    }


OWN_FACETS = frozenset({"marks", *INFERRED_FACETS})
"""Facets of what no column of a table says; a column that is called so has another address."""
FEWEST_OF_OTHERS = 3
"""Fewest entries of a kind of link, a host or a language."""
IN_PAIRS = frozenset({HOST, LANGUAGE})
"""Facets that take two values to tell anything."""
FEWEST_MARKED = 3
"""So many entries have to have a sign."""
IN_SENTENCES = ("…", PARENTHESIS, BRACKET)
"""Prefixes of the keys of attributes that may be the end of a sentence."""


def is_junk(facet: str, values: Mapping[str, int], entries: int, listed: int = 0) -> bool:
    """Whether the values of so many entries are too many, or too rare, to filter by.

    `values` is on how many entries each value is, by `value_key`; `listed` is how many entries the
    list has, with a value or without. In a list of a few entries nobody can tell. Rare values are
    no harm where nearly all are of a vocabulary that everybody knows: a list of software has some
    licences and platforms only once.
    """
    if max(entries, listed) < MIN_CELLS or not values:
        return False
    is_varied = len(values) * ENTRIES_FOR_EACH_VALUE > entries
    if not is_varied and median(values.values()) > FEWEST_ENTRIES_OF_A_VALUE:
        return False
    known = sum(times for value, times in values.items() if is_standard(facet, value))
    return known < sum(values.values()) * STANDARD


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
    """Return the meaning of a header by its last known word: a release date is a date, a language
    model a model."""
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
    """Statistics of a sample of cells."""

    filled: int
    empty: int
    linked: int
    prose: int
    values: Counter[str]

    @classmethod
    def of(cls, cells: Sequence[str], rows: int = 0) -> _Cells:
        """Return the statistics of cells, and of as many empty ones as there are more `rows` than
        these."""
        texts = [text for cell in cells if (text := of_badge(cell) or plain_text(cell))]
        return cls(
            filled=len(texts),
            empty=max(len(cells), rows) - len(texts),
            linked=sum(("](" in cell or "http" in cell) and not of_badge(cell) for cell in cells),
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

    def are_dates(self) -> bool:
        """Whether nearly all are dates with a year, and years come back."""
        years = Counter(year[1] for value in self.values if (year := _DATE.fullmatch(value)))
        return (
            self.filled >= MIN_CELLS
            and self.share(_DATE) >= STANDARD
            and self.values.total() >= MIN_USES * len(years)
        )

    def mean_length(self) -> float:
        return sum(map(len, self.values)) / max(len(self.values), 1)

    def come_back(self, times: float) -> bool:
        return self.values.total() >= times * len(self.values) > 0


def column_values(column: Column, facet: str, text: str) -> Sequence[str]:
    """The values in a cell of a facet column, or in a text behind an entry.

    What sentences end in is a value only where it is one that everybody knows: `(PDF)`, and not
    `(formerly Foo)`.
    """
    if column.key.startswith(MARK):
        return [column.header]
    if column.key.startswith(INFERRED):
        return [text]
    if facet == "year" and not column.role:
        return list(dict.fromkeys(_YEAR.findall(plain_text(text))))[:1]
    values = split_values(text, column.separators, ampersand=facet in PEOPLE_AND_PRODUCTS)
    if facet == "venue":
        values = tuple(dict.fromkeys(_YEAR_BEHIND.sub("", value) or value for value in values))
    is_text = column.key.startswith(IN_SENTENCES) and not column.role
    if is_text and (facet == "license" or facet in _vocabularies()):
        return [value for value in values if is_standard(facet, value_key(facet, value))]
    return values


def _count_values(cells: Sequence[str]) -> Counter[str]:
    """Count the values; equal cells are read once."""
    values: Counter[str] = Counter()
    for cell, times in Counter(cells).items():
        # Given as in `column_values`, so that what is read here is not read there again.
        for value in split_values(cell, "", ampersand=False):
            values[value] += times
    return values


@dataclass(slots=True)
class _Evidence:
    """Evidence from the tables of a write about the columns under one header."""

    rows: int = 0
    name_rows: int = 0
    description_rows: int = 0
    samples: list[Sequence[str]] = field(default_factory=list)
    is_attribute: bool = False
    """Whether it stands behind entries, in no table."""

    def guess(self, column: Column, listed: int) -> tuple[str, str]:
        """Role in the catalog, and facet; what the codec says of most rows counts."""
        if self.is_attribute:
            return self._guess_attribute(column, listed)
        if self.name_rows * 2 > self.rows:
            return Role.NAME, ""
        cells = [cell for sample in self.samples for cell in sample]
        role, facet = guess_column(column.header, cells[:: max(1, len(cells) // SAMPLED_CELLS)])
        if self.description_rows * 2 > self.rows and role not in WITH_TAGS:
            return Role.DESCRIPTION, ""
        # Each table has one column of names, and here it is another.
        return (Role.TEXT, "") if role == Role.NAME else (role, facet)

    def _guess_attribute(self, column: Column, listed: int) -> tuple[str, str]:
        texts = [text for sample in self.samples for text in sample]
        key, count = column.key, len(texts)
        if key.startswith(MARK):
            is_explained = column.header.casefold() != texts[0].casefold()
            few = 1 if is_explained else FEWEST_ENTRIES_OF_A_VALUE
            fewest = few if listed < MIN_CELLS else FEWEST_MARKED
            return _guess_mark(column.header) if count >= fewest else (Role.TEXT, "")
        if key.startswith(INFERRED):
            return _guess_inferred(key, count, listed)
        # What a few of many entries end in is their own business.
        if count < MIN_CELLS and count * 2 < listed:
            return Role.TEXT, ""
        if key.startswith(LABEL):
            return guess_column(column.header, texts[:: max(1, count // SAMPLED_CELLS)])
        return guess_attribute(key, texts, listed)

    def count(self, column: Column, facet: str, values: Counter[str]) -> int:
        """Add on how many rows each value is; returns how many rows have any."""
        filled = 0
        cells = Counter(cell for sample in self.samples for cell in sample)
        for cell, times in cells.items():
            split = column_values(column, facet, cell)
            filled += times * bool(split)
            for key in {value_key(facet, value) for value in split}:
                values[key] += times
        return filled


_COLUMNS = Prepared(lambda catalog: Column.objects.filter(catalog=catalog))


class Columns:
    """The columns of a catalog by key, for one write. Reading them costs one query."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.known = {column.key: column for column in _COLUMNS.rows(catalog.pk)}
        self._evidence: dict[str, _Evidence] = {}
        self._new: list[Column] = []
        self._guessed: list[Column] = []
        self._renamed: list[Column] = []
        """Signs that mean something else than before."""
        self._listed = 0

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

    def read_attributes(
        self, texts: Mapping[str, Sequence[str]], listed: int, legend: Mapping[str, str]
    ) -> None:
        """Read the attributes of all the list's entries, by key, for the guesses.

        `listed` is how many entries the list has, `legend` what its signs mean.
        """
        self._listed = listed
        for key, of_key in texts.items():
            key = key[:MAX_KEY]
            column = self.known.get(key)
            if not column and key.startswith(INFERRED) and not is_frequent(len(of_key), listed):
                continue
            header = header_of(key, of_key, legend)[:500]
            if column is None:
                column = Column(
                    catalog=self.catalog, key=key, header=header, guessed_role=Role.TEXT
                )
                self.known[key] = column
            elif key.startswith(MARK) and column.header != header:
                column.header = header
                self._renamed.append(column)
            self._evidence[key] = _Evidence(samples=[of_key], is_attribute=True)

    def of_listing(self, keys: Iterable[str]) -> list[Column]:
        """The columns of a stored listing; a key without a row means nothing."""
        return [self.known.get(key) or Column(key=key, guessed_role=Role.TEXT) for key in keys]

    def header_of(self, facet: str) -> str:
        """The header that first stood for a facet, '' if none does.

        What stands behind entries has examples in its place, which are no name.
        """
        columns = (c for c in self.known.values() if c.guessed_facet == facet)
        return next((c.header for c in columns if header_key(c.header) == c.key), "")

    def settle(self) -> None:
        """Guess what was met since the last time; `store` writes what is new about it."""
        guesses = {
            key: evidence.guess(self.known[key], self._listed)
            for key, evidence in self._evidence.items()
        }
        unsure = self._unsure(guesses)
        junk = self._junk(guesses)
        for key, evidence in self._evidence.items():
            column = self.known[key]
            before = column.guessed_role, column.guessed_facet
            role, facet = guesses[key]
            column.guessed_role, column.guessed_facet = (
                (Role.TEXT, "") if facet in junk or key in unsure else (role, facet)
            )
            if column._state.adding:
                if evidence.is_attribute and column.guessed_role == Role.TEXT:
                    del self.known[key]  # Like any text; there is nothing to decide about it.
                else:
                    self._new.append(column)
            elif before != (column.guessed_role, column.guessed_facet):
                self._guessed.append(column)
        self._evidence = {}

    def store(self) -> None:
        """Write what `settle` has guessed."""
        Column.objects.bulk_create(self._new)
        Column.objects.bulk_update(self._guessed, ["guessed_role", "guessed_facet"])
        Column.objects.bulk_update(self._renamed, ["header"])
        self._new, self._guessed, self._renamed = [], [], []

    def _junk(self, guesses: Mapping[str, tuple[str, str]]) -> set[str]:
        """The facets, guessed for one column or several, whose values serve nobody as filters.

        One whose spellings somebody has sorted out is none of them.
        """
        values: dict[str, Counter[str]] = {}
        entries: Counter[str] = Counter()
        for key, (_role, facet) in guesses.items():
            if facet:
                counts = values.setdefault(facet, Counter())
                entries[facet] += self._evidence[key].count(self.known[key], facet, counts)
        junk = {
            facet
            for facet, counts in values.items()
            if is_junk(facet, counts, entries[facet], self._listed)
        }
        if junk:
            aliases = TagAlias.objects.filter(facet__catalog=self.catalog, is_confirmed=True)
            junk -= set(aliases.values_list("facet__slug", flat=True))
        return junk

    def _unsure(self, guesses: Mapping[str, tuple[str, str]]) -> set[str]:
        """The keys of a host or a language that is the only one of its list, and of languages that
        are open for most entries."""
        unsure: set[str] = set()
        for inferred in IN_PAIRS:
            of_facet = [key for key, (_role, facet) in guesses.items() if facet == inferred]
            keys = [key for key in of_facet if key.startswith(INFERRED)]
            count = sum(len(self._evidence[key].samples[0]) for key in keys)
            if len(keys) == 1 or (inferred == LANGUAGE and count * 3 < self._listed):
                unsure.update(keys)
        return unsure

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
