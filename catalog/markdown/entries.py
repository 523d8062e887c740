"""Reading the entries off a document's blocks."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from catalog.markdown.corrections import Corrected, Correction, Entries
from catalog.markdown.describing import (
    PICTURE_AT_END,
    behind_rating,
    is_balanced,
    is_sign,
    unfold,
)
from catalog.markdown.fields import (
    LONG_NAME,
    PUBLISHED,
    Fields,
    cell_fields,
    paragraph_end,
    read_fields,
    shortened,
    stripped,
    text_end,
    with_parts,
)
from catalog.markdown.folding import is_part, names_fold
from catalog.markdown.grouping import item_start, read_part
from catalog.markdown.inline import (
    LETTER,
    TAG,
    has_words,
    is_address,
    is_generic,
    plain_text,
    primary_link,
    url_slot,
    with_characters,
)
from catalog.markdown.nodes import (
    Block,
    BlockKind,
    Cell,
    Document,
    Entry,
    Link,
    Listing,
    ListingKind,
    Slot,
    match_end,
)
from catalog.markdown.tables import has_named_rows, read_cells, read_table, row_entry
from catalog.markdown.words import (
    ADVERTISING_WORDS,
    DESCRIPTION_WORDS,
    LANGUAGE_NAMES,
    LEADING_WORDS,
    NAVIGATION_TEXTS,
    NOTE_WORDS,
    OF_ITSELF,
    RELATED_TITLES,
    UNLISTED_TITLES,
    any_of,
    folded,
)

# Paragraphs that are entries because many are built alike
#
# A single paragraph with a link may be prose, and stays a suggestion. Where most of a section's
# linked paragraphs begin with their link, or many sections are a heading and a paragraph with
# nothing but `Website` for a link text, the list is written like this, and they are its entries.


_QUOTE_HEAD = re.compile(r"[ \t>]*")
_BEFORE_LINK = " \t\r\n([（【|·•→:：–—-"
_LABELLED = re.compile(r"(\*\*|__)[^*_\r\n]{1,40}(?:[:：]\1|\1[ \t]*[:：])")
_BOLD_LEAD = re.compile(r"[ \t>]*(\*\*|__)([^*_\r\n]{1,80})\1[ \t]*[-–—:：|]*[ \t<(]*")
_NUMBER = re.compile(r"\d{1,3}[.)、:：]\s*")
# A blank line, and what may begin running text.
_LINK = re.compile(r"\[[^\[\]]*\]\([^()\s]*\)")
_WORD = re.compile(r"[^\W\d_]+")
_NEXT_TEXT = re.compile(r"[ \t]*(?>\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)\s*(?=[^\s<>|!`#\[~$-])")
_MANY = 3
"""Paragraphs of a section, or sections of a document, that make a pattern."""


def publish_patterns(document: Document) -> None:
    """Publish suggested paragraphs that follow a pattern of the document."""
    by_section: dict[int, list[Entry]] = defaultdict(list)
    for entry in document.entries:
        if document.blocks[entry.block].kind is BlockKind.PARAGRAPH and entry.section is not None:
            by_section[entry.section].append(entry)
    is_title = bool(document.sections) and document.sections[0].level == 1
    if is_title:
        by_section.pop(0, None)
    _publish_numbered(document, by_section)
    titled: list[Entry] = []
    sizes = Counter(entry.section for entry in document.entries)
    for entries in by_section.values():
        leading = [entry for entry in entries if _leads(document, entry)]
        if len(leading) >= _MANY and 2 * len(leading) >= len(entries):
            for entry in leading:
                entry.suggested = False
        elif _is_titled(document, entries[0]) or (
            sizes[entries[0].section] == 1 and _is_address(document, entries[0])
        ):
            titled.append(entries[0])
    if len(titled) >= _MANY:
        _name_by_titles(document, titled)


def _publish_numbered(document: Document, by_section: Mapping[int, list[Entry]]) -> None:
    """Publish paragraphs that begin with a number and their link (`2、[Name](…)：text`), of which a
    section may have but one."""
    numbered = [
        entry
        for entries in by_section.values()
        for entry in entries
        if entry.suggested
        and (source := document.blocks[entry.block].source)
        and _NUMBER.fullmatch(source, match_end(_QUOTE_HEAD, source), entry.links[0].slot.start)
    ]
    if len(numbered) >= _MANY:
        for entry in numbered:
            entry.suggested = False


def _publish_summaries(document: Document) -> None:
    """Publish the things that summaries name by a link, where the document has many such, and drop
    what is folded below each if it leads to kinds of pages."""
    blocks = document.blocks
    heads = [
        entry.block
        for entry in document.entries
        if blocks[entry.block].kind is BlockKind.HTML and names_fold(blocks[entry.block].source)
    ]
    if len(heads) < _MANY:
        return
    dropped: set[int] = set()
    for head in heads:
        document.entries[blocks[head].entry or 0].suggested = False
        below: set[int] = set()
        for index in range(head + 1, len(blocks)):
            block = blocks[index]
            if block.kind is BlockKind.HTML and not block.depth:
                break
            if block.entry is not None and block.kind is BlockKind.ITEM:
                below.add(index)
        if any(is_part(blocks[index]) for index in below):
            dropped |= below
    _drop(document, dropped)


def _drop(document: Document, dropped: set[int]) -> None:
    """Drop the entries on blocks."""
    if not dropped:
        return
    for index in dropped:
        document.blocks[index].entry = None
    document.entries = [entry for entry in document.entries if entry.block not in dropped]
    for number, entry in enumerate(document.entries):
        document.blocks[entry.block].entry = number


def _describe_headings(document: Document) -> None:
    """Describe headings that are entries by the paragraph below, which is no suggestion then."""
    blocks, described = document.blocks, set()
    for entry in document.entries:
        if blocks[entry.block].kind is BlockKind.HEADING:
            note = None if entry.suggested else _note_below(document, entry)
            if note:
                entry.description = _paragraph(blocks[note.block])
                described.add(note.block)
            else:
                entry.description = _text_below(document, entry)
    _drop(document, described)


def _note_below(document: Document, entry: Entry) -> Entry | None:
    """The suggestion on the first paragraph below a heading, if words stand before its links."""
    blocks = document.blocks
    for number in range(entry.block + 1, len(blocks)):
        block = blocks[number]
        if block.kind is BlockKind.GAP:
            continue
        if block.kind is not BlockKind.PARAGRAPH or block.section != entry.section or block.depth:
            return None
        if block.entry is not None:
            note = document.entries[block.entry]
            lead = block.source[: block.links[0].slot.start] if block.links else ""
            is_note = note.suggested and has_words(lead) and is_balanced(_paragraph(block))
            return note if is_note else None
        return None
    return None


def _paragraph(block: Block) -> str:
    """The text of a paragraph in one line, without signs of a quote or a picture at the end."""
    text = unfold(block.source[match_end(_QUOTE_HEAD, block.source) :].rstrip())
    return PICTURE_AT_END.sub("", text).rstrip()


def _name_by_titles(document: Document, entries: list[Entry]) -> None:
    """Publish paragraphs under the titles of their headings."""
    children = Counter(section.parent for section in document.sections)
    for entry in entries:
        entry.name, entry.name_slot = _title(document, entry.section or 0, children), None
        text = _text_before(document, entry) or _text_below(document, entry)
        entry.description, entry.description_slot = text, None
        entry.suggested = False


def _title(document: Document, index: int, children: Counter[int | None]) -> str:
    """Return the title of the thing from the heading above; of a name and a motto below it, the
    name."""
    section = document.sections[index]
    above = section.parent
    if above and children[above] == 1 and document.sections[above].level + 1 == section.level:
        section = document.sections[above]
    return _NUMBER.sub("", section.title) or section.title


def _text_below(document: Document, entry: Entry) -> str:
    """Return the first paragraph without a link below an entry, in its section, that states no
    value (`**Released**: 2012`); '' for none."""
    blocks = document.blocks
    for number in range(entry.block + 1, len(blocks)):
        block = blocks[number]
        if block.section != entry.section or block.entry is not None:
            break
        if block.kind is BlockKind.PARAGRAPH and not block.links and not block.depth:
            start = match_end(_QUOTE_HEAD, block.source)
            part = read_part(block.source, start, [])
            text = unfold(block.source[start:].rstrip())
            if part and part.is_known and folded(part.label) in DESCRIPTION_WORDS:
                text = unfold(block.source[part.slot.start : part.slot.end])
            elif (part and part.is_known) or _LABELLED.match(text):
                continue
            if has_words(text) and is_balanced(text):
                return text
    return ""


def _leads(document: Document, entry: Entry) -> bool:
    """Whether the paragraph begins with the link that names it, or with its name in bold."""
    link = primary_link(entry.links)
    if link is None or is_generic(entry.name):
        return False
    lead = document.blocks[entry.block].source[: link.slot.start]
    bold = _BOLD_LEAD.fullmatch(lead)
    return not has_words(lead) or (bold is not None and plain_text(bold[2]) == entry.name)


def _is_titled(document: Document, entry: Entry) -> bool:
    """Whether a heading that is no link names the paragraph below it, which ends with links that
    only say what kind they are, or is nothing but such links."""
    heading = document.blocks[document.sections[entry.section or 0].block]
    links = entry.links
    if heading.links or not links or not all(is_generic(link.text) for link in links):
        return False
    source = document.blocks[entry.block].source
    ends = [*(link.slot.start for link in links[1:]), len(source)]
    return not any(
        has_words(source[link.slot.end : end]) for link, end in zip(links, ends, strict=True)
    )


def _is_address(document: Document, entry: Entry) -> bool:
    """Whether the paragraph is an address and nothing else, below a heading that is no link."""
    heading = document.blocks[document.sections[entry.section or 0].block]
    words = document.blocks[entry.block].source.split()
    return not heading.links and len(words) == 1 and is_address(words[0].strip("<>"))


def _text_before(document: Document, entry: Entry) -> str:
    """Return the text of a paragraph before the links with which it ends."""
    source = document.blocks[entry.block].source
    start, end = match_end(_QUOTE_HEAD, source), entry.links[0].slot.start
    text = unfold(source[start:end].rstrip(_BEFORE_LINK))
    return text if has_words(text) and is_balanced(text) else ""


_BREAK_AT_END = re.compile(r"(?:\\|<br ?/?>)\Z", re.IGNORECASE)
_TITLE_LINE = re.compile(
    r"[ \t>]*(?:#+[ \t]*)?(\*\*|__)(?=\S)(.+?)\1[^\w\[]{0,9}(?:\\|<br ?/?>)?[ \t]*(?:\r\n|\n|\r)"
)
# A title in bold that a colon ends leads to a note, not to links.
_NOTE_TITLE = re.compile(r"[:：][\s*_>\\]*\Z")
_HEADING_HEAD = re.compile(r"[ \t>]*#{0,6}[ \t]*")
_EDGE = re.compile(r"\A[\W\d_]+|[\W_]+\Z")
_OWN_FILE = re.compile(
    r"(?:\./|/)?(?:docs/|\.github/)?"
    r"(?:licen[cs]e|contributing|contributors|code[-_]of[-_]conduct|changelog|readme[-_.]?[\w-]{2,})"
    r"(?:\.\w+)?(?:#.*)?\Z",
    re.IGNORECASE,
)
_OWN_PAGE = re.compile(
    r"://(?:github|gitlab|gitee)\.com/[^/]+/[^/]+/(?:-/)?"
    r"(?:discussions|graphs/contributors|issues|merge_requests|pulls|stargazers)/?\Z"
)
_TRANSLATION = re.compile(r"readme[-_.][a-z]{2}(?:[-_][a-z]{2,4})?\.\w+", re.IGNORECASE)
_LEGEND_CELLS = 2
"""The sign of a legend stands in one of the first cells."""
_ADVERTISING = any_of(ADVERTISING_WORDS)
ADVERTISED = re.compile(r"://([^/\s()<>]+)/[^\s()<>]{0,300}[?&]utm_")
"""An address that says to a site whose visitors come."""
_OF_ITSELF = any_of(OF_ITSELF)
_GOES_ON = re.compile(r" [^\W\dA-Z_]\S* [^\r\n]*[.!][ \t]*(?:[\r\n]|\Z)")
_LONGEST_UNLISTED = max(map(len, UNLISTED_TITLES)) + 8
_QUESTION_MARKS = ("?", "？", "؟")
_SENTENCE_ENDS = (".", "!", "。", "！", "؟", "?", "？")
_STATEMENT_ENDS = (".", "!", "。", "！")
_SENTENCE, _LONG_SENTENCE = 3, 8
"""Words from which a text can be a sentence, and from which it is one without its end."""
_SHORTEST_LEAD = 6
_LONGEST_MOTTO = 60
"""Words between a title and its first link from which they are prose."""
_HALF_A_SENTENCE = re.compile(r"\w[,，、؛،]")
# A comma with three words or six Chinese characters behind it, and no end.
_MIDDLE_OF_A_SENTENCE = re.compile(
    r"\w[,，、][ \t]*(?:[^\s\u2e80-\uffff,:–—|-]+[ \t]+){3,}\Z|[，、][^，、：。\s]{6,}\Z"
)
_IN_EMPHASIS = re.compile(r"\*(?=[^\s*])[^\r\n]*\*|_(?=[^\s_])[^\r\n]*_")
_FEW = 4
"""Of so many headings one has a link by chance."""
_TAG_OR_ENTITY = re.compile(r"[<>&*_\[\]\\]")


def read_entries(document: Document, corrected: Corrected) -> None:
    """Fill `document.entries`, and what its listings say about their columns and contents."""
    blocks, listings = document.blocks, document.listings
    parents = {block.parent for block in blocks if block.parent is not None}
    anchors = {section.anchor: folded(section.title) for section in document.sections}
    cells: dict[int, list[Cell]] = {}
    mostly_linked = [
        _read_listing(document, listing, anchors, corrected.of(listing.section), cells)
        for listing in listings
    ]
    opening = _opening(document)
    unlisted = _unlisted_sections(document)
    explaining = _explaining_tables(document)
    led = _led_lists(document)
    leading = _lead_lines(document)
    advertised = _advertised_lists(document, leading)
    is_corrected = bool(corrected)
    for index, block in enumerate(blocks):
        kind, number = block.kind, block.listing
        if is_corrected:
            decided = corrected.of(block.section).entries
            if decided == Entries.NONE:
                continue
            if decided == Entries.ALL and _add_decided(document, index, block):
                continue
        if kind in _TEXT:
            if block.links:
                _read_text(document, index, block, opening, is_unlisted=block.section in unlisted)
        elif kind is BlockKind.TABLE_ROW and number is not None:
            listing = listings[number]
            is_picture = _holds_badges(block) or (index < opening and _has_badges(block))
            if not listing.is_toc and not listing.is_legend and not is_picture:
                row = row_entry(block, listing, cells.get(index))
                suggested = block.section in unlisted or number in explaining
                _add(document, index, block, *row, suggested=suggested)
        elif (
            kind is BlockKind.ITEM
            and number is not None
            and _is_entry(block, listings[number], anchors, index in parents, mostly_linked[number])
        ):
            fields = item_fields(block)
            suggested = block.section in unlisted or number in advertised
            suggested = suggested or listings[number].is_toc
            suggested = suggested or _is_prose(block, fields, is_led=number in led)
            _add(document, index, block, fields, suggested=suggested)
    related = {number for number, line in leading.items() if line in RELATED_TITLES}
    _drop_headings(document, related)
    _suggest_odd_ones(document, related)
    _publish_summaries(document)
    publish_patterns(document)
    _describe_headings(document)


def _add_decided(document: Document, index: int, block: Block) -> bool:
    """Add what a maintainer says is an entry; returns whether it is of a kind that can be one."""
    kind = block.kind
    if kind is BlockKind.TABLE_ROW and block.listing is not None:
        _add(document, index, block, *row_entry(block, document.listings[block.listing]))
    elif kind is BlockKind.ITEM and block.listing is not None:
        if not _is_empty_item(block.source):
            _add(document, index, block, item_fields(block))
    elif kind is BlockKind.LINE and block.links:
        _add(document, index, block, line_fields(block))
    elif kind is BlockKind.PARAGRAPH and _leads_out(block.links):
        _add(document, index, block, paragraph_fields(block))
    elif kind is BlockKind.HTML and any(link.is_outbound for link in block.links):
        _add(document, index, block, html_fields(block))
    else:
        return False
    return True


def _read_listing(
    document: Document,
    listing: Listing,
    anchors: Mapping[str, str],
    correction: Correction,
    cells: dict[int, list[Cell]],
) -> bool:
    """Read what a listing says by all of its rows; returns whether most have a link.

    The `cells` that are read of rows on the way are added by block.
    """
    if listing.kind is ListingKind.TABLE:
        cells |= read_table(document, listing, correction)
        listing.is_legend = _is_legend(document, listing)
    elif listing.kind is not ListingKind.LIST:
        return False
    return _read_toc(document, listing, anchors)


_TEXT = frozenset({BlockKind.LINE, BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.HTML})


def _read_text(
    document: Document, index: int, block: Block, opening: int, *, is_unlisted: bool
) -> None:
    """Add what is no row and no item, if it leads anywhere: suggested where it may be prose."""
    if _is_navigation(block.links):
        return
    is_opening = index < opening or is_unlisted
    if block.kind is BlockKind.LINE:
        _add(document, index, block, line_fields(block), suggested=is_unlisted)
    elif block.kind is BlockKind.PARAGRAPH:
        if _leads_out(block.links):
            fields = paragraph_fields(block)
            title = _title_line(block)
            is_note = title is None or _leads_to_note(block, title)
            suggested = is_unlisted or (is_note and not block.parts)
            _add(document, index, block, fields, suggested=suggested)
    elif any(link.is_outbound for link in block.links):
        if block.kind is BlockKind.HEADING:
            if _leads_to_itself(document, block):
                return
            _add(document, index, block, heading_fields(block), suggested=is_opening)
        else:
            suggested = is_opening or block.listing is None
            _add(document, index, block, html_fields(block), suggested=suggested)


def _leads_to_note(block: Block, title: re.Match[str]) -> bool:
    """Whether text with links stands below a title, and no links that say their kind: a colon ends
    the title, or a link is in the middle of the text."""
    if all(is_generic(link.text) for link in block.links):
        return False
    below = block.source[title.end() : block.links[0].slot.start]
    return bool(_NOTE_TITLE.search(title[0])) or len(below.split()) > _LONGEST_MOTTO


def _opening(document: Document) -> int:
    """The block that ends the opening: what stands before it introduces the list.

    There are its title, links to translations, sponsors and the like, headings in HTML and a
    table of contents among them. It ends with the first heading in markdown below the title, or
    where something is listed.
    """
    sections, blocks = document.sections, document.blocks
    title = title_section(document)
    below = 0 if title is None else title + 1
    heads = [section.block for section in sections[below:] or sections[title:]]
    if not heads:
        return len(blocks)
    ends = next((head for head in heads if blocks[head].kind is not BlockKind.HTML), None)
    listed = _first_listed(document, ends)
    if listed is not None:
        return max([head for head in heads if head <= listed], default=heads[0])
    return heads[0] if ends is None else ends


def title_section(document: Document) -> int | None:
    """The section whose heading is the list's title, None if there is none.

    It is of level 1: the first of all, one in HTML behind others in HTML, or the only one in the
    document, in front of which sponsors may have headings but nothing is listed.
    """
    sections = document.sections
    heads = [section.block for section in sections]
    tops = [number for number, section in enumerate(sections) if section.level == 1]
    first = next((number for number in tops if sections[number].title), None)
    if not first:
        return first
    kinds = {document.blocks[head].kind for head in heads[: first + 1]}
    is_alone = len(tops) == 1 and _first_listed(document, heads[first]) is None
    return first if is_alone or kinds == {BlockKind.HTML} else None


def _first_listed(document: Document, end: int | None) -> int | None:
    """The first block before `end` that is an item or a row with a link, contents aside."""
    for index, block in enumerate(document.blocks[:end]):
        listing = None if block.listing is None else document.listings[block.listing]
        is_row = block.kind in _ROWS and block.links and not _has_badges(block)
        if is_row and listing and not listing.is_toc:
            return index
    return None


_ROWS = frozenset({BlockKind.ITEM, BlockKind.TABLE_ROW})


def _unlisted_sections(document: Document) -> set[int]:
    """The sections that are about the list itself, by their titles, and what is below these."""
    matched: set[int] = set()
    questions = _questions(document)
    for index, section in enumerate(document.sections):
        title = section.title
        if section.parent in matched or index in questions:
            matched.add(index)
        elif index and len(title) <= _LONGEST_UNLISTED:
            is_bare = title[:1].isalpha() and title[-1].isalpha()
            if folded(title if is_bare else _EDGE.sub("", title)) in UNLISTED_TITLES:
                matched.add(index)
    return matched


def _questions(document: Document) -> set[int]:
    """The sections whose title asks what their text answers, unless the list is made of such."""
    sections, blocks = document.sections, document.blocks
    parents = {section.parent for section in sections}
    questions = {
        index
        for index, section in enumerate(sections)
        if section.title.rstrip("* ").endswith(_QUESTION_MARKS)
        and index not in parents
        and not blocks[section.block].links
    }
    leaves = len(sections) - len(parents - {None})
    return questions if 2 * len(questions) <= leaves else set()


def _explaining_tables(document: Document) -> set[int]:
    """The tables without any link among listings with links, no header of which says `name`.

    They hold figures, examples, the meaning of words.
    """
    blocks = document.blocks
    explaining: set[int] = set()
    linked = unlinked = 0
    for number, listing in enumerate(document.listings):
        if any(blocks[index].links for index in listing.blocks):
            linked += len(listing.blocks)
        elif listing.kind is ListingKind.TABLE:
            unlinked += len(listing.blocks)
            if not has_named_rows(listing):
                explaining.add(number)
    return explaining if linked > unlinked else set()


def _is_navigation(links: Sequence[Link]) -> bool:
    """Whether links only lead around in the document, or to what goes with it."""
    return all(map(_leads_around, links))


def _leads_around(link: Link) -> bool:
    """Whether a link leads up in the document, to a file about the list, or to a translation."""
    url = link.url
    if "#" in url and folded(_EDGE.sub("", link.text)) in NAVIGATION_TEXTS:
        return True
    if "://" not in url:
        return bool(_OWN_FILE.match(url))
    text = link.text
    is_own = "github.com/" in url and _OWN_FILE.match(url, url.rindex("/") + 1)
    if is_own and folded(text) in UNLISTED_TITLES:
        return True
    lowered = url.lower()
    if "readme" not in lowered or "readme" not in lowered.partition("#")[0]:
        return False
    file = url.rpartition("/")[2]
    return bool(_TRANSLATION.fullmatch(file if is_generic(text) else text.strip())) or (
        _names_language(text)
    )


def _names_language(text: str) -> bool:
    """Whether a text is the name of a language, with a flag or a country beside it or not."""
    words = folded(_EDGE.sub("", text.partition("(")[0]))
    return words in LANGUAGE_NAMES


def _leads_to_itself(document: Document, heading: Block) -> bool:
    """Whether all links of a section's heading lead to the heading."""
    if heading.section is None:
        return False
    anchor = document.sections[heading.section].anchor
    fragments = [unquote(link.url.partition("#")[2]).casefold() for link in heading.links]
    return all(fragment and anchor.endswith(fragment) for fragment in fragments)


