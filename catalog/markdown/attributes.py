"""Attributes in an entry's text, apart from name and description.

    - [Keepall](https://…) - Archives pages. ([Demo](https://…)) `MIT` `Python/Docker`
    - [Shelfy](https://…) 🐍 - Serves e-books. (linux, server)
    - Binder
      - License: MIT
      - `2031` `swift`

Read off the source alone. Which of it means something shows only in comparison with other entries,
and what its signs mean in the list's legend (`legend_of`); see `tagging/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from catalog.markdown.inline import TAG, plain_text
from catalog.markdown.nodes import Block, BlockKind, Document, Slot
from catalog.markdown.words import FIELD_LABELS, LEGEND_WORDS, VALUE_HEADERS, folded


class Attribute(NamedTuple):
    """Some text about an entry, and where it stands.

    Texts with the same `key` stand in the same place in their entries: ```1``` is the first of
    the code spans at the end, ``…`1` `` one that a sentence ends in, ``()`` a parenthesis, ``[]`` a
    bracket and ``#`` a hash tag there; ````` `` ````` is a code span in a line of such, or a
    ``<kbd>``, `CODE_YEAR` a year, among them or told in another way; ``label:language`` is a line
    ``Language: text`` below the entry or a badge that says so, ``mark:🐍`` a sign, ``mark:free``
    a picture that shows this.
    """

    key: str
    text: str
    """Inline markdown, several values perhaps; of a sign the sign, of a picture what it shows."""
    slot: Slot


CODE_KEYS = tuple(f"`{number}`" for number in range(1, 7))
"""Keys of code spans at the end."""
MOST = len(CODE_KEYS)
"""Code spans at the end; more are text."""
PARENTHESIS, BRACKET, HASH_TAG = "()", "[]", "#"
CODE_LINE, CODE_YEAR = "``", "``0"
LABEL, MARK = "label:", "mark:"
"""Prefixes of the keys of labelled lines and of signs; no table header has such a key."""

_FIRST_PARAGRAPH = re.compile(
    # A blank line ends it, and so does an item below.
    r"(?>\r\n|\n|\r)[ \t>]*(?:(?:\r\n|\n|\r)|(?:[-*+]|\d{1,9}[.)])[ \t])"
)
_BLANKS = " \t\r\n"
_BETWEEN = _BLANKS + ",|·•/;、，"
_CODE = re.compile(r"(?<!`)`([^`\r\n]{1,80})`\Z")
_PARENTHESIS = re.compile(r"[*_]{0,3}[(（]([^()（）\[\]<>`\r\n]{1,80})[)）][*_]{0,3}\Z")
_BRACKET = re.compile(r"(?<![!\\\]])\[([^()\[\]<>`\r\n]{1,40})\]\.?\Z")
_HASH_TAG = re.compile(r"\s+\[?#([^\W\d_][\w-]{1,38})(?:\]\([^()\s]*\))?[.,]?\Z")
_LABEL_AT_END = re.compile(
    r"[.!?。！？;；|,，)\]][ \t]*[*_]*([^\W\d_][\w ]{0,18}?)[*_]* ?[:：][*_]*[ \t]*"
    r"([^\W_][^.。:：;；|,，()\[\]<>`*\r\n]{0,38}(?:\.\d+)*)[*_.,;|；。 ]*\Z"
)
_NEAR = 100
_FAR = 900
"""Characters in which a code span or a bracket with links has to open."""
_MAY_END = frozenset("`)）]*_.")
ENDS_SENTENCE = frozenset('.!?。！？…)）]】>`"”:：-–—|·•*_/')


def attributes_of(source: str) -> tuple[Attribute, ...]:
    """Return the attributes of an entry's block, apart from name, links and description, in
    order."""
    cut = _FIRST_PARAGRAPH.search(source)
    first = source[: cut.start()] if cut else source
    attributes = [
        *_marks(source, len(first)),
        *_codes(first),
        *_chips(first),
        *_trailing(first.rstrip(_BLANKS)),
    ]
    if cut:
        attributes += _labelled(source, cut.start())
    if not any(attribute.key == CODE_YEAR for attribute in attributes):
        attributes += _published(first)
    return tuple(attributes)


def code_values(source: str) -> tuple[Attribute, ...]:
    """Return the values in code behind an item's text, which are fields of their own."""
    return tuple(each for each in attributes_of(source) if each.key in CODE_KEYS)


