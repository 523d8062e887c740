"""The pattern of an entry's line without its fields: the model for the next one.

Of what stands around the fields only signs are taken: markers of emphasis and code, separators,
brackets, a mark that stands alone. Words are their entry's own, and so are pictures, further links
and values, and never a model for another; the word of a link that says no more than what it leads
to (`[paper](…)`) is kept, and so is the label of a line (`地址：`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape

from catalog.markdown.attributes import BRACKET, CODE_KEYS, MARK, PARENTHESIS, sign_key
from catalog.markdown.describing import ARROWS, is_balanced, is_sign
from catalog.markdown.fields import unwrapped
from catalog.markdown.grouping import item_start
from catalog.markdown.inline import SHOWN_AS_ADDRESS, html_links, is_generic
from catalog.markdown.nodes import Block, Entry, Link, LinkForm, Slot, match_end
from catalog.markdown.words import DEAD_MARKS, FIELD_LABELS, folded

PLACEHOLDER = re.compile(r"\{(?:name|url|description|label)\}")
LINKED_NAME = "[{name}]({url})"
PLAIN_STYLES = {
    **dict.fromkeys(CODE_KEYS, " `{value}`"),
    PARENTHESIS: " ({value})",
    BRACKET: " [{value}]",
    MARK: "",
}
"""Patterns of values beside an item's text where no neighbour shows one, by key.

A sign stands in one of `SIGN_PLACES`.
"""
BEFORE, BEHIND, AT_END = "before", "behind", "end"
SIGN_PLACES = (BEFORE, BEHIND, AT_END)
"""Places of a sign: before the text, behind the name and its link, or at the end."""
# Attributes of the link, `{:target="_blank"}`, are a part of how it is written.
_CLOSING = re.compile(r"(?:[*_`)\]）】」》]|\{:?[^{}\s=]*=[^{}\r\n]*\})*")
_BEHIND = re.compile(rf"{_CLOSING.pattern}[.。]?")
_SIGNS = f"–—―|·•→»=>~/…{ARROWS}-"
"""Signs of separators, the hyphen last as in a class of characters."""
_SEPARATOR = re.compile(
    rf"[ \t]*(?:[:：{_SIGNS}]+|，|、|,)?(?:[ \t]|\r\n|\n|\r)*[*_(（]*\Z|[\s.]*\Z"
)
_WORD = re.compile(r"[^\W_]|!\[|<(?!br ?/?>)|\]\(", re.IGNORECASE)
_MARK = re.compile(
    r"\A[\s*_`\[]*([^\w\s*_`\[\](){}<>~|.,;:!?\"'#&/\\+=–—«»“”‘’「」『』《》【】（）-]+|:[a-z0-9_+-]+:)[\s*_`\[]*"
)
_LEADING_SEPARATOR = re.compile(
    rf"[*_`)\]）】」》~]*([ \t]*(?:[{_SIGNS}]+[ \t]+|(?::(?![a-z0-9_+-]+:)|：)[ \t]*))"
)
_SIGNS_BETWEEN = _SIGNS + ":：，、,. \t\r\n*_`)]）】」》(（"
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_BREAK_AT_END = re.compile(r"[ \t]*<br ?/?>[ \t]*\Z", re.IGNORECASE)
_BELOW = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r)){2}[ \t]*")
"""What stands between a line and the paragraph below it."""
_WRAPPED = re.compile(r"[*_`]*")
# The word of a link, in brackets or emphasis or not.
_PLAIN_WORD = re.compile(
    r"[*_`(\[]*(?:[\u2300-\u2bff\U0001f000-\U0001faff]\ufe0f?)?[^\W_](?:[\w .-]*\w)?[*_`)\]]*"
)
_NEWLINE = re.compile(r"[\r\n]")
_STRUCK = "~~"
_CLOSERS = {LinkForm.INLINE: "](", LinkForm.REFERENCE: "]"}
"""What ends a link's text, emphasis around it included."""
_LONGEST_MARK = 30


