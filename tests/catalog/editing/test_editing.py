"""Edits of single entries: their own lines, one revision, everything stored in agreement."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.editing.entries import (
    add_entry,
    change_entry,
    entry_added_by,
    move_entry,
    remove_entry,
)
from catalog.editing.lines import preview_edit
from catalog.errors import EditRefused, InvalidField, NotFound, RevisionConflict
from catalog.exporting import export_markdown
from catalog.history.diffs import Diff
from catalog.history.revisions import Author, text_at
from catalog.models import Catalog, Change, Entry, Listing, Revision
from tests.catalog.importing.imports import assert_sound, ids, new_list
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

TEXT = """\
# Tools

## Web

- [Alpha](https://a.org) - First.
- [Bravo](https://b.org) - Second.
- [Delta](https://d.org) - Fourth.
- [Echo](https://e.org) - Fifth.

## Data

| Name | License | Notes |
|------|---------|-------|
| [One](https://one.org) | MIT | the first of them, with words |
| [Two](https://two.org) | GPL | the second of them, with words |
| [Six](https://six.org) | MIT | the sixth of them, with words |

## More data

| License | Name |
|---------|------|
| BSD | [Uno](https://uno.org) |
| MIT | [Due](https://due.org) |
| MIT | [Tre](https://tre.org) |

See [the index](https://index.org) and [Tree][].

* [Tree](https://tree.org)
  * [Leaf](https://leaf.org)
* [Other](https://other.org)

[Tree]: https://tree.org
"""
BY = Author(credit="someone", note="why")


@pytest.fixture
def tools() -> Catalog:
    return new_list(TEXT)


def entry(catalog: Catalog, name: str) -> Entry:
    return catalog.entries.living().select_related("listing", "block").get(name=name)


def listing(catalog: Catalog, number: int) -> Listing:
    """The listings by their order: Web, Data, More data, Tree, Leaf."""
    return catalog.listings.in_reading_order()[number]


@dataclass(frozen=True)
class Act:
    """An edit by names, to be made on a catalog."""

    edit: Callable[[Catalog], Revision | None]

    def __call__(self, catalog: Catalog) -> Revision | None:
        return self.edit(catalog)


def add(number: int, /, **fields: Any) -> Act:
    return Act(lambda catalog: add_entry(listing=listing(catalog, number), by=BY, **fields))


def change(name: str, /, **fields: Any) -> Act:
    return Act(lambda catalog: change_entry(entry=entry(catalog, name), by=BY, **fields))


def move(name: str, number: int, after: str | None = None, **options: Any) -> Act:
    return Act(
        lambda catalog: move_entry(
            entry=entry(catalog, name),
            listing=listing(catalog, number),
            after=entry(catalog, after) if after else None,
            by=BY,
            **options,
        )
    )


def remove(name: str, **options: Any) -> Act:
    return Act(lambda catalog: remove_entry(entry=entry(catalog, name), by=BY, **options))


NEW = {"name": "Charlie", "url": "https://c.org", "description": "Third"}
CHARLIE = "- [Charlie](https://c.org) - Third.\n"
DELTA = "- [Delta](https://d.org) - Fourth.\n"
ECHO = "- [Echo](https://e.org) - Fifth.\n"
ALPHA = "- [Alpha](https://a.org) - First.\n"
ONE = "| [One](https://one.org) | MIT | the first of them, with words |\n"
TWO = "| [Two](https://two.org) | GPL | the second of them, with words |\n"
SIX = "| [Six](https://six.org) | MIT | the sixth of them, with words |\n"
TRE = "| MIT | [Tre](https://tre.org) |\n"
LEAF = "  * [Leaf](https://leaf.org)\n"
OTHER = "* [Other](https://other.org)\n"
TREE = "* [Tree](https://tree.org)\n"


@pytest.mark.parametrize(
    ("act", "old", "new"),
    [
        (add(0, **NEW), DELTA, CHARLIE + DELTA),
        (add(0, first=True, **NEW), ALPHA, CHARLIE + ALPHA),
        (add(0, name="Zulu"), ECHO, f"{ECHO}- Zulu\n"),
        (add(1, name="x", url="https://x.org", cells={1: "MIT"}), SIX,
         f"{SIX}| [x](https://x.org) | MIT |  |\n"),
        (add(2, cells={1: "[x](https://x.org)", 0: "a|b"}), TRE,
         f"{TRE}| a\\|b | [x](https://x.org) |\n"),
        (add(4, name="x", url="https://x.org"), LEAF, f"{LEAF}  * [x](https://x.org)\n"),
        (change("Bravo", name="B [1]"), "[Bravo]", "[B [1]]"),
        (change("Bravo", url="https://b.org/(x)", description="New"), "(https://b.org) - Second.",
         "(https://b.org/(x)) - New"),
        (change("Two", cells={1: "Apache-2.0 | MIT"}), "| GPL |", "| Apache-2.0 \\| MIT |"),
        (change("Six", name="Seven", cells={2: ""}), SIX,
         "| [Seven](https://six.org) | MIT |  |\n"),
        (change("Delta", source="-   [Dee]( https://d.org )\n    and *more*\n"), DELTA,
         "-   [Dee]( https://d.org )\n    and *more*\n"),
        (change("Tree", name="Trees"), "* [Tree]", "* [Trees]"),
        (change("Alpha", description="See [Tree][]."), "First.", "See [Tree][]."),
        # Through the whole document: its link gone, the item is none any more.
        (change("Other", source="* other\n"), OTHER, "* other\n"),
        (change("the index", name="an index"), "[the index]", "[an index]"),
        (remove("Bravo"), "- [Bravo](https://b.org) - Second.\n", ""),
        (remove("Two"), TWO, ""),
        (remove("Leaf"), LEAF, ""),
        (remove("Tree", with_children=True), TREE + LEAF, ""),
        (move("Alpha", 0, "Delta"), ALPHA + "- [Bravo](https://b.org) - Second.\n" + DELTA,
         "- [Bravo](https://b.org) - Second.\n" + DELTA + ALPHA),
        (move("Six", 1, first=True), ONE + TWO + SIX, SIX + ONE + TWO),
        (move("Tree", 3, "Other", with_children=True), TREE + LEAF + OTHER, OTHER + TREE + LEAF),
    ],
)  # fmt: skip
def test_an_edit_changes_its_own_lines(tools: Catalog, act: Act, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    expected = TEXT.replace(old, new)

    revision = act(tools)

    tools.refresh_from_db()
    assert revision is not None
    assert (revision.number, tools.revision, revision.credit, revision.note) == (
        2, 2, "someone", "why",
    )  # fmt: skip
    assert_sound(tools, expected)
    assert text_at(tools, 1) == TEXT


@pytest.mark.parametrize(
    ("act", "gone", "old", "new"),
    [
        (move("Delta", 3), DELTA, OTHER, f"{OTHER}* [Delta](https://d.org) - Fourth.\n"),
        (move("Delta", 4), DELTA, LEAF, f"{LEAF}  * [Delta](https://d.org) - Fourth.\n"),
        (move("Due", 1, "One"), "| MIT | [Due](https://due.org) |\n", TWO,
         f"| [Due](https://due.org) | MIT |  |\n{TWO}"),
        (move("Two", 2, first=True, placing={2: None}), TWO, "| BSD |",
         "| GPL | [Two](https://two.org) |\n| BSD |"),
        (move("Two", 0, placing={1: None}), TWO, ECHO,
         f"{ECHO}- [Two](https://two.org) - the second of them, with words.\n"),
        (move("Delta", 1), DELTA, SIX, f"{SIX}| [Delta](https://d.org) |  | Fourth. |\n"),
        (move("Delta", 2, placing={0: 0}), DELTA, TRE,
         f"{TRE}| Fourth. | [Delta](https://d.org) |\n"),
    ],
)  # fmt: skip
def test_an_entry_moves_to_another_listing(
    tools: Catalog, act: Act, gone: str, old: str, new: str
) -> None:
    before = ids(tools)

    act(tools)

    assert_sound(tools, TEXT.replace(gone, "").replace(old, new))
    assert ids(tools) == before


def test_a_cell_without_a_place_is_named(tools: Catalog) -> None:
    for act, sentence in [
        (move("Two", 2), "The new table has no column for “Notes”"),
        (move("Two", 0), "A list has no columns: leave out “License”"),
        (move("Delta", 2), "The new table has no column for “description”"),
    ]:
        with pytest.raises(EditRefused, match=sentence):
            act(tools)
    assert_sound(tools, TEXT)


def test_an_added_entry_is_stored_with_all_it_says(tools: Catalog) -> None:
    revision = add(1, name="x", url="https://x.org", cells={1: "MIT/GPL"})(tools)

    assert revision is not None
    results = entry_added_by(revision)
    web, data = listing(tools, 0), listing(tools, 1)
    tools.refresh_from_db()
    assert results.listing == data
    assert results.section == data.section
    assert {tag.name for tag in results.tags.all()} >= {"MIT", "GPL"}
    assert [link.url for link in results.links.all()] == ["https://x.org"]
    assert (data.entry_count, web.entry_count, tools.entry_count) == (4, 4, 14)
    (operation,) = revision.changes.all()
    assert (operation.op, operation.entry_id, operation.entry_name) == ("insert", results.pk, "x")


def test_a_changed_entry_stays_itself(tools: Catalog) -> None:
    before = entry(tools, "Two")

    revision = change("Two", name="Zwei", cells={1: "MIT"})(tools)

    after = entry(tools, "Zwei")
    assert revision is not None
    assert (after.pk, after.slug) == (before.pk, "zwei")
    assert (before.updated_revision, after.updated_revision) == (1, 2)
    assert {tag.name for tag in after.tags.all()} == {"Data", "MIT"}
    assert [(op.op, op.entry_id) for op in revision.changes.all()] == [("replace", before.pk)]
    assert entry(tools, "One").updated_revision == 1


def test_a_removed_entry_stays_as_removed(tools: Catalog) -> None:
    before = entry(tools, "Two")

    remove("Two")(tools)

    after = Entry.objects.get(pk=before.pk)
    assert (after.state, after.block, after.section, after.listing) == ("removed", None, None, None)
    assert after.removed_at is not None
    with pytest.raises(NotFound, match="“Two” has been removed"):
        change_entry(entry=after, by=BY, name="x")


def test_what_changes_nothing_is_no_revision(tools: Catalog) -> None:
    assert change("Two", name="Two", url="https://two.org", cells={1: "GPL"})(tools) is None
    assert change("Two", source=TWO)(tools) is None
    assert move("Two", 1, "One")(tools) is None
    tools.refresh_from_db()
    assert tools.revision == 1


@pytest.mark.parametrize(
    ("act", "error", "field"),
    [
        (change("Two", name=""), InvalidField, "name"),
        (change("Two", url="a\nb"), InvalidField, "url"),
        (change("Two", cells={1: "a\nb"}), InvalidField, "cell-1"),
        (change("Two", cells={9: "x"}), InvalidField, "cell-9"),
        (change("Uno", description="x"), InvalidField, "description"),
        (change("Two", source="| a |\n| b |\n"), EditRefused, None),
        (change("Alpha", source="* Alpha\n"), EditRefused, None),
        (remove("Tree"), EditRefused, None),
        (move("Tree", 0), EditRefused, None),
        (move("the index", 0), EditRefused, None),
        (add(0, name="x\0"), InvalidField, "name"),
    ],
)
def test_what_cannot_be_done_is_refused(
    tools: Catalog, act: Act, error: type[Exception], field: str | None
) -> None:
    with pytest.raises(error) as raised:
        act(tools)

    assert getattr(raised.value, "field", None) == field
    tools.refresh_from_db()
    assert tools.revision == 1
    assert_sound(tools, TEXT)


def test_cells_are_named_by_their_header(tools: Catalog) -> None:
    with pytest.raises(InvalidField, match="“License” must fit on one line"):
        change("Two", cells={1: "a\nb"})(tools)


def test_an_edit_is_refused_when_its_base_has_changed(tools: Catalog) -> None:
    stale = entry(tools, "Two")
    assert stale.block is not None
    source = stale.block.source
    change("One", cells={1: "BSD"})(tools)

    # Another entry's change does not matter.
    change_entry(entry=stale, by=BY, name="Zwei", expected_source=source)
    based: dict[str, Any] = {"entry": stale, "by": BY, "expected_source": source}
    for edit in (
        partial(change_entry, name="x", **based),
        partial(remove_entry, **based),
        partial(move_entry, first=True, **based),
    ):
        with pytest.raises(RevisionConflict, match="Someone else has changed “Zwei”"):
            edit()
    tools.refresh_from_db()
    assert tools.revision == 3


def test_a_preview_writes_nothing(tools: Catalog) -> None:
    diff: Diff = preview_edit(tools, lambda: add(0, **NEW)(tools))

    assert (diff.added, diff.removed) == (1, 0)
    (hunk,) = diff.hunks
    assert [(line.sign, line.after) for line in hunk if line.sign != " "] == [("+", 7)]
    tools.refresh_from_db()
    assert_sound(tools, TEXT)


def test_history_holds_every_text(tools: Catalog) -> None:
    texts = [TEXT]
    for act in [
        add(0, **NEW),
        change("Charlie", description="Third!"),
        move("Charlie", 3, first=True),
        change("Two", cells={2: "x"}),
        move("One", 1, "Six"),
        remove("Other"),
        move("Two", 2, placing={2: None}),
        remove("Tree", with_children=True),
        add(1, name="Seven", url="https://seven.org"),
    ]:
        act(tools)
        tools.refresh_from_db()
        texts.append(export_markdown(tools))

    assert_sound(tools, texts[-1])
    assert [text_at(tools, number) for number in range(1, len(texts) + 1)] == texts
    assert len(set(texts)) == len(texts)


def test_a_place_can_be_used_again_and_again(tools: Catalog) -> None:
    """Positions between two neighbours run out; then some behind them are numbered anew."""
    for number in range(40):
        add(1, after=entry(tools, "One"), name=f"n{number}", url=f"https://n.org/{number}")(tools)

    rows = Entry.objects.filter(listing=listing(tools, 1)).living().in_reading_order()
    names = [row.name for row in rows]
    assert names == ["One", *[f"n{number}" for number in reversed(range(40))], "Two", "Six"]
    assert_sound(tools, export_markdown(tools))


def long_list(count: int) -> str:
    items = "".join(f"- [i{i:05}](https://i.org/{i}) - Item {i}.\n" for i in range(count))
    rows = "".join(f"| [r{i:05}](https://r.org/{i}) | MIT |\n" for i in range(count))
    return (
        f"# Long\n\n## Items\n\n{items}\n## Rows\n\n| Name | License |\n|---|---|\n{rows}\nEnd.\n"
    )


def test_an_edit_costs_the_same_in_a_long_list() -> None:
    counts: dict[int, list[int]] = {}
    # The words of the first are new to the index, which all lists share.
    for count in (100, 300, 900):
        catalog = new_list(long_list(count), slug=f"long-{count}")
        middle = count // 2
        acts = [
            change(f"i{middle:05}", name="I"),
            change(f"r{middle:05}", cells={1: "BSD"}),
            add(0, name="x", url="https://x.org", after=entry(catalog, f"i{middle - 9:05}")),
            add(1, name="x", url="https://x.org", after=entry(catalog, f"r{middle - 9:05}")),
            move(f"r{middle + 9:05}", 1, f"r{middle - 30:05}"),
            remove(f"i{middle + 30:05}"),
            remove(f"r{middle + 30:05}"),
        ]
        for act in acts:
            with CaptureQueriesContext(connection) as queries:
                act(catalog)
            counts.setdefault(count, []).append(len(queries))
        assert_sound(catalog, export_markdown(catalog))

    assert counts[300] == counts[900]
    assert max(counts[300]) <= 50


def test_the_place_in_a_long_sorted_list_is_located_by_few_queries() -> None:
    catalog = new_list(long_list(1500))
    for number in (0, 1):
        with CaptureQueriesContext(connection) as queries:
            add(number, name=f"{'ir'[number]}00700a", url="https://x.org")(catalog)
        assert len(queries) <= 60

    text = export_markdown(catalog)
    assert "/700) - Item 700.\n- [i00700a](https://x.org)\n- [i00701]" in text
    assert "/700) | MIT |\n| [r00700a](https://x.org) |  |\n| [r00701]" in text
    assert_sound(catalog, text)


@pytest.mark.parametrize("number", [0, 1])
def test_where_much_is_added_a_sorted_list_stays_sorted(number: int) -> None:
    catalog = new_list(long_list(300))
    names = [f"{'ir'[number]}00150-{n:03}" for n in range(100 if IS_LONG else 40)]
    for name in sorted(names, key=lambda name: name[::-1]):
        add(number, name=name, url="https://x.org")(catalog)

    text = export_markdown(catalog)
    lines = text.splitlines()
    stored = [line.partition("]")[0] for line in lines if line.startswith(("- [i", "| [r")[number])]
    assert len(stored) == 300 + len(names)
    assert stored == sorted(stored)
    assert_sound(catalog, text)


@pytest.mark.django_db(transaction=True)
def test_edits_at_once_all_stay() -> None:
    catalog = new_list(long_list(30))
    entries = [entry(catalog, f"r{number:05}") for number in range(8)]
    edits: list[Callable[[], object]] = [
        partial(change_entry, entry=e, by=BY, cells={1: f"L{e.pk}"}) for e in entries
    ]
    edits += [
        partial(add_entry, listing=listing(catalog, 0), by=BY, name=f"n{n}", url="https://n.org")
        for n in range(4)
    ]

    assert run_at_once(edits) == []

    catalog.refresh_from_db()
    text = export_markdown(catalog)
    assert catalog.revision == 13
    assert all(f"| L{results.pk} |" in text for results in entries)
    assert all(f"- [n{number}](https://n.org)\n" in text for number in range(4))
    assert_sound(catalog, text)


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_of_the_same_lines_one_is_reported() -> None:
    catalog = new_list(TEXT)
    results = entry(catalog, "Two")

    errors = run_at_once(
        [
            partial(change_entry, entry=results, by=BY, name=name, expected_source=TWO)
            for name in ("A1", "B1", "C1", "D1")
        ]
    )

    catalog.refresh_from_db()
    assert catalog.revision == 2
    assert [type(error) for error in errors] == [RevisionConflict] * 3
    assert Change.objects.filter(revision__catalog=catalog).count() == 1


def run_at_once(edits: Sequence[Callable[[], object]]) -> list[Exception]:
    """Run each in a thread of its own, started together; returns what they raised."""
    errors: list[Exception] = []
    barrier = threading.Barrier(len(edits))

    def run(edit: Callable[[], object]) -> None:
        try:
            barrier.wait()
            edit()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[edit]) for edit in edits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_one_of_several_nested_items_moves_out_of_them() -> None:
    nested = "- [Tree](https://t.org)\n  - [Leaf](https://l.org)\n  - [Bud](https://b.org)\n"
    catalog = new_list(f"# Tools\n\n{nested}")
    tree = entry(catalog, "Tree").listing
    assert tree is not None

    move_entry(entry=entry(catalog, "Leaf"), listing=tree, by=BY)

    moved = "- [Tree](https://t.org)\n  - [Bud](https://b.org)\n- [Leaf](https://l.org)\n"
    assert_sound(catalog, f"# Tools\n\n{moved}")


def test_place_in_a_listing_that_only_ends_in_order_is_inside_of_it() -> None:
    """Reading stops far from the end, where all names that were read come before the new one."""
    names = [f"{'Z' if n % 130 == 7 else 'A'} {n}" for n in range(400)]
    names += [f"B {n:03}" for n in range(130)]
    lines = [f"- [{name}](https://x.example/{n})\n" for n, name in enumerate(names)]
    catalog = new_list("# T\n\n" + "".join(lines))

    add_entry(listing=catalog.listings.get(), by=Author(), name="M", url="https://m.example")

    text = export_markdown(catalog)
    assert text.replace("- [M](https://m.example)\n", "") == "# T\n\n" + "".join(lines)
    assert_sound(catalog, text)


def test_an_entry_is_added_behind_the_picture_of_the_one_before() -> None:
    text = "# T\n\n## Web\n\n- [A](https://a.org) - a\n\n![a](a.png)\n{}\n## Data\n"
    catalog = new_list(text.format(""))

    revision = add_entry(
        listing=listing(catalog, 0), by=BY, name="B", url="https://b.org", description="b"
    )

    added = entry_added_by(revision)
    assert (added.name, added.listing) == ("B", listing(catalog, 1))
    assert_sound(catalog, text.format("\n- [B](https://b.org) - b\n"))


def test_an_entry_is_added_below_a_section_that_stands_in_another() -> None:
    text = (
        "# T\n\n## Web\n\n### Small\n\n- [A](https://a.org)\n{}\n## Data\n\n- [C](https://c.org)\n"
    )
    catalog = new_list(text.format(""))

    add_entry(listing=listing(catalog, 0), by=BY, name="B", url="https://b.org")

    assert_sound(catalog, text.format("- [B](https://b.org)\n"))
