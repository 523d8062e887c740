"""What an import does: a table of texts before, changed here, and coming in.

Items are written short: `a` is an entry called A that leads to example.org/a; see `line()`.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.checking import check_catalog
from catalog.errors import AddressTaken, MergeConflict, RevisionConflict
from catalog.exporting import export_markdown
from catalog.history.revisions import Author, text_at
from catalog.importing.applying import apply, import_text
from catalog.importing.merging import Conflict
from catalog.importing.planning import Figure, plan_import, plan_text
from catalog.models import Catalog, Export, Revision
from catalog.store.snapshots import take_snapshot
from tests.catalog.importing.imports import (
    assert_sound,
    change_here,
    figures,
    ids,
    import_again,
    new_list,
    take_out,
)

pytestmark = pytest.mark.django_db


def line(word: str) -> str:
    """A line of a list by a short word.

    `a` an item, `a!` the same with other words, `a=x` called A, leading to x, `#x` a section,
    `|` the head of a table, `|a` a row, `|a!` the same with another cell, '' a blank line.
    """
    if not word:
        return "\n"
    if word.startswith("#"):
        return f"{'#' * word.count('#')} {word.strip('#')}\n"
    if word == "|":
        return "| name | license |\n|------|---------|\n"
    row = word.startswith("|")
    match = re.fullmatch(r"([A-Za-z]+)(?:=(\w+))?(!*)", word.lstrip("|"))
    assert match, word
    name, url, marks = match[1].upper(), match[2] or match[1].lower(), match[3]
    link = f"[{name}](https://example.org/{url})"
    if row:
        return f"| {link} | MIT{marks} |\n"
    return f"- {link} - Does {name}{marks}.\n"


def text_of(words: str) -> str:
    """Lines by their words; `_` is a blank line."""
    return "".join([line("" if word == "_" else word) for word in words.split()])


@dataclass(frozen=True)
class Case:
    """`kept` says which entry before is which one after, by names; others are new."""

    before: str
    incoming: str
    figures: dict[str, int]
    stored: str
    here: tuple[str, ...] = ()
    after: str | None = None
    """The incoming text if None."""
    fresh: str = ""
    """Names of entries afterwards that none before was."""
    note: str = field(default="", compare=False)


LIST = "#t _ ##x _ a b c d"
TABLE = "#t _ ##x _ | |a |b |c |d"

CASES = {
    # One side only
    "the same": Case(LIST, LIST, {"unchanged": 4}, "A B C D"),
    "two items swapped": Case(LIST, "#t _ ##x _ b a c d", {"moved": 1, "unchanged": 3}, "A B C D"),
    "two rows swapped": Case(
        TABLE, "#t _ ##x _ | |a |c |b |d", {"moved": 1, "unchanged": 3}, "A B C D"
    ),
    "the ends swapped": Case(
        TABLE, "#t _ ##x _ | |d |b |c |a", {"moved": 2, "unchanged": 2}, "A B C D"
    ),
    "all turned round": Case(LIST, "#t _ ##x _ d c b a", {"moved": 3, "unchanged": 1}, "A B C D"),
    "a row duplicated": Case(
        TABLE,
        "#t _ ##x _ | |a |b |b |c |d",
        {"created": 1, "unchanged": 4},
        "A B C D",
        fresh="B 2",
    ),
    "an item duplicated elsewhere": Case(
        "#t _ ##x _ a b _ ##y _ c",
        "#t _ ##x _ a b _ ##y _ c a",
        {"created": 1, "unchanged": 3},
        "A B C",
        fresh="A 2",
    ),
    "one of two equal rows removed": Case(
        "#t _ ##x _ | |a |b |b |c",
        "#t _ ##x _ | |a |b |c",
        {"removed": 1, "unchanged": 3},
        "A B C",
    ),
    "renamed": Case(LIST, "#t _ ##x _ a bb=b c d", {"updated": 1, "unchanged": 3}, "A B:BB C D"),
    "linked anew": Case(LIST, "#t _ ##x _ a b=new c d", {"updated": 1, "unchanged": 3}, "A B C D"),
    "reworded": Case(LIST, "#t _ ##x _ a b! c d", {"updated": 1, "unchanged": 3}, "A B C D"),
    "renamed and linked anew is another": Case(
        LIST,
        "#t _ ##x _ a bb=new c d",
        {"created": 1, "removed": 1, "unchanged": 3},
        "A C D",
        fresh="BB",
    ),
    "another row in its place": Case(
        TABLE,
        "#t _ ##x _ | |a |n |c |d",
        {"created": 1, "removed": 1, "unchanged": 3},
        "A C D",
        fresh="N",
    ),
    "all rows replaced": Case(
        TABLE,
        "#t _ ##x _ | |k |l |m |n",
        {"created": 4, "removed": 4},
        "",
        fresh="K L M N",
    ),
    "two rows exchange their names": Case(
        "#t _ ##x _ | |a |b",
        "#t _ ##x _ | |b=a |a=b",
        {"updated": 2},
        "A:B B:A",
        note="the address says who is who",
    ),
    "added first, between and last": Case(
        LIST,
        "#t _ ##x _ k a b l c d m",
        {"created": 3, "unchanged": 4},
        "A B C D",
        fresh="K L M",
    ),
    "all removed": Case(LIST, "#t _ ##x", {"removed": 4}, ""),
    "everything removed": Case(LIST, "", {"removed": 4}, ""),
    "moved and reworded at once": Case(
        "#t _ ##x _ a b _ ##y _ c",
        "#t _ ##x _ b _ ##y _ c a!",
        {"moved_and_edited": 1, "unchanged": 2},
        "A B C",
    ),
    "moved to another section": Case(
        "#t _ ##x _ a b _ ##y _ c",
        "#t _ ##x _ b _ ##y _ c a",
        {"moved": 1, "unchanged": 2},
        "A B C",
    ),
    "items become rows": Case("#t _ ##x _ a b", "#t _ ##x _ | |a |b", {"updated": 2}, "A B"),
    # Sections
    "a section renamed": Case("#t _ ##x _ a b", "#t _ ##z _ a b", {"unchanged": 2}, "A B"),
    "a section split": Case(
        "#t _ ##x _ a b c d _ ##y _ e",
        "#t _ ##x _ a b _ ##z _ c d _ ##y _ e",
        {"moved": 2, "unchanged": 3},
        "A B C D E",
    ),
    "two sections joined": Case(
        "#t _ ##x _ a b c _ ##y _ d",
        "#t _ ##x _ a b c d",
        {"moved": 1, "unchanged": 3},
        "A B C D",
    ),
    "sections exchanged": Case(
        "#t _ ##x _ a b _ ##y _ c",
        "#t _ ##y _ c _ ##x _ a b",
        {"moved": 1, "unchanged": 2},
        "A B C",
    ),
    "two sections exchange their titles": Case(
        "#t _ ##x _ a b _ ##y _ c d",
        "#t _ ##y _ a b _ ##x _ c d",
        {"moved": 4},
        "A B C D",
    ),
    "a section goes down a level": Case(
        "#t _ ##x _ a _ ##y _ b", "#t _ ##x _ a _ ###y _ b", {"unchanged": 2}, "A B"
    ),
    # Addresses that come several times
    "repeated addresses stay in order": Case(
        "#t _ ##x _ | |a=u |b=u |c=u",
        "#t _ ##x _ | |a=u! |b=u! |c=u!",
        {"updated": 3},
        "A B C",
    ),
    "a repeated address comes first": Case(
        "#t _ ##x _ | |a=u |b=u",
        "#t _ ##x _ | |n=u |a=u |b=u",
        {"created": 1, "unchanged": 2},
        "A B",
        fresh="N",
    ),
    "a repeated address in another section": Case(
        "#t _ ##x _ a=u b _ ##y _ c=u",
        "#t _ ##x _ a=u! b _ ##y _ c=u!",
        {"updated": 2, "unchanged": 1},
        "A B C",
    ),
    # Both sides
    "different lines": Case(
        LIST,
        "#t _ ##x _ a b c d!",
        {"updated": 1, "unchanged": 3},
        "A B C D",
        here=("#t _ ##x _ a! b c d",),
        after="#t _ ##x _ a! b c d!",
    ),
    "neighbouring lines": Case(
        TABLE,
        "#t _ ##x _ | |a |b |c! |d",
        {"updated": 1, "unchanged": 3},
        "A B C D",
        here=("#t _ ##x _ | |a |b! |c |d",),
        after="#t _ ##x _ | |a |b! |c! |d",
    ),
    "the same change": Case(
        LIST,
        "#t _ ##x _ a b! c d",
        {"unchanged": 4},
        "A B C D",
        here=("#t _ ##x _ a b! c d",),
        after="#t _ ##x _ a b! c d",
    ),
    "the same change and another there": Case(
        LIST,
        "#t _ ##x _ a b! c d!",
        {"updated": 1, "unchanged": 3},
        "A B C D",
        here=("#t _ ##x _ a b! c d",),
        after="#t _ ##x _ a b! c d!",
    ),
    "the same change and another here": Case(
        LIST,
        "#t _ ##x _ a b! c d",
        {"unchanged": 4},
        "A B C D",
        here=("#t _ ##x _ a b! c d", "#t _ ##x _ a b! c d!"),
        after="#t _ ##x _ a b! c d!",
    ),
    "more in common than not, yet all of ours is kept": Case(
        "#t _ ##x _ a b c d e",
        "#t _ ##x _ a! b! c d e",
        {"unchanged": 5},
        "A B C D E",
        here=("#t _ ##x _ a b c! d e", "#t _ ##x _ a! b c! d e", "#t _ ##x _ a! b! c! d e"),
        after="#t _ ##x _ a! b! c! d e",
    ),
    "added on both sides": Case(
        LIST,
        "#t _ ##x _ a l b c d m",
        {"created": 2, "unchanged": 5},
        "A B C D K",
        here=("#t _ ##x _ a k b c d",),
        after="#t _ ##x _ a k l b c d m",
        fresh="L M",
    ),
    "added on both sides of a loose list": Case(
        "#t _ a _ b _ c",
        "#t _ a _ l _ b _ c",
        {"created": 1, "unchanged": 4},
        "A B C K",
        here=("#t _ a _ k _ b _ c",),
        after="#t _ a _ k _ l _ b _ c",
        fresh="L",
    ),
    "the same added on both sides of a loose list": Case(
        "#t _ a _ b _ c",
        "#t _ a _ k _ b _ c!",
        {"updated": 1, "unchanged": 3},
        "A B C K",
        here=("#t _ a _ k _ b _ c",),
        after="#t _ a _ k _ b _ c!",
    ),
    "removed here": Case(
        LIST,
        "#t _ ##x _ a b c d!",
        {"updated": 1, "unchanged": 2},
        "A C D",
        here=("#t _ ##x _ a c d",),
        after="#t _ ##x _ a c d!",
    ),
    "removed on both sides": Case(
        LIST,
        "#t _ ##x _ a c d!",
        {"updated": 1, "unchanged": 2},
        "A C D",
        here=("#t _ ##x _ a c d",),
        after="#t _ ##x _ a c d!",
    ),
    "moved here, changed there": Case(
        LIST,
        "#t _ ##x _ a! b c d",
        {"updated": 1, "unchanged": 3},
        "A B C D",
        here=("#t _ ##x _ b c d a",),
        after="#t _ ##x _ b c d a!",
    ),
    "changed here, moved there": Case(
        LIST,
        "#t _ ##x _ b c d a",
        {"moved": 1, "unchanged": 3},
        "A B C D",
        here=("#t _ ##x _ a! b c d",),
        after="#t _ ##x _ b c d a!",
    ),
    "added here where the section was renamed": Case(
        "#t _ ##x _ a b _ ##y _ c",
        "#t _ ##z _ a b _ ##y _ c",
        {"unchanged": 4},
        "A B C K",
        here=("#t _ ##x _ a b k _ ##y _ c",),
        after="#t _ ##z _ a b k _ ##y _ c",
    ),
    "a section added here": Case(
        LIST,
        "#t _ ##x _ a b c d!",
        {"updated": 1, "unchanged": 4},
        "A B C D K",
        here=("#t _ ##x _ a b c d _ ##y _ k",),
        after="#t _ ##x _ a b c d! _ ##y _ k",
    ),
    "the older text again": Case(
        LIST,
        LIST,
        {"unchanged": 4},
        "A C D K",
        here=("#t _ ##x _ a! b c d", "#t _ ##x _ a! c d", "#t _ ##x _ d a! k c"),
        after="#t _ ##x _ d a! k c",
    ),
}


def before_and_after(stored: str) -> dict[str, str]:
    """Name before by name after: `A B:C` is {"A": "A", "C": "B"}."""
    pairs = [word.partition(":") for word in stored.split()]
    return {after or before: before for before, _colon, after in pairs}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_import_keeps_who_is_who(case: Case) -> None:
    catalog = new_list(text_of(case.before))
    known = ids(catalog)
    for text in case.here:
        change_here(catalog, text_of(text))
        known = ids(catalog) | known
    before = catalog.revision

    result = import_again(catalog, text_of(case.incoming))

    after = text_of(case.incoming if case.after is None else case.after)
    results = ids(catalog)
    assert figures(result) == case.figures
    assert {name: pk for name, pk in results.items() if pk in known.values()} == {
        now: known[then] for now, then in before_and_after(case.stored).items()
    }
    fresh = [name for name, pk in results.items() if pk not in known.values()]
    assert sorted(fresh) == sorted(re.findall(r"\S+ \d|\S+", case.fresh))
    assert [text_at(catalog, number) for number in range(1, before + 1)] == [
        text_of(text) for text in (case.before, *case.here)
    ]

    again = import_again(catalog, text_of(case.incoming))

    assert again.revision == result.revision
    assert set(figures(again)) <= {"unchanged"}
    assert_sound(catalog, after)


# Conflicts: before, here, incoming; the conflicting lines; with --theirs

CONFLICTS = {
    "the same line": (
        LIST,
        "#t _ ##x _ a b! c d",
        "#t _ ##x _ a b!! c d",
        [(6, "b", "b!", "b!!")],
        "#t _ ##x _ a b!! c d",
    ),
    "the same line, and others that agree": (
        LIST,
        "#t _ ##x _ a! b! c d k",
        "#t _ ##x _ a b!! c d!",
        [(6, "b", "b!", "b!!")],
        "#t _ ##x _ a! b!! c d! k",
    ),
    "removed here and changed there": (
        LIST,
        "#t _ ##x _ a c d",
        "#t _ ##x _ a b! c d",
        [(6, "b", "", "b!")],
        "#t _ ##x _ a b! c d",
    ),
    "changed here and removed there": (
        LIST,
        "#t _ ##x _ a b! c d",
        "#t _ ##x _ a c d",
        [(6, "b", "b!", "")],
        "#t _ ##x _ a c d",
    ),
    "added on both sides with other words": (
        LIST,
        "#t _ ##x _ a k b c d",
        "#t _ ##x _ a b c d k!",
        [(9, "", "k", "k!")],
        "#t _ ##x _ a b c d k!",
    ),
    "added here to a section that is gone there": (
        "#t _ ##x _ a _ ##y _ b",
        "#t _ ##x _ a _ ##y _ b k",
        "#t _ ##x _ a",
        [(7, "", "k", "")],
        "#t _ ##x _ a",
    ),
    "a heading": (
        "#t _ ##x _ a",
        "#t _ ##y _ a",
        "#t _ ##z _ a",
        [(3, "##x", "##y", "##z")],
        "#t _ ##z _ a",
    ),
}


@pytest.mark.parametrize(
    ("before", "here", "incoming", "lines", "theirs"), CONFLICTS.values(), ids=CONFLICTS
)
def test_conflict_is_listed_and_nothing_written(
    before: str, here: str, incoming: str, lines: list[tuple[int, str, str, str]], theirs: str
) -> None:
    catalog = new_list(text_of(before))
    change_here(catalog, text_of(here))
    rows = all_rows()

    with pytest.raises(MergeConflict) as refusal:
        import_again(catalog, text_of(incoming), strict=True)

    assert refusal.value.conflicts == [
        Conflict(number, base and line(base), ours and line(ours), other and line(other))
        for number, base, ours, other in lines
    ]
    assert f"line {lines[0][0]}" in str(refusal.value)
    assert all_rows() == rows

    result = import_again(catalog, text_of(incoming), theirs=True)

    assert [conflict["line"] for conflict in result.summary()["conflicts"]] == [
        number for number, *_words in lines
    ]
    assert_sound(catalog, text_of(theirs))
    again = import_again(catalog, text_of(incoming))
    assert again.revision == result.revision


def all_rows() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


# What Git knows of: a story of what happens here (+), in Git (import), and exports (!)

STORIES = {
    "a merged change stays through later imports": (
        "a b c",
        [("+", "a b! c", "a b! c"), ("<", "a! b c", "a! b! c"), ("<", "a!! b c", "a!! b! c")],
    ),
    "the merged text again changes nothing": (
        "a b c",
        [("+", "a b! c", "a b! c"), ("<", "a! b c", "a! b! c"), ("<", "a! b c", "a! b! c")],
    ),
    "Git takes back what it changed itself": (
        "a b c",
        [("+", "a b! c", "a b! c"), ("<", "a! b c", "a! b! c"), ("<", "a b c", "a b! c")],
    ),
    "Git takes an export and goes on": (
        "a b c",
        [("+", "a b! c", "a b! c"), ("!", "", ""), ("<", "a b!! c", "a b!! c")],
    ),
    "Git does not take an export and changes the same line": (
        "a b c",
        [("+", "a b=other c", ""), ("!", "", ""), ("<", "a b! c", "conflict")],
    ),
    "an export was taken, and changed here since": (
        "a b c",
        [
            ("+", "a b! c", ""),
            ("!", "", ""),
            ("+", "a b! c!", ""),
            ("<", "a! b! c", "a! b! c!"),
            ("<", "a! b c", "a! b c!"),
        ],
    ),
    "Git removes what it got from here": (
        "a b c",
        [("+", "a k b c", ""), ("!", "", ""), ("<", "a k b c", "a k b c"), ("<", "a b c", "a b c")],
    ),
    "Git removes part of what it got from here, before anybody imported it": (
        "a b c",
        [
            ("+", "a k b c", ""),
            ("+", "a k l m b c", ""),
            ("!", "", ""),
            ("<", "a l m b c", "a l m b c"),
        ],
    ),
    "Git rewords what it got from here": (
        "a b c",
        [("+", "a k b c", ""), ("!", "", ""), ("<", "a k! b c", "a k! b c")],
    ),
    "Git moves on without an export that waits": (
        "a b c",
        [
            ("+", "a k l m b c", ""),
            ("!", "", ""),
            ("+", "a k l m b c!", ""),
            ("<", "a! b c", "a! k l m b c!"),
            ("<", "a! k l m b c", "a! k l m b c!"),
            ("<", "a! k l b c", "a! k l b c!"),
        ],
    ),
    "a move here, exported or not, is not taken back": (
        "a b c d",
        [("+", "b c d a", ""), ("!", "", ""), ("<", "a b c d!", "b c d! a")],
    ),
    "a move here, then another there": (
        "a b c d",
        [("+", "b c d a", ""), ("<", "a b d c", "b d a c")],
    ),
    "removed here, and its neighbour in Git": (
        "a b c d",
        [("+", "a b d", ""), ("<", "a c d", "a d"), ("<", "a c d!", "a d!")],
    ),
    "an old export comes late": (
        "a b c",
        [
            ("+", "a! b c", ""),
            ("!", "", ""),
            ("+", "a! b! c", ""),
            ("!", "", ""),
            ("<", "a! b c", "a! b! c"),
            ("<", "a! b! c", "a! b! c"),
        ],
    ),
    "reverting an import here is a change here": (
        "a b c",
        [("<", "a! b! c!", "a! b! c!"), ("+", "a b c", ""), ("<", "a! b! c! d", "a b c d")],
    ),
}

# What an import has settled is not pending any more; << is --theirs.

SETTLED = {
    "a removal that lost": (
        "a b c",
        [("+", "a c", ""), ("<<", "a b! c", "a b! c"), ("<", "a b c", "a b c")],
    ),
    "a move that lost to another": (
        "a b c d",
        [("+", "b c d a", ""), ("<", "b c a d", "b c a d"), ("<", "a b c d", "a b c d")],
    ),
    "what Git removed as well, and has again": (
        "a b c",
        [
            ("+", "a! b c", ""),
            ("+", "a! c", ""),
            ("<", "a c", "a! c"),
            ("<", "a b c", "a! b c"),
        ],
    ),
    "blank lines that a lost removal joined": (
        "##x _ a b _ ##y _ c",
        [
            ("+", "##x _ a _ ##y _ c", ""),
            ("<", "##x _ b _ ##y _ c", "##x _ _ ##y _ c"),
            ("<<", "##x _ b! _ ##y _ c", "##x _ b! _ ##y _ c"),
        ],
    ),
    "nothing of a move that only looks like it": (
        "##x _ | |b _ ##y _ | |d",
        [
            ("+", "##x _ | _ ##y _ | |d", ""),
            ("+", "##x _ | |d _ ##y _ |", ""),
            ("<", "##x _ | _ ##y _ | |d", "##x _ | |d _ ##y _ |"),
        ],
    ),
    "nothing of an addition beside a line that went to another section": (
        "##x _ a b _ ##y _ c",
        [
            ("+", "##x _ a b k _ ##y _ c", ""),
            ("<", "##x _ a _ ##y _ c b", "##x _ a k _ ##y _ c b"),
        ],
    ),
}


@pytest.mark.parametrize(("start", "story"), SETTLED.values(), ids=SETTLED)
def test_import_settles(start: str, story: list[tuple[str, str, str]]) -> None:
    live(start, story)


@pytest.mark.parametrize(("start", "story"), STORIES.values(), ids=STORIES)
def test_import_loses_nothing_that_was_changed_here(
    start: str, story: list[tuple[str, str, str]]
) -> None:
    live(start, story)


def live(start: str, story: list[tuple[str, str, str]]) -> None:
    """Live a story."""
    catalog = new_list(text_of(f"#t _ {start}"))
    for what, words, after in story:
        text = text_of(f"#t _ {words}")
        if what == "+":
            change_here(catalog, text)
        elif what == "!":
            take_out(catalog)
        elif after == "conflict":
            with pytest.raises(MergeConflict):
                import_again(catalog, text, strict=True)
        else:
            import_again(catalog, text, theirs=what == "<<")
            assert export_markdown(catalog) == text_of(f"#t _ {after}")
    assert check_catalog(catalog) == []


# Bytes

TEXTS = {
    "empty": "",
    "mark only": "\ufeff",
    "no heading": "- [A](https://example.org/a)\n",
    "no last newline": "# T\n\n- [A](https://example.org/a)",
    "windows": "# T\r\n\r\n- [A](https://example.org/a)\r\n- [B](https://example.org/b)\r\n",
    "old mac": "# T\r\r- [A](https://example.org/a)\r",
    "marked": "\ufeff# T\n\n- [A](https://example.org/a)\n- [B](https://example.org/b)\n",
    "unix": "# T\n\n- [A](https://example.org/a)\n- [B](https://example.org/b)\n",
    "blank lines only": "\n\n \n",
    "same headings": "# T\n## X\n- [A](https://example.org/a)\n## X\n- [B](https://example.org/b)\n",
    "line separators": "# T\n\n- [A](https://example.org/a) - x\u2028y\x0bz\x85\n",
    "front matter": "---\ntitle: T\n---\n\n- [A](https://example.org/a)\n",
}


@pytest.mark.parametrize("first", TEXTS.values(), ids=TEXTS)
def test_any_text_follows_any_other(first: str) -> None:
    catalog = new_list(first)
    known = ids(catalog)
    assert_sound(catalog, first)
    for second in TEXTS.values():
        import_again(catalog, second)
        assert export_markdown(catalog) == second
    import_again(catalog, first)
    assert_sound(catalog, first)
    assert ids(catalog) == known
    assert text_at(catalog, 1) == first


def test_empty_text_from_git_leaves_what_was_added_here() -> None:
    catalog = new_list(TEXTS["unix"])
    change_here(catalog, TEXTS["unix"] + "## Here\n")

    import_again(catalog, "", theirs=True)

    assert_sound(catalog, "## Here\n")


# Who may import when


def test_new_list_fills_in_what_the_readme_says() -> None:
    catalog = import_text("# My list\n", catalog=Catalog(slug="mine"), by=Author()).catalog

    assert (catalog.title, catalog.revision) == ("My list", 1)


@pytest.mark.parametrize("slug", ["admin", "api", "Upper", "two words", "-a", "", "x" * 81, "ü"])
def test_new_list_needs_a_good_address(slug: str) -> None:
    rows = all_rows()

    with pytest.raises(AddressTaken) as refusal:
        import_text("x\n", catalog=Catalog(slug=slug, title="T"), by=Author())

    assert slug in str(refusal.value)
    assert all_rows() == rows


def test_new_list_does_not_take_an_address() -> None:
    new_list("# One\n")
    rows = all_rows()
    other = Catalog(slug="tools", title="Other")

    with pytest.raises(AddressTaken, match="tools"):
        import_text("# Two\n", catalog=other, by=Author())

    assert all_rows() == rows
    assert other._state.adding


def test_plan_of_an_older_revision_is_not_applied() -> None:
    catalog = new_list(text_of(LIST))
    plan = plan_import(text_of("#t _ a"), take_snapshot(catalog))
    change_here(catalog, text_of("#t _ a b c d"))
    rows = all_rows()

    with pytest.raises(RevisionConflict):
        apply(plan, by=Author())

    assert all_rows() == rows


def test_plan_writes_nothing() -> None:
    catalog = new_list(text_of(LIST))
    rows = all_rows()

    plan = plan_import(text_of("#t _ ##x _ b c d e"), take_snapshot(catalog))

    assert plan.figures == Counter({Figure.CREATED: 1, Figure.REMOVED: 1, Figure.UNCHANGED: 3})
    assert all_rows() == rows


def test_text_that_would_not_come_back_is_rolled_back(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = new_list(text_of(LIST))
    plan = plan_text(text_of("#t _ a"), take_snapshot(catalog))
    plan.text += "more"
    rows = all_rows()

    with pytest.raises(AssertionError, match="export differs"):
        apply(plan, by=Author())

    assert all_rows() == rows


def test_same_file_after_changes_here_writes_nothing() -> None:
    catalog = new_list(text_of("#t _ a b c"))
    change_here(catalog, text_of("#t _ a c"))
    import_again(catalog, text_of("#t _ a! b c"))
    change_here(catalog, text_of("#t _ a! c!"))
    rows = all_rows()

    import_again(catalog, text_of("#t _ a! b c"))

    assert all_rows() == rows


def test_same_text_after_an_export_of_it_is_known_to_be_in_git() -> None:
    catalog = new_list(text_of("#t _ a b"))
    change_here(catalog, text_of("#t _ a k b"))
    import_again(catalog, text_of("#t _ a k b"))

    assert take_snapshot(catalog).settled == 2
    assert take_snapshot(catalog).pending == []
    assert catalog.revisions.count() == 2
    assert Export.objects.count() == 0


# How much it costs


@pytest.mark.parametrize("number", [3, 6])
def test_import_costs_a_fixed_number_of_statements(number: int) -> None:
    words = " ".join(["|a", "|b", "|c", "|d", "|e", "|f"][:number])

    with CaptureQueriesContext(
        connection,
    ) as first:
        catalog = new_list(text_of(f"#t _ ##x _ | {words}"))
    with CaptureQueriesContext(connection) as second:
        import_again(catalog, text_of(f"#t _ ##x _ | {words}".replace("a", "a!")))
    with CaptureQueriesContext(connection) as third:
        import_again(catalog, text_of(f"#t _ ##x _ | {words}".replace("a", "a!")))

    # PostgreSQL locks the index.
    more = connection.vendor == "postgresql"
    assert (len(first) - more, len(second) - more, len(third)) == STATEMENTS
    assert Revision.objects.count() == 2


STATEMENTS = (44, 43, 8)
"""A new list, a change, and the same again."""


def test_what_means_something_to_a_database_is_text() -> None:
    text = (
        "# {NULL}\n\n"
        '| name | note |\n|---|---|\n| [NULL](https://a.example/\\n) | NULL, "\\\\" |\n'
        '| ["a", {b}](https://b.example/{1,2}) | {} |\n| [\\x41](https://c.example/%5C) | \\" |\n'
    )
    catalog = new_list(text)
    assert export_markdown(catalog) == text
    assert check_catalog(catalog) == []
    assert [*catalog.entries.order_by("position").values_list("name", "url")] == [
        ("NULL", "https://a.example/\\n"),
        ('"a", {b}', "https://b.example/{1,2}"),
        ("\\x41", "https://c.example/%5C"),
    ]
