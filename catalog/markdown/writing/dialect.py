"""The dialect of a listing, learned from its own entries, so that a new one looks like its
siblings.

Every list has its own marker, separator, emphasis, closing mark and order; none is better than
another here. What is read is plain data that can be kept beside the listing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from catalog.markdown.nodes import ListingKind
from catalog.markdown.writing.rows import WidthRule

FULL_STOPS = ".。．"
_SENTENCE_ENDS = FULL_STOPS + "!?！？…:：;；"
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_WITHOUT_FULL_STOP = re.compile(r"[\uac00-\ud7af]")
_BEHIND_MARK = "*_~`\"'”’」』"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The style of one listing's entries.

    Patterns are inline markdown with ``{name}``, ``{url}`` and ``{description}`` in it. `prefix`
    is what an item has before its content, of an ordered list with the number 1; of a line and
    a row the quote marks around it. `gap` is the blank line between two items, '' where there is
    none. `widths` are those between the pipes, None where a column is not aligned.
    """

    kind: ListingKind = ListingKind.LIST
    newline: str = "\n"
    prefix: str = "- "
    pattern: str = "[{name}]({url}) - {description}"
    bare_pattern: str = "[{name}]({url})"
    separator: str = " - "
    closing: str = ""
    wide_closing: str = ""
    """The closing mark behind Chinese and the like, where it is not the usual one."""
    hard_break: str = ""
    gap: str = ""
    is_sorted: bool = False
    counts_up: bool = True
    is_opened: bool = True
    is_closed: bool = True
    padding: str = " "
    cell_patterns: tuple[str, ...] = ()
    widths: tuple[int | None, ...] = ()
    width_rule: WidthRule = WidthRule.CHARACTERS
    value_styles: tuple[tuple[str, str], ...] = ()
    """Patterns of values behind the text, by the key of an attribute: `` `{value}` ``."""
    number_column: int | None = None
    """The column of a table that numbers its rows."""

    @property
    def column_count(self) -> int:
        """Return the number of cells in the table's header; 0 for what is no table."""
        return len(self.cell_patterns)

    def width_of(self, column: int) -> int | None:
        """The width between the pipes that most cells of a column have."""
        return self.widths[column] if column < len(self.widths) else None

    def closed(self, description: str) -> str:
        """The description with the closing mark that its siblings have."""
        text = without_quotes(description)
        if not text or not self.closing or text[-1] in _SENTENCE_ENDS:
            return description
        last = text.rstrip(")]）】»>")[-1:] or text[-1]
        if not is_wide(last):
            return description + "."
        usual = self.closing if self.closing != "." or _WITHOUT_FULL_STOP.match(last) else "。"
        return description + (self.wide_closing or usual)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `from_json`; only what differs from the default."""
        plain = Dialect()
        return {key: value for key, value in asdict(self).items() if value != getattr(plain, key)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Dialect:
        """The dialect `to_json` gave; names it does not know are passed over."""
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            key: _as_tuple(value) for key, value in data.items() if key in known
        }
        if "kind" in values:
            values["kind"] = ListingKind(values["kind"])
        if "width_rule" in values:
            values["width_rule"] = WidthRule(values["width_rule"])
        return cls(**values)


def is_chinese(text: str) -> bool:
    """Whether a text begins with a character behind which the full stop is a circle."""
    return is_wide(text) and not _WITHOUT_FULL_STOP.match(text)


def is_wide(text: str) -> bool:
    """Whether a text begins with a Chinese, Japanese or Korean character."""
    return _WIDE.match(text) is not None


def sort_key(name: str) -> str:
    """Return the key for sorting names: case and accents make no difference."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    if folded.isascii():
        return folded
    return "".join(char for char in folded if not unicodedata.combining(char))


def without_quotes(text: str) -> str:
    """A text without the emphasis and quotation marks that may stand behind its closing mark."""
    return text.rstrip(_BEHIND_MARK)


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value