def _holds_badges(block: Block) -> bool:
    """Whether there is nothing but several pictures that lead elsewhere: badges, logos, faces."""
    return _has_badges(block) and not has_words(TAG.sub(" ", block.source))


def _has_badges(block: Block) -> bool:
    """Whether pictures lead elsewhere, several of them, and nothing else does."""
    return len(block.links) > 1 and all(link.is_image_only for link in block.links)


def _holds_numbers(block: Block) -> bool:
    """Whether there is nothing but several links without a letter: `[1](…), [2](…)`."""
    links = block.links
    return (
        len(links) > 1
        and not any(LETTER.search(link.text) or link.is_image_only for link in links)
        and not LETTER.search(plain_text(block.source[item_start(block.source) :]))
    )


def _is_legend(document: Document, listing: Listing) -> bool:
    """Whether a table says what signs mean: nothing leads anywhere, most rows have but a sign."""
    rows = [document.blocks[index] for index in listing.blocks]
    if not rows or any(row.links for row in rows):
        return False
    signs = sum(
        any(is_sign(cell.text) for cell in read_cells(row.source)[:_LEGEND_CELLS]) for row in rows
    )
    return signs * 5 >= len(rows) * 4


def _drop_headings(document: Document, related: set[int]) -> None:
    """Turn entries of headings with a link back into headings where things are listed below
    them."""
    blocks, sections, entries = document.blocks, document.sections, document.entries
    heads = {
        section.block
        for section in sections
        if (head := blocks[section.block]).kind is BlockKind.HEADING and head.entry is not None
    }
    if not heads:
        return
    parts = _parts_of_things(document, heads)
    listed = {
        entry.section
        for entry in entries
        if entry.listing is not None and entry.listing not in related and entry.section not in parts
    }
    for number in range(len(sections) - 1, -1, -1):
        if number in listed:
            listed.add(sections[number].parent)
    # Of headings side by side, most of which hold no list, each is a thing and the list is its.
    alike: dict[int | None, list[bool]] = {}
    for number, section in enumerate(sections):
        if section.block in heads:
            alike.setdefault(section.parent, []).append(number in listed)
    dropped = {entry.block for entry in entries if entry.section in parts}
    dropped |= {
        section.block
        for number, section in enumerate(sections)
        if section.block in heads
        and number in listed
        and 4 * sum(alike[section.parent]) >= 3 * len(alike[section.parent])
    }
    _drop(document, dropped)


