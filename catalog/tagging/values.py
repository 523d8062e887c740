"""Values in the cells of a table: where one ends, which are none, which are the same.

Pure text functions on inline markdown; what a value means is decided in `tagger.py`, and which
spellings mean the same by the tables of `value_words.py`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from catalog.markdown.inline import plain_text
from catalog.tagging import value_words

MAX_CELL_LENGTH = 2000
"""Code points. A longer cell is prose; the limit also bounds what hostile text can cost."""
MAX_VALUE_LENGTH = 100
"""Code points. What is longer explains something and names nothing."""
MAX_VALUE_WORDS = 8
MAX_REMARK_WORDS = 3
"""After a link: `[MIT](…) with a patent clause added` is MIT and a remark."""

# No pattern here scans the same text twice: cells come from anybody.
_DROPPED = re.compile(
    r"<!--(?:(?!<!--|-->).)*+-->|<img\b[^<>]*>"
    r"|!\[[^\[\]]*+\](?:\([^()]*+\)|\[[^\[\]]*+\])|\[\^[^\[\]]++\]",
    re.S | re.I,
)
_LINE_BREAK = re.compile(r"</?(?:br|p|li|ul|ol|div)\b[^<>]*>|\r\n?", re.I)
# Whatever the separators inside it, it is one piece.
_ATOM = re.compile(
    r"""
    (?<!`)(?P<ticks>`{1,3})(?!`)(?P<code>[^`]++)(?P=ticks)(?!`)
  | \[(?P<link>(?:[^\[\]\\]|\\.|\[[^\[\]]*+\])*+)\]
      (?:\((?:[^()\\]|\\.|\([^()]*+\))*+\)|\[[^\[\]]*+\])
  | <a\b[^<>]*>(?P<anchor>[^<]*+(?:<(?!/?a\b)[^<]*+)*+)</a>
  | <(?P<autolink>[a-z][a-z0-9+.-]*:[^\s<>]*)>
  | (?P<url>https?://[^\s<>]*[^\s<>,;.:!?'\")])
  | \\(?P<escaped>[!-/:-@\[-`{-~])
  | (?P<group>\((?P<inner>(?:[^()]|\([^()]*+\))*+)\)|（(?P<wide>[^（）]*+)）)
  | (?<![\w/])(?P<compound>n/a|tcp/ip|i/o|ci/cd|a/b|and/or|gnu/linux|pl/(?:pg)?sql|s/mime
      |client/server|w/o|r&d|q&a|at&t)(?![\w/])
    """,
    re.X | re.I | re.S,
)
_SUFFIX_OF_A_COMPANY = re.compile(r",(?=\s*(?:inc|ltd|llc|gmbh|corp)\b)", re.I)
# What is held stands in the text as one character of the last private plane, which no list needs.
_PLACE = 0x100000
_HELD = re.compile("[\U00100000-\U0010ffff]")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.I)
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^*_~]+|.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])(?:\*(?=\S)([^*]+)(?<=\S)\*|_(?=\S)([^_]+)(?<=\S)_)(?![\w*])")

_SEPARATOR = (
    # A line break, an enumeration comma, or a comma that does not group digits.
    r"\n|[，、;；]|,(?!(?<=\d,)\d{3}(?!\d))"
    # A slash, but not in 4/5, HTTP/2 and hours/week.
    r"|(?<!\d)[/／](?!\d+(?:\.\d+)?(?!\w))(?!(?:week|month|mo|year|yr|day|hour|hr|min|sec|user|seat)\b)"
    r"|(?<=\d)[/／](?!\d)|(?<=\s)[·•∙](?=\s)"
)
_DEFAULT = re.compile(f"({_SEPARATOR})")
# Both sides are words: `CMU & MIT`, `Google&Princeton`, not `R&D`.
_WITH_AMPERSAND = re.compile(f"({_SEPARATOR}|(?<=\\s)[&＆](?=\\s)|(?<=\\w{{3}})[&＆](?=\\w{{3}}))")

# Spaces of no width, and marks of direction.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u2060]")
_LEADING = re.compile(r"\A(?:[-–—*•·:：]|and\b|和(?=\s))\s+", re.I)
_TRAILING = re.compile(
    r"(?:[\s,，、&]*+(?:\.{2,}|…+|\betc\b\.?|\bet\s+al\b\.?|\band\s+more\b|(?<=\s)等|(?<=\s)и\s+др\b\.?)"
    r"|[\s:：,，。]++)++\Z",
    re.I,
)
_NO_VALUE = """
na nan nil null none unknown unspecified undisclosed tbd tba notclear unclear notspecified etal
notavailable notapplicable notdisclosed notstated tobeannounced tobedetermined etc ❓ ❔
无 無 暂无 暫無 未知 不详 不詳 不明 未公开 未公開 未说明 待定 没有 なし 없음
неизвестно desconocido inconnu unbekannt
"""
_NONE = frozenset(_NO_VALUE.split())
"""Spellings of no value, by their `spelling_key`."""
YES, NO = "✓", "✗"
"""The values that every kind of tick and cross is read as."""
_SIGNS = {
    **dict.fromkeys(("✓", "✔", "✅", "☑", "√", ":white_check_mark:", ":heavy_check_mark:"), YES),
    **dict.fromkeys(("✗", "✘", "❌", "✖", "☒", "❎", "×", ":x:", ":heavy_multiplication_x:"), NO),
    **dict.fromkeys((":question:", ":grey_question:"), ""),
}

_SIZE = re.compile(r"\d+(?:\.\d+)?[bmk]", re.I)
_ENDS_IN_SIZE = re.compile(r"(.*\w[-_ ])\d+(?:\.\d+)?[bmk]", re.I)
_SIGNIFICANT_SIGNS = frozenset("+#%*")


@lru_cache(maxsize=65536)
def spelling_key(value: str) -> str:
    """Fold a value so that spellings of the same thing are equal, and nothing bolder.

    Case, width, spaces and punctuation are folded. Signs that tell names apart stay (`C`, `C++`,
    `C#`), and so does what stands between digits: `1.3B` is not `13B`. Never empty for a value
    that is not.
    """
    text = unicodedata.normalize("NFKC", value).casefold()
    characters: list[str] = []
    between = ""
    for character in text:
        category = unicodedata.category(character)
        if character == "\ufe0f" or (category[0] in "ZPC" and character not in _SIGNIFICANT_SIGNS):
            if category != "Cf":
                between = character if character in ".," else between or "-"
            continue
        if between and characters and characters[-1].isdigit() and character.isdigit():
            characters.append(between)
        between = ""
        characters.append(character)
    return "".join(characters)[:200] or "".join(text.split())[:200]


def _by_spelling(rows: Mapping[str, str], forms: Iterable[str] = ()) -> dict[str, str]:
    """Return the comparison key of each spelling of these values, and of its forms."""
    known: dict[str, str] = {}
    for name, row in rows.items():
        key = spelling_key(name)
        for spelling in filter(None, [name, *row.split(", ")]):
            for form in ("%s", *forms):
                known.setdefault(spelling_key(form % spelling), key)
    return known


_VALUES = _by_spelling(value_words.VALUES)
_LICENSES = _by_spelling(
    value_words.LICENSES | dict.fromkeys(value_words.LICENSE_FAMILIES.split(", "), ""),
    value_words.LICENSE_FORMS.split(", "),
)
_LANGUAGES = _VALUES | _by_spelling(value_words.LANGUAGES)
_OF_FACETS = {"language": _LANGUAGES, "text-language": _LANGUAGES, "license": _LICENSES}
_SPDX = {spelling_key(name): name for name in value_words.LICENSES}


def value_key(facet: str, value: str) -> str:
    """Fold a value of a facet so that all spellings of it that are known are equal.

    `Free`, `free` and `免费` are one price, `Apache 2.0` and `Apache-2.0` one licence, `en` and
    `English` one language. Takes what `spelling_key` has folded as well.
    """
    key = spelling_key(value)
    return _OF_FACETS.get(facet, _VALUES).get(key, key)


def standard_name(facet: str, key: str) -> str:
    """The SPDX identifier of a licence by its `value_key`; '' for everything else."""
    return _SPDX.get(key, "") if facet == "license" else ""


def is_license(value: str) -> bool:
    """Whether this is a licence's name or identifier."""
    return spelling_key(value) in _LICENSES