def line_pattern(source: str, whole: Slot, entry: Entry, description: Slot | None) -> str | None:
    """The pattern of an item or line that has its fields in one piece each, None if it has none.

    Without a description it is the pattern of what stands around name and link.
    """
    name = entry.name_slot
    if name is None or (entry.description and not description):
        return None
    if not (whole.start <= name.start and name.end <= whole.end):
        return None
    link = link_of(entry)
    if link and description and description.end <= link.slot.start and is_generic(link.text):
        return _linked_at_end(source, whole, name, description, link)
    unit = _unit(source, name, link)
    if unit is None:
        return None
    start, end, pattern = unit
    if description is None:
        behind = source[end : match_end(_BEHIND, source, end, whole.end)]
        return _balanced(_head(source[whole.start : start]), pattern, behind)
    if description.start < end:
        return None
    between = _between(source[end : description.start])
    tail = source[description.end : match_end(_CLOSING, source, description.end, whole.end)]
    if between is None:
        return None
    head = _head(source[whole.start : start])
    return _balanced(head, pattern + between + "{description}", tail)


def _linked_at_end(
    source: str, whole: Slot, name: Slot, description: Slot, link: Link
) -> str | None:
    """The pattern of a line with the link behind its description: `**Name.** Text. [[pdf](…)]`."""
    before = source[description.end : link.slot.start]
    between = _between(source[name.end : description.start])
    if _WORD.search(before) or between is None or description.start < name.end:
        return None
    tail = source[link.slot.end : match_end(_CLOSING, source, link.slot.end, whole.end)]
    pattern = "{name}" + between + "{description}" + before + link_pattern(source, link)
    return _balanced(_head(source[whole.start : name.start]), pattern, tail)


def name_end(source: str, entry: Entry) -> int | None:
    """Return where the name ends, with its link and the emphasis around both; None without a
    name."""
    unit = _unit(source, entry.name_slot, link_of(entry)) if entry.name_slot else None
    if unit is None:
        return None
    return match_end(_WRAPPED, source, unit[1])


def link_of(entry: Entry) -> Link | None:
    """The link that the entry's address is from."""
    slot = entry.url_slot
    for link in entry.links:
        is_at = slot is None or link.slot.start <= slot.start < link.slot.end
        if link.url == entry.url and is_at:
            return link
    return None


def _unit(source: str, name: Slot, link: Link | None) -> tuple[int, int, str] | None:
    """Return the range of name and link together, and their pattern."""
    if link is None:
        return name.start, name.end, "{name}"
    text = link.text_slot
    if text and link.slot.start <= name.start and name.end <= link.slot.end:
        return link.slot.start, link.slot.end, _linked(source, name, text, link)
    if link.slot.start < name.end:
        return None
    between = source[name.end : link.slot.start]
    if _WORD.search(between):
        # Words stand between, a description perhaps: the link is none of the name's.
        return name.start, name.end, LINKED_NAME
    apart = link_pattern(source, link)
    if "{label}" in apart:
        # Its text is a name too, another one: the new entry has one for both.
        return name.start, link.slot.end, LINKED_NAME
    return name.start, link.slot.end, "{name}" + between + apart


def link_pattern(source: str, link: Link) -> str:
    """The pattern of a link that stands apart from the name, as its kind is written."""
    if link.form in SHOWN_AS_ADDRESS:
        is_bracketed = source[link.slot.start : link.slot.start + 1] == "<"
        return "<{url}>" if is_bracketed else "{url}"
    if link.form is LinkForm.INLINE and link.text_slot and is_generic(link.text):
        text = source[slice(*link.text_slot)]
        if not is_sign(text) and _PLAIN_WORD.fullmatch(text):
            return f"[{text}]({{url}})"
    return "[{label}]({url})"


