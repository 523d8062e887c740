"""The titles that entries stand under: topics where no column says what an entry is about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol

from catalog.markdown.inline import is_generic

# Headings that are no subjects: dates, and people
#
# A list that is kept by date (`## March 2026`, `### 2026 年 3 月 4 号添加`) says when things were
# added, and often names below it who made them.


_MONTHS = (
    "jan|january|janv|janvier|januar|jänner|enero|ene|janeiro|январь|января|يناير",
    "feb|february|févr|février|februar|febrero|fevereiro|fev|февраль|февраля|فبراير",
    "mar|march|mars|märz|marzo|março|март|марта|مارس",
    "apr|april|avr|avril|abril|abr|апрель|апреля|أبريل",
    "may|mai|mayo|maio|май|мая|مايو",
    "jun|june|juin|juni|junio|junho|июнь|июня|يونيو",
    "jul|july|juil|juillet|juli|julio|julho|июль|июля|يوليو",
    "aug|august|août|agosto|ago|август|августа|أغسطس",
    "sep|sept|september|septembre|septiembre|setembro|set|сентябрь|сентября|سبتمبر",
    "oct|october|octobre|oktober|okt|octubre|outubro|out|октябрь|октября|أكتوبر",
    "nov|november|novembre|noviembre|novembro|ноябрь|ноября|نوفمبر",
    "dec|december|déc|décembre|dezember|dez|diciembre|dic|dezembro|декабрь|декабря|ديسمبر",
)
_NUMBER_OF_MONTH = {
    name: number for number, names in enumerate(_MONTHS, 1) for name in names.split("|")
}
_FILLERS = frozenset(
    [
        "added",
        "add",
        "updated",
        "update",
        "updates",
        "on",
        "of",
        "the",
        "in",
        "to",
        "and",
        "week",
        "weeks",
        "from",
        "since",
        "until",
        "new",
        "news",
        "添加",
        "更新",
        "新增",
        "收录",
        "收錄",
        "追加",
        "추가",
        "добавлено",
        "añadido",
        "añadidos",
        "ajouté",
        "ajoutés",
        "hinzugefügt",
        "adicionado",
        "de",
        "du",
        "del",
        "do",
        "le",
        "am",
        "им",
        "г",
        "год",
        "года",
        "أضيف",
        "في",
        "st",
        "nd",
        "rd",
        "th",
        "q",
        "h",
        "issue",
    ]
)
_YEAR = r"(?:19\d\d|20[0-3]\d)"
_NUMERIC = re.compile(
    rf"(?<!\d)({_YEAR})\s*[-/.年년]\s*(1[0-2]|0?[1-9])(?!\d)\s*"
    r"(?:[-/.月월]\s*(?:3[01]|[12]\d|0?[1-9])?(?!\d)\s*[日号號일]?)?"
)
_MONTH_OR_DAY = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*[月월]\s*(?:\d{1,2}\s*[日号號일]?)?")
_LONE_YEAR = re.compile(rf"(?<!\d)({_YEAR})(?!\d)\s*[年년]?")
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_PARENTHESIS_AT_END = re.compile(r"\S\s*[(（][^()（）]{1,30}[)）]\s*\Z")
_AFTER_A_NAME = re.compile(r"\s+[-–—|]\s+|[：:]\s*")
_BETWEEN_LINKS = re.compile(r"[\s,，、/|·•]+")
_HANDLE = re.compile(r"@[\w.-]+\Z")
_LONGEST = 60


class Date(NamedTuple):
    """A date as precise as a heading gives it: a year, years (`2001–2010`), a month, or a month of
    the year above it."""

    year: str
    month: int = 0


@lru_cache(maxsize=4096)
def date_of(title: str) -> Date | None:
    """The date that a heading consists of; None if it says anything else."""
    if len(title) > _LONGEST or not (_DIGITS.search(title)):
        return None
    numeric = _NUMERIC.findall(title)
    rest = _NUMERIC.sub(" ", title)
    months = [*(month for _year, month in numeric), *_MONTH_OR_DAY.findall(rest)]
    rest = _MONTH_OR_DAY.sub(" ", rest)
    years = sorted({*(year for year, _month in numeric), *_LONE_YEAR.findall(rest)})
    for word in _WORD.findall(_LONE_YEAR.sub(" ", rest).casefold()):
        if number := _NUMBER_OF_MONTH.get(word):
            months.append(str(number))
        elif word not in _FILLERS:
            return None
    if len(years) > 1:
        return Date(f"{years[0]}–{years[-1]}")
    of_one = {*map(int, months)}
    # Figures without a month or year number something: a week, a chapter.
    if not years:
        return Date("", int(months[0])) if months else None
    return Date(years[0], of_one.pop() if len(of_one) == 1 else 0)


def is_person(title: str, *, is_below_date: bool = False) -> bool:
    """Whether a heading names a person: by a handle, by pages of theirs, or by their place.

    `Ann Lee - GitHub`, `@ann`; below a date `Ann Lee (Oslo)` too.
    """
    if _HANDLE.match(title):
        return True
    name, *rest = _AFTER_A_NAME.split(title, maxsplit=1)
    if name and rest and rest[0]:
        words = [word for word in _BETWEEN_LINKS.split(rest[0]) if word]
        if words and all(is_generic(word) for word in words):
            return True
    return is_below_date and _PARENTHESIS_AT_END.search(title) is not None


class _Titled(Protocol):
    """The fields of a `Section` that give the titles above an entry."""

    @property
    def pk(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def title(self) -> str: ...
    @property
    def is_title(self) -> bool: ...


def section_titles(sections: Iterable[_Titled]) -> dict[int, tuple[str, ...]]:
    """Return for `derive()` the titles on the way to each section, by primary key, outermost first.

    `sections` are all of a catalog, in reading order, so that parents come first. The list's
    title is left out, and above other sections also one that holds more than half of them all
    (“Projects”, “Table of contents”): it tells nothing about what stands in it.
    """
    rows = [section for section in sections if not section.is_title]
    descendants = dict.fromkeys([row.pk for row in rows], 0)
    for row in reversed(rows):
        if row.parent_id in descendants:
            descendants[row.parent_id] += descendants[row.pk] + 1
    return titles_below(rows, {pk for pk, count in descendants.items() if count * 2 > len(rows)})


def titles_below(
    sections: Iterable[_Titled], generic: Collection[int]
) -> dict[int, tuple[str, ...]]:
    """The same for some sections with all above them, given which of these hold most others."""
    below: dict[int | None, tuple[str, ...]] = {}
    titles: dict[int, tuple[str, ...]] = {}
    for row in sections:
        if row.is_title:
            continue
        above = below.get(row.parent_id, ())
        titles[row.pk] = (*above, row.title)
        is_silent = row.pk in generic and not date_of(row.title)
        below[row.pk] = above if is_silent else titles[row.pk]
    return titles
