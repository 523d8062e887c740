"""The description of a thing, in the text behind its name.

Between the name and the description stand a separator, signs (`:warning:`, a badge) and links in
brackets (`([Repo](…), [Docs](…))`); behind it links again, and code spans with values
(`` `MIT` `Go` ``). None of these is description. What is left stands in one piece, whole in its
emphasis, brackets and code, or else it has no slot.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import partial
from typing import NamedTuple

from catalog.markdown.inline import COUNT, SHOWN_AS_ADDRESS, STAR, is_generic
from catalog.markdown.nodes import LINE_ENDING, Link, Slot, match_end, new_slot
from catalog.markdown.words import FIELD_LABELS, LEADING_WORDS, OF_SOMEBODY, folded

ARROWS = "⇒⇨➔➜➡⟶›"
"""Arrows that lead to a description, beside `→`."""
# Between a name and its description. A hyphen in a word is none, so it needs a space behind it,
# unless what follows is Chinese or the like, which is written without; an emoji code is none.
SEPARATOR = re.compile(
    r"[ \t]*(?:(?:[–—―：]|:(?![a-z0-9_+-]+:))+(?:-+(?=[ \t]))?"
    r"|[-|·•→»=>]+(?=[ \t]|[^\x00-\x7f]|\Z))[ \t]*|[ \t]+-+[ \t]*|[，、][ \t]*|,[ \t]+"
    rf"|[ \t]+(?:~|//|…+|[{ARROWS}]\ufe0f?)[ \t]+"
)
# Emphasis may end on either side of the separator: `**[x](y)** - text`, `**[x](y):** text`. A
# dash without a blank parts a link from what begins with a capital: `[x](y)-Text`.
_TO_DESCRIPTION = re.compile(
    rf"(?:[*_~]|</\w+>)*({SEPARATOR.pattern}|(?<=\))-+(?=[^\W\da-z_]))?"
    r"(?:[*_~]+(?=[ \t]))?[ \t\r\n>]*"
)
# Signs beside a name: emoji (keys, `#️⃣`, too), what parts them (`☁️/🏠`), their codes, pictures,
# badges, what is set small or high, and attributes of its link, `{:target="_blank"}`.
_MARKS = re.compile(
    r"(?:[ \t]*(?:&nbsp;|\{:?[^{}\s=]*=[^{}\r\n]*\}"
    r"|:(?:[a-z0-9_+-]*[a-z][a-z0-9_+-]*|100|1234|[+-]1):|\[!\[[^\[\]]*\]\([^()]*\)\]\([^()]*\)"
    r"|!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])|<img\b[^<>]*>|<su[bp]>[^<>]*</su[bp]>"
    r"|<kbd>[^<>]*</kbd>|<br ?/?>|<!--[^<>]*-->"
    r"|[#*0-9]\ufe0f?\u20e3|(?<=[\u2600-\u2bff\ufe0f\u20e3\U0001f000-\U0001faff])[/,|&+]"
    r"(?=[ \t]*[\u2600-\u27bf\U0001f000-\U0001faff])"
    r"|[\u2190-\u21ff\u2300-\u2bff\u3030\ufe0f\u200d\U0001f000-\U0001faff]))+",
    re.IGNORECASE,
)
# How many stars it has, or a remark in brackets (`(3h)`), before a separator.
_REMARK = re.compile(
    rf"[ \t]*(?:(?:[(（][ \t]*)?{STAR}[ \t]*{COUNT}\+?[ \t]*[)）]?"
    r"|[(（][^()（）\[\]<>`\r\n]{1,40}[)）]|[\[【][^()\[\]【】<>`\r\n]{1,40}[\]】]"
    r"|([*_])\((?:[^()*_<>`\r\n]|\([^()<>\r\n]*\)){1,60}\)\1(?=[ \t]*<br\b)"
    r")(?=[ \t]*(?:[–—:：|]|<br\b|-+[ \t]))"
)
# Values in code before a separator, which are no commands: one word, or no lower letter first.
_VALUES = re.compile(
    r"(?:[ \t,/|·]*`(?:[^`\s]{1,40}|[^`a-z\s][^`\r\n]{1,39})`)+(?=[ \t]*(?:[–—:：|]|-+[ \t]))"
)
# Whose it is, before a separator: `by [Ann](…) and [Bo](…) - `; its links are among the others.
_SOMEBODY = r"\[[^\[\]]{1,60}\]\([^()\s]*\)"
_OF_SOMEBODY = re.compile(
    rf"[ \t]*(?:{'|'.join(sorted(OF_SOMEBODY, reverse=True))})[:：]?[ \t]*{_SOMEBODY}"
    rf"(?:(?:[ \t]*[,&、][ \t]*|[ \t]+(?:and|und|y|e|et|и)[ \t]+){_SOMEBODY})*"
    r"(?=[ \t]+[–—-]+[ \t]|[ \t]*[:：][ \t])",
    re.IGNORECASE,
)
# When something appeared: `(2031)`, `(2031-2033), `.
_YEARS = re.compile(
    r"[ \t]*[(（](?:19|20)\d\d(?:[ \t]*[-–—/][ \t]*\d+)*[)）][ \t]*[,，.:：]?[ \t]*"
)
# The same at the end: `(23010 stars)`, `:star: 416`.
_STAR, _COUNT = rf"(?:{STAR}|:star2?:)", rf"{COUNT}\+?"
_RATING_AT_END = re.compile(
    rf"[ \t]*(?:[(（\[][ \t]*{_COUNT}[ \t]*(?:{_STAR}|stars?)[ \t]*[)）\]]"
    rf"|[(（\[]?[ \t]*{_STAR}[ \t]*{_COUNT}[ \t]*[)）\]]?)\Z"
)
_OPENERS = {"[": "]", "(": ")", "（": "）", "【": "】"}
_CLOSERS = {closer: opener for opener, closer in _OPENERS.items()}
# What may stand between the links of a group, and behind what is left when one is taken off.
_JOINER = re.compile(r"(?:[\s,|/·•&;、，+*_~–—-]|&nbsp;|</?(?:br|su[bp]|i|b)\b ?/?>|\band\b)*")
_JOINERS_AT_END = " \t\r\n,|·•;、，–—-"
_LABEL = re.compile(r"([^\W\d_][\w ]{0,18}?) ?[:：][ \t]*")
_BEHIND_SENTENCE = re.compile(r"[.!?。！？] *[-–—|·•] *\Z")
# A label at the end: `. Code:`, and before it what ends something else.
_LABEL_AT_END = re.compile(
    r"((?:\A|[.!?。！？)\]）】|,;，；–—-]|\*\*)\s*)"
    r"[*_]*([^\W\d_][\w ]{0,18}?)[*_]* ?[:：][*_]*\s*\Z"
)
_COLONS = frozenset(":：")
_ENTITY = re.compile(r"&#?\w+;\Z")
_TAG_AT_END = re.compile(r"<(?:su[bp]|br ?/?|i|b)>\Z")
PICTURE_AT_END = re.compile(r"!\[[^\[\]]*\](?:\([^()\s]*(?:\s\"[^\"]*\")?\)|\[[^\[\]]*\])\Z")
# Values in `<code>`, each a link or not.
_CODE_TAGS_AT_END = re.compile(
    r"(?<=[^\s])(?:\s?<code>(?:<a\b[^<>]*>)?[^<>]{0,60}(?:<img\b[^<>]*>)?(?:</a>)?</code>)+\Z",
    re.IGNORECASE,
)
_IMAGE_AT_END = re.compile(r"<img\b[^<>]*>\Z", re.IGNORECASE)
_LONG_CODE = 60
"""Characters of a code span from which it is no value."""
_ENDS_SENTENCE = frozenset(".!?。！？…)）]】>`")
_LONG_PICTURE = 300
_BLANKS = " \t\r\n"
_AFTER_TEXT = _BLANKS + ">"
_FENCES = ("```", "~~~")
_NEAR = 70
"""Characters in front of a link or a code span in which what belongs to it stands."""
# What ends a paragraph without a blank line, and what may be no running text.
_INTERRUPTION = re.compile(r"(?<![ \t])[ \t]*(?:\r\n|\n|\r)[ \t>]*(?:```|~~~|#{1,6}[ \t])")
_OTHER_BLOCK = re.compile(r"(?:\r\n|\n|\r)[ \t>]*(?:<|\||\$\$)")

_ESCAPED_OR_CODE = re.compile(r"\\.|`+[^`]*`+", re.DOTALL)
_MARKUP = re.compile(r"[*`\[\](（【]")
# What ends the sentence before, and the numbers of its footnotes.
_STRAY_START = re.compile(
    r"(?:[*_~]*(?:[.,;:)\]）】](?=[\s*_<]|\Z)|[。，；：、])|[)\]）】])[*_~]*\s*"
    r"(?:<sup>[\[(]*\d+\]\([^()\s]*\)[\])]*</sup>[\s.,;]*)*"
)


class Described(NamedTuple):
    """A description, and where it stands if it does in one piece."""

    text: str
    slot: Slot | None = None


_new_described = partial(tuple.__new__, Described)  # Faster than the class, as `new_slot` is.


def unfold(text: str) -> str:
    """Inline markdown on one line: line breaks and the indent after them become a space."""
    if "\n" not in text and "\r" not in text:
        return text
    first, *others = LINE_ENDING.split(text)
    lines = [_before_break(line) for line in (first, *others[:-1])]
    behind = [line.lstrip(" \t>") for line in (*lines[1:], *others[-1:])]
    return " ".join([lines[0], *behind])


def _before_break(line: str) -> str:
    """A line without the blanks, or the backslash, that a break may begin with."""
    if line.endswith("\\") and not line.endswith("\\\\"):
        line = line[:-1]
    return line.rstrip(" \t")


def describe(
    source: str, after: int, end: int, links: list[Link], primary: Link | None = None
) -> Described:
    """Describe the thing from the text behind its name, from `after` to `end`.

    `primary` is the link that the entry is about, if it may still come.
    """
    if after >= end:
        return _NOTHING
    after = _behind_credit(source, after, end, primary)
    start, is_first = _first_words(source, after, end)
    last = source[end - 1]
    is_last = not links or links[-1].slot[1] < end
    is_first = is_first and (primary is None or primary.slot[0] != start)
    has_count = last.isdigit() or (last in _THOUSANDS and source[end - 2].isdigit())
    if is_first and is_last and not has_count and last not in _AFTER_TEXT:
        text = source[start:end]
        if is_plain(text):
            return _new_described((text, new_slot((start, end))))
    if not is_first:
        start = _begin(source, after, end, links, primary)
    is_whole = True
    is_cut = not is_last or has_count or last in _MAY_END_GROUP or source[end - 2] in _CLOSERS
    if source.find("\n", start, end) >= 0 or source.find("\r", start, end) >= 0:
        interruption = _INTERRUPTION.search(source, start, end)
        first = interruption.start() if interruption else end
        is_whole = not _OTHER_BLOCK.search(source, start, first)
        is_cut, end = is_cut or first < end, first
    if is_cut:
        end = _end(source, start, end, links, primary)
    if start < end and source[start] in _STRAY_STARTS:
        start = match_end(_STRAY_START, source, start, end)
    if (
        start >= end
        or ("\n" in source[after:start] and source.startswith(_FENCES, start))
        or (not is_last and _holds_links(source, start, end, links))
    ):
        return _NOTHING
    text = source[start:end]
    if not is_balanced(text) or (text[-1] == "*" and _ends_emphasis(source, after, text)):
        text, is_mended = _balanced(text)
        is_whole = is_whole and is_mended
    slot = new_slot((start, start + len(text))) if is_whole and text else None
    return _new_described((unfold(text), slot))


def _holds_links(source: str, start: int, end: int, links: list[Link]) -> bool:
    """Whether there are but links here: more than one, or one to elsewhere on the page."""
    position, number = start, bisect_left(links, start, key=_start)
    matched: list[Link] = []
    while number < len(links) and position < end:
        position = match_end(_JOINER, source, position, end)
        if links[number].slot.start != position:
            return False
        matched.append(links[number])
        position, number = links[number].slot.end, number + 1
    is_more = len(matched) > 1 or (bool(matched) and matched[0].is_internal)
    return is_more and match_end(_JOINER, source, position, end) >= end


def behind_rating(text: str) -> str:
    """A text without how many stars or the like a thing has, and the separator behind that."""
    return text[match_end(_REMARK, text) :]


def is_plain(text: str) -> bool:
    """Whether a text is one line without emphasis, code, brackets and links."""
    # Faster than one look for all of them.
    return not (
        "(" in text
        or "[" in text
        or "`" in text
        or "*" in text
        or "]" in text
        or "\n" in text
        or "\r" in text
        or "（" in text
        or "【" in text
    )


def _behind_credit(source: str, after: int, end: int, primary: Link | None) -> int:
    """Return the end of whose it is behind the name: `by [Ann](…)` before a separator."""
    if primary is not None or source.startswith(" - ", after):
        return after
    return match_end(_OF_SOMEBODY, source, after, end)


def _first_words(source: str, after: int, end: int) -> tuple[int, bool]:
    """Return where text begins behind a separator, and whether nothing else stands before it."""
    start = after + 3
    if start < end and source.startswith(" - ", after) and source[start].isalnum():
        return start, True  # as most are
    start = match_end(_TO_DESCRIPTION, source, after, end)
    return start, start < end and source[start].isalnum() and source[after] not in _STRAY_CLOSERS


def _balanced(text: str) -> tuple[str, bool]:
    """A text without the sign at its end that closes nothing in it, and whether that was all."""
    for mark in ("**", "__", "*", "_"):
        shorter = text.removesuffix(mark).rstrip(_BLANKS)
        if shorter != text and is_balanced(shorter) and shorter[-1:] != mark[:1]:
            return shorter, True
    return (text.replace("**", "") if text.count("**") % 2 else text), False


_STRAY_CLOSERS = frozenset(')]）】》」』"”')
_EMPHASIS = frozenset("*_")
_THOUSANDS = frozenset("kKmM+")
_ENDS_RATING = _THOUSANDS | frozenset(")）]0123456789")
_LONG_RATING = 30
"""Characters that how many stars something has takes at most."""
_MAY_END_GROUP = frozenset(_CLOSERS) | frozenset("`> \t\r\n")
_NOTHING = Described("")
_STRAY_STARTS = frozenset("*_~.,;:)]）】。，；：、")


def _begin(
    source: str,
    after: int,
    end: int,
    links: list[Link],
    primary: Link | None,
) -> int:
    """Return where the description begins: behind the separator, signs and groups of links."""
    is_parted = False
    while after < end and source[after] in _STRAY_CLOSERS:
        after += 1  # of a bracket or quote that the name stood in
    while after < end:
        matched = _TO_DESCRIPTION.match(source, after, end)
        if matched:
            after = matched.end()
            is_parted = is_parted or bool(matched[1] and matched[1].strip())
        is_primary = primary is not None and primary.slot.start == after
        if after >= end or (source[after].isalnum() and not is_primary):
            break
        behind = _behind_link(source, after, end, links, primary)
        if behind == after and source[after] in _OPENERS:
            behind = _group_end(source, after, end, links) or after
        if behind == after and source[after] in _EMPHASIS:
            behind = _behind_slanted(source, after, end, links) or after
        for beside in (_VALUES,) if is_parted else (_YEARS, _VALUES, _REMARK, _MARKS):
            if behind == after:
                behind = match_end(beside, source, after, end)
        if behind == after:
            break
        after = behind
    return min(after, end)


def _behind_link(
    source: str,
    after: int,
    end: int,
    links: list[Link],
    primary: Link | None,
) -> int:
    """Return the end of a link here that describes nothing, else the position itself."""
    link = _starting(links, after)
    if link is None:
        return after
    if is_sign(link.text):
        return link.slot.end
    if link is primary and link.form in SHOWN_AS_ADDRESS:
        return link.slot.end
    leads_on = (_is_label(link) or link is primary) and _is_aside(source, link, end)
    return link.slot.end if leads_on else after


def _behind_slanted(source: str, after: int, end: int, links: list[Link]) -> int:
    """Return where emphasis ends that is one link, with a separator and words behind it,
    `*[Reviews](…)* - It`; 0 if this is none."""
    marks = source[after : after + 3]
    marks = marks[: len(marks) - len(marks.lstrip(marks[0]))]
    link = _starting(links, after + len(marks))
    if link is None or not source.startswith(marks, link.slot.end):
        return 0
    behind = link.slot.end + len(marks)
    separator = SEPARATOR.match(source, behind, end)
    return behind if separator and source[separator.end() : end][:1].isalnum() else 0


def _starting(links: list[Link], at: int) -> Link | None:
    number = bisect_left(links, at, key=_start)
    return links[number] if number < len(links) and links[number].slot.start == at else None


def _start(link: Link) -> int:
    return link.slot.start


def _is_label(link: Link) -> bool:
    """Whether a link says what kind of page it leads to: it describes nothing."""
    return link.is_image_only or link.text.startswith(("[", "(", "【")) or is_generic(link.text)


def _is_aside(source: str, link: Link, end: int) -> bool:
    """Whether a sentence does not go on with the link: something else, or nothing, follows."""
    rest = source[link.slot.end : min(link.slot.end + 3, end)]
    return not rest.strip() or rest.lstrip()[0] in "[(（【|/,;:：–—-.·•、，*_" or rest[0] in "\r\n"


def _group_end(source: str, at: int, end: int, links: list[Link]) -> int:
    """Return where a bracket of links alone closes, 0 if this is none."""
    closer = _OPENERS[source[at]]
    position = at + 1
    is_empty = True
    for number in range(bisect_left(links, position, key=_start), len(links)):
        link = links[number]
        start = _behind_joiner(source, position, end)
        if start != link.slot.start:
            break
        position, is_empty = link.slot.end, False
    joined = _behind_joiner(source, position, end)
    if is_empty or joined >= end or source[joined] != closer:
        return 0
    return joined + 1


def _behind_joiner(source: str, position: int, end: int) -> int:
    """Return where the next link of a group may begin: behind a joiner, and its label."""
    position = match_end(_JOINER, source, position, end)
    label = _LABEL.match(source, position, end)
    if label and _is_field(label[1]) and not source.startswith("//", label.end()):
        return label.end()
    return position


def _is_field(label: str) -> bool:
    return folded(label) in FIELD_LABELS


def _end(
    source: str,
    start: int,
    end: int,
    links: list[Link],
    primary: Link | None,
) -> int:
    """Return where the description ends: before links that only lead on, and code spans of
    values."""
    number = len(links) - 1
    while end > start:
        while end > start and source[end - 1] in _BLANKS:
            end -= 1
        if source[end - 1 : end] in _COLONS and source[end - 2 : end - 1] in _CLOSERS:
            end -= 1  # It leads to nothing.
        # Links are in order, and but for pictures in them none stands in another.
        while number >= 0 and links[number].slot.end > end:
            number -= 1
        link = links[number] if number >= 0 else None
        if link and source[link.slot.end : end] == "." and _is_value(source, start, link):
            end -= 1
        if link is not None and link.slot.end == end and link.slot.start >= start:
            cut = _before_link(source, start, link, is_primary=link is primary)
        else:
            cut = _before_group(source, start, end, links)
        if cut == end:
            break
        end = _before_joiners(source, start, cut)
    return end


def _before_link(source: str, start: int, link: Link, *, is_primary: bool) -> int:
    """Return where a link at the end begins, if it only leads on; else where it ends."""
    begin = link.slot.start
    if link.is_image_only or _is_value(source, start, link):
        return begin  # A badge, a licence.
    near = max(start, begin - _NEAR)
    if not (
        is_primary
        or _is_label(link)
        or link.form in SHOWN_AS_ADDRESS
        or _BEHIND_SENTENCE.search(source, near, begin)
    ):
        return link.slot.end
    if link.text.startswith(("[", "(", "【")) or _is_apart(source[near:begin], is_primary):
        return begin
    return link.slot.end


def _is_value(source: str, start: int, link: Link) -> bool:
    """Whether a link behind a sentence is a value in code, such as a licence: [`MIT`](…)."""
    before = source[start : link.slot.start].rstrip(_BLANKS + ",")
    inner = link.text_slot
    return (
        inner is not None
        and source[inner[0] : inner[1]].startswith("`")
        and source[inner[1] - 1] == "`"
        and inner[1] - inner[0] <= _LONG_CODE
        and (not before or before[-1] in _ENDS_SENTENCE)
    )


def _before_group(source: str, start: int, end: int, links: list[Link]) -> int:
    """Return where something at the end begins that is no description: a picture, links in
    brackets, code."""
    last = source[end - 1 : end]
    near = max(start, end - _LONG_PICTURE)
    if last in _ENDS_RATING:
        rating = _RATING_AT_END.search(source, max(start, end - _LONG_RATING), end)
        if rating:
            return rating.start()
    if last in ")]" and source.find("![", near, end) >= 0:
        picture = PICTURE_AT_END.search(source, near, end)
        if picture:
            return picture.start()
    if last in _CLOSERS:
        return _group_start(source, start, end, links)
    if last in {".", "。"} and source[end - 2 : end - 1] in _CLOSERS:
        cut = _group_start(source, start, end - 1, links)
        return end if cut == end - 1 else cut
    if last == ">":
        code = _CODE_TAGS_AT_END.search(source, near, end)
        if code and source[code.start() - 1] in _ENDS_SENTENCE:
            return code.start()
        picture = _IMAGE_AT_END.search(source, near, end)
        return picture.start() if picture else end
    return _before_code(source, start, end) if last == "`" else end


def _before_joiners(source: str, start: int, end: int) -> int:
    """The end without signs and a label that belonged to what stood behind them."""
    while end > start and (size := _joiner_at_end(source, end)):
        end -= size
    near = max(start, end - _NEAR)
    tail = source[near:end] if near == start else "\0" + source[near + 1 : end]
    if tail.rstrip().rstrip("*_")[-1:] in _COLONS:
        label = _LABEL_AT_END.search(tail)
        if label and _is_field(label[2]):
            end = near + label.end(1)
    if end > start and source[end - 1] in ":：" and not source[start:end].endswith("::"):
        end -= 1
    while end > start and source[end - 1] in _OPENERS:
        end = start + len(source[start : end - 1].rstrip(_BLANKS))  # of a link that is cut
    return end


def _is_apart(before: str, is_primary: bool) -> bool:
    """Whether no sentence goes on with the link behind these characters.

    The link that the entry is about may stand there without a sign, but for words like *the*.
    """
    before = before.rstrip(_BLANKS)
    last = before[-1:]
    if not last or last in _ENDS_SENTENCE or last in _JOINERS_AT_END or last in "：:>":
        return True
    words = before.split()
    return is_primary and not (words and words[-1].casefold() in LEADING_WORDS)


def _joiner_at_end(source: str, end: int) -> int:
    """Return the length of a sign or entity at the end that only joined what was cut off."""
    last = source[end - 1]
    if last == ";" and source.endswith("&nbsp;", 0, end):
        return len("&nbsp;")
    if last in _JOINERS_AT_END and not (last == ";" and _ENTITY.search(source, end - 10, end)):
        return 1
    if last == ">" and (tag := _TAG_AT_END.search(source, max(end - 6, 0), end)):
        return len(tag[0])
    return 0


def _group_start(source: str, start: int, end: int, links: list[Link]) -> int:
    """Return where a bracket of links alone opens that closes at `end`, else `end`."""
    opener = _CLOSERS[source[end - 1]]
    position = end - 1
    for number in range(bisect_left(links, position, key=_start) - 1, -1, -1):
        link = links[number]
        if link.slot.end > position:
            continue
        if link.slot.start < start or not _JOINER.fullmatch(source, link.slot.end, position):
            return end
        position = link.slot.start
        base = max(start, position - _NEAR)
        before = source[base:position].rstrip(_BLANKS + ",|/·•&;、，+*_~")
        label = _LABEL.fullmatch(source[base:position], before.rfind(opener) + 1)
        if label and _is_field(label[1]):
            before = before[: before.rfind(opener) + 1]
        if before.endswith(opener):
            return base + len(before) - 1
    return end


def _before_code(source: str, start: int, end: int) -> int:
    """Return where a row of code spans at the end begins if it holds values, else `end`.

    A single one inside of a sentence belongs to that.
    """
    spans: list[Slot] = []
    position = end
    while code := _code_at_end(source, start, position):
        spans.append(code)
        position = code.start
        while position > start and source[position - 1] in _BLANKS + ",":
            position -= 1
    if not spans:
        return end
    before = source[position - 1 : position]
    if position > start and len(spans) == 1 and before not in _ENDS_SENTENCE:
        return end
    if position > start and before.isalnum() and source[position : spans[-1].start] == "":
        return end
    return spans[-1].start


def _code_at_end(source: str, start: int, end: int) -> Slot | None:
    """The short code span with which the text ends."""
    begin = source.rfind("`", start, end - 1) if source.endswith("`", start, end) else -1
    inner = source[begin + 1 : end - 1]
    is_span = (
        begin >= 0
        and 0 < len(inner) <= _LONG_CODE
        and source[begin - 1 : begin] != "`"
        and "\n" not in inner
        and "\r" not in inner
    )
    return Slot(begin, end) if is_span else None


def _ends_emphasis(source: str, before: int, text: str) -> bool:
    """Whether the sign at the end of a description closes emphasis that opens in front of it."""
    head = source[max(before - _LONG_PICTURE, 0) : before].lstrip(" \t>").removeprefix("* ")
    return bool(text.count("*") % 2 and head.count("*") % 2)


def is_sign(text: str) -> bool:
    """Whether a text is nothing but emoji, their codes or pictures."""
    return _MARKS.fullmatch(text.strip(" \t`*")) is not None


def is_balanced(text: str) -> bool:
    """Whether emphasis, code, brackets and links that begin in a text end in it, and vice versa."""
    if not _MARKUP.search(text):
        return True
    if "`" in text or "\\" in text:
        text = _ESCAPED_OR_CODE.sub("", text)
    return not (
        "`" in text
        or text.count("**") % 2
        or text.count("[") != text.count("]")
        or text.count("(") > text.count(")")
        or text.count("（") > text.count("）")
        or text.count("【") != text.count("】")
    )