def _parts_of_things(document: Document, heads: set[int]) -> set[int]:
    """The sections that say more about the things that headings with a link, on the blocks `heads`,
    are about: most of these have one of the same title, and at least half of what is listed
    there says only what kind of page it is (`Links`: *GitHub*, *Paper*)."""
    blocks, sections = document.blocks, document.sections
    titles: dict[str, set[int]] = defaultdict(set)
    for number, section in enumerate(sections):
        is_below = section.parent is not None and sections[section.parent].block in heads
        if is_below and section.title:
            titles[folded(section.title)].add(number)
    above = {sections[number].parent for numbers in titles.values() for number in numbers}
    least = max(_MANY, (len(above) + 1) // 2)
    parts = {number for numbers in titles.values() if len(numbers) >= least for number in numbers}
    kinds = [
        all(is_generic(link.text) for link in blocks[entry.block].links)
        for entry in document.entries
        if entry.section in parts
    ]
    return parts if 2 * sum(kinds) >= len(kinds) else set()


def _suggest_odd_ones(document: Document, related: set[int]) -> None:
    """Suggest headings with a link among many without one or behind half a sentence, and what is
    but a kind of page or more about the thing that the heading above it names."""
    blocks, sections = document.blocks, document.sections
    levels = Counter(section.level for section in sections)
    linked = Counter(
        section.level
        for section in sections
        if any(link.is_outbound for link in blocks[section.block].links)
    )
    if not linked:
        return
    for entry in document.entries:
        block = blocks[entry.block]
        section = None if entry.section is None else sections[entry.section]
        if section is None or blocks[section.block].entry is None:
            continue
        if block.kind is BlockKind.HEADING:
            entry.suggested |= _FEW * linked[section.level] <= levels[section.level]
            entry.suggested |= _HALF_A_SENTENCE.search(TAG.sub("", _lead(block))) is not None
        elif block.kind is BlockKind.ITEM:
            entry.suggested |= all(is_generic(link.text) for link in block.links)
            entry.suggested |= entry.listing in related


def _advertised_lists(document: Document, leading: Mapping[int, str]) -> set[int]:
    """The lists above which a line thanks, advertises or notes, and those of one advertiser's
    pages."""
    advertised = {
        number
        for number, line in leading.items()
        if line in UNLISTED_TITLES or line in NOTE_WORDS or _ADVERTISING.search(line)
    }
    for number, listing in enumerate(document.listings):
        if listing.kind is ListingKind.LIST and is_advertisement(
            [document.blocks[index].source for index in listing.blocks]
        ):
            advertised.add(number)
    return advertised


def is_advertisement(sources: Sequence[str]) -> bool:
    """Whether items lead to one site alone, which is told whose visitors come."""
    if len(sources) < _MANY or not ADVERTISED.search(sources[0]):
        return False
    sites = [ADVERTISED.findall(source) for source in sources]
    return all(sites) and len({site for among in sites for site in among}) == 1


def _lead_lines(document: Document) -> dict[int, str]:
    """The lines with a colon above lists that say what is in them, folded, by listing."""
    blocks = document.blocks
    lines: dict[int, str] = {}
    for number, listing in enumerate(document.listings):
        is_list = listing.kind is ListingKind.LIST and bool(listing.blocks)
        above = listing.blocks[0] - 1 if is_list else -1
        while above >= 0 and not blocks[above].source.strip():
            above -= 1
        line = blocks[above].source.strip(" \t\r\n>*_") if above >= 0 else ""
        if line.endswith((":", "：")):
            lines[number] = folded(line[:-1])
    return lines


def _add(
    document: Document,
    index: int,
    block: Block,
    fields: Fields,
    cells: list[Cell] | None = None,
    *,
    suggested: bool = False,
) -> None:
    if not fields.name and not fields.url:
        return  # an empty row
    document.entries.append(entry_with(fields, index, block, cells or [], suggested=suggested))
    block.entry = len(document.entries) - 1


def entry_with(
    fields: Fields, index: int, block: Block, cells: list[Cell], *, suggested: bool = False
) -> Entry:
    """The entry that stands on a block, the one at `index` of its document."""
    name, url, description, name_slot, url_slot, description_slot = fields
    opaque = name_slot is None and url_slot is None and description_slot is None
    return Entry(
        index, block.section, block.listing, block.first_line, block.last_line,
        with_characters(name), url, description, block.links, cells,
        name_slot, url_slot, description_slot, suggested, opaque,
    )  # fmt: skip


# Lists


def _leads_out(links: Sequence[Link]) -> bool:
    """Whether a link leads out of the document by its text."""
    return any(not link.is_internal and not link.is_image_only for link in links)


def _is_toc_link(link: Link, anchors: Mapping[str, str]) -> bool:
    """Whether a link leads inside the document: `#` forgotten or not, or to the page of it.

    `anchors` are the titles of sections by their anchors.
    """
    url = link.url
    if url[:1] == "#" or url in anchors:
        return True
    if "#" not in url:
        return False
    title = anchors.get(unquote(url.partition("#")[2]).casefold(), "")
    return bool(title) and _EDGE.sub("", folded(link.text)) in title


def _read_toc(document: Document, listing: Listing, anchors: Mapping[str, str]) -> bool:
    """Tell a table of contents from a list of links; returns whether most items have one."""
    inside = outside = 0
    is_table = listing.kind is ListingKind.TABLE
    for index in listing.blocks:
        links = document.blocks[index].links
        if links:
            if _is_toc_link(links[0], anchors) and (
                (is_table and has_words(links[0].text))
                or all(_is_toc_link(link, anchors) for link in links)
            ):
                inside += 1
            else:
                outside += 1
    listing.is_toc = inside > 0 and inside >= 9 * outside
    return 2 * outside >= len(listing.blocks)


def _is_entry(
    block: Block,
    listing: Listing,
    anchors: Mapping[str, str],
    has_children: bool,
    mostly_linked: bool,
) -> bool:
    """Whether an item names a thing: labels, prose and links to the list itself do not."""
    links = block.links
    if not links:
        return mostly_linked and not has_children and not _is_empty_item(block.source)
    if block.parent is not None and all(link.is_image_only for link in links):
        return False  # badges of the item around it
    if listing.is_toc:
        return not all(_is_toc_link(link, anchors) for link in links)
    first = links[0]
    if first.url[:1] == "#" and (has_words(first.text) or all(link.is_internal for link in links)):
        return False
    if (first.is_image_only and _holds_badges(block)) or _holds_numbers(block):
        return False
    return not _is_navigation(links) and not _is_attribution(block, listing)


def _led_lists(document: Document) -> set[int]:
    """The lists in which words stand before the first link of each item that has one."""
    blocks = document.blocks
    return {
        number
        for number, listing in enumerate(document.listings)
        if listing.kind is ListingKind.LIST
        and all(
            len(_lead(block)) >= _SHORTEST_LEAD
            for block in (blocks[index] for index in listing.blocks)
            if block.links
        )
    }


def _is_prose(block: Block, fields: Fields, *, is_led: bool) -> bool:
    """Whether an item is a sentence without a link, an aside, or has its link in the middle of a
    sentence, as all items around it (`is_led`) have."""
    source, links = block.source, block.links
    if not links:
        words = fields.name.split()
        ends = fields.name.endswith(_SENTENCE_ENDS)
        return len(words) >= (_SENTENCE if ends else _LONG_SENTENCE) or not has_words(source)
    if links[0].slot.start < _SHORTEST_LEAD:
        return _is_aside(block, fields)
    lead = _lead(block)
    if lead.endswith((":", "：")) and folded(lead[:-1].strip("*_ ")) in UNLISTED_TITLES:
        return True  # as it is about the list: `Maintainers: [Jane](…)`
    is_named = has_words(lead) and not has_words(lead.partition(fields.name)[0])
    if not is_named and _IN_EMPHASIS.fullmatch(source, item_start(source), text_end(source)):
        return has_words(lead)
    if len(lead) < _SHORTEST_LEAD:
        return _is_aside(block, fields)
    words = folded(lead).split()
    if len(words) >= _SENTENCE and _ends_sentence(lead, fields, links[0].text):
        return True
    if is_named:
        return False
    if fields.name not in lead and _MIDDLE_OF_A_SENTENCE.search(lead):
        return True
    last = words[-1].lstrip("([（")
    return is_led and len(words) >= _SENTENCE and last in LEADING_WORDS


def _is_aside(block: Block, fields: Fields) -> bool:
    """Whether an item that begins with its link is about the list itself, or advice of a word and
    a link below another item: `Use [Kite](…) to see all.`"""
    source, links = block.source, block.links
    # Nearly all are described and stand in no other item: they are not looked at further.
    if not fields.description and all(
        _OWN_PAGE.search(link.url)
        or ((" " in link.text or not link.text.isascii()) and _OF_ITSELF.search(link.text))
        for link in links
    ):
        return True
    if block.parent is None:
        return False
    lead = _lead(block)
    if lead in fields.name or not has_words(lead):
        return False
    return _GOES_ON.match(source, links[0].slot.end) is not None


def _ends_sentence(lead: str, fields: Fields, link: str) -> bool:
    """Whether a sentence ends before the first link: one that names nothing, or is all there is
    (`It was used 2 million times.<sup>[1](…)</sup>`)."""
    text = TAG.sub("", lead).rstrip()
    if fields.name in lead:
        is_cited = LETTER.search(link) and is_generic(link) and PUBLISHED.search(text)
        is_whole = text.startswith(fields.name) and text[len(fields.name) :] in _STATEMENT_ENDS
        return is_whole and not is_cited
    # A full stop may end `et al.` and initials, before a link that has words.
    return text.endswith(_SENTENCE_ENDS) and not (text[-1] == "." and LETTER.search(link))


def _lead(block: Block) -> str:
    """What stands before the first link of an item, without brackets and marks at its end."""
    source = block.source
    return source[item_start(source) : block.links[0].slot.start].rstrip(" \t([（\"'“‘*_`")


def _is_attribution(block: Block, listing: Listing) -> bool:
    """Whether a list is but the name of who wrote what is above it: `- [@name](…)`."""
    text = block.links[0].text
    if len(listing.blocks) > 1 or text[:1] != "@" or len(block.links) > 1:
        return False
    link = block.links[0].slot
    source = block.source
    return not has_words(source[item_start(source) : link.start] + source[link.end :])


def _is_empty_item(source: str) -> bool:
    return not source[item_start(source) :].strip()


def item_fields(block: Block) -> Fields:
    """The fields of a list item, from its first paragraph, and from its parts if it has such."""
    source = block.source
    start = item_start(source)
    if block.parts:
        own = _own_text(block, start)
        return with_parts(own, block)
    one_line = block.first_line == block.last_line
    end = text_end(source) if one_line else paragraph_end(source, start)
    fields = read_fields(source, start, end if end > start else start, block.links)
    if one_line or not fields.name or not _is_credit(fields.description):
        return fields
    slot = _second_paragraph(source, end)
    text = unfold(source[slot.start : slot.end]) if slot else ""
    if not has_words(text) or not is_balanced(text) or _LABELLED.match(text):
        return fields
    return fields._replace(description=text, description_slot=slot)


def _is_credit(description: str) -> bool:
    """Whether a description says nothing but whose it is, `by [Jane](…)`, or a sign, `[$]`."""
    text, links = _LINK.subn("", description)
    return len(_WORD.findall(text)) <= links


def _second_paragraph(source: str, end: int) -> Slot | None:
    """Where the text of an item's second paragraph stands, if it is one that states no value."""
    begin = _NEXT_TEXT.match(source, end)
    if begin is None:
        return None
    start = begin.end()
    part = read_part(source, start, [])
    is_value = part is not None and part.is_known
    return None if is_value else Slot(start, paragraph_end(source, start))


def _own_text(block: Block, start: int) -> Fields:
    """Return the fields of the line above a thing's parts, or of the heading in its place."""
    if block.head is not None:
        return Fields(*block.head)
    limit = block.parts[0]
    end = max(start, min(paragraph_end(block.source, start), text_end(block.source[:limit])))
    end = start + len(block.source[start:end].rstrip(" :："))
    return read_fields(
        block.source, start, end, [link for link in block.links if link.slot.end <= limit]
    )


# Text


def line_fields(block: Block) -> Fields:
    """The fields of a line among lines; the break at its end belongs to none of them."""
    source = block.source
    end = text_end(source)
    while matched := _BREAK_AT_END.search(source, max(end - 6, 0), end):
        end = matched.start()
        while end and source[end - 1] in " \t":
            end -= 1
    return read_fields(source, match_end(_QUOTE_HEAD, source), end, block.links)


def _title_line(block: Block) -> re.Match[str] | None:
    """A first line in bold that names what the links below it lead to."""
    source = block.source
    is_bold = source.lstrip(" \t>#").startswith(("**", "__"))
    title = _TITLE_LINE.match(source) if is_bold else None
    if title and all(link.slot.start >= title.end() for link in block.links):
        return title
    return None


def paragraph_fields(block: Block) -> Fields:
    """The fields of a paragraph: of a title and what is below it, or of prose with a link."""
    source = block.source
    start = match_end(_QUOTE_HEAD, source)
    if block.parts:
        return with_parts(_own_text(block, start), block)
    end = paragraph_end(source, start)
    title = _title_line(block)
    if title is None:
        return read_fields(source, start, end, block.links)
    words = title[2].rstrip(" \t:：")
    slot: Slot | None = Slot(title.start(2), title.start(2) + len(words))
    name = plain_text(words)
    if len(name) > LONG_NAME:
        name, slot = shortened(name), None
    link = primary_link(block.links)
    url, place = (link.url, url_slot(source, link)) if link else ("", None)
    below = stripped(source, title.end(), link.slot.start if link else end)
    text = unfold(source[below.start : below.end])
    return Fields(name, url, text, slot, place, below if text else None)


def heading_fields(block: Block) -> Fields:
    """The fields of a heading with a link: its name and where it leads."""
    source = block.source
    link = next(link for link in block.links if link.is_outbound)
    cell = Slot(match_end(_HEADING_HEAD, source), text_end(source))
    fields = cell_fields(source, cell, [link])
    return fields._replace(description="", description_slot=None)


_CODE_TAGS = re.compile(r"<code\b[^<>]*>(?:(?!</code).){0,300}</code>", re.IGNORECASE | re.DOTALL)
_HTML_CELL = re.compile(r"<t[dh]\b([^<>]*)>\s*", re.IGNORECASE)
_HTML_CELL_END = re.compile(r"</?t[dhr]\b", re.IGNORECASE)


def _naming_cell(source: str, link: Link) -> Slot | None:
    """The first cell of a row of HTML with a letter in it that stands before a link and is of this
    row alone."""
    for cell in _HTML_CELL.finditer(source, 0, link.slot.start):
        ended = _HTML_CELL_END.search(source, cell.end(), link.slot.start)
        text = source[cell.end() : ended.start()].rstrip() if ended else ""
        if "rowspan" not in cell[1].lower() and LETTER.search(plain_text(text)):
            return Slot(cell.end(), cell.end() + len(text))
    return None


def html_fields(block: Block) -> Fields:
    """The fields of a line or row of HTML; the text behind the link describes it."""
    source = block.source
    links = [link for link in block.links if link.is_outbound]
    link = next((link for link in links if not is_generic(link.text)), links[0])
    cell = _naming_cell(source, link) if is_generic(link.text) else None
    if cell is not None:
        name = plain_text(source[cell.start : cell.end])
        slot = cell if source[cell.start : cell.end] == name else None
        return Fields(name, link.url, "", slot, url_slot(source, link))
    fields = cell_fields(source, Slot(0, len(source)), [link])
    behind = source[link.slot.end :]
    behind = _CODE_TAGS.sub(" ", behind) if "<code" in behind else behind
    text = plain_text(" ".join(TAG.sub(" ", behind).split()))
    text = behind_rating(text).lstrip(" -–—:：").strip()
    if not has_words(text):
        return fields._replace(description="", description_slot=None)
    # It has a place of its own where it stands in one piece, as it is.
    at = source.find(text, link.slot.end)
    is_whole = at >= 0 and not _TAG_OR_ENTITY.search(text) and "`" not in text
    slot = Slot(at, at + len(text)) if is_whole else None
    return fields._replace(description=text, description_slot=slot)