_VENUES = (
    "AAAI", "ACL", "ACM MM", "arXiv", "BMVC", "CCS", "CHI", "CIKM", "COLING", "CoRL", "CVPR",
    "EACL", "ECCV", "EMNLP", "ICASSP", "ICCV", "ICLR", "ICML", "ICRA", "ICSE", "IJCAI", "IJCV",
    "INTERSPEECH", "IROS", "JMLR", "KDD", "MICCAI", "MLSys", "NAACL", "NDSS", "NeurIPS", "NIPS",
    "NSDI", "OSDI", "RecSys", "RSS", "SIGGRAPH Asia", "SIGGRAPH", "SIGIR", "SIGMOD", "SOSP", "TACL",
    "TMLR", "TPAMI", "UIST", "USENIX Security", "VLDB", "WACV", "WSDM", "WWW",
)  # fmt: skip


def _in_any_case(text: str) -> str:
    return re.sub("[A-Za-z]", lambda letter: f"[{letter[0].upper()}{letter[0].lower()}]", text)


# By their first letter: five times as fast as each of them wherever a word begins.
_BY_LETTER = "|".join(
    f"{_in_any_case(letter)}(?:{'|'.join([_in_any_case(venue[1:]) for venue in venues])})"
    for letter, venues in groupby(_VENUES, key=lambda venue: venue[0].upper())
)
_VENUE = re.compile(rf"(?<![\w/.-])({_BY_LETTER})(?:['’]| ?[,-]? ?)((?:19|20)?\d\d)(?![\w%]|\.\d)")
_TWO_DIGITS = re.compile(r"\d\d")
_AS_WRITTEN = {venue.casefold(): venue for venue in _VENUES}
# `(2017)` alone in brackets, and a date that an item begins with.
_DATED = re.compile(
    r"[(\[（【]((?:19|20)\d\d)(?:[-/.]\d\d?){0,2}[)\]）】]"
    r"|\A[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+[*_`]*((?:19|20)\d\d)[-/.]\d\d?(?!\d)"
)


def _published(text: str) -> Iterator[Attribute]:
    """Where and when a paper came out: `CVPR 2024`, `arXiv'23`; or the year alone of anything."""
    if not _TWO_DIGITS.search(text):
        return
    if venue := _VENUE.search(text):
        yield Attribute(LABEL + "venue", _AS_WRITTEN[venue[1].casefold()], Slot(*venue.span(1)))
        yield Attribute(
            CODE_YEAR, venue[2] if len(venue[2]) > 2 else "20" + venue[2], Slot(*venue.span(2))
        )
    elif dated := _DATED.search(text):
        number = 1 if dated[1] else 2
        yield Attribute(CODE_YEAR, dated[number], Slot(*dated.span(number)))


# `<kbd>MIT</kbd>`, one or several behind a name or a link, or `<code>MIT</code>` behind a sentence,
# as code spans in a line of their own.
_CHIP_ROW = re.compile(
    r"(?<=[)\]*_>])\s*(?:<kbd>[^<>\r\n]{1,80}</kbd>\s*)+"
    r"|(?<=[.!?])[ \t]"
    r"(?:<code>(?:<a\b[^<>]*>)?[^<>\r\n]{0,80}(?:<img\b[^<>]*>)?(?:</a>)?</code>[ \t]*)+",
    re.IGNORECASE,
)
_CHIP = re.compile(
    r"<(kbd|code)>(?:<a\b[^<>]*>)?\s*(?P<value>[^<>\r\n]+?)\s*(?:</a>)?</\1>", re.IGNORECASE
)
# Code spans between a name and its description, `[Kite](…) - `Python` `MIT` - It flies`.
_CODE_ROW = re.compile(
    r"(?<=[)\]*_])[ \t]*(?:[–—:：|·-]+[ \t]+)?`[^`\r\n]{1,40}`"
    r"(?:[ \t,/|·]*`[^`\r\n]{1,40}`)*(?=[ \t]*(?:[–—:：|]|-+[ \t]))"
)
# The same behind a sentence, each with a link: "It flies. [`MIT`](…)".
_LINKED_CODE = re.compile(
    r"(?<=[.!?。！？)])\s+(?:\[`+[^`\r\n]{1,80}`+\](?:\([^()\s]*\)|\[[^\[\]]*\])[,\s]*)+\.?\s*\Z"
)
_CODE_TEXT = re.compile(r"\[`+([^`\r\n]+)`+\]")
_AMOUNT = re.compile(r"\W*[\d.,]+\s?[km]?\+?", re.IGNORECASE)


