"""What a person would call an entry, where it leads, and what is said about it.

Works on one block's source; every answer comes with the slot it stands in where there is one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from catalog.markdown.inline import plain_text
from catalog.markdown.link_names import (
    SHOWN_AS_ADDRESS,
    address_name,
    has_words,
    is_generic,
    link_name,
    name_slot,
    primary_link,
    shows_address,
    url_slot,
    without_decoration,
)
from catalog.markdown.nodes import Link, Slot

__all__ = [
    "Fields",
    "address_name",
    "cell_fields",
    "has_words",
    "is_generic",
    "link_name",
    "paragraph_end",
    "primary_link",
    "read_fields",
    "stripped",
    "text_end",
    "unfold",
    "url_slot",
]


class Fields(NamedTuple):
    """Name, destination and description with their slots; a missing slot is None."""

    name: str
    url: str
    description: str
    name_slot: Slot | None = None
    url_slot: Slot | None = None
    description_slot: Slot | None = None


_LETTER = re.compile(r"[^\W\d_]")
_BOLD = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+?)(?<=\S)\1")
# Between a name and its description. A hyphen in a word is none, so it needs a space behind it,
# unless what follows is Chinese or the like, which is written without.
_SEPARATOR = re.compile(
    r"[ \t]*(?:[–—―:：]+|[-|·•→»=>]+(?=[ \t]|[^\x00-\x7f]|\Z))[ \t]*|"
    r"[ \t]+-+[ \t]*|[，、][ \t]*|,[ \t]+"
)
# Emphasis may end on either side of the separator: `**[x](y)** - text`, `**[x](y):** text`.
_TO_DESCRIPTION = re.compile(
    rf"(?:[*_~]|</\w+>)*(?:{_SEPARATOR.pattern})?(?:[*_~]+(?=[ \t]))?[ \t\r\n>]*"
)
# Behind the first phrase of running text. A full stop ends it where a capital follows.
_AFTER_PHRASE = re.compile(
    r"(?<![ \t])[ \t]+[-–—―|·•→»]+[ \t]+|[:：][ \t]+|：|(?<![ \t])[ \t]*[|][ \t]*|"
    r"\.[ \t]+(?=[A-Z*_\[(\"“])"
)
_BETWEEN_NAMES = re.compile(
    r"[ \t\u00a0]*(?:/|&|&amp;|、|,|，|\+|and|或|和|与|<br ?/?>)[ \t\u00a0]*"
)
_END_OF_PARAGRAPH = re.compile(r"(?:\r\n|\n|\r)[ \t>]*(?:\r\n|\n|\r)")
# What ends a paragraph without a blank line, and what may be no running text.
_INTERRUPTION = re.compile(r"(?<![ \t])[ \t]*(?:\r\n|\n|\r)[ \t>]*(?:```|~~~|#{1,6}[ \t])")
_OTHER_BLOCK = re.compile(r"(?:\r\n|\n|\r)[ \t>]*(?:<|\||\$\$)")
_CONTINUATION = re.compile(r"(?<![ \t])[ \t]*(?:(?<!\\)\\)?(?:\r\n|\n|\r)[ \t>]*")
_PUNCTUATION = re.compile(r"[\s.,;:!?。，；：！？)）\]】」\"'*_~|—–-]*\Z")
_HARD_BREAK = re.compile(r"\\[\r\n]")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_STRIP = ' \t\r\n*_~`-–—―:：,，.;；|([（【「"“·•→'
_BLANKS = " \t\r\n"
_LONG_NAME = 120
"""Characters from which a phrase is a sentence and no name."""


def text_end(source: str) -> int:
    """Where a block's text ends, trailing blanks not included."""
    return len(source.rstrip(_BLANKS))


def paragraph_end(source: str, start: int) -> int:
    """Where the first paragraph from `start` on ends, trailing blanks not included."""
    found = _END_OF_PARAGRAPH.search(source, start)
    return max(text_end(source[: found.start()] if found else source), start)


def unfold(text: str) -> str:
    """Inline markdown on one line: line breaks and the indent after them become a space."""
    if "\n" in text or "\r" in text:
        return _CONTINUATION.sub(" ", text)
    return text


