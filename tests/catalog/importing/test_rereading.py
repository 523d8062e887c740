"""Lists that an older release has read, read again by this one."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.checking import check_catalog
from catalog.editing.entries import change_entry
from catalog.history.change_feed import follow
from catalog.history.revisions import Author
from catalog.importing.applying import bring_up_to_date
from catalog.management.commands import upgrade_lists
from catalog.models import READING, Catalog, DismissedTag, Entry, EntryTag, Revision
from submissions.models import Submission
from tests.api.entries.requesting import ENTRIES
from tests.catalog.importing.imports import assert_sound, figures, import_again
from tests.catalog.importing.test_importing import all_rows
from tests.killing import EVERY, killed
from tests.older_release import load_older_release, text_of

pytestmark = pytest.mark.django_db

HERE = (
    text_of("models")
    .replace("Stands alone", "Stands apart")
    .replace("demo.example.org/beta", "try.example.org/b")
)
"""The text with what was edited."""

BEFORE = {
    3: "Paper", 4: "Code", 5: "简介", 6: "BetaModel", 7: "Paper", 8: "Demo", 9: "GammaModel",
    10: "Alpha tools", 11: "Omega tools", 12: "KappaModel", 13: "Paper", 14: "Code",
    15: "EpsilonModel", 16: "Paper", 17: "Code", 18: "Paper", 19: "Code", 20: "Vendor",
    21: "EtaModel", 22: "ThetaModel", 23: "Paper", 24: "Code",
}  # fmt: skip
AFTER = {
    3: "AtomModel", 6: "BetaModel", 9: "GammaModel", 10: "Alpha tools", 11: "Omega tools",
    12: "KappaModel", 13: "DeltaModel", 15: "EpsilonModel", 18: "ZetaModel", 21: "EtaModel",
    22: "ThetaModel", 23: "IotaModel",
}  # fmt: skip
LEADS = {4: 3, 5: 3, 7: 6, 8: 6, 14: 13, 16: 15, 17: 15, 19: 18, 24: 23}
"""What became a part of which."""


@pytest.fixture
def models() -> Catalog:
    load_older_release()
    return Catalog.objects.get(slug="models")


def upgrade() -> str:
    out = StringIO()
    call_command("upgrade_lists", stdout=out)
    return out.getvalue()


def published(catalog: Catalog) -> dict[int, str]:
    return dict(catalog.entries.published().order_by("pk").values_list("pk", "name"))


def test_parts_become_one_entry_with_the_address_of_the_first(
    models: Catalog, client: Client
) -> None:
    known = published(models)
    assert {key: known[key] for key in BEFORE} == BEFORE
    assert client.get(Entry.objects.get(pk=4).get_absolute_url()).status_code == 200

    assert (
        upgrade() == "tools: read again, and stands at 2.\nmodels: read again, and stands at 12.\n"
    )

    assert published(models) == AFTER
    assert_sound(Catalog.objects.get(slug="models"), HERE)
    assert_sound(Catalog.objects.get(slug="tools"), text_of("tools"))
    for key, into in LEADS.items():
        response = client.get(f"/models/entries/{key}-any-name/")
        assert (response.status_code, response["Location"]) == (
            301,
            Entry.objects.get(pk=into).get_absolute_url(),
        )
    assert client.get("/models/entries/3-paper/").status_code == 301
    assert client.get("/models/entries/3-atommodel/").status_code == 200
    # A heading that is none, and signs that are explained.
    response = client.get("/models/entries/20-vendor/")
    assert (response.status_code, response["Location"]) == (301, "/models/headings/vendor/")
    assert client.get("/models/entries/1-python/").status_code == 410
    assert upgrade() == ""


def test_sections_keep_their_addresses(models: Catalog, client: Client) -> None:
    old = ["contents", "contents/small-ones", "bold", "headings/vendor", "more"]
    assert [client.get(f"/models/{path}/").status_code for path in old] == [200] * 5

    upgrade()

    assert [client.get(f"/models/{path}/").status_code for path in old] == [200, 301, 200, 200, 200]
    assert client.get("/models/contents/small-ones/")["Location"] == (
        "/models/language-models/small-ones/"
    )


def test_decisions_about_tags_go_along(models: Catalog) -> None:
    upgrade()

    by_hand = EntryTag.objects.filter(origin="hand", content_object__state="published")
    assert sorted(by_hand.values_list("content_object__name", "tag__name")) == [
        ("AtomModel", "easy"),
        ("BetaModel", "hard"),
        ("DeltaModel", "hard"),
    ]
    off = DismissedTag.objects.filter(entry__state="published")
    assert list(off.values_list("entry__name", "tag__name")) == [("BetaModel", "Contents")]
    assert not EntryTag.objects.filter(content_object=6, tag__name="Contents").exists()


def test_history_goes_along_and_nothing_is_news(models: Catalog, client: Client) -> None:
    upgrade()

    page = client.get(Entry.objects.get(pk=6).get_absolute_url()).text
    assert "Ada" in page
    assert client.get(f"{ENTRIES}6/history/").json()["count"] == 1
    assert client.get(f"{ENTRIES}8/").json()["part_of"] == 6
    assert not Revision.objects.news().filter(number=12).exists()
    step = follow(Catalog.objects.get(slug="models"), 11).steps
    assert [(each.revision.number, each.edits) for each in step] == [(12, [])]
    assert "<entry>" not in client.get("/models/feed.atom").text


def test_proposals_follow_or_changes_are_requested(models: Catalog) -> None:
    upgrade()

    rows = Submission.objects.order_by("pk")
    assert [
        (row.entry_id, row.status, row.conflicts, [event.verb for event in row.events.all()])
        for row in rows
    ] == [
        # The address of the first part is that of the whole.
        (3, "pending", [], ["submit"]),
        # Another part has no field of its own.
        (14, "changes-requested", ["entry"], ["submit", "request-changes"]),
        (7, "changes-requested", ["entry"], ["submit", "request-changes"]),
        (18, "pending", [], ["submit"]),
        (19, "changes-requested", [], ["submit", "request-changes"]),
        (9, "pending", [], ["submit"]),
        (20, "changes-requested", ["entry"], ["submit", "request-changes"]),
    ]
    notes = [event.note for row in rows for event in row.events.filter(verb="request-changes")]
    assert [note.partition(" and no longer")[0] for note in notes] == [
        "“Code” is now part of “DeltaModel”",
        "“Paper” is now part of “BetaModel”",
        "“Code” is now part of “ZetaModel”",
        "“Vendor” is now a heading of the list",
    ]


# Before it was read again


def test_import_keeps_what_was_edited_before(models: Catalog) -> None:
    result = import_again(models, text_of("models") + "\n- [New](https://new.example.org)\n")

    assert figures(result) == {"created": 1, "unchanged": 12}
    assert_sound(models, HERE + "\n- [New](https://new.example.org)\n")
    assert (
        LEADS.items()
        <= dict(Entry.objects.exclude(successor=None).values_list("pk", "successor__into")).items()
    )


def test_edit_reads_again_first(models: Catalog) -> None:
    change_entry(entry=Entry.objects.get(pk=9), description="Stands.", by=Author())

    models.refresh_from_db()
    assert (models.reading, models.revision) == (READING, 13)
    assert_sound(models, HERE.replace("Stands apart.", "Stands."))


# However often it is started


def test_what_is_done_stays_done(models: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(catalog: Catalog) -> bool:
        if catalog.slug == "models":
            raise KeyboardInterrupt
        return bring_up_to_date(catalog)

    with monkeypatch.context() as patch:
        patch.setattr(upgrade_lists, "bring_up_to_date", fail)
        with pytest.raises(KeyboardInterrupt):
            upgrade()

    assert upgrade() == "models: read again, and stands at 12.\n"


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_statement_it_leaves_no_trace() -> None:
    load_older_release()
    bring_up_to_date(Catalog.objects.get(slug="tools"))
    program = """
import io
from django.core.management import call_command
import catalog.management.commands.upgrade_lists

def act():
    call_command("upgrade_lists", stdout=io.StringIO())
"""

    assert killed(program, state=all_rows, every=2 * EVERY) > 40

    assert check_catalog(Catalog.objects.get(slug="models")) == []
    assert published(Catalog.objects.get(slug="models")) == AFTER
