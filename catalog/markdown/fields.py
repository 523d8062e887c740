"""The fields of an entry: its name, where it leads, and its description.

Works on one block's source; every answer comes with the slot it stands in where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from catalog.markdown.describing import (
    SEPARATOR,
    Described,
    describe,
    is_balanced,
    unfold,
)
from catalog.markdown.grouping import Part, item_start, read_part
from catalog.markdown.inline import (
    LETTER,
    SHOWN_AS_ADDRESS,
    address_name,
    has_words,
    is_generic,
    link_name,
    name_slot,
    plain_text,
    primary_link,
    shows_address,
    url_slot,
    without_count,
    without_decoration,
)
from catalog.markdown.nodes import Block, Link, LinkForm, Slot, new_slot
from catalog.markdown.words import (
    LEADING_WORDS,
    NAME_HEADERS,
    NOTE_WORDS,
    folded,
    is_description,
)


class Fields(NamedTuple):
    """Name, destination and description with their slots; a missing slot is None."""

    name: str
    url: str
    description: str
    name_slot: Slot | None = None
    url_slot: Slot | None = None
    description_slot: Slot | None = None


_new_fields = partial(tuple.__new__, Fields)  # Faster than the class, for what most items say.

_BOLD = re.compile(r"(\*\*\*|\*\*|__)(?=\S)((?:(?!\1).)+?)(?<=\S)\1", re.DOTALL)
_ITALIC = re.compile(r"(?<!\*)\*(?=[^\s*])([^*]{8,}?)(?<=\S)\*(?!\*)")
# Behind the first phrase of running text. A full stop ends it where a capital follows, but none
# that ends initials or an abbreviation.
_AFTER_PHRASE = re.compile(
    r"(?<![ \t])[ \t]+[-–—―|·•→»]+[ \t]+|:(?:[ \t]+|(?=[\u2e80-\uffef]))|：|"
    r"(?<![ \t])[ \t]*[|][ \t]*|"
    r"(?<![A-Z])(?<!\bal)(?<!\b[a-z])(?<!\b(?:vs|Dr|Mr|St|No|Jr))(?<!\b(?:Mrs|Vol|e\.g|i\.e))(?<!\bUniv)"
    r"\.[ \t]+(?=[A-Z*_\[(\"“])"
)
# Names of people: `N. Example, A. Sample`, `Jane Doe et al`.
_PEOPLE = re.compile(
    r"(?:[A-Z]\.[ -]?)+[^\W\d_][\w'’-]+(?: [A-Z][\w'’-]+){0,2}(?:,| and | & | et al|\Z)"
    r"|[^:]{0,80}\bet al\Z"
)
_AUTHORS_BEHIND = re.compile(
    r",[ \t]+(?:[A-Z]\.[ -]?)+[A-Z][\w'’-]+(?=,|;| and | & | et al|\.?[ \t]*\Z)"
    r"|,[ \t]+[A-Z][\w'’-]*(?: [A-Z][\w.'’-]*){1,3}(?= et al\b)"
)
# Names of people in emphasis behind a title: `*Jane Doe et al. 2023*`, `*Jane Doe, Li Si*`.
_SLANTED_PEOPLE = re.compile(
    r"[^*]*et al\b|[A-Z][\w'’-]+(?: [A-Z][\w.'’-]*){1,3}(?:,? and |, )[A-Z][\w.'’-]*(?: [A-Z]|\Z)"
)
PUBLISHED = re.compile(r"\bet al\b|\b(?:19|20)\d\d\b")
_QUOTED = re.compile(r"“([^“”]{8,})”|\"([^\"]{8,})\"|「([^「」]{4,})」|《([^《》]{2,})》")
_TITLE_MARKS = re.compile(r"[ \t]*(?:《([^《》\r\n]{1,80})》|『([^『』\r\n]{1,80})』)")
_PAIRS = {"(": ")", "[": "]", "（": "）", "【": "】", "“": "”", "「": "」", "『": "』", "《": "》"}
_OPENS = {closer: opener for opener, closer in _PAIRS.items()}
_PAIRED = re.compile(r"\\.|`+[^`]*`+|\*\*|[*\"()\[\]（）【】“”「」『』《》]")
_LINE_BREAK = re.compile(r"(?:\r\n|\n|\r)[ \t>]*")
_BETWEEN_NAMES = re.compile(
    r"[ \t\u00a0]*(?:/|&|&amp;|、|,|，|\+|and|或|和|与|<br ?/?>)[ \t\u00a0]*"
)
# A break is taken whole: the halves of one are no blank line.
_END_OF_PARAGRAPH = re.compile(r"(?>\r\n|\n|\r)[ \t>]*(?:\r\n|\n|\r)")
_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
# When, or where and when, something appeared, in front of it: `[2023/05]`, `(2023-ICLR, CCF-A)`.
_DATED = re.compile(
    r"\s*[\[(（【](?:(?=\W*\d)[\W\d]*|[^()（）\[\]【】\r\n]{0,90}(?<!\d)(?:19|20)\d\d(?!\d)"
    r"[^()（）\[\]【】\r\n]{0,90})[\])）】]\s*"
)
_PUBLISHER = re.compile(
    r"\)?[ \t]*[-–—:]?[ \t]*\*\*(?P<publisher>[^*\r\n]{1,40})\*\*[ \t]*[-–—:][ \t]*"
    r"(?P<title>[^\W_][^\r\n\[\]]*?)\.?[ \t]*\Z"
)
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_STRIP = ' \t\r\n*_~`-–—―:：,，.;；|([（【「"“·•→'
_BLANKS = " \t\r\n"
_BEHIND_NAME = re.compile(rf"[*_~]*(?:(?={SEPARATOR.pattern}).|[ \t]*<br ?/?>)", re.IGNORECASE)
_HARD_BREAK = re.compile(r"\\[\r\n]")
_LONG_LEAD = 60
"""Characters before a link from which they hold more than a name."""
_SHORTEST_PHRASE = 8
_DASHES = ("-", "–", "—")
_LONGEST_NAME = 4
"""Words before a dash that are a name and not half a sentence."""
LONG_NAME = 120
"""Characters from which a phrase is a sentence and no name."""


def text_end(source: str) -> int:
    """Return where a block's text ends, without trailing blanks."""
    return len(source.rstrip(_BLANKS))


