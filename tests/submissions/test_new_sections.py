"""A section that an addition begins: one decision, one revision, and back again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.exporting import export_markdown
from catalog.models import Catalog, Revision
from submissions import workflow
from submissions.models import Submission
from submissions.people import Actor
from submissions.proposal import Proposal
from submissions.publishing.previewing import preview_lines
from tests.submission_factories import entry_called, make_moderator, make_tools, submit

pytestmark = pytest.mark.django_db

TEXT = """\
# Tools

- [Editors](#editors)
- [Models](#models)

## Editors

- [Alpha](https://alpha.example) - Edits text.
- [Beta](https://beta.example) - Edits more text.

## Models

| Name | Size | Licence |
| --- | --- | --- |
| [Gamma](https://gamma.example) | 7B | MIT |
| [Delta](https://delta.example) | 13B | GPL |
"""
WITH_SHELLS = TEXT.replace("- [M", "- [Shells](#shells)\n- [M").replace(
    "## Models", "## Shells\n\n- [Omega](https://omega.example) - Runs commands.\n\n## Models"
)
WITH_VOICES = (
    TEXT.replace("(#models)", "(#models)\n- [Voices](#voices)")
    + """
## Voices

| Name | Size | Licence |
| --- | --- | --- |
| [Omega](https://omega.example) | 1B | MIT |
"""
)
SHELLS = {"new_section": "Shells", "description": "Runs commands."}
VOICES = {"new_section": " Voices ", "cells": {1: "1B", 2: "MIT"}}


@pytest.fixture
def catalog() -> Catalog:
    return make_tools(text=TEXT)


@pytest.fixture
def moderator(catalog: Catalog) -> Actor:
    return make_moderator(catalog)


def proposed(catalog: Catalog, called: str | None, **fields: Any) -> Submission:
    """An addition beside the entry of this name, else one at the end of the list."""
    listing = entry_called(called).listing if called else None
    return submit(catalog, listing=listing, **fields)


@pytest.mark.parametrize(
    ("beside", "fields", "text"),
    [
        ("Alpha", SHELLS, WITH_SHELLS),
        ("Gamma", VOICES, WITH_VOICES),
        (None, VOICES, WITH_VOICES),
    ],
)
def test_one_decision_makes_the_section_and_its_entry(
    catalog: Catalog, moderator: Actor, beside: str | None, fields: dict[str, Any], text: str
) -> None:
    submission = proposed(catalog, beside, **fields)
    preview = preview_lines(submission.draft)

    workflow.approve(submission=submission, actor=moderator)

    submission.refresh_from_db()
    catalog.refresh_from_db()
    entry = entry_called("Omega")
    assert export_markdown(catalog) == text
    assert (submission.entry, submission.applied_revision) == (entry, catalog.revision)
    assert entry.section is not None
    assert entry.section.title == fields["new_section"].strip()
    assert [row.verb for row in Revision.objects.filter(catalog=catalog, number__gt=1)] == [
        Revision.Verb.ADD_SECTION
    ]
    added = [line for line in text.splitlines() if line and line not in TEXT.splitlines()]
    assert [line for line in preview.added if line and line not in TEXT.splitlines()] == added
    assert preview.removed == []
    assert preview.after is not None
    assert preview.after.name == "Omega"
    assert [cell.header for cell in preview.after.cells] == (
        [] if fields is SHELLS else ["Name", "Size", "Licence"]
    )


@pytest.mark.parametrize("take_back", [workflow.undo, workflow.revert])
def test_taken_back_the_list_is_what_it_was(
    catalog: Catalog, moderator: Actor, take_back: Callable[..., Submission]
) -> None:
    submission = proposed(catalog, "Alpha", **SHELLS)
    workflow.approve(submission=submission, actor=moderator)
    take_back(submission=submission, actor=moderator)

    catalog.refresh_from_db()
    assert export_markdown(catalog) == TEXT
    if take_back is workflow.undo:
        workflow.approve(submission=submission, actor=moderator)
        catalog.refresh_from_db()
        assert export_markdown(catalog) == WITH_SHELLS


def test_second_entry_of_the_section_goes_into_it_and_keeps_it(
    catalog: Catalog, moderator: Actor
) -> None:
    first = proposed(catalog, "Alpha", **SHELLS)
    second = proposed(
        catalog, "Alpha", name="Psi", url="https://psi.example", new_section="shells",
        description="Runs more.",
    )  # fmt: skip
    workflow.approve(submission=first, actor=moderator)
    workflow.approve(submission=second, actor=moderator)
    line = "- [Omega](https://omega.example) - Runs commands.\n"
    both = WITH_SHELLS.replace(line, f"{line}- [Psi](https://psi.example) - Runs more.\n")

    catalog.refresh_from_db()
    assert export_markdown(catalog) == both

    workflow.revert(submission=first, actor=moderator)

    catalog.refresh_from_db()
    assert export_markdown(catalog) == both.replace(line, "")


def test_moderator_puts_it_into_the_section_that_there_is(
    catalog: Catalog, moderator: Actor
) -> None:
    submission = proposed(catalog, "Alpha", **SHELLS)
    content = submission.content.to_json()
    del content["new_section"]

    workflow.amend(
        submission=submission, actor=moderator, proposal=Proposal.from_json(content)
    )  # fmt: skip

    catalog.refresh_from_db()
    line = "- [Omega](https://omega.example) - Runs commands.\n"
    assert export_markdown(catalog) == TEXT.replace("\n## Models", f"{line}\n## Models")


def test_moderators_page_shows_the_section_and_amends_it(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = proposed(catalog, None, **VOICES)
    assert moderator.user is not None
    client.force_login(moderator.user)
    address = f"/admin/submissions/submission/{submission.pk}/"
    page = client.get(f"{address}change/")
    review = page.context["review"]

    assert "- [Voices](#voices)" in review.preview.added
    assert ("new section", " Voices ") in [(item.label, item.text) for item in review.remarks]
    [form] = [form for form in page.context["panels"] if form.button.name == "amend"]
    assert [form[name].value() for name in ("place", "new_section", "cell-1")] == [
        None, " Voices ", "1B",
    ]  # fmt: skip


def test_form_at_the_end_of_the_list_has_the_columns_of_the_last_table(
    client: Client, catalog: Catalog
) -> None:
    page = client.get("/contribute/tools/new/?listing=none")
    form = page.context["form"]

    assert [field.label for field in form.own_fields] == ["Address", "Name", "Size", "Licence"]
    typed = {"name": "Omega", "url": "https://omega.example", "cell-1": "1B", "do": "send"}
    unnamed = client.post("/contribute/tools/new/?listing=none", typed)
    assert (unnamed.status_code, unnamed.context["form"].errors["new_section"]) == (
        400,
        ["Please name the section."],
    )
    sent = client.post("/contribute/tools/new/?listing=none", {**typed, "new_section": "Voices"})
    assert sent.status_code == 302
    assert Submission.objects.get().content.to_json() == {
        "kind": "add", "name": "Omega", "url": "https://omega.example", "cells": {"1": "1B"},
        "new_section": "Voices",
    }  # fmt: skip
