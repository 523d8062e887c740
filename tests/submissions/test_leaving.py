"""People who leave: what they did stays, and who they were goes if they wish."""

import pytest

from accounts.personal_data import delete_account, personal_data
from catalog.checking import check_catalog
from catalog.models import Catalog, Revision
from submissions import workflow
from submissions.models import DecisionReason, Submission, SubmissionEvent
from submissions.people import FORMER_CONTRIBUTOR, Actor
from tests.submission_factories import edit, entry_called, make_moderator, make_tools, make_user

pytestmark = pytest.mark.django_db


def rows_without_people() -> list[object]:
    names = ("actor", "actor_id", "actor_name")
    return [
        {key: value for key, value in row.items() if key not in names}
        for row in SubmissionEvent.objects.order_by("pk").values()
    ]


@pytest.mark.parametrize(
    ("keep_name", "submitter", "moderator"),
    [(False, FORMER_CONTRIBUTOR, FORMER_CONTRIBUTOR), (True, "Ada L.", "mo")],
)
def test_events_survive_the_accounts(keep_name: bool, submitter: str, moderator: str) -> None:
    catalog = make_tools()
    decider = make_moderator(catalog)
    ada = make_user("ada", display_name="Ada L.")
    row = edit("Alpha", Actor(user=ada, network_hash="net"), description="Edits any text.")
    workflow.approve(submission=row, actor=decider)
    before = rows_without_people()
    assert decider.user is not None

    delete_account(user=ada, keep_name=keep_name)
    delete_account(user=decider.user, keep_name=keep_name)

    row = Submission.objects.get()
    assert (row.submitter, row.email, row.network_hash) == (None, "", "")
    assert row.credit == submitter
    assert rows_without_people() == before
    events = SubmissionEvent.objects.oldest_first().values_list("actor_name", flat=True)
    assert list(events) == [submitter, moderator]
    revision = Revision.objects.get(catalog=catalog, number=2)
    assert (revision.credit, revision.actor_name) == (submitter, moderator)
    assert check_catalog(catalog) == []


def test_name_goes_from_a_credit_that_others_share() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    ada = make_user("ada")
    row = edit("Alpha", Actor(user=ada), description="Edits any text.")
    workflow.amend(submission=row, actor=moderator, proposal=row.content)

    delete_account(user=ada, keep_name=False)

    assert Revision.objects.get(number=2).credit == f"{FORMER_CONTRIBUTOR}, mo"


def test_person_sees_what_is_known_of_them() -> None:
    make_tools()
    ada = make_user("ada")
    edit("Alpha", Actor(user=ada), description="Edits any text.", note="Please.")

    [known] = personal_data(ada)["submissions"]

    assert (known["catalog"], known["kind"], known["note"]) == ("tools", "edit", "Please.")
    assert [event["verb"] for event in known["events"]] == ["submit"]


def test_events_are_written_once() -> None:
    make_tools()
    event = edit("Alpha", description="Edits any text.").events.get()

    for change in (
        event.save,
        event.delete,
        SubmissionEvent.objects.all().delete,
        lambda: SubmissionEvent.objects.update(note="Nothing."),
    ):
        with pytest.raises(TypeError):
            change()


def test_submissions_outlive_their_entry_and_go_with_their_catalog() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    row = edit("Alpha", description="Edits any text.")
    workflow.approve(submission=row, actor=moderator)

    entry_called("Alpha").delete()
    row.refresh_from_db()
    assert (row.entry, row.events.count()) == (None, 2)

    catalog.refresh_from_db()
    catalog.delete()
    assert [
        model.objects.count() for model in (Catalog, Submission, SubmissionEvent, DecisionReason)
    ] == [0, 0, 0, 0]