def paragraph_end(source: str, start: int) -> int:
    """Return where the first paragraph from `start` on ends, without trailing blanks."""
    has_lines = "\r" in source or source.find("\n", start, -1) >= 0
    matched = _END_OF_PARAGRAPH.search(source, start) if has_lines else None
    return max(text_end(source[: matched.start()] if matched else source), start)


def read_fields(source: str, start: int, end: int, links: list[Link]) -> Fields:
    """Name, URL and description of running text with links: an item, a line, a paragraph.

    `start` and `end` bound the first paragraph of its content, marker and padding excluded.
    """
    if len(links) == 1 and (plain := _plain_fields(source, start, end, links[0])):
        return plain
    link = primary_link(links)
    if link is None:
        return _without_link(source, start, end, links)
    before = link.slot.start
    if before > start and has_words(source[start:before]):
        return _after_words(source, start, end, links, link)
    name = link_name(source, link)
    if is_generic(name) and (matched := _named_behind(source, end, links, link, name)):
        return matched
    slot = name_slot(source, link, name)
    after = link.slot.end
    if len(links) > 1:
        name, slot, after = _several(source, end, links, link, name, slot)
    described = describe(source, after, end, links)
    if name and len(name) <= LONG_NAME:
        text, words = described
        return _new_fields((name, link.url, text, slot, url_slot(source, link), words))
    return _fields(name, link, slot, source, described)


def _plain_fields(source: str, start: int, end: int, link: Link) -> Fields | None:
    """`[Name](https://…) - Text.`, as most are: what the rules below find, without them."""
    first, behind = link.slot
    name, url, inner = link.text, link.url, link.text_slot
    if (
        first != start
        or link.form is not LinkForm.INLINE
        or inner is None
        or url[:4] != "http"
        or not name[:1].isalpha()
        or len(name) > LONG_NAME
        or source[inner[0] : inner[1]] != name
        or "  " in name
        or name[-1] in _BLANKS
        or "\n" in name
        or "\t" in name
        or "://" in name
        or without_count(name) != name
        or is_generic(name)
    ):
        return None
    at = inner[1] + 2
    if at + len(url) != behind - 1 or not source.startswith(url, at):
        return None
    slot = new_slot((at, behind - 1))
    text, words = describe(source, behind, end, [link])
    return _new_fields((name, url, text, inner, slot, words))


