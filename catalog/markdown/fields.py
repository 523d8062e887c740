"""What a person would call an entry, where it leads, and what is said about it.

Works on one block's source; every answer comes with the slot it stands in where there is one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from catalog.markdown.generic_texts import GENERIC_TEXTS
from catalog.markdown.inline import plain_text
from catalog.markdown.links import repository_of
from catalog.markdown.nodes import Link, LinkForm, Slot


class Fields(NamedTuple):
    """Name, destination and description with their slots; a missing slot is None."""

    name: str
    url: str
    description: str
    name_slot: Slot | None = None
    url_slot: Slot | None = None
    description_slot: Slot | None = None


_LONGEST_GENERIC = max(map(len, GENERIC_TEXTS))

_LETTER = re.compile(r"[^\W\d_]")
# Signs before a name: badges, pictures, emoji codes, HTML tags, numbering.
_DECORATION = re.compile(
    r"\[!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])\]\([^)]*\)|!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|"
    r"<[^<>]*>|:[a-z0-9_+-]+:|&[a-z]+;|\b\d+(?:st|nd|rd|th)\b",
    re.IGNORECASE,
)
_BOLD = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+?)(?<=\S)\1")
_SEPARATOR = re.compile(
    r"[ \t]*(?:[–—―:：]+|[-|·•→»=>]+(?=[ \t]|[^\x00-\x7f]|\Z))[ \t]*|"
    r"[ \t]+-+[ \t]*|[，、][ \t]*|,[ \t]+"
)
_TO_DESCRIPTION = re.compile(rf"[*_~]*(?:{_SEPARATOR.pattern})?[ \t\r\n>]*")
_BEFORE_LINK = re.compile(
    r"[ \t]+[-–—―|·•→»]+[ \t]+|[:：][ \t]+|：|[ \t]*[|][ \t]*|\.[ \t]+(?=[A-Z*_\[(\"“])"
)
_BETWEEN_NAMES = re.compile(
    r"[ \t]*(?:/|&|&amp;|、|,|，|\+|and|或|和|与)[ \t]*|[ \t]*<br ?/?>[ \t]*"
)
_END_OF_PARAGRAPH = re.compile(r"(?:\r\n|\n|\r)[ \t>]*(?:\r\n|\n|\r)")
_OTHER_BLOCK = re.compile(r"(?:\r\n|\n|\r)[ \t>]*(?:```|~~~|<|\||#{1,6}[ \t]|\$\$)")
_CONTINUATION = re.compile(r"[ \t]*(?:\r\n|\n|\r)[ \t>]*")
_OPENING_MARKUP = re.compile(
    r"(?:<[^<>]*>|!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|\s|:[a-z0-9_]+:)+(?=\S)"
)
_SPACE = re.compile(r"[ \t\r\n]")
_SCHEME = re.compile(r"(?i)(?:[a-z]+://|mailto:)(?:www\.)?")
_HTML_HREF = re.compile(r"""\bhref\s*=\s*(["']?)""", re.IGNORECASE)
_TAIL = re.compile(r"[\s.,;:!?。，；：！？)）\]】」\"'*_~|—–-]*\Z")
_STRIP = ' \t\r\n*_~`-–—―:：,，.;；|([（【「"“·•→'
_SHOWN_AS_ADDRESS = frozenset({LinkForm.BARE, LinkForm.AUTOLINK})
_WRAPPERS = ("**", "__", "~~", "*", "_", "`")


def is_generic(text: str) -> bool:
    """Whether a link's text names a kind of page (`paper`, `地址`) or nothing at all."""
    if len(text) > _LONGEST_GENERIC and text[0].isalpha():
        return False
    folded = text.strip(" \t[](){}<>:：.。!→↗⬇🔗").casefold()
    if folded in GENERIC_TEXTS:
        return True
    return not folded[:1].isalpha() and not _LETTER.search(folded)


def has_words(markdown: str) -> bool:
    """Whether there is a letter in it, pictures, badges, tags and emoji codes aside."""
    return bool(_LETTER.search(markdown) and _LETTER.search(_DECORATION.sub("", markdown)))


def paragraph_end(source: str, start: int) -> int:
    """Where the first paragraph from `start` on ends, trailing blanks not included."""
    found = _END_OF_PARAGRAPH.search(source, start)
    end = found.start() if found else len(source)
    while end > start and source[end - 1] in " \t\r\n":
        end -= 1
    return end


def unfold(text: str) -> str:
    """Inline markdown on one line: line breaks and the indent after them become a space."""
    if "\n" in text or "\r" in text:
        return _CONTINUATION.sub(" ", text)
    return text


def name_slot(source: str, link: Link, name: str) -> Slot | None:
    """Where a link's text says `name`: without emphasis and pictures around it, else None."""
    slot = link.text_slot
    if slot is None or link.form in _SHOWN_AS_ADDRESS:
        return None
    start, end = slot
    if source[start:end] == name:
        return slot
    start, end = _without_wrapping(source, start, end)
    if _reads_as(source[start:end], name):
        return Slot(start, end)
    at = source.find(name, start, end)
    if name and at >= 0 and plain_text(name) == name:
        return Slot(at, at + len(name))
    return None


def _reads_as(markdown: str, name: str) -> bool:
    # In a table `\\|` stands for `|`, and elsewhere it is the same sign escaped.
    return markdown == name or plain_text(markdown.replace("\\|", "|")) == name


def _without_wrapping(source: str, start: int, end: int) -> tuple[int, int]:
    """Trim pictures and tags at the front, and pairs of emphasis signs around the rest."""
    moved = True
    while moved and start < end:
        moved = False
        if source[start] in "<![: \t\r\n":
            opening = _OPENING_MARKUP.match(source, start, end)
            if opening and opening.end() < end:
                start, moved = opening.end(), True
        for mark in _WRAPPERS:
            size = len(mark)
            if (
                end - start > 2 * size
                and source.startswith(mark, start)
                and source.endswith(mark, start, end)
            ):
                start, end, moved = start + size, end - size, True
                break
    while end > start and source[end - 1] in " \t\r\n":
        end -= 1
    return start, end


def url_slot(source: str, link: Link) -> Slot | None:
    """Where a link's destination stands, or None when it is defined elsewhere."""
    inner = link.text_slot
    if inner is None:
        return None
    if link.form is LinkForm.INLINE:
        start, end = inner.end + 2, link.slot.end - 1
        if source.startswith(link.url, start) and start + len(link.url) == end:
            return Slot(start, end)
        if source[inner.end : start] != "](":
            start = source.find("](", inner.start, end) + 2
            if start < 2:
                return None
        while start < end and source[start] in " \t\r\n":
            start += 1
        if start < end and source[start] == "<":
            return Slot(start + 1, source.find(">", start, end))
        if not _SPACE.search(source, start, end):
            return Slot(start, end)
        stop = start
        while stop < end and source[stop] not in " \t\r\n":
            stop += 1
        return Slot(start, stop)
    if link.form in {LinkForm.AUTOLINK, LinkForm.BARE}:
        return inner
    if link.form is LinkForm.HTML:
        href = _HTML_HREF.search(source, link.slot.start, inner.start)
        if href and href[1]:
            return Slot(href.end(), source.find(href[1], href.end()))
    return None


def primary_link(links: list[Link]) -> Link | None:
    """The link that an entry is about: the first with a text that leads out, else the first."""
    fallback = None
    for link in links:
        if link.is_internal:
            continue
        if not link.is_image_only:
            return link
        fallback = fallback or link
    return fallback


def link_name(source: str, link: Link) -> str:
    """The plain text of a link; of a picture its alternative text."""
    text = link.text
    if "  " in text or "\n" in text or "\t" in text:
        text = " ".join(text.split())
    text = text.strip()
    if link.form in _SHOWN_AS_ADDRESS:
        return address_name(link.url)
    if not text and link.text_slot:
        text = plain_text(source[link.text_slot.start : link.text_slot.end], alt=True)
    return text or address_name(link.url)


def address_name(url: str) -> str:
    """What to call a thing that only has an address: its repository, else host and path."""
    repository = repository_of(url)
    if repository:
        return repository.partition("/")[2]
    return _SCHEME.sub("", url).rstrip("/") or url


def read_fields(source: str, start: int, end: int, links: list[Link]) -> Fields:
    """Name, URL and description of running text with links: an item, a line, a paragraph.

    `start` and `end` bound the first paragraph of its content, marker and padding excluded.
    """
    link = primary_link(links)
    if link is None:
        return _without_link(source, start, end)
    destination = url_slot(source, link)
    if link.slot.start > start:
        lead = source[start : link.slot.start]
        if has_words(lead):
            return _after_lead(source, start, end, link, destination)
    name = link_name(source, link)
    slot = name_slot(source, link, name)
    after = link.slot.end
    if is_generic(name):
        rest = source[after:end]
        bold = _BOLD.search(rest)
        if bold:
            named = plain_text(bold[2])
            name, slot = named or name, Slot(after + bold.start(2), after + bold.end(2))
        elif _LETTER.search(rest):
            text = plain_text(_BEFORE_LINK.split(rest.strip(_STRIP), maxsplit=1)[0]).strip(_STRIP)
            if text and len(text) <= _LONG_NAME:
                name, slot = text, None
    elif len(links) > 1:
        name, slot, after = _several(source, end, links, link, name, slot)
    return Fields(name, link.url, *_description(source, after, end, slot, destination))


_LONG_NAME = 120


def _description(
    source: str, after: int, end: int, name: Slot | None, url: Slot | None
) -> tuple[str, Slot | None, Slot | None, Slot | None]:
    """Description, then the three slots: what follows the separator up to `end`."""
    if after < end:
        after = _TO_DESCRIPTION.match(source, after, end).end()  # type: ignore[union-attr]
    if after >= end:
        return "", name, url, None
    text = source[after:end]
    if "\n" not in text and "\r" not in text:
        return text, name, url, Slot(after, end)
    if _OTHER_BLOCK.search(text):
        return unfold(text), name, url, None
    return unfold(text), name, url, Slot(after, end)


def _several(
    source: str, end: int, links: list[Link], link: Link, name: str, slot: Slot | None
) -> tuple[str, Slot | None, int]:
    """`[A](…) / [B](…)`: one name for all of them, which has no slot of its own."""
    after = link.slot.end
    position = links.index(link) + 1
    names = name
    while position < len(links):
        following = links[position]
        between = source[after : following.slot.start].strip("*_~")
        if following.slot.end > end or not _BETWEEN_NAMES.fullmatch(between):
            break
        text = link_name(source, following)
        if is_generic(text):
            break
        joint = " ".join(between.split())
        joint = " / " if joint.startswith("<br") else f"{'' if joint in '、,，' else ' '}{joint} "
        names += joint.replace("、 ", "、") + text
        slot, after = None, following.slot.end
        position += 1
    return names, slot, after


def _after_lead(source: str, start: int, end: int, link: Link, url: Slot | None) -> Fields:
    """Text stands before the link: `**Name** - text [link](…)`, `Author: [Title](…)`."""
    before, after = link.slot.start, link.slot.end
    text = link_name(source, link)
    bold = _leading_bold(source, start, before)
    bracketed = source[before - 1 : before] in {"[", "（", "("}
    if bold or bracketed or is_generic(text) or link.form in _SHOWN_AS_ADDRESS:
        if bold:
            name, slot = plain_text(source[bold.start : bold.end]), bold
            behind = bold.end
        else:
            lead = source[start:before]
            parts = _BEFORE_LINK.split(_DECORATION.sub(" ", lead), maxsplit=1)
            name, slot, behind = plain_text(parts[0]), None, start
            first = _BEFORE_LINK.search(lead)
            if first and _LETTER.search(lead[: first.start()]):
                behind = start + first.start()
            else:
                behind = before
        stripped = name.strip(_STRIP) or text
        if stripped != name:
            name, slot = stripped, None
        if behind < before:
            rest, _name, _url, rest_slot = _description(source, behind, before, None, None)
            rest_kept = rest.rstrip(_STRIP)
        else:
            rest = rest_kept = ""
            rest_slot = None
        tail = source[after:end]
        if _TAIL.match(tail):
            if rest_slot and rest_kept:
                rest_slot = (
                    Slot(rest_slot.start, rest_slot.end - len(rest) + len(rest_kept))
                    if (source[rest_slot.start : rest_slot.end] == rest)
                    else None
                )
            return Fields(name, link.url, rest_kept, slot, url, rest_slot if rest_kept else None)
        if rest_kept:
            return Fields(name, link.url, f"{rest_kept} {unfold(tail).strip()}", slot, url, None)
        return Fields(name, link.url, *_description(source, after, end, slot, url))
    slot = name_slot(source, link, text)
    fields = Fields(text, link.url, *_description(source, after, end, slot, url))
    if fields.description:
        return fields
    lead = source[start:before].rstrip(_STRIP)
    return fields._replace(
        description=unfold(lead), description_slot=Slot(start, start + len(lead))
    )


def _leading_bold(source: str, start: int, end: int) -> Slot | None:
    """The bold words that open the text, without a colon in their end."""
    found = _BOLD.search(source, start, end)
    if not found:
        return None
    lead = source[start : found.start()]
    if has_words(lead):
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
    text = source[start:end]
    found = _BEFORE_LINK.search(text)
    cut = start + found.start() if found else end
    name = plain_text(source[start:cut]).strip(" \t")
    slot = Slot(start, cut)
    return Fields(name, "", *_description(source, cut, end, slot, None))


def cell_fields(source: str, cell: Slot, links: list[Link]) -> Fields:
    """Name and URL of a table's name cell, given the links that stand in it."""
    link = primary_link(links)
    if link is None:
        text = source[cell.start : cell.end].replace("\\|", "|")
        return Fields(plain_text(text), "", "", cell)
    name = link_name(source, link)
    slot = name_slot(source, link, name)
    if is_generic(name):
        text = plain_text(source[cell.start : link.slot.start].replace("\\|", "|")).strip(_STRIP)
        if text:
            name, slot = text, None
    elif len(links) > 1:
        name, slot, _after = _several(source, cell.end, links, link, name, slot)
    return Fields(name, link.url, "", slot, url_slot(source, link))
