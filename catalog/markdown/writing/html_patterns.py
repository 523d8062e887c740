"""The pattern of an entry in HTML: a row of a table or a line with a link, as a model for the next.

Tags stay, and so do the signs between them; words, pictures and further links are their entry's
own and go. The first words behind the link are the description.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from catalog.markdown.html import html_links
from catalog.markdown.link_names import is_generic
from catalog.markdown.nodes import Link

_TOKEN = re.compile(r"<!--.*?-->|<[^<>]*>|[^<]+|<", re.DOTALL)
_OWN = re.compile(
    r"<img\b[^<>]*>|<a\b[^<>]*>.*?</a\s*>|<!--.*?-->|!\[[^\[\]]*\]\([^()]*\)"
    r"|<(?:picture|details)\b.*?</(?:picture|details)\s*>",
    re.IGNORECASE | re.DOTALL,
)
_HREF = re.compile(r"""(\bhref\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_OF_ONE = re.compile(
    r"""\s(?:title|aria-label|id|name|alt|download|data-[\w-]+)\s*=\s*("[^"]*"|'[^']*')""",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|\w+);", re.IGNORECASE)
_LEAD = re.compile(r"(?:\s|&nbsp;|[-–—:：|·•,，、~])*")
_EMPTY = re.compile(
    r"<(b|i|em|strong|sub|sup|code|kbd|span|small|u)\b[^<>]*>\s*</\1\s*>", re.IGNORECASE
)


def html_pattern(source: str) -> str:
    """The pattern of a block with an entry, '' if it is no model for another one."""
    links = [link for link in html_links(source) if link.is_outbound]
    if not links or "{" in source:
        return ""
    link = next((link for link in links if not is_generic(link.text)), links[0])
    if link.text_slot is None:
        return ""
    before = _signs(_OWN.sub("", source[: link.slot.start]))
    behind = _described(_OWN.sub("", source[link.slot.end :]))
    pattern = before + _linked(source, link) + behind
    while (shorter := _EMPTY.sub("", pattern)) != pattern:
        pattern = shorter
    return pattern


def _linked(source: str, link: Link) -> str:
    """The link with placeholders: what wraps the name in it stays."""
    inner = link.text_slot or link.slot
    opening = _OF_ONE.sub("", source[link.slot.start : inner.start])
    opening = _HREF.sub(r"\1\0{url}\0", opening, count=1)
    quote = '"' if '"' in source[link.slot.start : inner.start] or "'" not in opening else "'"
    opening = opening.replace("\0", quote)
    text = ""
    is_named = False
    for token in _TOKEN.findall(_OWN.sub("", source[inner.start : inner.end])):
        if token.startswith("<"):
            text += token
        elif not is_named and _says(token):
            text, is_named = text + "{name}", True
    if not is_named:
        text = "{name}"
    return opening + text.replace("<br>", "") + source[inner.end : link.slot.end]


def _described(html: str) -> str:
    """Return what stands behind the link, with a placeholder for the first words."""
    parts: list[str] = []
    is_described = False
    for token in _TOKEN.findall(html):
        if token.startswith("<"):
            parts.append(token)
        elif not is_described and _says(token):
            lead = _LEAD.match(token)
            tail = token[len(token.rstrip()) :]
            parts.append((lead[0] if lead else "") + "{description}" + tail)
            is_described = True
        elif is_described:
            parts.append("".join(re.findall(r"[ \t\r\n]+", token)) if token.strip() else token)
        else:
            parts.append(_signs(token))
    return "".join(parts)


def _signs(html: str) -> str:
    """The tags and the signs between them, without the words."""
    return "".join(
        token if token.startswith("<") or not _says(token) else _blanks(token)
        for token in _TOKEN.findall(html)
    )


def _blanks(text: str) -> str:
    return "".join(re.findall(r"[ \t\r\n]+|&nbsp;", text))


def _says(text: str) -> bool:
    return _WORD.search(_ENTITY.sub(lambda match: unescape(match[0]), text)) is not None


def without_description(pattern: str) -> str:
    """The pattern of an entry that nothing is said about: what leads on to the words goes too."""
    before, _placeholder, behind = pattern.partition("{description}")
    front = re.sub(r"(?:[ \t]|&nbsp;|[-–—:：|·•,，、~])+\Z", "", before)
    return (front if front.endswith((">", "\n")) else before) + behind


def chosen_pattern(sources: Sequence[str]) -> str:
    """The pattern that most blocks have, of equals the shortest; '' if none is a model."""
    patterns = [pattern for source in sources if (pattern := html_pattern(source))]
    counts = {pattern: patterns.count(pattern) for pattern in set(patterns)}
    described = {pattern: n for pattern, n in counts.items() if "{description}" in pattern}
    if 2 * sum(described.values()) >= len(patterns):
        counts = described or counts
    return max(counts, key=lambda pattern: (counts[pattern], -len(pattern), pattern), default="")