def read_fields(source: str, start: int, end: int, links: list[Link]) -> Fields:
    """Name, URL and description of running text with links: an item, a line, a paragraph.

    `start` and `end` bound the first paragraph of its content, marker and padding excluded.
    """
    link = primary_link(links)
    if link is None:
        return _without_link(source, start, end)
    before = link.slot.start
    if before > start and has_words(source[start:before]):
        return _after_words(source, start, end, link)
    name = link_name(source, link)
    if is_generic(name) and (found := _named_behind(source, end, links, link, name)):
        return found
    slot = name_slot(source, link, name)
    after = link.slot.end
    if len(links) > 1:
        name, slot, after = _several(source, end, links, link, name, slot)
    return Fields(name, link.url, *_description(source, after, end, slot, url_slot(source, link)))


def _named_behind(source: str, end: int, links: list[Link], link: Link, name: str) -> Fields | None:
    """`[[paper](…)] **Name**`, `[2009](…) - Name: text`: the link stands before the name.

    A generic word that leads without brackets is the name: `[Notes](…) - An app.`
    """
    after = link.slot.end
    if (
        link.text.startswith(("[", "(", "【"))
        or source[link.slot.start - 1 : link.slot.start] == "["
    ):
        for following in links[links.index(link) + 1 :]:
            if following.slot.end <= end and is_generic(link_name(source, following)):
                after = following.slot.end
    elif not (_YEAR.match(name) and _SEPARATOR.match(source, after, end)):
        return None
    while after < end and (source[after] in _STRIP or source[after] in "])）】"):
        after += 1
    bold = _BOLD.match(source, max(after - 2, 0), end)
    if bold:
        named = Slot(*bold.span(2))
        text = plain_text(bold[2])
    else:
        phrase = _AFTER_PHRASE.search(source, after, end)
        named = Slot(after, phrase.start() if phrase else end)
        text = plain_text(source[named.start : named.end]).strip(_STRIP)
    if not text or len(text) > _LONG_NAME or not has_words(text):
        return None
    slot = named if source[named.start : named.end] == text else None
    behind = bold.end() if bold else named.end
    described = _description(source, behind, end, slot, url_slot(source, link))
    return Fields(text, link.url, *described)


def _description(
    source: str, after: int, end: int, name: Slot | None, url: Slot | None
) -> tuple[str, Slot | None, Slot | None, Slot | None]:
    """Description, then the three slots: what follows the separator up to `end`."""
    if after < end and (separator := _TO_DESCRIPTION.match(source, after, end)):
        after = separator.end()
    if after >= end:
        return "", name, url, None
    text = source[after:end]
    if "\n" not in text and "\r" not in text:
        return text, name, url, Slot(after, end)
    if interruption := _INTERRUPTION.search(text):
        text = text[: interruption.start()]
        end = after + len(text)
    if _OTHER_BLOCK.search(text):
        return unfold(text), name, url, None
    return unfold(text), name, url, Slot(after, end)


def _several(
    source: str, end: int, links: list[Link], link: Link, name: str, slot: Slot | None
) -> tuple[str, Slot | None, int]:
    """`[A](…) / [B](…)`: one name for all of them, which has no slot of its own."""
    after = link.slot.end
    names = name
    for following in links[links.index(link) + 1 :]:
        if following.slot.end > end:
            break
        between = source[after : following.slot.start].strip("*_~")
        if not _BETWEEN_NAMES.fullmatch(between):
            break
        text = link_name(source, following)
        if is_generic(text):
            break
        names += _joint(between) + text
        slot, after = None, following.slot.end
    return names, slot, after


def _joint(between: str) -> str:
    """What stands between two names, with single spaces around it where words have them."""
    sign = between.strip()
    if sign.startswith("<br"):
        return " / "
    if sign in {"、", "，"}:
        return sign
    return ", " if sign == "," else f" {sign} "


def _after_words(source: str, start: int, end: int, link: Link) -> Fields:
    """Words stand before the link: `**Name** - text [link](…)`, `Author: [Title](…)`."""
    before, after = link.slot.start, link.slot.end
    text = link_name(source, link)
    if bold := _leading_bold(source, start, before):
        name = plain_text(source[bold.start : bold.end])
        return _around_link(source, bold.end, end, link, name, bold)
    lead = source[start:before]
    if source[before - 1] in "[（(" or is_generic(text) or shows_address(link, lead):
        phrase = _AFTER_PHRASE.split(without_decoration(lead, " "), maxsplit=1)[0]
        cut = _AFTER_PHRASE.search(lead)
        behind = start + cut.start() if cut and _LETTER.search(lead[: cut.start()]) else before
        name = plain_text(phrase).strip(_STRIP) or text
        return _around_link(source, behind, end, link, name, None)
    slot = name_slot(source, link, text)
    fields = Fields(text, link.url, *_description(source, after, end, slot, url_slot(source, link)))
    if fields.description:
        return fields
    lead_slot = stripped(source, start, before)
    lead = source[lead_slot.start : lead_slot.end]
    return fields._replace(description=unfold(lead), description_slot=lead_slot)