def _codes(text: str) -> Iterator[Attribute]:
    """The values in code behind a name, and those that are links behind the last sentence."""
    rows = [*_CODE_ROW.finditer(text)] if "`" in text else []
    spans = [code for row in rows for code in _CODES.finditer(text, *row.span())]
    if "[`" in text and (row := _LINKED_CODE.search(text, max(0, len(text) - _FAR))):
        spans += _CODE_TEXT.finditer(text, *row.span())
    for code in spans:
        if value := code[1].strip():
            yield Attribute(CODE_LINE, value, Slot(*code.span(1)))


def _chips(text: str) -> Iterator[Attribute]:
    """The values in tags."""
    if "<k" not in text and "<c" not in text and "<K" not in text:
        return
    for row in _CHIP_ROW.finditer(text):
        for chip in _CHIP.finditer(text, *row.span()):
            if not _AMOUNT.fullmatch(chip["value"]):
                yield Attribute(CODE_LINE, chip["value"], Slot(*chip.span("value")))


# At the end of the text


def _trailing(text: str) -> tuple[Attribute, ...]:
    """The code spans, the parenthesis or the bracket that a paragraph ends in."""
    end = _before_marks(text, len(text))
    if tags := _hash_tags(text, end) or _labels_at_end(text, end):
        return tags
    if text[end - 1 : end] not in _MAY_END:
        return ()
    end = _before_links(text, end)
    spans: list[Attribute] = []
    while code := _CODE.search(text, max(0, end - _NEAR), end):
        inner = code[1].strip()
        if not inner:
            return ()
        spans.append(Attribute("", _without_brackets(inner), Slot(*code.span(1))))
        end = code.start()
        while end and text[end - 1] in _BETWEEN:
            end -= 1
    if 0 < len(spans) <= MOST:
        is_apart = (
            len(spans) > 1 or text[end - 1 : end] in ENDS_SENTENCE or _before_marks(text, end) < end
        )
        lead = "" if is_apart else "…"
        return tuple(
            span._replace(key=lead + key)
            for key, span in zip(CODE_KEYS, reversed(spans), strict=False)
        )
    if spans:
        return ()
    group = _parenthesis_at_end(text, end)
    is_year = group and _YEAR.fullmatch(group[1].strip())
    if group and group.start() and text[group.start() - 1] != "]" and not is_year:
        return (Attribute(PARENTHESIS, group[1].strip(), Slot(*group.span(1))),)
    group = _BRACKET.search(text, max(0, end - _NEAR), end)
    if group and text[: group.start()].strip(_BLANKS + "-*+.>0123456789)"):
        return (Attribute(BRACKET, group[1].strip(), Slot(*group.span(1))),)
    return ()


def _parenthesis_at_end(text: str, end: int) -> re.Match[str] | None:
    """The parenthesis that a text ends in, of `(PDF) *(in process)*` the one before the remark."""
    group = _PARENTHESIS.search(text, max(0, end - _NEAR), end)
    if group and group[0][0] in "*_":
        end = len(text[: group.start()].rstrip(_BLANKS))
        group = _PARENTHESIS.search(text, max(0, end - _NEAR), end) or group
    return group


def _hash_tags(text: str, end: int) -> tuple[Attribute, ...]:
    tags: list[Attribute] = []
    if "#" not in text[max(0, end - _NEAR) : end]:
        return ()
    while tag := _HASH_TAG.search(text, max(0, end - _NEAR), end):
        tags.append(Attribute(HASH_TAG, tag[1], Slot(*tag.span(1))))
        end = tag.start()
    return tuple(reversed(tags))


