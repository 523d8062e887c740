"""Values beside the text of items: asked for where the entries around have them, and written so."""

import pytest
from django.test import Client

from catalog.editing.entries import change_entry
from catalog.history.revisions import Author
from catalog.models import Catalog
from submissions import workflow
from submissions.choices import Kind
from submissions.errors import EditConflict
from submissions.models import Submission
from submissions.publishing.planning import Conflict
from tests.catalog.importing.imports import assert_sound
from tests.submission_factories import entry_called, make_moderator, make_tools, submit

pytestmark = pytest.mark.django_db

TEXT = """\
# Tools

## Servers

- [Alpha](https://alpha.example) - Serves mail. `MIT` `Go/Docker`
- [Beta](https://beta.example) - Serves pages. `AGPL-3.0` `PHP`
- [Gamma](https://gamma.example) - Serves files. `MIT` `Python`
- [Zeta](https://zeta.example) - Serves calendars. `MIT` `Go`

## Books

- [Delta](https://delta.example) - About mail.
- [Eta](https://eta.example) - About pages.
- [Theta](https://theta.example) - About files.
"""
ADDRESS = "/contribute/tools/new/?listing={}"
TYPED = {"name": "Omega", "url": "https://omega.example", "description": "Serves news."}


@pytest.fixture
def catalog() -> Catalog:
    return make_tools(text=TEXT)


def fields_beside(client: Client, called: str) -> list[tuple[str, str, list[str]]]:
    """Name, label and offered values of the fields beyond the text, beside an entry."""
    form = client.get(ADDRESS.format(entry_called(called).listing_id)).context["form"]
    return [
        (field.name, field.label, list(field.options)) for field in form.own if "-" in field.name
    ]


def test_form_asks_for_what_the_entries_around_have(client: Client, catalog: Catalog) -> None:
    assert [(name, values) for name, _label, values in fields_beside(client, "Alpha")] == [
        ("cell-0", ["MIT", "AGPL-3.0"]),
        ("cell-1", ["Go/Docker", "PHP", "Python", "Go"]),
    ]
    assert fields_beside(client, "Delta") == []
    client.cookies["django_language"] = "zh-hans"
    assert [label for _name, label, _values in fields_beside(client, "Alpha")] == ["许可证", "平台"]


def test_values_are_previewed_sent_and_written_where_others_have_them(
    client: Client, catalog: Catalog
) -> None:
    listing = entry_called("Alpha").listing_id
    typed = TYPED | {"cell-0": "MIT", "cell-1": "Rust"}
    line = "- [Omega](https://omega.example) - Serves news. `MIT` `Rust`"
    client.get(ADDRESS.format(listing))

    seen = client.post("/contribute/tools/preview/", {**typed, "kind": "add", "listing": listing})
    assert "`MIT` `Rust`" in seen.json()["preview"]
    client.post(ADDRESS.format(listing), {**typed, "listing": listing, "do": "send"})
    submission = Submission.objects.get()
    assert submission.content.cells == {0: "MIT", 1: "Rust"}

    workflow.approve(submission=submission, actor=make_moderator(catalog))
    block = entry_called("Omega").block
    assert block is not None
    assert block.source == f"{line}\n"
    tags = entry_called("Omega").entry_tags.values_list("tag__name", flat=True)
    assert sorted(tags) == ["MIT", "Rust", "Servers"]


def test_moderators_form_keeps_the_values_that_it_shows(client: Client, catalog: Catalog) -> None:
    moderator = make_moderator(catalog)
    listing = entry_called("Alpha").listing
    submission = submit(catalog, listing=listing, cells={0: "MIT", 1: "Rust"})
    assert moderator.user is not None
    client.force_login(moderator.user)

    page = client.get(f"/admin/submissions/submission/{submission.pk}/change/")

    [form] = [form for form in page.context["panels"] if form.button.name == "amend"]
    assert [form[name].value() for name in ("cell-0", "cell-1")] == ["MIT", "Rust"]
    assert "cell-" not in str(form["cell-0"].label)


def test_values_of_an_entry_are_corrected_where_they_stand(
    client: Client, catalog: Catalog
) -> None:
    address = f"/contribute/tools/entries/{entry_called('Beta').pk}/edit/"
    form = client.get(address).context["form"]
    shown = {field.name: form[field.name].value() for field in form.own}
    line = "- [Beta](https://beta.example) - Serves pages. `AGPL-3.0` `PHP`\n"
    assert shown == {
        "url": "https://beta.example",
        "name": "Beta",
        "description": "Serves pages.",
        "cell-0": "AGPL-3.0",
        "cell-1": "PHP",
    }
    # A tag by hand would contradict the line.
    assert [choice.key for choice in form.tag_choices] == ["topic:servers", "topic:books"]

    typed = {**shown, "cell-0": "MIT", "opened": form["opened"].value(), "do": "send"}
    client.post(address, typed)
    submission = Submission.objects.get()
    assert submission.content.changed == {"cell-0": "MIT"}

    moderator = make_moderator(catalog)
    workflow.approve(submission=submission, actor=moderator)
    assert_sound(catalog, TEXT.replace(line, line.replace("AGPL-3.0", "MIT")))
    tags = entry_called("Beta").entry_tags.values_list("tag__name", flat=True)
    assert sorted(tags) == ["MIT", "PHP", "Servers"]

    change_entry(entry=entry_called("Beta"), by=Author(), name="Bet")
    workflow.revert(submission=Submission.objects.get(), actor=moderator)
    assert_sound(catalog, TEXT.replace(line, line.replace("Beta]", "Bet]")))


def test_value_that_somebody_else_changed_is_a_conflict(client: Client, catalog: Catalog) -> None:
    moderator = make_moderator(catalog)
    entry = entry_called("Beta")
    submission = submit(catalog, kind=Kind.EDIT, entry=entry, cells={0: "MIT"})
    change_entry(entry=entry, by=Author(), cells={0: "GPL-3.0"})

    with pytest.raises(EditConflict) as refused:
        workflow.approve(submission=submission, actor=moderator)

    assert refused.value.conflicts == [Conflict("cell-0", "AGPL-3.0", "GPL-3.0", "MIT")]