def _linked(source: str, name: Slot, text: Slot, link: Link) -> str:
    """The pattern of a link that has the name in its text, with what wraps the name there."""
    closer = _CLOSERS.get(link.form)
    end = source.find(closer, name.end, link.slot.end) if closer else text.end
    before, behind = source[text.start : name.start], source[name.end : max(end, name.end)]
    opening = before if not _WORD.search(before) else ""
    mark = _MARK.match(opening)
    opening = opening if mark or not opening.strip("*_` \t") else ""
    opening = opening or _opening(before)
    closing = behind[: match_end(_CLOSING, behind)]
    wrapped = opening.replace(_STRUCK, "") + "{name}" + closing
    if link.form is LinkForm.HTML:
        url = source.find(link.url, link.slot.start, text.start)
        if url < 0:
            return LINKED_NAME
        head = source[link.slot.start : url] + "{url}" + source[url + len(link.url) : text.start]
        return f"{head}{wrapped}{source[text.end : link.slot.end]}"
    return f"[{wrapped}]({{url}})"


def _head(text: str) -> str:
    """Return what stands before the name: a mark and what opens around it, no words."""
    if not _WORD.search(text):
        mark = _MARK.match(text)
        if mark or not text.strip("*_`(（【 \t"):
            return text.replace(_STRUCK, "")
    if mark := _MARK.fullmatch(text):
        return mark[0]
    return _opening(text)


def _opening(text: str) -> str:
    """Return the signs at the end of a text that open what follows."""
    return text[len(text.rstrip("*_`([（【「《")) :]


def _between(text: str) -> str | None:
    """Return the separator before a description, no words, marks or further links.

    None if it is a full stop: two sentences are no model.
    """
    signs = _BREAK.sub("", text)
    if not _WORD.search(signs) and not signs.strip(_SIGNS_BETWEEN):
        return None if text.strip() == "." else text.replace(_STRUCK, "")
    lead = _LEADING_SEPARATOR.match(text)
    last = _BREAK_AT_END.search(text) or _SEPARATOR.search(text)
    separator = lead[1] if lead else last[0] if last else ""
    separator = separator if separator.strip() or _BELOW.fullmatch(separator) else " "
    return text[: match_end(_CLOSING, text)] + separator


# A link with a blank in it, which shows as brackets: not to be written once more.
_PARTED_LINK = re.compile(r"\[\{name\}\][ \t]+\(<?\{url\}>?\)?")


def _balanced(head: str, pattern: str, tail: str) -> str | None:
    """The pattern with what stands around it, as far as what opens there closes."""
    for first, last in ((head, tail), (head, ""), ("", tail), ("", "")):
        whole = first + pattern + last
        if is_balanced(_filled(whole)) and whole.count("*") % 2 == 0:
            return _PARTED_LINK.sub("[{name}]({url})", whole)
    return None


def _filled(pattern: str) -> str:
    return PLACEHOLDER.sub("x", pattern)


def mark_of(pattern: str) -> str:
    """The mark that a pattern begins with, '' if it has none."""
    matched = _MARK.match(pattern[:_LONGEST_MARK])
    return sign_key(matched[1]) if matched else ""


def without_mark(pattern: str) -> str:
    """A pattern without the mark that it begins with; emphasis and brackets around it stay."""
    matched = _MARK.match(pattern)
    if not matched:
        return pattern
    start = matched.start(1)
    return pattern[:start] + pattern[matched.end(1) :].lstrip(" \t")


def is_dead(mark: str) -> bool:
    """Whether a mark says that a thing is given up."""
    return mark in DEAD_MARKS


# Rows


