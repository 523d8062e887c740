"""Drafts: the lines that the real edit writes, without writing and without a lock."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry
from catalog.editing.lines import preview_edit
from catalog.errors import CatalogError
from catalog.history.diffs import Diff
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Listing
from catalog.sentences import finding_sentence
from submissions.choices import Action, Kind, Report
from submissions.proposal import Proposal, SubmissionDraft
from submissions.publishing.previewing import LinePreview, Rendered, preview_lines
from tests.catalog.importing.imports import new_list
from tests.lists import NAMES, needs_real_lists, read_list

pytestmark = pytest.mark.django_db

TEXT = """\
# Tools

- [Alpha](https://a.org) - First.
- [Bravo](https://b.org) - Second.
- [Delta](https://d.org) - Fourth.

## Data

| Name | Notes |
|------|-------|
| [One](https://one.org) | first |
| [Two](https://two.org) | *second* |

## Tree

* [Tree](https://tree.org)
  * [Leaf](https://leaf.org)
"""
BY = Author()


@pytest.fixture
def tools() -> Catalog:
    return new_list(TEXT)


def entry(catalog: Catalog, name: str) -> Entry:
    return catalog.entries.living().select_related("listing", "block").get(name=name)


def listing(catalog: Catalog, number: int) -> Listing:
    return catalog.listings.in_reading_order()[number]


def preview(
    proposal: Proposal,
    catalog: Catalog,
    listing: Listing | None = None,
    entry: Entry | None = None,
    *,
    is_thorough: bool = False,
) -> LinePreview:
    draft = SubmissionDraft(catalog, proposal, listing, entry)
    return preview_lines(draft, is_thorough=is_thorough)


def committed(proposal: Proposal, place: Listing | None, about: Entry | None) -> Callable[[], Any]:
    """The real edit that publishes a proposal."""
    after = Entry.objects.get(pk=proposal.after) if proposal.after else None
    where: Any = {"after": after, "first": proposal.first}
    fields: Any = {"name": proposal.name, "url": proposal.url, "description": proposal.description}
    cells = dict(proposal.cells) or None
    if proposal.kind == Kind.ADD:
        assert place is not None
        answers: Any = {key: value for key, value in fields.items() if value is not None}
        return lambda: add_entry(listing=place, by=BY, cells=cells, **answers, **where)
    assert about is not None
    match proposal.kind:
        case Kind.EDIT:
            return lambda: change_entry(entry=about, by=BY, cells=cells, **fields)
        case Kind.MOVE:
            target = Listing.objects.get(pk=proposal.target) if proposal.target else None
            return lambda: move_entry(
                entry=about, by=BY, listing=target, placing=proposal.placing, **where
            )
        case _:
            return lambda: remove_entry(entry=about, by=BY)


type Outcome = tuple[list[tuple[str, str, str]], int, list[str]]
"""The lines that come and go in order, how many more blank ones there are, and refusals."""


def lines_of(diff: Diff) -> tuple[list[tuple[str, str, str]], int]:
    # What is left of two gaps may be stored as one, which some diffs tell as a change.
    changed = [line for hunk in diff.hunks for line in hunk if line.sign != " "]
    rows = [(line.sign, "".join(line.text), line.ending) for line in changed]
    blank = [sign for sign, text, _ending in rows if not text]
    return [row for row in rows if row[1]], blank.count("+") - blank.count("-")


def outcome(made: LinePreview) -> Outcome:
    return *lines_of(made.diff), [finding_sentence(finding) for finding in made.findings]


def outcome_of_edit(
    proposal: Proposal, catalog: Catalog, place: Listing | None, about: Entry | None
) -> Outcome:
    """What the committed edit writes, or why it does not."""
    try:
        return *lines_of(preview_edit(catalog, committed(proposal, place, about))), []
    except CatalogError as error:
        return [], 0, [error.message]


# Each kind


@pytest.mark.parametrize(
    ("proposal", "about", "removed", "added"),
    [
        (Proposal(Kind.ADD, name="Charlie", url="https://c.org", description="Third"), "",
         [], ["- [Charlie](https://c.org) - Third."]),
        (Proposal(Kind.EDIT, description="Next."), "Bravo",
         ["- [Bravo](https://b.org) - Second."], ["- [Bravo](https://b.org) - Next."]),
        (Proposal(Kind.EDIT, cells={1: "a|b"}), "Two",
         ["| [Two](https://two.org) | *second* |"], ["| [Two](https://two.org) | a\\|b |"]),
        (Proposal(Kind.MOVE, first=True), "Delta",
         ["- [Delta](https://d.org) - Fourth."], ["- [Delta](https://d.org) - Fourth."]),
        (Proposal(Kind.REMOVE), "One", ["| [One](https://one.org) | first |"], []),
        (Proposal(Kind.REPORT, report=Report.DEAD_LINK, action=Action.REPLACE_URL,
                  replacement_url="https://b.net"), "Bravo",
         ["- [Bravo](https://b.org) - Second."], ["- [Bravo](https://b.net) - Second."]),
        (Proposal(Kind.REPORT, report=Report.SPAM, action=Action.REMOVE), "One",
         ["| [One](https://one.org) | first |"], []),
        (Proposal(Kind.REPORT, report=Report.WRONG, evidence="No."), "One", [], []),
        (Proposal(Kind.EDIT, description="Second."), "Bravo", [], []),
    ],
)  # fmt: skip
def test_preview_has_the_exact_lines(
    tools: Catalog, proposal: Proposal, about: str, removed: list[str], added: list[str]
) -> None:
    results = preview(
        proposal,
        tools,
        listing=None if about else listing(tools, 0),
        entry=entry(tools, about) if about else None,
    )

    assert (results.removed, results.added, results.findings) == (removed, added, [])
    assert (results.diff.removed, results.diff.added) == (len(removed), len(added))


def test_preview_shows_the_entry_before_and_after(tools: Catalog) -> None:
    changed = preview(
        Proposal(Kind.EDIT, description="New <script>*x*</script>."),
        tools, entry=entry(tools, "Bravo"),
    )  # fmt: skip
    row = preview(Proposal(Kind.EDIT, cells={1: "**new**"}), tools, entry=entry(tools, "Two"))
    gone = preview(Proposal(Kind.REMOVE), tools, entry=entry(tools, "Bravo"))

    stands = entry(tools, "Bravo")
    before = Rendered("Bravo", "https://b.org", stands.html, [])
    assert (changed.before, gone.before, gone.after) == (before, before, None)
    assert changed.after is not None
    assert changed.after.html.endswith("New &lt;script&gt;<em>x</em>&lt;/script&gt;.")
    assert row.before is not None
    assert row.after is not None
    assert [tuple(cell) for cell in row.before.cells[1:]] == [("Notes", "<em>second</em>")]
    assert [tuple(cell) for cell in row.after.cells[1:]] == [("Notes", "<strong>new</strong>")]


def test_preview_after_is_what_is_stored_once_it_is_published(tools: Catalog) -> None:
    answers: Any = {"name": "Charlie", "url": "https://c.org", "description": "See [x](#data)."}
    drafted = preview(Proposal(Kind.ADD, **answers), tools, listing(tools, 0))

    add_entry(listing=listing(tools, 0), by=BY, **answers)

    stored = entry(tools, "Charlie")
    assert drafted.after == Rendered("Charlie", "https://c.org", stored.html, [])


@pytest.mark.parametrize(
    ("proposal", "about", "fields"),
    [
        (Proposal(Kind.ADD, name="a\nb", url="https://c.org"), "", ["name"]),
        (Proposal(Kind.ADD, name="a", description="x", cells={9: "x"}), "", ["cell-9"]),
        (Proposal(Kind.EDIT, url=""), "Bravo", ["url"]),
        (Proposal(Kind.REMOVE), "Tree", [""]),
        (Proposal(Kind.MOVE, target=999), "Bravo", ["target"]),
        # What is still to come is no refusal.
        (Proposal(Kind.ADD, url="https://c.org"), "", []),
    ],
)
def test_preview_says_what_cannot_be_written(
    tools: Catalog, proposal: Proposal, about: str, fields: list[str]
) -> None:
    results = preview(
        proposal,
        tools,
        listing=None if about else listing(tools, 0),
        entry=entry(tools, about) if about else None,
    )

    assert [(f.code, f.field) for f in results.findings] == [
        ("unwritable", name) for name in fields
    ]
    assert results.diff.is_empty


def test_preview_of_a_gone_entry_says_so(tools: Catalog) -> None:
    bravo = entry(tools, "Bravo")
    remove_entry(entry=bravo, by=BY)

    results = preview(Proposal(Kind.EDIT, name="B"), tools, entry=bravo)

    assert [(f.code, f.field) for f in results.findings] == [("gone", "")]


def test_thorough_preview_refuses_what_reaches_further(tools: Catalog) -> None:
    lines = new_list("[a](https://a.org)\\\n[b](https://b.org)\\\n[c](https://c.org)\n", "lines")
    proposal = Proposal(Kind.EDIT, name="A")
    about = lines.entries.living().order_by("position")[0]

    quick = preview(proposal, lines, entry=about)
    thorough = preview(proposal, lines, entry=about, is_thorough=True)

    assert outcome(quick) == outcome(thorough)
    assert quick.added == ["[A](https://a.org)\\"]


def test_preview_of_a_move_with_other_words_has_both(tools: Catalog) -> None:
    revision = tools.revision
    proposal = Proposal(Kind.MOVE, name="Dalet", first=True)

    results = preview(proposal, tools, entry=entry(tools, "Delta"))

    assert results.removed == ["- [Delta](https://d.org) - Fourth."]
    assert results.added == ["- [Dalet](https://d.org) - Fourth."]
    assert Catalog.objects.get().revision == revision


# Without a lock


@pytest.mark.parametrize("count", [30, 300])
def test_preview_only_reads_and_asks_the_same_for_any_list(count: int) -> None:
    # In no order: the place of a name in a sorted list takes a few more, by bisection.
    names = [f"Tool {n * 7919 % 1000}" for n in range(count)]
    items = "".join(f"- [{name}](https://t{n}.org) - Said.\n" for n, name in enumerate(names))
    catalog = new_list(f"# Tools\n\n{items}")
    place = listing(catalog, 0)
    proposal = Proposal(Kind.ADD, name="Zulu", url="https://z.org", description="Last")

    with CaptureQueriesContext(connection) as queries:
        preview(proposal, catalog, listing=place)

    statements = [query["sql"].split()[0] for query in queries]
    assert statements == ["SELECT"] * 5


@pytest.mark.django_db(transaction=True)
def test_preview_opens_no_transaction(tools: Catalog) -> None:
    with CaptureQueriesContext(connection) as queries:
        preview(Proposal(Kind.REMOVE), tools, entry=entry(tools, "Bravo"))

    assert not any(query["sql"].startswith(("BEGIN", "SAVEPOINT")) for query in queries)


def test_preview_begins_anew_when_the_list_changes_meanwhile(
    tools: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from submissions.publishing import previewing

    shown_change = previewing.shown_change
    calls: list[int] = []

    def slow(*args: Any, **kwargs: Any) -> Any:
        planned = shown_change(*args, **kwargs)
        if not calls:
            change_entry(entry=entry(tools, "Alpha"), by=BY, description="Changed.")
        calls.append(1)
        return planned

    monkeypatch.setattr(previewing, "shown_change", slow)

    results = preview(Proposal(Kind.REMOVE), tools, entry=entry(tools, "Bravo"))

    assert len(calls) == 2
    assert ["".join(line.text) for line in results.diff.hunks[0]][:2] == [
        "",
        "- [Alpha](https://a.org) - Changed.",
    ]


# Real lists

SAMPLES = 12


def sampled(
    catalog: Catalog, chance: random.Random
) -> tuple[Proposal, Listing | None, Entry | None]:
    """A proposal by chance, about an entry by chance."""
    about = chance.choice(list(catalog.entries.living().select_related("listing")))
    near = about.listing
    others = list(near.entries.living()) if near else []
    kind = chance.choice([Kind.ADD, Kind.EDIT, Kind.MOVE, Kind.REMOVE])
    if near is None and kind in {Kind.ADD, Kind.MOVE}:
        kind = Kind.EDIT
    place: dict[str, Any] = chance.choice(
        [{}, {"first": True}, {"after": chance.choice(others).pk if others else None}]
    )
    name = f"{chance.choice(['Aardvark', 'middle_of it', 'zulu | x'])} {chance.randrange(99)}"
    url = f"https://example.org/{chance.randrange(99)}_(x)"
    match kind:
        case Kind.ADD:
            return Proposal(kind, name=name, url=url, description="Says so", **place), near, None
        case Kind.EDIT:
            changes: list[Any] = [{"name": name}, {"url": url}, {"description": "Other *words*."}]
            if about.cells:
                changes = [{"cells": {chance.randrange(len(about.cells)): "New | cell"}}]
            return Proposal(kind, **chance.choice(changes)), None, about
        case Kind.MOVE:
            listings = [near, *catalog.listings.filter(is_toc=False)]
            target = chance.choice(listings)
            where = place if target == near else {}
            assert target is not None
            return Proposal(kind, target=target.pk, **where), None, about
        case _:
            return Proposal(kind), None, about


@needs_real_lists
@pytest.mark.parametrize("name", NAMES)
def test_preview_of_a_real_list_is_what_the_edit_writes(name: str) -> None:
    catalog = new_list(read_list(name))
    if not catalog.entries.living().exists():
        pytest.skip("a list without entries")
    chance = random.Random(name)
    for _sample in range(SAMPLES):
        proposal, place, about = sampled(catalog, chance)

        made = preview(proposal, catalog, listing=place, entry=about, is_thorough=True)

        assert outcome(made) == outcome_of_edit(proposal, catalog, place, about), proposal
