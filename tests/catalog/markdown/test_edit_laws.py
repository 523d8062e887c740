"""Law 2: an edit of one entry touches its own lines; every other entry stays as it was.

Tables of whole texts, and samples of every real list.
"""

import random
from collections import Counter
from typing import Any

import pytest

from catalog.markdown import BlockKind, Document, Entry, ListingKind, parse, split_lines
from catalog.markdown.writing.composing import place_by_name, subtree_end
from catalog.markdown.writing.dialect import dialect_of
from catalog.markdown.writing.edit import (
    Edit,
    add_entry,
    change_entry,
    move_entry,
    remove_entry,
    replace_source,
)
from catalog.markdown.writing.layout import CodecError
from catalog.markdown.writing.slots import Values
from tests.lists import NAMES, needs_real_lists, read_list

TREE = "- [a](u)\n  - [b](v)\n    - [c](w)\n\n      more\n- [d](x)\n"


def block_of(document: Document, name: str | None) -> int | None:
    results = [entry.block for entry in document.entries if entry.name == name]
    return results[0] if results else None


def removed(text: str, name: str, *, with_children: bool = False) -> str:
    document = parse(text)
    index = block_of(document, name)
    assert index is not None
    return remove_entry(document, index, with_children=with_children).text(document)


def moved(text: str, name: str, listing: int, after: str | None, **options: Any) -> str:
    document = parse(text)
    index = block_of(document, name)
    assert index is not None
    edit = move_entry(document, index, listing, after=block_of(document, after), **options)
    return edit.text(document)


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("- [a](u)\n- [b](v)\n- [c](w)\n", "b", "- [a](u)\n- [c](w)\n"),
        ("# h\n\n- [a](u)\n\ntext\n", "a", "# h\n\n\ntext\n"),
        # In a list with blank lines one of them goes too; one that parts groups stays.
        ("- [a](u)\n\n- [b](v)\n\n- [c](w)\n", "b", "- [a](u)\n\n- [c](w)\n"),
        ("- [a](u)\n\n- [b](v)\n\n- [c](w)\n", "a", "- [b](v)\n\n- [c](w)\n"),
        ("- [a](u)\n\n- [b](v)\n\ntext\n", "b", "- [a](u)\n\ntext\n"),
        ("- [a](u)\n- [b](v)\n\n- [c](w)\n- [d](x)\n", "b", "- [a](u)\n\n- [c](w)\n- [d](x)\n"),
        ("- [a](u)\n- [b](v)\n\n- [c](w)\n- [d](x)\n", "c", "- [a](u)\n- [b](v)\n\n- [d](x)\n"),
        ("- [a](u)\n\n  more\n- [b](v)\n", "a", "- [b](v)\n"),
        ("1. [a](u)\n2. [b](v)\n3. [c](w)\n", "b", "1. [a](u)\n3. [c](w)\n"),
        ("|Name|\n|-|\n|[a](u)|\n", "a", "|Name|\n|-|\n"),
        ("- [a](u)\n- [b](v)", "b", "- [a](u)\n"),
        ("[a](u)  \n[b](v)  \n[c](w)\n", "b", "[a](u)  \n[c](w)\n"),
    ],
)
def test_an_entry_goes_with_its_lines(before: str, name: str, after: str) -> None:
    assert removed(before, name) == after


def test_items_with_others_below_go_together_or_not_at_all() -> None:
    with pytest.raises(CodecError) as raised:
        removed(TREE, "a")

    assert raised.value.code == "children"
    assert removed(TREE, "a", with_children=True) == "- [d](x)\n"
    assert removed(TREE, "b", with_children=True) == "- [a](u)\n- [d](x)\n"
    assert removed(TREE, "c") == "- [a](u)\n  - [b](v)\n- [d](x)\n"


def test_what_others_depend_on_does_not_go() -> None:
    with pytest.raises(CodecError) as raised:
        removed("text\n1. [a](u)\n2. [b](v)\n", "a")

    assert (raised.value.code, raised.value.values) == ("swallows", {"kind": "item"})


