"""Texts of an entry beside its cells, from which tags are derived.

That is what its source says (`markdown/attributes.py`), the kind of what it links to, and the
language that it is described in. Each text stands under a key, as a cell does under a header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from catalog.markdown.attributes import LABEL, MARK, attributes_of, cell_attributes
from catalog.markdown.inline import plain_text
from catalog.markdown.languages import NAMES, language_of
from catalog.markdown.links import link_kind

KIND, LANGUAGE = "=link-kind", "=text-language"
"""Keys of what is told by the link and by the text; no header of a table has such a key."""
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
        texts.append(Text(KIND, kind))
    words = f"{name} {plain_text(description)}" if description else name
    if language := language_of(words):
        texts.append(Text(LANGUAGE, NAMES[language]))
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
    return _HEADERS.get(key) or ", ".join(dict.fromkeys(texts[:_EXAMPLES]))


_HEADERS = {KIND: "Link kind", LANGUAGE: "Text language"}
_EXAMPLES = 3
"""Values that stand for the header where there is none."""
