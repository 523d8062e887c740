"""A README's statements about the list itself: title, description, licence, language.

Read once, when a catalog is created; afterwards these are settings that a maintainer decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from catalog.markdown import Block, BlockKind, Document
from catalog.markdown.entries import title_section
from catalog.markdown.inline import html_text, plain_text
from catalog.markdown.words import (
    ADVERTISING_WORDS,
    NOTE_WORDS,
    OF_A_LIST,
    TITLES_OF_PARTS,
    UNLISTED_TITLES,
    any_of,
    folded,
)
from catalog.models import Catalog
from catalog.rendering import lang_of

_LONGEST_DESCRIPTION = 300
_SHORTEST_DESCRIPTION, _SHORTEST_SENTENCE = 20, 12
_FEW_WORDS = 4
_FEW_WIDE = 6
"""Words, or characters of a script without spaces, from which on a text may be a sentence."""
_MOST_SENTENCES = 30
_SAYS_WHAT = any_of(OF_A_LIST)
_ABOUT_OTHERS = any_of(UNLISTED_TITLES | ADVERTISING_WORDS)
_ADVERTISED = "utm_"
"""What the address of an advertisement says to whom it leads."""
_LABEL_ENDS = (":", "：", "|", ",", "、", "，", ">", "→", "•", "·")
_ROW_OF_LINKS = re.compile(r"\]\([^()]*\)\s*[|·•/]|[|·•/]\s*\[")
_HTML_PARAGRAPH = re.compile(
    r"</?(?:br|center|dd|details|div|dl|dt|h[1-6]|hr|li|ol|p|summary|table|td|th|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_DECORATION = re.compile(r"\s*:[a-z0-9_+-]*[a-z][a-z0-9_+-]*:(?!\w)|\A[^\w\"'“‘「『(<\[]+(?=\s)")
# `Awesome Kites (https://kites.example)`.
_ADDRESS_AT_END = re.compile(r"\s*[(（](?:https?://|www\.)[^\s()（）]+[)）]\s*\Z", re.IGNORECASE)
_LABEL = re.compile(r"[:：]")
_EDGES = re.compile(r"\A\W+|\W+\Z")
_SENTENCE_MARKS = frozenset(".!?。！？")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])(?:\s|(?<=[。！？]))")
_LICENSE_TITLE = re.compile(
    r"\W*(?:licen[cs]e|licencia|licen[çc]a|lizenz|лицензия|许可|许可证|授权|協議|协议|ライセンス|라이선스)",
    re.IGNORECASE,
)
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(publicdomain/zero|licenses/[a-z-]+)/(\d\.\d)", re.IGNORECASE
)
_OTHER_ADDRESS = re.compile(
    r"(?:opensource\.org/licenses?|choosealicense\.com/licenses|spdx\.org/licenses)/([\w.+-]+)",
    re.IGNORECASE,
)
_NAMES = (
    (re.compile(r"\bCC0\b|public domain dedication", re.IGNORECASE), "CC0-1.0"),
    (re.compile(r"\bCC[ -]BY[ -]SA[ -]?4\.0|Attribution-ShareAlike 4\.0", re.I), "CC-BY-SA-4.0"),
    (re.compile(r"\bCC[ -]BY[ -]4\.0|Attribution 4\.0", re.IGNORECASE), "CC-BY-4.0"),
    (re.compile(r"\bApache(?: License)?,?[ -](?:Version )?2\.0", re.IGNORECASE), "Apache-2.0"),
    (re.compile(r"\bMIT\b"), "MIT"),
    (re.compile(r"\bThe Unlicense\b|unlicense\.org", re.IGNORECASE), "Unlicense"),
    (re.compile(r"\bWTFPL\b"), "WTFPL"),
)
_SPDX = {
    spdx.casefold(): spdx
    for spdx in (
        "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "GPL-2.0", "GPL-3.0", "AGPL-3.0",
        "LGPL-3.0", "MPL-2.0", "ISC", "Unlicense", "WTFPL", "CC0-1.0", "CC-BY-4.0",
        "CC-BY-SA-4.0",
    )
}  # fmt: skip


class About(NamedTuple):
    """The statements of a README about itself; '' where there is none. `license` is an SPDX
    identifier, `language` a BCP 47 tag."""

    title: str
    description: str
    license: str
    license_url: str
    language: str


def about(document: Document) -> About:
    """Read a list's own title, first sentences, licence and language."""
    title = _title(document)[:200]
    spdx, address = _license(document)
    return About(title, _description(document), spdx, address, _language(document))


def _title(document: Document) -> str:
    """The title of the list; '' where its words are those of a part (`Why?`), or of a picture
    (`logo`). Of lists without a heading of level 1 it is the first heading that says `awesome`."""
    number = title_section(document)
    heads = document.sections[:1] if number is None else [document.sections[number]]
    title = heads[0].title if heads else ""
    if number is None and "awesome" not in title.casefold():
        title = ""
    if folded(_EDGES.sub("", title)) in TITLES_OF_PARTS:
        return ""
    return _ADDRESS_AT_END.sub("", title) or title