def _labels_at_end(text: str, end: int) -> tuple[Attribute, ...]:
    """Labelled values behind the last sentence: `Draws. License: MIT, Language: Go`."""
    labels: list[Attribute] = []
    start = max(0, end - _NEAR)
    colon = max(text.rfind(":", start, end), text.rfind("：", start, end))
    # No bracket stands behind the label.
    if colon < 0 or colon < max(text.rfind(")", start, end), text.rfind("]", start, end)):
        return ()
    while (last := _LABEL_AT_END.search(text, max(0, end - _NEAR), end)) and (
        (label := folded(last[1])) in VALUE_HEADERS
    ):
        labels.append(Attribute(LABEL + label, last[2], Slot(*last.span(2))))
        end = last.start() + 1
    return tuple(reversed(labels))


def _before_marks(text: str, end: int) -> int:
    """Return where the text ends without trailing signs and pictures."""
    if not _ENDS_SIGN.match(text, end - 1):
        return end
    near = text[max(0, end - _LONGEST_PICTURE) : end]
    if near[-1:] in {")", "]"} and not ("![" in near or "<" in near or ":](" in near):
        return end  # A link.
    while sign := _SIGN_AT_END.search(text, max(0, end - _LONGEST_PICTURE), end):
        end = sign.start()
        while end and text[end - 1] in _BETWEEN:
            end -= 1
    return end


def _before_links(text: str, end: int) -> int:
    """Return where the text ends without trailing links, and without a full stop behind values."""
    if text[end - 1] == "." and text[end - 2 : end - 1] in {"`", ")"}:
        end -= 1
    while (start := _link_start(text, end)) is not None:
        end = start
        while end and text[end - 1] in _BETWEEN:
            end -= 1
    return end


def _link_start(text: str, end: int) -> int | None:
    """Return where the link, or the bracket of links, that ends here begins; else None."""
    start = _opening(text, end)
    if start is None:
        return None
    if text[start] == "(" and text[start - 1 : start] == "]" and start > 0:
        return _opening(text, start)
    return start if "](" in text[start:end] else None


def _opening(text: str, end: int) -> int | None:
    """Return where the bracket opens that closes at the end, if it is near."""
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


# Lines below

_LINE = re.compile(r"[^\r\n]+")
_LABELLED = re.compile(
    r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:[*_`~]|<\w+>)*([^\W_][^:：\r\n\[\]<>*`]{0,38}?)"
    r"(?:[*_`~]|</\w+>)*[ \t]*[:：](?:[*_`~]|</\w+>)*[ \t]*(?!//)(\S[^\r\n]*)"
)
_CODE_LINE = re.compile(r"[ \t>]*(?:[-*+][ \t]+)?`[^`\r\n]+`(?:[\s,|·]+`[^`\r\n]+`)*\s*\Z")
_CODES = re.compile(r"`([^`\r\n]+)`")
_LONGEST_LABELLED = 200
_YEAR = re.compile(r"(?:19|20)\d\d")


def _labelled(source: str, start: int) -> Iterator[Attribute]:
    """Yield the attributes in the lines below an entry: `License: MIT`, and code spans alone."""
    for line in _LINE.finditer(source, start):
        if _CODE_LINE.match(line[0]):
            for code in _CODES.finditer(source, *line.span()):
                text = code[1].strip()
                key = CODE_YEAR if _YEAR.fullmatch(text) else CODE_LINE
                if (text and not text.isdigit()) or key == CODE_YEAR:
                    yield Attribute(key, text, Slot(*code.span(1)))
            continue
        labelled = _LABELLED.match(source, *line.span())
        if labelled is None or len(labelled[2]) > _LONGEST_LABELLED:
            continue
        label = folded(plain_text(labelled[1]))
        text = labelled[2].rstrip()
        if label in FIELD_LABELS:
            slot = Slot(labelled.start(2), labelled.start(2) + len(text))
            yield Attribute(LABEL + label, text, slot)


_BREAK = re.compile(r"<br ?/?>|[\r\n]+", re.IGNORECASE)


