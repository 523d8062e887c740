"""What an entry's text says about it apart from name and description: values behind everything.

    - [Keepall](https://…) - Archives pages. ([Demo](https://…)) `MIT` `Python/Docker`
    - [Shelfy](https://…) - Serves e-books. (linux, server)

Which of them mean something shows only in comparison with other entries; see `tagging/`.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Attribute(NamedTuple):
    """Some text about an entry, by where it stands.

    Texts with the same `key` stand in the same place in their entries: ```1``` is the first of
    the code spans at the end, ``…`1` `` one that a sentence ends in, ``()`` a parenthesis.
    """

    key: str
    text: str
    """Inline markdown, several values perhaps."""


MOST = 6
"""Code spans at the end; more are text."""
_END_OF_PARAGRAPH = re.compile(r"(?:\r\n|\n|\r)[ \t>]*(?:\r\n|\n|\r)")
_BLANKS = " \t\r\n"
_BETWEEN = _BLANKS + ",|·•/;、，"
_CODE = re.compile(r"(?<!`)`([^`\r\n]{1,80})`\Z")
_PARENTHESIS = re.compile(r"[*_]{0,3}[(（]([^()（）\[\]<>`\r\n]{1,80})[)）][*_]{0,3}\Z")
_NEAR = 100
_FAR = 900
"""Characters in which a code span or a bracket with links has to open."""
_MAY_END = frozenset("`)）]*_.")
ENDS_SENTENCE = frozenset('.!?。！？…)）]】>`"”:：-–—|·•*_/')


def trailing_attributes(source: str) -> tuple[Attribute, ...]:
    """The code spans and the parenthesis that the first paragraph of an entry ends in."""
    text = source.rstrip(_BLANKS)
    if paragraph := _END_OF_PARAGRAPH.search(text):
        text = text[: paragraph.start()].rstrip(_BLANKS)
    if text[-1:] not in _MAY_END:
        return ()
    end = _before_links(text, len(text))
    spans: list[str] = []
    while code := _CODE.search(text, max(0, end - _NEAR), end):
        if not code[1].strip():
            return ()
        spans.append(code[1].strip())
        end = code.start()
        while end and text[end - 1] in _BETWEEN:
            end -= 1
    if 0 < len(spans) <= MOST:
        is_apart = len(spans) > 1 or text[end - 1 : end] in ENDS_SENTENCE
        lead = "" if is_apart else "…"
        return tuple(
            Attribute(f"{lead}`{number}`", _without_brackets(span))
            for number, span in enumerate(reversed(spans), 1)
        )
    group = None if spans else _PARENTHESIS.search(text, max(0, end - _NEAR), end)
    if group and group.start() and text[group.start() - 1] != "]":
        return (Attribute("()", group[1].strip()),)
    return ()


def _before_links(text: str, end: int) -> int:
    """Where the text ends without the links behind it, and a full stop behind values."""
    if text[end - 1] == "." and text[end - 2 : end - 1] in {"`", ")"}:
        end -= 1
    while (start := _link_start(text, end)) is not None:
        end = start
        while end and text[end - 1] in _BETWEEN:
            end -= 1
    return end


def _link_start(text: str, end: int) -> int | None:
    """Where a link that ends here begins, or a bracket that holds some; None if none does."""
    start = _opening(text, end)
    if start is None:
        return None
    if text[start] == "(" and text[start - 1 : start] == "]" and start > 0:
        return _opening(text, start)
    return start if "](" in text[start:end] else None


def _opening(text: str, end: int) -> int | None:
    """Where the bracket that closes at the end opens, if it is near."""
    closer = text[end - 1 : end]
    opener = {")": "(", "]": "["}.get(closer)
    if opener is None:
        return None
    depth = 0
    for at in range(end - 1, max(-1, end - _FAR), -1):
        if text[at] == closer:
            depth += 1
        elif text[at] == opener:
            depth -= 1
            if not depth:
                return at
    return None


def _without_brackets(text: str) -> str:
    if text[:1] in "([（" and text[-1:] in ")]）":
        return text[1:-1].strip()
    return text