def _description(document: Document) -> str:
    """The first sentence that says what the list is, else the first one that is not about how to
    contribute, an advertisement or an invitation."""
    sentences = list(islice(_sentences(document), _MOST_SENTENCES))
    of_list = (sentence for sentence in sentences if _SAYS_WHAT.search(sentence))
    others = (
        sentence
        for sentence in sentences
        if not (_ABOUT_OTHERS.search(sentence) or folded(_LABEL.split(sentence)[0]) in NOTE_WORDS)
    )
    sentence = next(chain(of_list, others), "")
    if len(sentence) > _LONGEST_DESCRIPTION:
        sentence = sentence[: _LONGEST_DESCRIPTION - 1] + "…"
    return sentence


def _sentences(document: Document) -> Iterator[str]:
    """The sentences of running text before the first listing of entries."""
    is_thanks = False
    for block in document.blocks:
        entry = None if block.entry is None else document.entries[block.entry]
        is_advertised = bool(entry and entry.suggested) and block.kind is BlockKind.HTML
        if entry and block.listing is not None and not is_advertised:
            break
        is_thanks = is_thanks and block.kind not in _ENDS_THANKS
        for text in _texts(document, block):
            is_thanks = is_thanks or folded(text).rstrip(" :：") in UNLISTED_TITLES
            if 2 * sum(len(link.text) for link in block.links) > len(text):
                continue  # a row of links or badges
            sentences = filter(is_sentence, map(str.strip, _SENTENCE_END.split(text)))
            if is_thanks or any(_ADVERTISED in link.url for link in block.links):
                sentences = filter(_SAYS_WHAT.search, sentences)
            yield from sentences


_ENDS_THANKS = frozenset({BlockKind.HEADING, BlockKind.RULE})


def _texts(document: Document, block: Block) -> Iterator[str]:
    """The plain text of a paragraph, or of each in HTML; rows of links stand in lines of theirs."""
    if block.kind is BlockKind.PARAGRAPH:
        lines = [line for line in block.source.splitlines() if not _ROW_OF_LINKS.search(line)]
        yield _DECORATION.sub(
            "", plain_text(" ".join(line.lstrip("> \t") for line in lines))
        ).strip()
    elif block.kind is BlockKind.HTML and not _heads_section(document, block):
        for part in _HTML_PARAGRAPH.split(block.source):
            yield " ".join(html_text(part).split())


def _heads_section(document: Document, block: Block) -> bool:
    return block.section is not None and (
        document.blocks[document.sections[block.section].block] is block
    )


def is_sentence(text: str) -> bool:
    """Whether a text says something: several words, and no label for what comes below it."""
    wide = sum(character >= "\u2e80" for character in text)
    is_shouted = text.isupper() and not wide
    ends = text[-1:] in _SENTENCE_MARKS
    size = len(text) + wide
    if size < (_SHORTEST_SENTENCE if ends else _SHORTEST_DESCRIPTION):
        return False
    if text.endswith(_LABEL_ENDS) or is_shouted:
        return False
    few = _FEW_WORDS - (ends and size >= _SHORTEST_DESCRIPTION)
    return wide >= _FEW_WIDE or len(text.split()) >= few


def _license(document: Document) -> tuple[str, str]:
    """The licence the README gives for itself: in a section of that name, else by its badge."""
    sections = {
        index
        for index, section in enumerate(document.sections)
        if _LICENSE_TITLE.match(section.title)
    }
    own = [block for block in document.blocks if block.section in sections]
    badges = (
        link.url
        for block in document.blocks
        if block.section in {None, 0}
        for link in block.links
        if link.is_image_only
    )
    text = " ".join([block.source for block in own if block.kind is not BlockKind.GAP])
    named = ((spdx, "") for pattern, spdx in _NAMES if pattern.search(text))
    linked = ((spdx, url) for url in badges if (spdx := _by_address(url)))
    return next(chain(_addressed(own), named, linked), ("", ""))


def _addressed(blocks: Iterable[Block]) -> Iterator[tuple[str, str]]:
    """Yield the licences that addresses in these blocks stand for, with those that are links."""
    for block in blocks:
        for link in block.links:
            if spdx := _by_address(link.url):
                yield spdx, link.url
        for address in (_CREATIVE_COMMONS, _OTHER_ADDRESS):
            if match := address.search(block.source):
                yield _by_address(match[0]), ""


def _by_address(url: str) -> str:
    """The SPDX identifier of a licence by the address of its text, '' if it is none."""
    match = _CREATIVE_COMMONS.search(url)
    if match:
        kind = match[1].lower()
        if kind == "publicdomain/zero":
            return f"CC0-{match[2]}"
        return f"CC-{kind.removeprefix('licenses/').upper()}-{match[2]}"
    match = _OTHER_ADDRESS.search(url)
    if match:
        name = match[1].casefold().removesuffix(".html").removesuffix("-license")
        return _SPDX.get(name, "")
    return ""


def _language(document: Document) -> str:
    """The language of most descriptions, as far as its script tells; English is not assumed."""
    langs = Counter(
        lang_of(entry.description)
        for entry in document.entries[:1000]
        if len(entry.description) > 1
    )
    lang, count = langs.most_common(1)[0] if langs else ("", 0)
    return lang if lang and 2 * count > langs.total() else ""


def fill_in(catalog: Catalog, document: Document) -> None:
    """Fill a new catalog's empty fields from its README."""
    given = about(document)
    catalog.title = catalog.title or given.title or _title_of_slug(catalog.slug)
    catalog.description = catalog.description or given.description
    catalog.language = catalog.language or given.language
    if not catalog.license:
        catalog.license = given.license
        catalog.license_url = catalog.license_url or given.license_url[:500]


def _title_of_slug(slug: str) -> str:
    words = slug.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
