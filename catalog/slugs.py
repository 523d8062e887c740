"""Path segments: from names to addresses that are unique, readable and never reserved."""

from __future__ import annotations

import re
import unicodedata

RESERVED_SLUGS = frozenset(
    {
        "about",
        "accounts",
        "admin",
        "api",
        "contribute",
        "entries",
        "favicon.ico",
        "healthz",
        "i18n",
        "media",
        "opensearch.xml",
        "robots.txt",
        "search",
        "sitemap.xml",
        "static",
    }
)
"""First path segments that belong to the site and so to no catalog."""

RESERVED_SEGMENTS = frozenset(
    {"browse", "changes", "entries", "feed.atom", "readme.md", "search", "tags"}
)
"""Segments after a catalog's that belong to its own pages and so to no section."""

_SYMBOLS = {"+": "-plus", "#": "-sharp", "&": "-and-", "@": "", "'": "", "’": ""}
_SYMBOL = re.compile("|".join(map(re.escape, _SYMBOLS)))
_NOT_WORD = re.compile(r"[^\w.]+|_+")


def slugify(text: str, *, max_length: int = 80) -> str:
    """Turn a name into a path segment; '' when nothing is left.

    Letters of every script are kept (Chinese stays Chinese), case and width are folded, and the
    signs that tell names apart are spelled out: `C`, `C++` and `C#` give three segments.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    spelled = _SYMBOL.sub(lambda match: _SYMBOLS[match[0]], folded)
    return _NOT_WORD.sub("-", spelled).strip("-.")[:max_length].strip("-.")


def unique_segment(text: str, taken: set[str], *, fallback: str, reserved: frozenset[str]) -> str:
    """A segment for `text` that is neither in `taken` nor reserved; adds it to `taken`.

    A clash is resolved by a number (`data`, `data-2`), an empty one by `fallback`.
    """
    base = slugify(text) or fallback

    def is_free(number: int) -> bool:
        segment = f"{base}-{number}"
        return segment not in taken and segment not in reserved

    segment = base
    if base in taken or base in reserved:
        # Thousands of sections may have one title: double, then halve, to a free one after a
        # taken one, which is the first free one unless some have been given back.
        low, high = 1, 2
        while not is_free(high):
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if is_free(middle) else (middle, high)
        segment = f"{base}-{high}"
    taken.add(segment)
    return segment