@pytest.mark.parametrize(
    ("before", "name", "listing", "after_name", "options", "after"),
    [
        ("- [a](u)\n- [b](v)\n- [c](w)\n", "a", 0, "c", {}, "- [b](v)\n- [c](w)\n- [a](u)\n"),
        ("- [a](u)\n- [b](v)\n- [c](w)\n", "c", 0, None, {}, "- [c](w)\n- [a](u)\n- [b](v)\n"),
        ("- [a](u)\n- [b](v)\n", "b", 0, "a", {}, "- [a](u)\n- [b](v)\n"),
        ("- [a](u)\n- [b](v)\n", "a", 0, None, {}, "- [a](u)\n- [b](v)\n"),
        ("- [a](u)\n- [b](v)", "a", 0, "b", {}, "- [b](v)\n- [a](u)"),
        ("- [a](u)\n- [b](v)", "b", 0, None, {}, "- [b](v)\n- [a](u)\n"),
        ("- [a](u)\n\n- [b](v)\n\n- [c](w)\n", "a", 0, "b", {},
         "- [b](v)\n\n- [a](u)\n\n- [c](w)\n"),
        (TREE, "a", 0, "d", {"with_children": True},
         "- [d](x)\n- [a](u)\n  - [b](v)\n    - [c](w)\n\n      more\n"),
        (TREE, "b", 0, "d", {"with_children": True},
         "- [a](u)\n- [d](x)\n- [b](v)\n  - [c](w)\n\n    more\n"),
        (TREE, "d", 2, "c", {}, "- [a](u)\n  - [b](v)\n    - [c](w)\n\n      more\n    - [d](x)\n"),
        ("- [a](u)\n  ```\n    x\n  ```\n- [b](v)\n\n# h\n\n 1) [c](w)\n", "a", 1, "c", {},
         "- [b](v)\n\n# h\n\n 1) [c](w)\n 2) [a](u)\n    ```\n      x\n    ```\n"),
        ("|Name|X|\n|-|-|\n|[a](u)|1|\n|[b](v)|2|\n", "a", 0, "b", {},
         "|Name|X|\n|-|-|\n|[b](v)|2|\n|[a](u)|1|\n"),
        ("|Name|X|\n|-|-|\n|[a](u)|1|\n\n| Y | Name |\n|---|------|\n", "a", 1, None,
         {"values": Values(cells={0: "1", 1: "[a](u)"})},
         "|Name|X|\n|-|-|\n\n| Y | Name |\n|---|------|\n| 1 | [a](u) |\n"),
        ("- [a](u) - d\n- [b](v) - e\n\n| Name | Notes |\n|---|---|\n", "a", 1, None,
         {"values": Values(name="a", url="u", cells={1: "d"})},
         "- [b](v) - e\n\n| Name | Notes |\n|---|---|\n| [a](u) | d |\n"),
    ],
)  # fmt: skip
def test_an_entry_moves_with_its_lines(
    before: str, name: str, listing: int, after_name: str | None, options: Any, after: str
) -> None:
    assert moved(before, name, listing, after_name, **options) == after


@pytest.mark.parametrize(
    ("text", "name", "listing", "after", "code"),
    [
        (TREE, "a", 0, "d", "children"),
        ("- [a](u)\n\n|Name|\n|-|\n", "a", 1, None, "other-columns"),
        ("|Name|\n|-|\n|[a](u)|\n\n|Name|\n|-|\n", "a", 1, None, "other-columns"),
        ("- [a](u)\n", "a", 0, "a", "into-itself"),
    ],
)
def test_moves_that_would_change_meaning_are_refused(
    text: str, name: str, listing: int, after: str | None, code: str
) -> None:
    with pytest.raises(CodecError) as raised:
        moved(text, name, listing, after)

    assert raised.value.code == code


def test_raw_source_is_written_verbatim_or_refused() -> None:
    document = parse("- [a](u)\n- [b](v)\n  - [c](w)\n")

    def replaced(source: str) -> str:
        return replace_source(document, 1, source).text(document)

    assert replaced("- x  \n") == "- [a](u)\n- x  \n  - [c](w)\n"
    for source, code in [
        ("* x\n", "other-marker"),
        ("- x\n- y\n", "not-one-block"),
        ("x\n", "not-one-block"),
        ("- x", "line-ending"),
        ("10. x\n", "swallows"),
        ("", "line-ending"),
    ]:
        with pytest.raises(CodecError) as raised:
            replaced(source)
        assert raised.value.code == code


# Real lists

NEW: dict[str, Any] = {
    "name": "A thing (of_its own) | new",
    "url": "https://example.org/n_(1)?a=1&b=2",
}


def facts(entry: Entry) -> tuple[Any, ...]:
    return entry.name, entry.url, entry.description, *[cell.text for cell in entry.cells]


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """What the texts have between their longest equal beginning and end."""
    old, new = split_lines(before), split_lines(after)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[start : len(old) - end], new[start : len(new) - end]