def split_values(text: str, separators: str = "", *, ampersand: bool = True) -> list[str]:
    """Read the values of a cell, in order, each spelling once.

    `text` is inline markdown. Without `separators` values end at a line break, slash, comma,
    semicolon or spaced middle dot, and at `&` between words when `ampersand` is true; with them
    at any of these characters and at line breaks. Never inside a link, code, parentheses, a
    number or a fixed compound (`TCP/IP`). A link's text is the value. What says that there is
    none (`-`, `N/A`, `not clear`), an open end (`etc.`, `...`) and prose give none. A bare size
    belongs to the name before it: `LLaMA-7B/13B` is `LLaMA-7B` and `LLaMA-13B`.
    """
    if len(text) > MAX_CELL_LENGTH:
        return []
    held: dict[str, str] = {}
    pattern = _pattern(separators, ampersand)
    parts = pattern.split(_without_markup(text, held))
    values: dict[str, str] = {}
    prefix = ""
    in_remark = False
    for index in range(0, len(parts), 2):
        part = parts[index]
        if in_remark and not _HELD.search(part) and parts[index - 1] != "\n":
            continue
        value, in_remark = _value(part, held)
        if prefix and _SIZE.fullmatch(value):
            value = prefix + value
        sized = _ENDS_IN_SIZE.fullmatch(value)
        prefix = sized[1] if sized else ""
        if value:
            values.setdefault(spelling_key(value), value)
    return list(values.values())