def _around_link(
    source: str, behind: int, end: int, link: Link, name: str, slot: Slot | None
) -> Fields:
    """The name ends at `behind`, and the link is a part of the description or at its end."""
    if (stripped := name.strip(_STRIP)) != name:
        name, slot = stripped, None
    url = url_slot(source, link)
    before, after = link.slot.start, link.slot.end
    words, _slot, _url, words_slot = _description(source, behind, before, None, None)
    kept = words.rstrip(_STRIP)
    if not kept:
        if _PUNCTUATION.match(source, after, end):
            return Fields(name, link.url, "", slot, url)
        return Fields(name, link.url, *_description(source, after, end, slot, url))
    tail = source[after:end]
    if not _PUNCTUATION.match(tail):
        return Fields(name, link.url, f"{kept} {unfold(tail).strip()}", slot, url)
    if words_slot and source[words_slot.start : words_slot.end] == words:
        words_slot = Slot(words_slot.start, words_slot.start + len(kept))
    else:
        words_slot = None
    return Fields(name, link.url, kept, slot, url, words_slot)


def stripped(source: str, start: int, end: int) -> Slot:
    """The part of the source without blanks and signs around it; emphasis stays in pairs."""
    while end > start and (source[end - 1] in _STRIP or _HARD_BREAK.match(source, end - 1)):
        end -= 1
    while start < end and source[start] in _BLANKS:
        start += 1
    return _with_emphasis(source, start, end)


def _with_emphasis(source: str, start: int, end: int) -> Slot:
    """Emphasis that opens at `start` is kept if it closes before `end`, or right behind."""
    text = source[start:end]
    mark = text[: len(text) - len(text.lstrip("*_"))]
    if not mark:
        return Slot(start, end)
    if text.count(mark) % 2:
        if source.startswith(mark, end):
            return Slot(start, end + len(mark))
        start += len(mark)
    return Slot(start, end)


def _leading_bold(source: str, start: int, end: int) -> Slot | None:
    """The bold words that open the text, without a colon in their end."""
    found = _BOLD.search(source, start, end)
    if not found or has_words(source[start : found.start()]):
        return None
    first, last = found.span(2)
    while last > first and source[last - 1] in ":：. \t":
        last -= 1
    return Slot(first, last) if last > first else None


def _without_link(source: str, start: int, end: int) -> Fields:
    bold = _leading_bold(source, start, end)
    if bold:
        name = plain_text(source[bold.start : bold.end])
        return Fields(name, "", *_description(source, bold.end, end, bold, None))
    found = _AFTER_PHRASE.search(source, start, end)
    slot = Slot(start, found.start() if found else end)
    phrase = source[slot.start : slot.end]
    if name := plain_text(phrase):
        return Fields(name, "", *_description(source, slot.end, end, slot, None))
    name = plain_text(phrase, alt=True)
    return Fields(name, "", *_description(source, slot.end, end, None, None))


def cell_fields(source: str, cell: Slot, links: list[Link]) -> Fields:
    """Name and URL of a table's name cell, given the links that stand in it."""
    link = primary_link(links)
    if link is None:
        text = source[cell.start : cell.end].replace("\\|", "|")
        if name := plain_text(text):
            return Fields(name, "", "", cell)
        alt = plain_text(text, alt=True)
        return Fields(alt, "", "", None if alt else cell)
    name = link_name(source, link)
    slot = name_slot(source, link, name)
    if is_generic(name) or link.form in SHOWN_AS_ADDRESS:
        words = source[cell.start : link.slot.start].replace("\\|", "|")
        text = plain_text(words).strip(_STRIP) if has_words(words) else ""
        if text:
            name, slot = text, None
    elif len(links) > 1:
        name, slot, _after = _several(source, cell.end, links, link, name, slot)
    return Fields(name, link.url, "", slot, url_slot(source, link))