def cell_attributes(cells: Sequence[str]) -> tuple[Attribute, ...]:
    """Return labelled values in a row's cells: `Language: Go<br>License: MIT`, `**OS:** Linux`.

    Slots count from the start of the cell.
    """
    attributes = []
    for cell in cells:
        if ":" not in cell and "：" not in cell:
            continue
        start = 0
        for end in [*[cut.start() for cut in _BREAK.finditer(cell)], len(cell)]:
            labelled = _LABELLED.match(cell, start, end)
            label = folded(plain_text(labelled[1])) if labelled else ""
            if labelled and label in FIELD_LABELS and len(labelled[2]) <= _LONGEST_LABELLED:
                slot = Slot(*labelled.span(2))
                attributes.append(Attribute(LABEL + label, labelled[2].rstrip(), slot))
            cut = _BREAK.match(cell, end)
            start = cut.end() if cut else end
    return tuple(attributes)


# Signs

_EMOJI = (
    r"(?:[\U0001f1e6-\U0001f1ff]{2}|[#*0-9]\ufe0f?\u20e3|"
    r"[©®\u203c\u2049\u2122\u2139\u2300-\u23ff\u24c2\u25a0-\u2793\u2795-\u27a0\u27a2-\u27bf\u2b12-\u2bff\u3030"
    r"\u303d\U0001f000-\U0001faff][\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff]*"
    r"(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?)*)"
)
_SHORT_CODE = r":[a-z0-9_+-]*[a-z][a-z0-9_+-]*:"
_PICTURE = r"!\[([^\[\]]*)\](?:\(([^()\s]*)[^()]*\)|\[[^\[\]]*\])"
_IMAGE = r"<img\b[^<>]*>"
_SIGN = re.compile(rf"{_PICTURE}|({_IMAGE})|({_SHORT_CODE})|({_EMOJI})", re.IGNORECASE)
_SIGN_AT_END = re.compile(
    rf"(?:\[?(?:{_PICTURE}|{_IMAGE})(?:\]\([^()]*\))?|\[{_SHORT_CODE}\]\([^()]*\)|{_SHORT_CODE}"
    rf"|{_EMOJI})\Z",
    re.IGNORECASE,
)
_ENDS_SIGN = re.compile(r"[)\]:>©®\u203c-\u2bff\u3030\u303d\ufe0e\ufe0f\U0001f000-\U0001faff]")
_MAY_BE_SIGN = re.compile(r"!\[|<img|:[a-z+_0-9-]+:|[^\x00-\x7f]", re.IGNORECASE)
_LONGEST_PICTURE = 400
_ALT = re.compile(r"""\b(?:alt|title)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_SRC = re.compile(r"""\bsrc\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
# Pictures that a server draws anew each time, and those of the site that they stand beside.
_CHANGING = re.compile(
    r"shields\.io|badge|/status|favicon|icon\.horse|camo\.|\?url=", re.IGNORECASE
)
_FILE = re.compile(r"\.(?:svg|png|gif|jpe?g|webp)\Z", re.IGNORECASE)
_NO_PICTURE = frozenset(
    {
        *("awesome", "avatar", "badge", "banner", "cover", "demo", "icon", "image", "img", "logo"),
        *("picture", "preview", "screenshot"),
    }
)
_ICON = re.compile(r"\s+(?:icon|logo|badge)\Z", re.IGNORECASE)
_STATIC_BADGE = re.compile(
    r"https?://img\.shields\.io/badge/((?:[^-/?#]|--)+)-(?:((?:[^-/?#]|--)+)-)?[^-/?#]+(?:[?#]|\Z)"
)
# What stands in front of a sign that is beside a name or at an end, and is no word of a sentence.
_BESIDE = re.compile(
    r"(?:\A[ \t>]*(?:[-*+]|\d{1,9}[.)])?[ \t]*(?:\[[ xX]\][ \t]+)?|\)|\]|\*\*|`|</kbd>|[.!?。！？])"
    r"[\s\[*_(:：,|·–—-]*\Z"
)
_BEHIND = re.compile(r"[\s*_)\].]*\Z")
_ENDS_NAME = re.compile(rf"(?:\s*(?:{_SHORT_CODE}|{_EMOJI}))*[\s*_]*\]\(", re.IGNORECASE)
_MOST_SIGNS = 20
_LONGEST_ALT = 40
_LONGEST_BEFORE = 30


def _marks(source: str, first: int) -> Iterator[Attribute]:
    """The signs beside an entry's name and at its ends; pictures anywhere."""
    # Of pictures, tags, short codes, signs and other scripts most lines have none.
    has_mark = "![" in source or "<" in source or source.count(":") > 1 or not source.isascii()
    if not has_mark or not _MAY_BE_SIGN.search(source):
        return
    rows: list[tuple[str, int, int]] = []
    """Signs that stand together, equal ones as one: where they begin and end."""
    for number, sign in enumerate(_SIGN.finditer(source)):
        if number >= _MOST_SIGNS:
            break
        if sign[4] or sign[5]:
            start, end = sign.span()
            after = rows[-1][2] if rows else 0
            if after and not source[after:start].strip(_BETWEEN + "[]()"):
                text, first_start, _end = rows[-1]
                if sign_key(sign[0]) == sign_key(text)[: len(sign_key(sign[0]))]:
                    rows[-1] = (text + sign[0], first_start, end)
                else:
                    rows.append((sign[0], start, end))
            elif _is_beside(source, start, end, first):
                rows.append((sign[0], start, end))
        elif picture := _picture(sign):
            yield picture
    for text, start, end in rows:
        key = sign_key(text)
        yield Attribute(MARK + key, key, Slot(start, end))


def _is_beside(source: str, start: int, end: int, first: int) -> bool:
    """Whether a sign is beside a name, ends it, or is at an end of the text, and no word of it."""
    before = source[max(0, start - _LONGEST_BEFORE) : start]
    if _BESIDE.search(before) and start < first:
        return True
    if _ENDS_NAME.match(source, end, first) and "](" not in source[:start]:
        return True
    return end <= first and _BEHIND.match(source, end, first) is not None


def _picture(sign: re.Match[str]) -> Attribute | None:
    """Return what a picture shows: a static badge its message, others their alternative text."""
    alt, address, image = sign[1], sign[2] or "", sign[3]
    slot = Slot(*sign.span())
    if image:
        source = _SRC.search(image)
        address = source[1] if source else ""
        named = _ALT.search(image)
        alt = named[1] if named else ""
    if badge := _STATIC_BADGE.match(address):
        label, message = (_badge_text(part or "") for part in (badge[1], badge[2]))
        if message and (key := folded(label)) in FIELD_LABELS:
            return Attribute(LABEL + key, message, slot)
        alt = message or label
    elif _CHANGING.search(address):
        return None
    shown = _FILE.sub("", _ICON.sub("", " ".join((alt or "").split()))).replace("_", " ")
    if not 0 < len(shown) <= _LONGEST_ALT or folded(shown) in _NO_PICTURE:
        return None
    return Attribute(MARK + shown.casefold(), shown, slot)


def _badge_text(text: str) -> str:
    """Return a badge's text, from the part of its address that stands for it."""
    text = text.replace("--", "\0").replace("__", "\1").replace("_", " ").replace("%20", " ")
    return text.replace("\0", "-").replace("\1", "_").strip()


def sign_key(sign: str) -> str:
    """A sign without what only says how it is drawn; a code in lower case."""
    return sign.replace("\ufe0f", "").replace("\ufe0e", "").casefold()


# Legends

_MEANS_WORDS = "|".join(
    # Chinese and the like go on without a space.
    word.replace(" ", r"\s+") + ("" if "\u3000" < word[-1] < "\ua000" else r"(?![^\W\d_])")
    for word in sorted(LEGEND_WORDS, key=len, reverse=True)
)
_ROW_OF_SIGNS = rf"((?:{_SHORT_CODE})+|(?:{_EMOJI})+)"
_MEANING = r"([^\W_][^\r\n.:：;；,，、|·•()（）<>\[\]。]{0,80})"
# `🐍 = Python`, `:x: means closed`, also in the middle of a line.
_MEANS = re.compile(
    rf"{_ROW_OF_SIGNS}[\s`*_)\]]*(?:[-–—：=→]+>?|:(?![a-z0-9_+-]+:)|(?:{_MEANS_WORDS}))[\s`*_]*{_MEANING}",
    re.IGNORECASE,
)
# `📝 posts · 💡 examples`: a line of nothing else.
_SIGN_AND_MEANING = re.compile(rf"[\s`*_(\[]*{_ROW_OF_SIGNS}[\s`*_)\]]+{_MEANING}", re.IGNORECASE)
# `🐧 Linux 🍎 macOS`: a line of nothing else, without signs between.
_SIGN_AND_WORDS = re.compile(
    rf"\s*{_ROW_OF_SIGNS}\s+([^\W_][^\r\n.:：;；,，、|·•()（）<>\[\]。]{{0,30}}?)\s*"
    rf"(?={_SHORT_CODE}|{_EMOJI}|\Z)",
    re.IGNORECASE,
)
# `**Legend**:` in front of them.
_LEGEND_LABEL = re.compile(r"\A[*_`]*[^\W\d_][^:：\r\n]{0,30}[:：][*_`]*[ \t]*")
_SEPARATORS = re.compile(r"[·•|,;，；、]")
# `More than a hundred stars: :fire:`
_MEANT_BY = re.compile(rf"{_MEANING}\s*[:：=→–—-]+\s*{_ROW_OF_SIGNS}\s*\Z", re.IGNORECASE)
_LINE_HEAD = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?")
_EXPLAINING = frozenset(
    {BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.LINE, BlockKind.HTML, BlockKind.HEADING}
)
_LONGEST_MEANING = 8
"""Words; what is longer explains."""


def legend_of(document: Document) -> dict[str, str]:
    """Return the meaning of signs by the list's legend: plain text by `sign_key`.

    Told in rows of a table that have a sign and its meaning, and in text and items that name
    nothing: `🐍 = Python`, `:copyright: - proprietary`. What is told first counts.
    """
    legend: dict[str, str] = {}
    for block in document.blocks:
        if block.kind is BlockKind.TABLE_ROW:
            _read_legend_row(document, block, legend)
        elif block.kind in _EXPLAINING and _may_explain(document, block):
            for line in _LINE.findall(TAG.sub("", block.source)):
                for sign, meaning in _meanings(line):
                    text = plain_text(meaning).strip(" .-*_")
                    if text and len(text.split()) <= _LONGEST_MEANING:
                        legend.setdefault(sign_key(sign), text)
    return legend


def _meanings(line: str) -> Iterator[tuple[str, str]]:
    """Signs and what a line says that they mean."""
    explained = [(match[1], match[2]) for match in _MEANS.finditer(line)]
    if explained:
        yield from explained
        return
    body = line[len(_LINE_HEAD.match(line)[0]) :]  # type: ignore[index]
    if meant := _MEANT_BY.match(body):
        yield meant[2], meant[1]
        return
    body = _LEGEND_LABEL.sub("", body, count=1)
    pairs = _SIGN_AND_WORDS.findall(body)
    if len(pairs) > 1 and not _SIGN_AND_WORDS.sub("", body).strip():
        yield from pairs
        return
    texts = _SEPARATORS.split(body)
    meanings = [_SIGN_AND_MEANING.fullmatch(text.rstrip()) for text in texts]
    if all(meanings):
        yield from ((meaning[1], meaning[2]) for meaning in meanings if meaning)


def _may_explain(document: Document, block: Block) -> bool:
    """Whether a block is about the list: no entry that is published."""
    is_entry = block.entry is not None and not document.entries[block.entry].suggested
    return not is_entry and bool(_MAY_BE_SIGN.search(block.source))


def _read_legend_row(document: Document, block: Block, legend: dict[str, str]) -> None:
    if block.listing is None or not document.listings[block.listing].is_legend:
        return
    cells = [cell.strip() for cell in block.source.strip(" \t\r\n>|").split("|")]
    for cell, behind in pairwise(cells):
        sign = _SIGN.fullmatch(cell.strip("`* "))
        meaning = plain_text(behind)
        if sign and any(map(str.isalpha, meaning)):
            if len(meaning.split()) <= _LONGEST_MEANING:
                legend.setdefault(sign_key(sign[0]), meaning)
            return