def row_patterns(source: str, entry: Entry, columns: int) -> tuple[str, ...]:
    """The patterns of the cells with name and link, '' for all others; () if it has none."""
    patterns = [""] * columns
    name, link = entry.name_slot, link_of(entry)
    if name is None:
        return ()
    name = unwrapped(source, name)
    for number, cell in enumerate(entry.cells[:columns]):
        slot = cell.slot
        has_name = slot.start <= name.start and name.end <= slot.end
        has_link = link is not None and slot.start <= link.slot.start < slot.end
        if has_name:
            unit = _unit(source, name, link if has_link else None)
            if unit is None:
                return ()
            start, end, pattern = unit
            head = _head(source[slot.start : start])
            tail = source[end : match_end(_CLOSING, source, end, slot.end)]
            patterns[number] = (_balanced(head, pattern, tail) or pattern).replace("\\|", "|")
        elif has_link and link is not None:
            patterns[number] = _link_in_cell(source, link, slot)
    return tuple(patterns) if "{name}" in "".join(patterns) else ()


def linked(pattern: str) -> str:
    """A pattern without a link with one: of the name and the emphasis and code around it."""
    return _UNLINKED.sub(r"[\1]({url})", pattern, count=1)


_UNLINKED = re.compile(r"([*_`]*\{name\}[*_`]*)")


def _link_in_cell(source: str, link: Link, cell: Slot) -> str:
    """The pattern of a cell with the link alone: brackets around it stay."""
    pattern = link_pattern(source, link)
    head, tail = source[cell.start : link.slot.start], source[link.slot.end : cell.end]
    return _balanced(_opening(head), pattern, tail[: match_end(_CLOSING, tail)]) or pattern


# Things with parts in lines of their own


def parts_pattern(source: str, block: Block, entry: Entry) -> str | None:
    """The pattern of a thing with labelled lines below it: its own line, and those with the link
    and the description; None if it has no model in it.
    """
    name = entry.name_slot
    if name is None or not block.parts or block.head is not None or name.start > block.parts[0]:
        return None
    first = source[: block.parts[0]]
    start = item_start(source)
    link = link_of(entry)
    has_link = link is not None and link.slot.end <= block.parts[0]
    unit = _unit(source, name, link if has_link else None)
    if unit is None or unit[1] > block.parts[0]:
        return None
    whole = Slot(start, len(first.rstrip()))
    described = entry.description_slot
    if has_link or link is None:
        if described and described.start < whole.end:
            return line_pattern(source, whole, entry, described)
        pattern = line_pattern(source, whole, replace(entry, description=""), None)
    else:
        behind = source[unit[1] : match_end(_BEHIND, source, unit[1], whole.end)]
        pattern = _balanced(_head(source[start : unit[0]]), unit[2], behind)
    if pattern is None:
        return None
    ending = first[len(first.rstrip("\r\n")) :]
    lines = [pattern]
    for begin, limit in zip(block.parts, [*block.parts[1:], len(source)], strict=True):
        line = source[begin:limit].rstrip()
        if link and begin <= link.slot.start < limit:
            own, slot = link_pattern(source, link), link.slot
        elif described and begin <= described.start < limit:
            own, slot = "{description}", described
        else:
            continue
        label = line[: slot.start - begin]
        if _NEWLINE.search(label) or not _is_label(label):
            return None
        lines.append(label + own)
    return ending.join(lines)


def _is_label(head: str) -> bool:
    """Whether a line begins with a marker and at most a label that lists use for a part."""
    text = head[item_start(head) :].strip(" \t*_`:：<>[](（")
    return not text or folded(text) in FIELD_LABELS


# Entries in HTML: a row of a table or a line with a link


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
_LETTER = re.compile(r"[^\W_]")
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
    pattern = before + _html_linked(source, link) + behind
    while (shorter := _EMPTY.sub("", pattern)) != pattern:
        pattern = shorter
    return pattern


def _html_linked(source: str, link: Link) -> str:
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
            tail = token[len(token.rstrip()) :]
            parts.append(token[: match_end(_LEAD, token)] + "{description}" + tail)
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
    return _LETTER.search(_ENTITY.sub(lambda match: unescape(match[0]), text)) is not None


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