def _fields(
    name: str, link: Link | None, slot: Slot | None, source: str, described: Described
) -> Fields:
    """Fields of parts, the name cut down to what can be one."""
    if not name and link:
        name, slot = address_name(link.url), None
    if len(name) > LONG_NAME:
        name, slot = shortened(name), None
    url, place = (link.url, url_slot(source, link)) if link else ("", None)
    return _new_fields((name, url, described.text, slot, place, described.slot))


def shortened(name: str) -> str:
    """A name of more than `LONG_NAME` characters: its first phrase, else its beginning."""
    for start, end, _after in _phrases(name, 0, len(name)):
        if _SHORTEST_PHRASE <= end - start <= LONG_NAME:
            return name[start:end].strip(_STRIP)
        break
    cut = name.rfind(" ", LONG_NAME // 2, LONG_NAME)
    return name[: cut if cut > 0 else LONG_NAME - 1].rstrip(_STRIP) + "…"


def _named_behind(source: str, end: int, links: list[Link], link: Link, name: str) -> Fields | None:
    """`[[paper](…)] **Name**`, `[2009](…) - Name: text`: the link stands before the name.

    A generic word that leads without brackets is the name: `[Notes](…) - An app.`
    """
    if _YEAR.match(name) and (published := _behind_publisher(source, end, link)):
        return published
    after = _behind_kinds(source, end, links, link, name)
    if not after:
        return None
    while after < end and (source[after] in _STRIP or source[after] in "])）】"):
        after += 1
    bold = _BOLD.match(source, max(after - 2, 0), end)
    if bold:
        named = Slot(*bold.span(2))
        text = plain_text(bold[2])
    else:
        phrase = next(_phrases(source, after, end))
        named = Slot(after, phrase[1])
        text = plain_text(source[named.start : named.end]).strip(_STRIP)
    if not text or len(text) > LONG_NAME or not has_words(text):
        return None
    slot = named if source[named.start : named.end] == text else None
    behind = bold.end() if bold else named.end
    return _fields(text, link, slot, source, describe(source, behind, end, links))


def _behind_kinds(source: str, end: int, links: list[Link], link: Link, name: str) -> int:
    """Where the links end that stand before a name: in brackets, a year, or several before a title
    in bold (`[Paper](…) | [Code](…) | **Title**`). 0 where the first of them is the name."""
    after = link.slot.end
    opener = source[link.slot.start - 1 : link.slot.start]
    following = links[links.index(link) + 1 :]
    if link.text.startswith(("[", "(", "【")) or opener == "[":
        for other in following:
            if other.slot.end <= end and is_generic(link_name(source, other)):
                after = other.slot.end
        return after
    if _YEAR.match(name):
        return after if SEPARATOR.match(source, after, end) else 0
    for other in following:
        between = source[after : other.slot.start]
        if has_words(between) or not is_generic(link_name(source, other)):
            break
        after = other.slot.end
    title = _BOLD.search(source, after, end) if after > link.slot.end else None
    return after if title and not has_words(source[after : title.start()]) else 0


def _behind_publisher(source: str, end: int, link: Link) -> Fields | None:
    """`[2013](…) - **Publisher** - The Title of a Report.`: what is in bold describes."""
    matched = _PUBLISHER.match(source, link.slot.end, end)
    if matched is None:
        return None
    words = [word for word in matched["title"].split() if word[0].isalpha() and len(word) > 3]
    if not words or sum(word[0].isupper() for word in words) * 3 < len(words) * 2:
        return None  # A sentence: it describes what is in bold.
    title, publisher = Slot(*matched.span("title")), Slot(*matched.span("publisher"))
    name = plain_text(matched["title"])
    described = Described(matched["publisher"], publisher)
    return _fields(name, link, title if name == matched["title"] else None, source, described)


def _several(
    source: str, end: int, links: list[Link], link: Link, name: str, slot: Slot | None
) -> tuple[str, Slot | None, int]:
    """`[A](…) / [B](…)`: one name for all of them, which has no slot of its own."""
    after = link.slot.end
    names = name
    for following in links[links.index(link) + 1 :]:
        if following.slot.end > end or following.is_image_only or following.url[:1] == "#":
            break
        between = _LINE_BREAK.sub(" ", source[after : following.slot.start]).strip("*_~")
        if not _BETWEEN_NAMES.fullmatch(between):
            break
        text = link_name(source, following)
        if is_generic(text):
            break
        names += _joint(between) + text
        slot, after = None, following.slot.end
    return names, slot, after


def _joint(between: str) -> str:
    """Return what stands between two names, with single spaces around it where words have them."""
    sign = between.strip()
    if sign.startswith("<br"):
        return " / "
    if sign in {"、", "，"}:
        return sign
    return ", " if sign == "," else f" {sign} "


def _after_words(source: str, start: int, end: int, links: list[Link], link: Link) -> Fields:
    """Words stand before the link: `**Name** - text [link](…)`, `Author: [Title](…)`."""
    before, after = link.slot.start, link.slot.end
    text = link_name(source, link)
    if leading := _leading_bold(source, start, before) or _leading_title(source, start, before):
        slot, behind = leading
        name = plain_text(source[slot.start : slot.end])
        described = describe(source, behind, end, links, link)
        return _fields(name, link, slot, source, described)
    lead = source[start:before]
    says_nothing = link.is_image_only and text == address_name(link.url)
    is_kind = says_nothing or is_generic(text) or shows_address(link, lead)
    is_kind = is_kind or _is_described(source, start, before)
    if source[before - 1] in "[（(" or is_kind:
        name, named, behind = _named_before(source, start, before)
        if not name or name.rpartition(" ")[2] in LEADING_WORDS:
            name, named = (address_name(link.url) if is_generic(text) else text), None
        return _fields(name, link, named, source, describe(source, behind, end, links, link))
    slot_of_name = name_slot(source, link, text)
    if len(links) > 1 and lead.rstrip(" \t*_").endswith((":", "：")):
        text, slot_of_name, after = _several(source, end, links, link, text, slot_of_name)
    fields = _fields(text, link, slot_of_name, source, describe(source, after, end, links))
    if fields.description:
        return fields
    lead_slot = stripped(source, start, before)
    lead = source[lead_slot.start : lead_slot.end]
    if not is_balanced(lead):
        # A bracket opens around the link.
        lead = lead[: max(map(lead.rfind, "([（【"))].rstrip(_STRIP)
        if not lead or not is_balanced(lead):
            return fields
        lead_slot = Slot(lead_slot.start, lead_slot.start + len(lead))
    return fields._replace(description=unfold(lead), description_slot=lead_slot)


def _is_described(source: str, start: int, end: int) -> bool:
    """Whether a short name and a dash open the text, and words stand between it and the link:
    `Name - It has [trackers](…).`"""
    _begin, stop, after = next(_phrases(source, start, end))
    words = source[start:stop].split()
    return (
        after < end
        and source[stop:after].strip() in _DASHES
        and len(words) <= _LONGEST_NAME
        and has_words(source[start:stop])
        and words[-1][-1].isalnum()
        and has_words(source[after:end])
        and not _PEOPLE.match(source[start:stop])
    )


def _named_before(source: str, start: int, end: int) -> tuple[str, Slot | None, int]:
    """The name in words before a link, '' if they are a sentence; its slot, and where it ends.

    It is the first phrase, but of a citation the title: in bold or quotes, or behind the authors.
    """
    lead = source[start:end]
    if matched := _title_in(lead):
        title, behind = matched
        slot = Slot(start + title.start, start + title.end)
        text = plain_text(source[slot.start : slot.end])
        name = text.strip(_STRIP)
        if LETTER.search(name):
            return name, slot if text == name else None, start + behind
    first = True
    if dated := _DATED.match(source, start, end):
        start = dated.end()
    for begin, stop, after in _phrases(source, start, end):
        if authors := _AUTHORS_BEHIND.search(source, begin + 1, stop):
            stop = authors.start()
        phrase = source[begin:stop]
        name = plain_text(without_decoration(phrase, " ")).strip(_STRIP)
        if not name or not LETTER.search(name):
            continue
        if first and after < end and _PEOPLE.match(name):
            first = False
            continue
        if len(name) > LONG_NAME:
            break
        name = _paired(name, phrase)
        at = source.find(name, begin, stop)
        slot_of_name = Slot(at, at + len(name)) if at >= 0 and plain_text(name) == name else None
        behind = at + len(name) if slot_of_name else begin + len(phrase.rstrip(_STRIP))
        return name, slot_of_name, behind
    return "", None, start


def _paired(name: str, phrase: str) -> str:
    """A name cut from a phrase, without a bracket that only closes at its end and with the one that
    opens it: `(Big) kite`."""
    while name and name[-1] in _OPENS and name.count(name[-1]) > name.count(_OPENS[name[-1]]):
        name = name[:-1].rstrip()
    lead = next((sign for sign in "([（【" if sign + name in phrase), "")
    return lead + name if lead and name.count(_PAIRS[lead]) > name.count(lead) else name


def _title_in(lead: str) -> tuple[Slot, int] | None:
    """The title in a citation, in bold, quotes or slanted, or in front of slanted names of people;
    and where its marks end."""
    is_citation = bool(_PEOPLE.match(lead.lstrip()) or PUBLISHED.search(lead))
    for pattern in (_BOLD, _QUOTED, _ITALIC):
        matched = pattern.search(lead)
        if matched is None or not matched.lastindex:
            continue
        start, end = matched.span(matched.lastindex)
        is_most = (end - start) * 2 > len(lead)
        dated = _DATED.match(lead)
        first = dated.end() if dated else 0
        is_first = not has_words(lead[first : matched.start()])
        if pattern is _ITALIC and not is_first and _SLANTED_PEOPLE.match(lead, start, end):
            title = stripped(lead, first, matched.start())
            return title, max(title.end, matched.start() - 1)
        if " " in lead[start:end].strip() and (is_citation or is_most or is_first):
            while end > start and lead[end - 1] in ".,":
                end -= 1
            return Slot(start, end), matched.end()
    return None


def _phrases(source: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The phrases of running text: where each begins and ends, and where the next one begins.

    None is cut in brackets, quotes, code or emphasis. The last one ends at `end`.
    """
    position = start
    open_pairs: list[str] = []
    checked = start
    for cut in _AFTER_PHRASE.finditer(source, start, end):
        for sign in _PAIRED.finditer(source, checked, cut.start() + 1):
            _pair(open_pairs, sign[0])
        checked = cut.start() + 1
        if open_pairs or cut.start() < position:
            continue
        yield position, cut.start(), cut.end()
        position = cut.end()
    yield position, end, end


def _pair(open_pairs: list[str], sign: str) -> None:
    """Note one more sign of a pair: what closes the last one open is taken off, else it is put."""
    if len(sign) > 1 and sign != "**":
        return  # escaped, or code
    if open_pairs and open_pairs[-1] == sign:
        open_pairs.pop()
    elif sign in _PAIRS:
        open_pairs.append(_PAIRS[sign])
    elif sign in {"*", "**", '"'}:
        open_pairs.append(sign)


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


def _leading_bold(source: str, start: int, end: int) -> tuple[Slot, int] | None:
    """The bold words that open the text, without a colon in their end, and where they end."""
    matched = _BOLD.search(source, start, end)
    if not matched or has_words(source[start : matched.start()]):
        return None
    first, last = matched.span(2)
    while last > first and source[last - 1] in ":：. \t":
        last -= 1
    return (Slot(first, last), matched.end()) if last > first else None


def _leading_title(source: str, start: int, end: int) -> tuple[Slot, int] | None:
    """The title of a work that opens the text in its Chinese or Japanese marks, and their end."""
    matched = _TITLE_MARKS.match(source, start, end)
    return (Slot(*matched.span(matched.lastindex or 0)), matched.end()) if matched else None


def _without_link(source: str, start: int, end: int, links: list[Link]) -> Fields:
    if bold := _leading_bold(source, start, end):
        slot, behind = bold
        name = plain_text(source[slot.start : slot.end])
        return _fields(name, None, slot, source, describe(source, behind, end, links))
    start, stop, _after = next(_phrases(source, start, end))
    described = describe(source, stop, end, links)
    phrase = source[start:stop]
    if name := plain_text(phrase):
        return _fields(name, None, Slot(start, stop), source, described)
    return _fields(plain_text(phrase, alt=True), None, None, source, described)


def with_parts(own: Fields, block: Block) -> Fields:
    """The fields of a thing with parts in lines of their own, given what its own line says.

    Links are those of all lines, and carry the label of theirs; a line without one describes.
    """
    source, links = block.source, block.links
    ends = [*block.parts[1:], len(source)]
    described: list[tuple[int, Described]] = []
    url, place = own.url, own.url_slot
    for begin, limit in zip(block.parts, ends, strict=True):
        end = len(source[:limit].rstrip())
        inside = [link for link in links if begin <= link.slot.start < limit]
        start = item_start(source, begin)
        part = read_part(source, start, inside, end)
        if part is None or part.slot.start >= part.slot.end:
            for link in inside:
                link.purpose = link.text
            continue
        for link in inside:
            link.purpose = part.label or ("" if link.form in SHOWN_AS_ADDRESS else link.text)
        first = primary_link(inside)
        if first and not url:
            url, place = first.url, url_slot(source, first)
        text = source[part.slot.start : part.slot.end]
        rank = _description_rank(part, bool(inside))
        if rank is not None and has_words(_CODE.sub("", text)):
            slot = part.slot if is_balanced(text) else None
            described.append((rank, Described(unfold(text), slot)))
    if own.description or not described:
        return own._replace(url=url, url_slot=place)
    text, slot = min(described, key=lambda matched: matched[0])[1]
    return own._replace(url=url, url_slot=place, description=text, description_slot=slot)


def _description_rank(part: Part, has_links: bool) -> int | None:
    """The lower, the more likely a part describes; None if it does not."""
    label = folded(part.label)
    if is_description(label):
        return 0
    if not label:
        return None if has_links else 1
    if label in NOTE_WORDS:
        return 2
    return None


def cell_fields(source: str, cell: Slot, links: list[Link]) -> Fields:
    """Name and URL of a table's name cell, given the links that stand in it.

    What stands behind a bold name or behind a separator describes, unless another cell does.
    """
    link = primary_link(links)
    if link is None:
        return _cell_without_link(source, cell)
    name = link_name(source, link)
    slot = name_slot(source, link, name)
    after = link.slot.end
    if is_generic(name) or link.form in SHOWN_AS_ADDRESS:
        if (bold := _leading_bold(source, cell.start, link.slot.start)) is not None:
            slot, after = bold
            name = _cell_text(source, slot)
        else:
            lead = Slot(cell.start, link.slot.start)
            has_name = has_words(source[lead.start : lead.end])
            text = _cell_text(source, lead).strip(_STRIP) if has_name else ""
            if text and folded(text) not in NAME_HEADERS:
                name, slot = text, None
    elif len(links) > 1:
        name, slot, after = _several(source, cell.end, links, link, name, slot)
    described = Described("")
    if _BEHIND_NAME.match(source, after, cell.end):
        described = _in_cell(describe(source, after, cell.end, links, link))
    return _fields(name, link, slot, source, described)


def _cell_without_link(source: str, cell: Slot) -> Fields:
    name = _cell_text(source, cell)
    bold = _leading_bold(source, *cell)
    if bold and (len(name) > _LONG_LEAD or _BEHIND_NAME.match(source, bold[1], cell.end)):
        slot, behind = bold
        described = _in_cell(describe(source, behind, cell.end, []))
        return _fields(_cell_text(source, slot), None, slot, source, described)
    if len(name) > LONG_NAME:
        start, stop, _after = next(_phrases(source, *cell))
        phrase = Slot(start, stop)
        if stop < cell.end and len(text := _cell_text(source, phrase)) <= LONG_NAME:
            described = _in_cell(describe(source, stop, cell.end, []))
            return _fields(text, None, phrase, source, described)
    if name:
        return _fields(name, None, unwrapped(source, cell), source, Described(""))
    alt = plain_text(source[cell.start : cell.end].replace("\\|", "|"), alt=True)
    return _fields(alt, None, None if alt else cell, source, Described(""))


def unwrapped(source: str, slot: Slot) -> Slot:
    """The part of a slot that is in emphasis or code from end to end."""
    text = source[slot.start : slot.end]
    size = len(text) - len(text.lstrip("*_`"))
    if size and size * 2 < len(text) and text.endswith(text[:size][::-1]):
        return Slot(slot.start + size, slot.end - size)
    return slot


def _cell_text(source: str, slot: Slot) -> str:
    return plain_text(source[slot.start : slot.end].replace("\\|", "|"))


def _in_cell(described: Described) -> Described:
    if described.slot is None:
        return Described("")
    return described._replace(text=described.text.replace("\\|", "|"))