def _pattern(separators: str, ampersand: bool) -> re.Pattern[str]:
    if separators:
        return re.compile(f"([\n{re.escape(separators)}])")
    return _WITH_AMPERSAND if ampersand else _DEFAULT


def _without_markup(markdown: str, held: dict[str, str]) -> str:
    """Remove the markup; what is one unit goes to `held`, by the character in its place."""

    def hold(match: re.Match[str]) -> str:
        place = chr(_PLACE + len(held))
        held[place] = _atom_text(match)
        return place

    text = _DROPPED.sub("", _HELD.sub("", markdown.replace("\0", "")))
    text = _LINE_BREAK.sub("\n", text)
    text = _SUFFIX_OF_A_COMPANY.sub(r"\\,", text)
    text = html.unescape(_TAG.sub("", _ATOM.sub(hold, text)))
    return _EMPHASIS.sub(r"\1\2", _STRONG.sub(r"\2", text))


def _atom_text(match: re.Match[str]) -> str:
    for linked in ("link", "anchor"):
        if match[linked] is not None:
            return plain_text(match[linked])
    if match["group"]:
        opening, closing = match["group"][0], match["group"][-1]
        return opening + plain_text(match["inner"] or match["wide"] or "") + closing
    literal = match[match.lastgroup or 0]
    return literal.strip() if match["code"] else literal


def _restore(text: str, held: dict[str, str]) -> str:
    # An entity can still have made such a character; it stands for nothing.
    return _HELD.sub(lambda match: held.get(match[0], ""), text)


def _fold_spaces(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())


def _value(part: str, held: dict[str, str]) -> tuple[str, bool]:
    """One piece as a value, '' for none, and whether it ended in a remark on a link."""
    first = _HELD.match(part.strip())
    if first and len(_restore(part.strip()[first.end() :], held).split()) > MAX_REMARK_WORDS:
        return _named(_restore(first[0], held)), True
    value = _fold_spaces(_restore(part, held))
    is_prose = not first and len(value.split()) > MAX_VALUE_WORDS
    return "" if is_prose else _named(value), False


def _named(value: str) -> str:
    """The value without an open end; '' if it names nothing."""
    sign = _SIGNS.get(value.replace("\ufe0f", ""))
    if sign is not None:
        return sign
    if len(value) > MAX_VALUE_LENGTH:
        return ""
    value = _TRAILING.sub("", _LEADING.sub("", value, count=1))
    if value.startswith("[") and value.endswith("]"):
        value = value[1:-1].strip()
    if not any(map(_is_significant, value)):
        return ""
    return "" if spelling_key(value) in _NONE else value


def _is_significant(character: str) -> bool:
    """Letters, digits, currency signs and pictures; a dash or a question mark names nothing."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category in {"So", "Sc"} or character in "√×"