class Sample:
    """Edits of one entry of a real list, each checked on the whole text."""

    def __init__(self, document: Document, number: int, draw: random.Random) -> None:
        self.document = document
        self.number = number
        self.entry = document.entries[number]
        self.block = document.blocks[self.entry.block]
        self.draw = draw
        self.figures: Counter[str] = Counter()

    def attempt(self, verb: str, edit: Any) -> tuple[str, Document] | None:
        self.figures[verb] += 1
        try:
            results: Edit = edit()
        except CodecError:
            self.figures[f"{verb} refused"] += 1
            return None
        text = results.text(self.document)
        return text, parse(text)

    def others(self, document: Document, number: int | None) -> list[tuple[Any, ...]]:
        return [facts(entry) for index, entry in enumerate(document.entries) if index != number]

    def change(self, **fields: Any) -> None:
        (field,) = fields
        index = self.entry.block
        results = self.attempt(field, lambda: change_entry(self.document, index, **fields))
        if results:
            text, document = results
            old, new = changed_lines(self.document.text, text)
            lines = split_lines(self.block.source)
            assert len(old) <= len(lines) >= len(new)
            assert self.others(document, self.number) == self.others(self.document, self.number)
            for key, value in fields.items():
                assert getattr(document.entries[self.number], key) == value

    def remove(self) -> None:
        results = self.attempt("remove", lambda: remove_entry(self.document, self.entry.block))
        if results:
            text, document = results
            old, new = changed_lines(self.document.text, text)
            assert new == []
            assert 0 <= len(old) - len(split_lines(self.block.source)) <= 1
            assert self.others(document, None) == self.others(self.document, self.number)

    def add(self) -> None:
        listing = self.block.listing
        assert listing is not None
        dialect = dialect_of(self.document, listing)
        after = place_by_name(self.document, listing, NEW["name"], dialect)
        results = self.attempt(
            "add", lambda: add_entry(self.document, listing, after=after, dialect=dialect, **NEW)
        )
        if results:
            text, document = results
            old, new = changed_lines(self.document.text, text)
            # The last line of a file without a line ending gets one.
            assert len(old) <= (not self.document.text.endswith(("\n", "\r")))
            assert len(new) - len(old) <= 2
            extra = Counter(self.others(document, None)) - Counter(self.others(self.document, None))
            assert [fact[:2] for fact in extra] == [(NEW["name"], NEW["url"])]

    def move(self) -> None:
        listing = self.block.listing
        assert listing is not None
        siblings = self.document.listings[listing].blocks
        after = self.draw.choice(
            [None, *[index for index in siblings if index != self.entry.block]]
        )
        results = self.attempt(
            "move", lambda: move_entry(self.document, self.entry.block, listing, after=after)
        )
        if results:
            text, document = results
            lines = Counter(line.rstrip("\r\n") for line in split_lines(text))
            assert lines == Counter(line.rstrip("\r\n") for line in split_lines(self.document.text))
            assert Counter(self.others(document, None)) == Counter(self.others(self.document, None))


def is_well_linked(document: Document, entry: Entry) -> bool:
    """Not in a list of which about half the items have links.

    There one item more or less says whether the others are entries.
    """
    if entry.listing is None:
        return False
    listing = document.listings[entry.listing]
    if listing.kind is ListingKind.TABLE:
        return len(listing.blocks) > 3  # The columns of small tables are guessed from each row.
    linked = sum(bool(document.blocks[index].links) for index in listing.blocks)
    return 4 * linked >= 3 * len(listing.blocks) > 4


@needs_real_lists
@pytest.mark.parametrize("kind", [BlockKind.TABLE_ROW, BlockKind.ITEM])
def test_edits_of_real_lists_touch_their_lines_only(kind: BlockKind) -> None:
    draw = random.Random(42)
    figures: Counter[str] = Counter()
    for name in sorted(draw.sample(NAMES, min(70, len(NAMES)))):
        document = parse(read_list(name))
        numbers = [
            number
            for number, entry in enumerate(document.entries)
            if document.blocks[entry.block].kind is kind and is_well_linked(document, entry)
        ]
        if not numbers:
            continue
        sample = Sample(document, draw.choice(numbers), draw)
        sample.change(name="Ünïcode | [pipe] & `tick`")
        sample.change(url="https://example.org/a_(b)?c=d&e=f")
        if kind is BlockKind.ITEM:
            sample.change(description="New, with [a link](https://example.org/q) and *stars*.")
            sample.change(description="")
        sample.remove()
        sample.add()
        sample.move()
        assert subtree_end(document, sample.entry.block) > sample.entry.block
        figures += sample.figures
    print(f"{kind}: {dict(figures)}")  # noqa: T201
    tried = sum(count for verb, count in figures.items() if not verb.endswith("refused"))
    refused = sum(figures.values()) - tried
    assert tried
    assert refused <= tried / 10
