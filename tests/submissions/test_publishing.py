"""What an approval does to the list, and what happens when the entry changed in the meantime."""

import random
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.checking import check_catalog
from catalog.editing.entries import change_entry, move_entry, remove_entry
from catalog.errors import EditRefused, InvalidField
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Listing
from submissions import workflow
from submissions.choices import Action, Report, Status
from submissions.errors import EditConflict
from submissions.models import Kind, Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.publishing.previewing import preview_lines
from submissions.review_context import read_review_context
from tests.catalog.importing.imports import assert_sound, import_again
from tests.effort import IS_LONG
from tests.submission_factories import (
    TEXT,
    edit,
    entry_called,
    list_of,
    make_moderator,
    make_tools,
    make_user,
    submit,
)

pytestmark = pytest.mark.django_db

ALPHA = "- [Alpha](https://alpha.example) - Edits text.\n"
BETA = "- [Beta](https://beta.example) - Edits more text.\n"
GAMMA = "| [Gamma](https://gamma.example) | 7B | MIT |\n"


def with_lines(*changes: tuple[str, str]) -> str:
    """The list with some lines replaced."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def moderator(catalog: Catalog) -> Actor:
    return make_moderator(catalog)


PROPOSALS: dict[str, tuple[str | None, dict[str, Any], str]] = {
    "add": (
        None,
        {"kind": Kind.ADD, "description": "Is last."},
        with_lines((BETA, BETA + "- [Omega](https://omega.example) - Is last.\n")),
    ),
    "add first": (
        None,
        {"kind": Kind.ADD, "first": True},
        with_lines((ALPHA, "- [Omega](https://omega.example)\n" + ALPHA)),
    ),
    "edit": (
        "Alpha",
        {"kind": Kind.EDIT, "name": "Alef", "description": "Edits any text."},
        with_lines((ALPHA, "- [Alef](https://alpha.example) - Edits any text.\n")),
    ),
    "edit a row": (
        "Gamma",
        {"kind": Kind.EDIT, "url": "https://gamma.dev", "cells": {1: "70B"}},
        with_lines((GAMMA, "| [Gamma](https://gamma.dev) | 70B | MIT |\n")),
    ),
    "move": (
        "Beta",
        {"kind": Kind.MOVE, "first": True},
        with_lines((ALPHA + BETA, BETA + ALPHA)),
    ),
    "remove": ("Beta", {"kind": Kind.REMOVE, "reason": "Gone."}, with_lines((BETA, ""))),
    "report": ("Beta", {"kind": Kind.REPORT, "report": Report.WRONG}, TEXT),
    "report, address": (
        "Beta",
        {
            "kind": Kind.REPORT,
            "report": Report.DEAD_LINK,
            "action": Action.REPLACE_URL,
            "replacement_url": "https://beta.dev",
        },
        with_lines((BETA, "- [Beta](https://beta.dev) - Edits more text.\n")),
    ),
    "report, dead": (
        "Beta",
        {"kind": Kind.REPORT, "report": Report.DEAD_LINK, "action": Action.MARK_DEAD},
        TEXT,
    ),
    "report, removal": (
        "Beta",
        {"kind": Kind.REPORT, "report": Report.SPAM, "action": Action.REMOVE},
        with_lines((BETA, "")),
    ),
    "tags": (
        "Gamma",
        {"kind": Kind.EDIT, "add_tags": ("license:Apache 2",), "remove_tags": ("license:mit",)},
        TEXT,
    ),
}


def tags_of(name: str) -> list[str]:
    tags = entry_called(name).entry_tags.order_by("tag__slug")
    return [f"{row.tag.facet.slug}:{row.tag.slug}" for row in tags]


@pytest.mark.parametrize(("name", "fields", "after"), PROPOSALS.values(), ids=PROPOSALS)
def test_approval_changes_its_own_lines_and_revert_gives_them_back(
    catalog: Catalog, moderator: Actor, name: str | None, fields: dict[str, Any], after: str
) -> None:
    before = {each: tags_of(each) for each in ("Alpha", "Beta", "Gamma", "Delta")}
    entry = entry_called(name) if name else None
    submission = submit(catalog, Actor(name="Grace"), entry=entry, **fields)

    done = workflow.approve(submission=submission, actor=moderator)

    assert_sound(catalog, after)
    catalog.refresh_from_db()
    revisions = list(catalog.revisions.filter(number__gt=1))
    assert done.applied_revision == (catalog.revision if revisions else None)
    assert {(row.credit, row.actor, row.submission_token) for row in revisions} <= {
        ("Grace", moderator.user, submission.token)
    }
    assert done.entry == (entry or entry_called("Omega"))

    workflow.revert(submission=submission, actor=moderator, note="On second thought.")

    assert_sound(catalog, TEXT)
    assert {each: tags_of(each) for each in before} == before
    if entry:
        entry.refresh_from_db()
        assert entry.state == Entry.State.PUBLISHED


MORE_PROPOSALS: dict[str, tuple[str | None, dict[str, Any]]] = {
    **{key: (name, fields) for key, (name, fields, _after) in PROPOSALS.items()},
    "edit a cell of the last column": ("Gamma", {"kind": Kind.EDIT, "cells": {2: "BSD"}}),
    "move with other words": (
        "Beta",
        {"kind": Kind.MOVE, "first": True, "name": "Bet", "add_tags": ("topic:new",)},
    ),
    "move a row with another cell": (
        "Delta",
        {"kind": Kind.MOVE, "first": True, "cells": {1: "x"}},
    ),
}
UNDERNEATH = {
    "nothing": (),
    "other fields": (
        ("Edits text.", "Edits texts."),
        ("Edits more text.", "Edits most texts."),
        ("| MIT |", "| X11 |"),
        ("| GPL |", "| LGPL |"),
    ),
    "a column": (
        ("| Name |", "| Name | Stars |"),
        ("| --- | --- | --- |", "| --- | --- | --- | --- |"),
        (".example) | 7B", ".example) | 5 | 7B"),
        (".example) | 13B", ".example) | 4 | 13B"),
    ),
}


@pytest.mark.parametrize("underneath", UNDERNEATH)
@pytest.mark.parametrize("key", MORE_PROPOSALS)
def test_what_is_shown_is_what_is_published(
    catalog: Catalog, moderator: Actor, key: str, underneath: str
) -> None:
    name, fields = MORE_PROPOSALS[key]
    entry = entry_called(name) if name else None
    submission = submit(catalog, Actor(name="Grace"), entry=entry, **fields)
    if UNDERNEATH[underneath]:
        import_again(catalog, with_lines(*UNDERNEATH[underneath]))
    submission = Submission.objects.get(pk=submission.pk)
    before = export_markdown(submission.catalog).splitlines()

    shown = preview_lines(submission.draft)
    review = read_review_context(submission, make_user())
    resolution = {each.field: each.proposed for each in review.conflicts}
    done = workflow.approve(
        submission=submission, actor=moderator, resolution=resolution, seen=review.seen
    )

    after = export_markdown(catalog).splitlines()
    was, now = Counter(before), Counter(after)
    added, removed = Counter(shown.added), Counter(shown.removed)
    assert (added - removed, removed - added) == (now - was, was - now)
    for hunk in shown.diff.hunks:
        lines = ["".join(line.text) for line in hunk if line.sign != "-"]
        assert any(after[at : at + len(lines)] == lines for at in range(len(after)))
    entry = done.entry
    assert entry is not None
    if shown.after is not None:
        assert (shown.after.name, shown.after.url) == (entry.name, entry.url)
        assert [cell.html for cell in shown.after.cells] == [cell["html"] for cell in entry.cells]
    assert bool(shown.diff.hunks) is (before != after)


def test_move_to_a_list_that_is_gone_is_refused(catalog: Catalog, moderator: Actor) -> None:
    table = list_of(catalog, Listing.Kind.TABLE)
    submission = submit(catalog, kind=Kind.MOVE, entry=entry_called("Beta"), target=table.pk)
    text = TEXT.partition("## Models")[0]
    import_again(catalog, text)

    with pytest.raises(InvalidField, match="The place it was to move to no longer exists"):
        workflow.approve(submission=submission, actor=moderator)

    assert_sound(catalog, text)


def test_tags_are_given_and_taken_by_hand(catalog: Catalog, moderator: Actor) -> None:
    tags = edit("Gamma", add_tags=("license:Apache 2",), remove_tags=("license:mit",))
    dead = submit(catalog, kind=Kind.REPORT, entry=entry_called("Beta"), report=Report.DEAD_LINK)

    workflow.approve(submission=tags, actor=moderator)
    workflow.approve(submission=dead, actor=moderator, action=Action.MARK_DEAD)

    assert tags_of("Gamma") == ["license:apache-2", "topic:models"]
    assert tags_of("Beta") == ["availability:dead", "topic:editors"]


def test_move_between_tables_keeps_its_place_in_history(catalog: Catalog, moderator: Actor) -> None:
    table = list_of(catalog, Listing.Kind.TABLE)
    moved = submit(
        catalog, kind=Kind.MOVE, entry=entry_called("Alpha"), target=table.pk, placing={0: 1}
    )

    workflow.approve(submission=moved, actor=moderator)
    after = export_markdown(catalog)
    workflow.revert(submission=moved, actor=moderator)

    delta = "| [Delta](https://delta.example) | 13B | GPL |\n"
    row = "| [Alpha](https://alpha.example) | Edits text. |  |\n"
    assert after == with_lines((ALPHA, ""), (delta, delta + row))
    assert_sound(catalog, TEXT)


def test_refused_edit_leaves_nothing(catalog: Catalog, moderator: Actor) -> None:
    nested = make_tools("nested", "# T\n\n- [A](https://a.example)\n  - [B](https://b.example)\n")
    root = make_moderator(nested, "root")
    removal = submit(nested, kind=Kind.REMOVE, entry=entry_called("A"), reason="Gone.")

    with pytest.raises(EditRefused):
        workflow.approve(submission=removal, actor=root)

    removal.refresh_from_db()
    assert (removal.status, removal.revision, removal.events.count()) == (Status.PENDING, 1, 1)
    assert check_catalog(nested) == []


# Changed in the meantime


BY = Author(credit="Somebody else")


def test_untouched_fields_do_not_conflict(catalog: Catalog, moderator: Actor) -> None:
    mine = edit("Alpha", name="Alef")
    change_entry(entry=entry_called("Alpha"), by=BY, description="Edits everything.")

    workflow.approve(submission=mine, actor=moderator)

    line = "- [Alef](https://alpha.example) - Edits everything.\n"
    assert_sound(catalog, with_lines((ALPHA, line)))


def test_same_change_is_nothing_left_to_do(catalog: Catalog, moderator: Actor) -> None:
    mine = edit("Alpha", description="Edits everything.")
    change_entry(entry=entry_called("Alpha"), by=BY, description="Edits everything.")

    done = workflow.approve(submission=mine, actor=moderator)

    assert (done.status, done.applied_revision) == (Status.APPLIED, None)
    catalog.refresh_from_db()
    assert catalog.revision == 2


def conflict_of(submission: Submission, moderator: Actor, **arguments: Any) -> EditConflict:
    with pytest.raises(EditConflict) as caught:
        workflow.approve(submission=submission, actor=moderator, **arguments)
    return caught.value


def test_conflict_is_shown_resolved_and_never_overwritten(
    catalog: Catalog, moderator: Actor
) -> None:
    mine = edit("Gamma", cells={1: "8B", 2: "BSD"})
    change_entry(entry=entry_called("Gamma"), by=BY, cells={1: "9B"})

    conflict = conflict_of(mine, moderator)

    assert conflict.conflicts == [("cell-1", "7B", "9B", "8B")]
    mine.refresh_from_db()
    assert (mine.status, mine.conflicts) == (Status.PENDING, ["cell-1"])
    assert "| 9B | MIT |" in export_markdown(catalog)

    # Once more changed while the moderator looked: what they decided is not about this.
    change_entry(entry=entry_called("Gamma"), by=BY, cells={1: "10B"})
    again = conflict_of(mine, moderator, resolution={"cell-1": "8B"}, seen=conflict.seen)
    assert again.conflicts == [("cell-1", "7B", "10B", "8B")]

    workflow.approve(
        submission=mine, actor=moderator, resolution={"cell-1": "8.5B"}, seen=again.seen
    )
    row = "| [Gamma](https://gamma.example) | 8.5B | BSD |\n"
    assert_sound(catalog, with_lines((GAMMA, row)))


def test_amendment_on_what_was_seen_is_no_conflict(catalog: Catalog, moderator: Actor) -> None:
    mine = edit("Alpha", description="Edits any text.")
    change_entry(entry=entry_called("Alpha"), by=BY, description="Edits everything.")
    seen = conflict_of(mine, moderator).seen
    better = Proposal(kind=Kind.EDIT, description="Edits every text.")

    with pytest.raises(EditConflict):
        workflow.amend(submission=mine, actor=moderator, proposal=better)
    workflow.amend(submission=mine, actor=moderator, proposal=better, seen=seen)

    line = "- [Alpha](https://alpha.example) - Edits every text.\n"
    assert_sound(catalog, with_lines((ALPHA, line)))


def test_entry_that_is_gone_is_offered_to_be_added_anew(catalog: Catalog, moderator: Actor) -> None:
    mine = edit("Gamma", cells={1: "8B"})
    remove_entry(entry=entry_called("Gamma"), by=BY)

    conflict = conflict_of(mine, moderator)
    assert conflict.fields == ["entry"]
    workflow.approve(
        submission=mine, actor=moderator, resolution={"entry": "add"}, seen=conflict.seen
    )

    delta = "| [Delta](https://delta.example) | 13B | GPL |\n"
    row = "| [Gamma](https://gamma.example) | 8B | MIT |\n"
    assert_sound(catalog, with_lines((GAMMA, ""), (delta, delta + row)))


def test_removal_of_what_was_changed_is_left_to_decide(catalog: Catalog, moderator: Actor) -> None:
    removal = submit(catalog, kind=Kind.REMOVE, entry=entry_called("Beta"), reason="Bad words.")
    change_entry(entry=entry_called("Beta"), by=BY, description="Better words.")

    conflict = conflict_of(removal, moderator)
    assert conflict.fields == ["entry"]
    workflow.approve(
        submission=removal, actor=moderator, resolution={"entry": "remove"}, seen=conflict.seen
    )

    assert_sound(catalog, with_lines((BETA, "")))


def test_removal_of_what_is_gone_is_done(catalog: Catalog, moderator: Actor) -> None:
    removal = submit(catalog, kind=Kind.REMOVE, entry=entry_called("Beta"), reason="Gone.")
    remove_entry(entry=entry_called("Beta"), by=BY)

    done = workflow.approve(submission=removal, actor=moderator)

    assert (done.status, done.applied_revision) == (Status.APPLIED, None)


def test_move_of_what_was_moved_elsewhere_conflicts(catalog: Catalog, moderator: Actor) -> None:
    text = TEXT + "\n## More\n\n- [Zeta](https://zeta.example)\n"
    import_again(catalog, text)
    more = catalog.listings.in_reading_order().last()
    assert more is not None
    mine = submit(catalog, kind=Kind.MOVE, entry=entry_called("Beta"), first=True)
    move_entry(entry=entry_called("Beta"), by=BY, listing=more)

    assert conflict_of(mine, moderator).fields == ["listing"]


def test_place_behind_what_is_gone_is_the_usual_one(catalog: Catalog, moderator: Actor) -> None:
    mine = submit(catalog, after=entry_called("Alpha").pk)
    remove_entry(entry=entry_called("Alpha"), by=BY)

    workflow.approve(submission=mine, actor=moderator)

    assert_sound(
        catalog, with_lines((ALPHA, ""), (BETA, BETA + "- [Omega](https://omega.example)\n"))
    )


def test_second_addition_of_one_thing_is_reported_and_may_be_meant(
    catalog: Catalog, moderator: Actor
) -> None:
    first = submit(catalog, Actor(network_hash="1"))
    second = submit(
        catalog, Actor(network_hash="2"), name="Ω", url="http://www.omega.example/", reason="Mine."
    )

    workflow.approve(submission=first, actor=moderator)

    second.refresh_from_db()
    first.refresh_from_db()
    assert (second.conflicts, second.duplicate_entry) == (["url"], first.entry)
    assert conflict_of(second, moderator).fields == ["url"]
    workflow.undo(submission=first, actor=moderator)
    second.refresh_from_db()
    assert second.conflicts == []
    workflow.approve(submission=first, actor=moderator)
    workflow.approve(
        submission=second, actor=moderator, resolution={"url": "http://www.omega.example/"}
    )
    assert check_catalog(catalog) == []


def test_list_that_an_addition_was_for_is_gone(catalog: Catalog, moderator: Actor) -> None:
    mine = submit(catalog)
    editors = TEXT.partition("## Editors")[2].partition("## Models")[0]
    import_again(catalog, TEXT.replace("## Editors" + editors, ""), theirs=True)

    assert conflict_of(mine, moderator).fields == ["listing"]
    workflow.amend(
        submission=mine,
        actor=moderator,
        proposal=Proposal(kind=Kind.ADD, cells={0: "[Omega](https://omega.example)"}),
        listing=list_of(catalog, Listing.Kind.TABLE),
    )

    assert "| [Omega](https://omega.example) |" in export_markdown(catalog)


@pytest.mark.django_db(transaction=True)
def test_what_waits_is_looked_at_again_after_every_published_change() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    mine, theirs = edit("Alpha", name="Alef"), edit("Alpha", Actor(name="T"), name="Aleph")
    beta = edit("Beta", description="Edits less text.")

    workflow.approve(submission=mine, actor=moderator)
    change_entry(entry=entry_called("Beta"), by=BY, description="Edits texts.")

    theirs.refresh_from_db()
    beta.refresh_from_db()
    assert (theirs.conflicts, beta.conflicts) == (["name"], ["description"])
    workflow.undo(submission=mine, actor=moderator)
    import_again(catalog, TEXT.replace(GAMMA, ""))
    change_entry(entry=entry_called("Beta"), by=BY, description="Edits more text.")
    theirs.refresh_from_db()
    beta.refresh_from_db()
    assert (theirs.conflicts, beta.conflicts) == ([], [])


# Taking back what was changed since


def test_revert_keeps_what_others_changed_since(catalog: Catalog, moderator: Actor) -> None:
    mine = edit("Gamma", cells={1: "8B"})
    workflow.approve(submission=mine, actor=moderator)
    change_entry(entry=entry_called("Gamma"), by=BY, cells={2: "BSD"})

    workflow.revert(submission=mine, actor=moderator)

    row = "| [Gamma](https://gamma.example) | 7B | BSD |\n"
    assert_sound(catalog, with_lines((GAMMA, row)))


def test_revert_of_what_was_changed_again_is_left_to_decide(
    catalog: Catalog, moderator: Actor
) -> None:
    changed, added = edit("Gamma", cells={1: "8B"}), submit(catalog)
    workflow.approve(submission=changed, actor=moderator)
    workflow.approve(submission=added, actor=moderator)
    change_entry(entry=entry_called("Gamma"), by=BY, cells={1: "9B"})
    change_entry(entry=entry_called("Omega"), by=BY, description="New.")

    for submission, fields in ((changed, ["cell-1"]), (added, ["entry"])):
        before = export_markdown(catalog)
        with pytest.raises(EditConflict) as caught:
            workflow.revert(submission=submission, actor=moderator)
        assert caught.value.fields == fields
        assert export_markdown(catalog) == before
        done = workflow.revert(
            submission=submission,
            actor=moderator,
            resolution=dict.fromkeys(fields, "7B"),
            seen=caught.value.seen,
        )
        assert done.status == Status.REVERTED

    assert_sound(catalog, TEXT)


# Many at once, and what it costs


def test_edits_of_one_table_in_any_order_overwrite_nothing() -> None:
    """Edits of rows on what stood at the beginning, five of each, decided as they come."""
    rows, chance = 40 if IS_LONG else 12, random.Random(7)
    body = "".join(f"| [N {n}](https://n{n}.example) | a | b | c |\n" for n in range(rows))
    catalog = make_tools("big", f"# T\n\n| Name | X | Y | Z |\n| --- | --- | --- | --- |\n{body}")
    moderator = make_moderator(catalog)
    proposed = []
    for number in range(5 * rows):
        row, column = chance.randrange(rows), chance.randrange(1, 4)
        text = chance.choice(["p", "q", "r"])
        proposed.append(
            (edit(f"N {row}", Actor(name=f"{number}"), cells={column: text}), row, column, text)
        )
    chance.shuffle(proposed)
    expected: dict[tuple[int, int], str] = {}
    refused = []

    for submission, row, column, text in proposed:
        is_free = expected.get((row, column), text) == text
        submission.refresh_from_db()
        assert submission.conflicts == ([] if is_free else [f"cell-{column}"])
        if is_free:
            workflow.approve(submission=submission, actor=moderator)
            expected[row, column] = text
        else:
            assert conflict_of(submission, moderator).fields == [f"cell-{column}"]
            refused.append(submission.pk)

    assert rows / 2 < len(refused) < 4 * rows
    for row in range(rows):
        cells = [cell["text"] for cell in entry_called(f"N {row}").cells][1:]
        assert cells == [expected.get((row, n), "abc"[n - 1]) for n in range(1, 4)]
    waiting = Submission.objects.waiting().values_list("pk", flat=True)
    assert sorted(waiting) == sorted(refused)
    assert check_catalog(catalog) == []


def test_approval_costs_the_same_with_one_and_three_waiting_elsewhere(
    catalog: Catalog, moderator: Actor
) -> None:
    counts = []
    # The first takes away words that the entry had alone.
    for waiting in (2, 1, 3):
        for number in range(waiting):
            edit("Beta", Actor(name=f"{waiting} {number}"), description=f"{waiting}.{number}")
        mine = edit("Alpha", Actor(name=str(waiting)), description=f"Text {waiting}.")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            workflow.approve(submission=mine, actor=moderator)
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_edit_of_more_than_fields_is_written_as_it_is() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    marked = BETA.replace("- [", "- 💡 [")
    row = edit("Beta", source=marked)

    workflow.approve(submission=row, actor=moderator)

    assert export_markdown(catalog) == with_lines((BETA, marked))
    assert check_catalog(catalog) == []


def test_edit_of_more_than_fields_conflicts_with_any_other() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    marked, other = BETA.replace("- [", "- 💡 ["), edit("Beta", description="Other words.")
    row = edit("Beta", source=marked)
    workflow.approve(submission=other, actor=moderator)

    with pytest.raises(EditConflict) as error:
        workflow.approve(submission=row, actor=moderator)

    assert error.value.fields == ["lines"]
    own = {"lines": marked}
    workflow.approve(submission=row, actor=moderator, resolution=own, seen=error.value.seen)
    assert export_markdown(catalog) == with_lines((BETA, marked))


def test_fields_count_where_the_entry_was_changed_underneath() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    renamed = edit("Beta", name="Better")
    row = edit("Beta", description="Less.", source="- [Beta](https://beta.example) -  Less.\n")
    workflow.approve(submission=renamed, actor=moderator)

    workflow.approve(submission=row, actor=moderator)

    both = "- [Better](https://beta.example) - Less.\n"
    assert export_markdown(catalog) == with_lines((BETA, both))
