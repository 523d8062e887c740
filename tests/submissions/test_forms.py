"""The forms, made from the listings of real and made-up lists; what their fields give back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Catalog, Entry, Listing
from submissions.forms.contribution import (
    MoveForm,
    RemoveForm,
    ReportForm,
    TypedText,
    read_base,
    signed_base,
)
from submissions.forms.entry import EditForm, Pasted, SeveralForm, SuggestForm
from submissions.forms.places import EntryField, addable, entry_fields, hand_tags, separator_of
from submissions.models import ContributionPolicy
from submissions.proposal import Base, Proposal
from submissions.views.preview import preview_form
from tests.catalog.importing.imports import new_list
from tests.factories import make_tag
from tests.lists import NAMES, needs_real_lists, read_list
from tests.submission_factories import TEXT, entry_called, list_of, make_tools

pytestmark = pytest.mark.django_db


def made(form_class: Any, catalog: Catalog, data: Any = None, **fields: Any) -> Any:
    policy = ContributionPolicy(catalog=catalog)
    form = form_class(data, catalog=catalog, policy=policy, **fields)
    if data is not None:
        form.is_valid()
    return form


@pytest.mark.parametrize(
    ("cells", "separators", "expected"),
    [
        ([], "", ", "),
        (["MIT", "GPL"], "", ", "),
        (["en/zh", "en"], "", "/"),
        (["en / zh", "a / b", "x/y"], "", " / "),
        (["a, b", "c"], "", ", "),
        (["a<br />b<br />c", "a, b"], "", "<br />"),
        (["甲、乙", "丙"], "", "、"),
        (["a;b", "a, b, c"], ";", "; "),
    ],
)
def test_separator_is_the_one_of_the_cells(
    cells: list[str], separators: str, expected: str
) -> None:
    assert separator_of(cells, separators) == expected


def test_tags_that_the_reader_gives_are_not_offered_by_hand() -> None:
    catalog = make_tools()
    make_tag(catalog, "Link kind", "repository")
    make_tag(catalog, "Audience", "beginners")

    offered = [choice.key for choice in hand_tags(catalog, None)]

    assert ("audience:beginners" in offered, "link-kind:repository" in offered) == (True, False)


def test_fields_are_those_of_the_listing() -> None:
    catalog = make_tools()

    assert entry_fields(list_of(catalog)) == [
        EntryField("url", "Address", "The link people will open.", is_required=True),
        EntryField("name", "Name", is_required=True),
        EntryField(
            "description",
            "Description",
            "One sentence about what it is. You can use markdown for links and emphasis.",
            is_long=True,
        ),
    ]
    table = list_of(catalog, Listing.Kind.TABLE)
    fields = entry_fields(table, required=["size"])
    assert [(field.name, field.label, field.is_required) for field in fields] == [
        ("url", "Address", True),
        ("name", "Name", True),
        ("cell-1", "Size", True),
        ("cell-2", "Licence", False),
    ]


def test_column_that_repeats_the_address_is_not_required() -> None:
    rows = "".join(f"| N{n} | https://n{n}.example/ | {n} |\n" for n in range(3))
    catalog = new_list(f"# T\n\n| Name | Link | Stars |\n| --- | --- | --- |\n{rows}")

    assert [field.name for field in entry_fields(catalog.listings.get())] == [
        "url",
        "name",
        "cell-2",
    ]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("a\r\nb\rc", "a\nb\nc"), ("  x  ", "  x  "), ("", ""), ("😀\t", "😀\t")],
)
def test_text_is_given_back_as_it_was_typed(typed: str, stored: str) -> None:
    assert TypedText(rows=2).clean(typed) == stored


def test_suggestion_leaves_out_what_is_empty() -> None:
    catalog = make_tools()
    table = list_of(catalog, Listing.Kind.TABLE)
    data = {"name": " Epsilon ", "url": "https://e.example", "cell-1": "", "cell-2": "MIT"}

    proposal = made(SuggestForm, catalog, data, listing=table).proposal()

    assert proposal == Proposal.from_json(
        {"kind": "add", "name": "Epsilon", "url": "https://e.example", "cells": {"2": "MIT"}}
    )


def test_edit_may_empty_a_field() -> None:
    catalog = make_tools()
    entry = entry_called("Gamma")
    data = {"name": "Gamma", "url": "https://gamma.example", "cell-1": "7B", "cell-2": ""}

    form = made(EditForm, catalog, data, listing=entry.listing, entry=entry)

    assert form.proposal() == Proposal.from_json({"kind": "edit", "cells": {"2": ""}})


def test_edit_leaves_alone_what_was_not_sent() -> None:
    catalog = make_tools()
    entry = entry_called("Gamma")

    form = made(EditForm, catalog, {"name": "Gamma 2"}, listing=entry.listing, entry=entry)

    assert form.proposal() == Proposal.from_json({"kind": "edit", "name": "Gamma 2"})


def test_base_of_a_form_is_only_read_if_it_is_ours() -> None:
    make_tools()
    gamma, delta = entry_called("Gamma"), entry_called("Delta")
    base = Base(revision=3, name="Was")
    text = signed_base(gamma, base)

    assert [read_base(gamma, text), read_base(delta, text), read_base(gamma, f"{text}x")] == [
        base,
        None,
        None,
    ]


def test_forms_about_an_entry_give_their_proposals() -> None:
    catalog = make_tools()
    entry = entry_called("Alpha")
    where = {"listing": entry.listing, "entry": entry}
    table = list_of(catalog, Listing.Kind.TABLE)

    proposals = [
        made(RemoveForm, catalog, {"why": "other", "reason": "Old."}, **where).proposal(),
        made(RemoveForm, catalog, {"why": "spam"}, **where).proposal(),
        made(ReportForm, catalog, {"report": "wrong", "evidence": "x"}, **where).proposal(),
        made(MoveForm, catalog, {"target": table.pk, "place-0": "drop"}, **where).proposal(),
        made(MoveForm, catalog, {"target": entry.listing_id}, **where).proposal(),
    ]

    assert [proposal.to_json() for proposal in proposals] == [
        {"kind": "remove", "reason": "Old."},
        {"kind": "remove", "reason": "It is spam"},
        {"kind": "report", "report": "wrong", "evidence": "x"},
        {"kind": "move", "target": table.pk, "placing": {"0": None}},
        {"kind": "move"},
    ]


WIDE = (
    TEXT
    + """
