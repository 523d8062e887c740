"""What an import leaves undecided: each conflict waits by itself, is settled, and stays settled."""

import pytest
from django.test import Client

from catalog.checking import check_catalog
from catalog.errors import MergeConflict
from catalog.exporting import export_markdown
from catalog.models import Catalog
from submissions import workflow
from submissions.choices import Kind, Role, Status, Verb
from submissions.errors import EditConflict
from submissions.models import Submission
from submissions.people import Actor
from submissions.publishing.planning import standing, version_of
from tests.catalog.importing.imports import change_here, import_again
from tests.submission_factories import TEXT, make_moderator, make_tools

pytestmark = pytest.mark.django_db

ALPHA = "- [Alpha](https://alpha.example) - Edits text.\n"
HERE = "- [Alpha](https://alpha.example) - Edits any text.\n"
THERE = "- [Alpha](https://alpha.example) - Edits texts.\n"
GAMMA = "| [Gamma](https://gamma.example) | 7B | MIT |\n"


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def moderator(catalog: Catalog) -> Actor:
    return make_moderator(catalog)


def texts(before: str, here: str, there: str) -> tuple[str, str]:
    """The list as it is changed here, and the file as it comes in: it has a new row besides."""
    row = "| [Omega](https://omega.example) | 1B | MIT |\n"
    assert before in TEXT
    return TEXT.replace(before, here), TEXT.replace(before, there) + row


def conflicts() -> list[tuple[str, str, str]]:
    """The submissions in conflict: what was there, what is here, what the file has."""
    rows = Submission.objects.filter(status=Status.CONFLICT).order_by("pk")
    return [
        (row.based_on.source, standing(row.draft).source, row.content.lines or "") for row in rows
    ]


def settle(submission: Submission, moderator: Actor, text: str | None) -> Submission:
    """Decide what shall stand; None as it comes."""
    if text is None:
        return workflow.approve(submission=submission, actor=moderator)
    submission.refresh_from_db()
    seen = version_of(standing(submission.draft))
    return workflow.approve(
        submission=submission, actor=moderator, resolution={"lines": text}, seen=seen
    )


SIDES = {
    "both changed it": (ALPHA, HERE, THERE),
    "changed here, removed there": (ALPHA, HERE, ""),
    "removed here, changed there": (ALPHA, "", THERE),
    "a heading": ("## Editors\n", "## Writing\n", "## Text\n"),
    "a row": (GAMMA, GAMMA.replace("7B", "8B"), GAMMA.replace("7B", "9B")),
}
CHOICES = ("ours", "theirs", "both", "own")


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize(("before", "here", "there"), SIDES.values(), ids=SIDES)
def test_conflict_waits_is_settled_and_stays_settled(
    before: str, here: str, there: str, choice: str, catalog: Catalog, moderator: Actor
) -> None:
    list_here, file = texts(before, here, there)
    change_here(catalog, list_here)

    import_again(catalog, file)

    # What is clean is in, and what is here stays.
    assert export_markdown(catalog) == file.replace(there, here) if there else "Omega" in file
    assert conflicts() == [(before, here, there)]
    own = before.replace("E", "Æ").replace("MIT", "GPL")
    decided = {"ours": here, "theirs": there, "both": here + there, "own": own}[choice]
    [row] = Submission.objects.all()
    with pytest.raises(EditConflict):
        workflow.approve(submission=row, actor=moderator)
    done = settle(row, moderator, decided)
    assert (done.status, conflicts()) == (Status.APPLIED, [])
    settled = export_markdown(catalog)
    expected = TEXT.replace(before, decided).splitlines()
    assert sorted(settled.splitlines()) == sorted(
        [*expected, "| [Omega](https://omega.example) | 1B | MIT |"]
    )
    catalog.refresh_from_db()
    assert import_again(catalog, file).revision == catalog.revision
    assert (export_markdown(catalog), conflicts()) == (settled, [])
    assert check_catalog(catalog) == []


