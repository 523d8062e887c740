"""A block read alone, with its neighbours around it, is the block the whole document has."""

import random

import pytest

from catalog.markdown import Block, BlockKind, Document, parse
from catalog.markdown.writing.context import (
    BlockText,
    Context,
    context_of,
    labels_of,
    read_block,
    read_blocks,
)
from catalog.markdown.writing.layout import CodecError
from tests.lists import NAMES, needs_real_lists, read_list

DOCUMENT = """\
---
title: Front matter
---
# Tools [![badge](https://b.org/x.svg)](https://b.org)

Prose with a [reference][one] and a [link](https://a.org).
- right [below][one] the prose
2. not an item
<div>
  <a href="https://h.org/1">One</a>
  <a href="https://h.org/2">Two</a>
  <a href="https://h.org/3">Three</a>
</div>

Name | About
---|---
[a](https://a.org/1) | first `x\\|y`
[b][one] | second

* [c](https://c.org): nested

  with a second paragraph

  7. [d](https://d.org) – deeper
  8. [e][one] – deepest

  | in | an item |
  | -- | ------- |
  | [f](https://f.org) | row |

* [g](https://g.org)
> - [q](https://q.org) quoted
>   - [r][one] below
>
> ***

[one]: https://one.org "One"
[l](https://l.org)\\
[m](https://m.org)\\
[n](https://n.org)

```sh
not [a](link)
```
## [Heading](https://heading.org)
Setext
------
<!-- the end -->"""


def reading(block: Block) -> tuple[object, ...]:
    """What must be the same however a block was read."""
    return block.kind, block.source, block.depth, [(link.url, link.slot) for link in block.links]


def alone(document: Document, index: int) -> tuple[object, ...]:
    block = document.blocks[index]
    results, entry = read_block(block.source, block.kind, context_of(document, index))
    if block.entry is None:
        return reading(results)
    assert entry is not None
    return *reading(results), entry.name, entry.url, entry.description, entry.cells


def in_document(document: Document, index: int) -> tuple[object, ...]:
    block = document.blocks[index]
    if block.entry is None:
        return reading(block)
    entry = document.entries[block.entry]
    return *reading(block), entry.name, entry.url, entry.description, entry.cells


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_block_reads_alone_as_in_the_document(newline: str) -> None:
    document = parse(DOCUMENT.replace("\n", newline))

    read = [alone(document, index) for index in range(len(document.blocks))]

    assert read == [in_document(document, index) for index in range(len(document.blocks))]
    if newline != "\r":  # The parser knows no table whose lines end with it.
        assert {block.kind for block in document.blocks} == set(BlockKind)


@needs_real_lists
def test_blocks_of_real_lists_read_alone_as_in_the_document() -> None:
    draw = random.Random(7)
    count = 0
    for name in draw.sample(NAMES, min(40, len(NAMES))):
        document = parse(read_list(name))
        markdown = [
            index
            for index, block in enumerate(document.blocks)
            if block.kind is not BlockKind.HTML
            # Its name is the heading's above, which no block has alone.
            and not (block.kind is BlockKind.PARAGRAPH and block.entry is not None)
        ]
        for index in draw.sample(markdown, min(25, len(markdown))):
            assert alone(document, index) == in_document(document, index), (name, index)
            count += 1
    print(f"{count} blocks of real lists read alone as in the document")  # noqa: T201
    assert count


def test_context_does_not_grow_with_the_list() -> None:
    def size(count: int) -> int:
        rows = "".join(f"| [n{i}](https://x.org/{i:06}) | [d][l{i}] |\n" for i in range(count))
        items = "".join(f"- [n{i}](https://x.org/{i:06}) - d\n" for i in range(count))
        document = parse(f"| a | b |\n|---|---|\n{rows}\n{items}\n[l1]: https://l.org\n")
        row, item = (
            context_of(document, index) for index in (1 + count // 2, 3 + count + count // 2)
        )
        return sum(
            len(text)
            for context in (row, item)
            for text in [*context.lead, *[part.source for part in context.after]]
        )

    assert size(2000) <= size(20) + 20


@pytest.mark.parametrize(
    ("source", "kind", "after", "code"),
    [
        ("| a | b |\n| c | d |\n", BlockKind.TABLE_ROW, (), "not-one-block"),
        ("\n", BlockKind.TABLE_ROW, (), "not-one-block"),
        ("- a\n- b\n", BlockKind.ITEM, (), "not-one-block"),
        ("# a\n", BlockKind.ITEM, (), "not-one-block"),
        ("- a\n\nb\n", BlockKind.ITEM, (), "not-one-block"),
        ("a\n\n", BlockKind.PARAGRAPH, (), "not-one-block"),
        ("a", BlockKind.PARAGRAPH, (BlockText(BlockKind.GAP, "\n"),), "line-ending"),
        (
            "- a\n\n  ```\n",
            BlockKind.ITEM,
            (BlockText(BlockKind.CODE, "  x\n", 1),),
            "not-one-block",
        ),
        ("```\n", BlockKind.CODE, (BlockText(BlockKind.HEADING, "# b\n"),), "not-one-block"),
        ("a\n", BlockKind.PARAGRAPH, (BlockText(BlockKind.PARAGRAPH, "b\n"),), "not-one-block"),
        ("10. a\n", BlockKind.ITEM, (BlockText(BlockKind.ITEM, "  - b\n", 2),), "swallows"),
    ],
)
def test_what_is_not_one_block_is_refused(
    source: str, kind: BlockKind, after: tuple[BlockText, ...], code: str
) -> None:
    lead = ("| a | b |\n", "|---|---|\n") if kind is BlockKind.TABLE_ROW else ()
    context = Context(lead=lead, after=after, depth=kind is BlockKind.ITEM)

    with pytest.raises(CodecError) as raised:
        read_block(source, kind, context)

    assert (raised.value.code, raised.value.field) == (code, "source")


def test_what_follows_may_not_depend_on_what_goes() -> None:
    context = Context(lead=("text\n",), after=(BlockText(BlockKind.ITEM, "2. b\n", 1),))

    with pytest.raises(CodecError) as raised:
        read_blocks([], context)

    assert (raised.value.code, raised.value.values) == ("swallows", {"kind": "item"})


def test_references_count_when_their_definition_is_known() -> None:
    known = Context({"the docs": "[The  Docs]: <https://docs.org>"}, depth=1)

    block, entry = read_block("- [The docs] - all\n", BlockKind.ITEM, known)
    _, unlinked = read_block("- [The docs] - all\n", BlockKind.ITEM, Context(depth=1))

    assert [link.url for link in block.links] == ["https://docs.org"]
    assert entry is not None
    assert (entry.name, entry.description) == ("The docs", "all")
    assert unlinked is not None
    assert unlinked.url == ""


def test_labels_are_folded() -> None:
    assert labels_of("[A  b][C\\]d] [![x][ẞ]](u) [e") == {"a b", "c\\]d", "x", "ss"}