## Sizes

| Name | Size | Notes |
| --- | --- | --- |
| [Eta](https://eta.example) | 1B | small |
| [Theta](https://theta.example) | 2B | big |
"""
)


def questions_of_move(called: str, to: str) -> tuple[list[tuple[str, str]], list[str]]:
    """What a move asks about: header and text of each cell, and where the first may go."""
    entry, target = entry_called(called), entry_called(to).listing
    assert target is not None
    form = made(MoveForm, entry.catalog, {"target": target.pk}, listing=entry.listing, entry=entry)
    questions = [(field.label, field.help_text) for field in form.cells]
    return questions, [label for _key, label in form.cells[0].field.choices] if questions else []


def test_move_asks_what_becomes_of_each_cell_without_a_column() -> None:
    make_tools(text=WIDE)

    assert questions_of_move("Gamma", "Theta") == (
        [("Licence", "MIT")],
        ["Choose …", "Size", "Notes", "Leave it out"],
    )
    assert questions_of_move("Gamma", "Beta") == (
        [("Size", "7B"), ("Licence", "MIT")],
        ["Choose …", "Leave it out"],
    )
    assert questions_of_move("Eta", "Theta") == questions_of_move("Alpha", "Theta") == ([], [])
    assert questions_of_move("Alpha", "Delta") == (
        [("description", "Edits text.")],
        ["Choose …", "Size", "Licence", "Leave it out"],
    )


@pytest.mark.parametrize(
    ("typed", "placing", "line", "problem"),
    [
        ({"place-2": "2"}, {"2": 2}, "| [Gamma](https://gamma.example) | 7B | MIT |", ""),
        ({"place-2": "drop"}, {"2": None}, "| [Gamma](https://gamma.example) | 7B |  |", ""),
        ({}, None, "", "The new table has no column for “Licence”"),
        ({"place-2": "1"}, {"2": 1}, "", "Two columns cannot go into the same one: Size."),
    ],
)
def test_answers_about_the_cells_of_a_move_are_what_it_writes(
    typed: dict[str, str], placing: dict[str, int | None] | None, line: str, problem: str
) -> None:
    catalog = make_tools(text=WIDE)
    entry, target = entry_called("Gamma"), entry_called("Theta").listing
    assert target is not None
    data = {"target": target.pk, **typed}
    form = made(MoveForm, catalog, data, listing=entry.listing, entry=entry)

    assert form.proposal().to_json().get("placing") == placing
    preview = preview_form(form)
    assert (preview.lines.added, [row.message[: len(problem)] for row in preview.whole]) == (
        [line] if line else [],
        [problem] if problem else [],
    )


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (
            "* [Zed](https://zed.dev/) - Fast.",
            {"name": "Zed", "url": "https://zed.dev/", "description": "Fast."},
        ),
        (
            "https://github.com/helix-editor/helix.git",
            {
                "name": "helix",
                "url": "https://github.com/helix-editor/helix.git",
                "description": "",
            },
        ),
        ("https://zed.dev", {"name": "zed.dev", "url": "https://zed.dev", "description": ""}),
    ],
)
def test_pasted_line_is_an_entry(line: str, values: dict[str, str]) -> None:
    catalog = make_tools()
    listing = list_of(catalog)
    form = made(SeveralForm, catalog, {"pasted": f"\r\n{line}\r\n \r\n"}, listing=listing)

    assert form.read(listing, 20) == Pasted([values], [])


def test_pasted_words_without_a_link_are_left_over_where_entries_are_links() -> None:
    links, names = make_tools(), make_tools("names")
    Entry.objects.filter(catalog=names).update(url="")
    pasted = {"pasted": "3. Just words\nhttps://zed.dev"}

    of_links, of_names = (
        made(SeveralForm, catalog, pasted, listing=list_of(catalog)).read(list_of(catalog), 1)
        for catalog in (links, names)
    )

    zed = {"name": "zed.dev", "url": "https://zed.dev", "description": ""}
    words = {"name": "Just words", "url": "", "description": ""}
    assert of_links == Pasted([zed], ["3. Just words"])
    assert of_names == Pasted([words], ["https://zed.dev"])


@needs_real_lists
@pytest.mark.parametrize("name", NAMES)
def test_forms_of_real_lists_open_and_preview(client: Client, name: str) -> None:
    catalog = new_list(read_list(name))
    kinds = {(row.kind, len(row.columns)): row for row in addable(catalog)}
    for listing in list(kinds.values())[:6]:
        form = client.get(f"/contribute/tools/new/?listing={listing.pk}").context["form"]
        typed: dict[str, Any] = {field.name: "Something new" for field in form.own}
        typed |= {"url": "https://new.example/thing", "kind": "add", "listing": listing.pk}
        answer = client.post("/contribute/tools/preview/", typed)
        assert answer.status_code == 200
        entry = catalog.entries.published().filter(listing=listing, is_opaque=False).first()
        if entry:
            page = client.get(f"/contribute/tools/entries/{entry.pk}/edit/")
            assert page.status_code == 200
            opened = {f.name: f.value() or "" for f in page.context["form"] if f.name != "consent"}
            unchanged = client.post(
                "/contribute/tools/preview/", {**opened, "kind": "edit", "entry": entry.pk}
            )
            assert "No changes yet." in unchanged.json()["preview"]
