"""What a README says about the list itself: title, description, licence, language.

Read once, when a catalog is created; afterwards these are settings that a maintainer decides.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from catalog.markdown import BlockKind, Document
from catalog.markdown.inline import plain_text
from catalog.models import Catalog
from catalog.rendering.languages import lang_of

_LONGEST_DESCRIPTION = 300
_SHORTEST_DESCRIPTION = 20
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
    """What a README says about itself; '' where it says nothing. `license` is an SPDX identifier,
    `language` a BCP 47 tag."""

    title: str
    description: str
    license: str
    license_url: str
    language: str


def about(document: Document) -> About:
    """Read a list's own title, first sentences, licence and language."""
    titled = bool(document.sections) and document.sections[0].level == 1
    title = document.sections[0].title[:200] if titled else ""
    spdx, address = _license(document)
    return About(title, _description(document), spdx, address, _language(document))


def _description(document: Document) -> str:
    """The first paragraph of text before the first section of entries, in whole sentences."""
    for block in document.blocks:
        if block.kind is BlockKind.HEADING and block.section not in {None, 0}:
            break
        if block.kind is not BlockKind.PARAGRAPH:
            continue
        text = plain_text(block.source.replace("\n", " ").lstrip("> \t"))
        words = sum(len(link.text) for link in block.links if link.form != "html")
        if len(text) < _SHORTEST_DESCRIPTION or 2 * words > len(text):
            continue  # a row of links or badges
        kept = ""
        for sentence in _SENTENCE_END.split(text):
            if kept and len(kept) + len(sentence) > _LONGEST_DESCRIPTION:
                break
            kept = f"{kept} {sentence}".strip()
        return kept if len(kept) <= _LONGEST_DESCRIPTION else kept[: _LONGEST_DESCRIPTION - 1] + "…"
    return ""


def _license(document: Document) -> tuple[str, str]:
    """The licence the README gives for itself: in a section of that name, else by its badge."""
    sections = {
        index
        for index, section in enumerate(document.sections)
        if _LICENSE_TITLE.match(section.title)
    }
    own = [block for block in document.blocks if block.section in sections]
    for block in own:
        for link in block.links:
            if spdx := _by_address(link.url):
                return spdx, link.url
        for address in (_CREATIVE_COMMONS, _OTHER_ADDRESS):
            if found := address.search(block.source):
                return _by_address(found[0]), ""
    text = " ".join([block.source for block in own if block.kind is not BlockKind.GAP])
    for pattern, spdx in _NAMES:
        if pattern.search(text):
            return spdx, ""
    top = [block for block in document.blocks if block.section in {None, 0}]
    for block in top:
        for link in block.links:
            if link.is_image_only and (spdx := _by_address(link.url)):
                return spdx, link.url
    return "", ""


def _by_address(url: str) -> str:
    """The SPDX identifier of a licence by the address of its text, '' if it is none."""
    found = _CREATIVE_COMMONS.search(url)
    if found:
        kind = found[1].lower()
        if kind == "publicdomain/zero":
            return f"CC0-{found[2]}"
        return f"CC-{kind.removeprefix('licenses/').upper()}-{found[2]}"
    found = _OTHER_ADDRESS.search(url)
    if found:
        name = found[1].casefold().removesuffix(".html").removesuffix("-license")
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
    """Give a new catalog what nobody has said about it and its README does."""
    said = about(document)
    catalog.title = catalog.title or said.title or _title_of_slug(catalog.slug)
    catalog.description = catalog.description or said.description
    catalog.language = catalog.language or said.language
    if not catalog.license:
        catalog.license = said.license
        catalog.license_url = catalog.license_url or said.license_url[:500]


def _title_of_slug(slug: str) -> str:
    words = slug.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]