def test_strict_import_writes_nothing_and_lets_nothing_wait(catalog: Catalog) -> None:
    list_here, file = texts(ALPHA, HERE, THERE)
    change_here(catalog, list_here)

    with pytest.raises(MergeConflict):
        import_again(catalog, file, strict=True)

    assert (export_markdown(catalog), conflicts()) == (list_here, [])


def test_newer_file_renews_the_conflict_or_ends_it(catalog: Catalog, moderator: Actor) -> None:
    list_here, file = texts(ALPHA, HERE, THERE)
    change_here(catalog, list_here)
    import_again(catalog, file)
    newer = THERE.replace("texts", "all texts")

    import_again(catalog, file.replace(THERE, newer))
    assert conflicts() == [(THERE, HERE, newer)]

    import_again(catalog, file.replace(THERE, HERE))
    [row] = Submission.objects.all()
    assert (row.status, export_markdown(catalog)) == (
        Status.WITHDRAWN,
        file.replace(THERE, HERE),
    )
    assert [(event.verb, event.role) for event in row.events.oldest_first()] == [
        (Verb.SUBMIT, Role.FILE),
        (Verb.RESUBMIT, Role.FILE),
        (Verb.WITHDRAW, Role.FILE),
    ]


def test_conflict_that_ended_here_is_no_question_any_more(
    catalog: Catalog, moderator: Actor
) -> None:
    list_here, file = texts(ALPHA, HERE, THERE)
    change_here(catalog, list_here)
    import_again(catalog, file)

    change_here(catalog, file)
    done = settle(Submission.objects.get(), moderator, None)

    assert (done.status, export_markdown(catalog)) == (Status.APPLIED, file)


def test_decision_on_a_conflict_can_be_taken_back(catalog: Catalog, moderator: Actor) -> None:
    list_here, file = texts(ALPHA, HERE, THERE)
    change_here(catalog, list_here)
    import_again(catalog, file)
    before = export_markdown(catalog)
    row = settle(Submission.objects.get(), moderator, THERE)
    assert export_markdown(catalog) == file

    row = workflow.undo(submission=row, actor=moderator)

    assert (row.status, row.conflicts, export_markdown(catalog)) == (
        Status.CONFLICT,
        ["lines"],
        before,
    )
    row = workflow.reject(submission=row, actor=moderator, reason="quality")
    row = workflow.reopen(submission=row, actor=moderator)
    assert (row.status, conflicts()) == (Status.CONFLICT, [(ALPHA, HERE, THERE)])


def test_added_to_a_section_that_the_file_has_no_more(catalog: Catalog, moderator: Actor) -> None:
    new = "| [Mine](https://mine.example) | 2B | MIT |\n"
    change_here(catalog, TEXT + new)
    file = TEXT[: TEXT.index("## Models")]

    import_again(catalog, file)

    head = "## Models\n\n| Name | Size | Licence |\n| --- | --- | --- |\n"
    assert (export_markdown(catalog), conflicts()) == (file + head + new, [("", new, "")])
    settle(Submission.objects.get(), moderator, "")
    assert export_markdown(catalog) == file + head
    assert check_catalog(catalog) == []


def test_moderators_see_both_sides_and_choose(client: Client, catalog: Catalog) -> None:
    moderator = make_moderator(catalog, "vera")
    assert moderator.user is not None
    client.force_login(moderator.user)
    list_here, file = texts(ALPHA, HERE, THERE)
    change_here(catalog, list_here)
    import_again(catalog, file)
    row = Submission.objects.get()
    queue = client.get("/admin/submissions/submission/")
    assert "in conflict with the file" in queue.text

    page = client.get(f"/admin/submissions/submission/{row.pk}/change/")
    assert all(text.strip() in page.text for text in (ALPHA, HERE, THERE, "Keep both"))
    form = next(panel for panel in page.context["panels"] if panel.button.name == "approve")
    sent = {"do": "approve", "pick-lines": "both"} | {
        name: form[name].value() for name in ("revision", "seen")
    }
    client.post(f"/admin/submissions/submission/{row.pk}/decide/", sent)

    row.refresh_from_db()
    assert (row.status, row.kind) == (Status.APPLIED, Kind.LINES)
    assert HERE + THERE in export_markdown(catalog)
