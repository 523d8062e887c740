"""The contributors' pages: suggest, edit, move, remove, report; what they refuse, and how."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.limits import Rate
from catalog.exporting import export_markdown
from catalog.models import Catalog, Listing
from submissions import protection, workflow
from submissions.choices import Kind, Status, WhoMaySubmit
from submissions.forms.entry import UNPLACED
from submissions.models import ContributionPolicy, Submission, TrustPin
from submissions.people import Actor
from tests.catalog.importing.imports import new_list
from tests.submission_factories import make_moderator, make_user

pytestmark = pytest.mark.django_db

TEXT = """# Tools

## Editors

- [Emacs](https://emacs.example/) - Extensible.
- [Vim](https://vim.example/) - Everywhere.

## Models

| Name | Language | Main feature |
| --- | --- | --- |
| [Alpha](https://alpha.example/) | en/zh | Small and fast. |
| [Beta](https://beta.example/) | zh | Large. |
"""
TYPED = {"name": "Helix", "url": "https://helix.example/", "description": "Modal."}


@pytest.fixture
def catalog() -> Catalog:
    catalog = new_list(TEXT)
    Catalog.objects.filter(pk=catalog.pk).update(
        license="CC0-1.0", guidelines="Be *kind*. <script>alert(1)</script>"
    )
    catalog.refresh_from_db()
    return catalog


@pytest.fixture
def editors(catalog: Catalog) -> Listing:
    return catalog.listings.get(kind="list")


@pytest.fixture
def models(catalog: Catalog) -> Listing:
    return catalog.listings.get(kind="table")


def new(listing: Listing) -> str:
    return f"/contribute/tools/new/?listing={listing.pk}"


def about(catalog: Catalog, name: str, page: str) -> str:
    return f"/contribute/tools/entries/{catalog.entries.get(name=name).pk}/{page}/"


def send(client: Client, address: str, /, **fields: Any) -> Any:
    """Send a form as a browser would that opened it and took its time."""
    if "contributor" not in client.cookies:
        client.get(address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: 1_700_000_000.0)
        stamp = protection.new_stamp()
    return client.post(address, {"do": "send", "consent": "on", "stamp": stamp, **fields})


def the_submission() -> Submission:
    return Submission.objects.get()


# Suggest


def test_suggest_offers_the_places_of_the_list(client: Client, catalog: Catalog) -> None:
    response = client.get("/contribute/tools/new/")

    places = response.context["places"].matches
    assert [(place.title, place.columns, place.entry_count) for place in places] == [
        ("Editors", "", 2),
        ("Models", "Name · Language · Main feature", 2),
    ]


@pytest.mark.parametrize(
    ("query", "titles"),
    [("?q=edit", ["Editors"]), ("?q=MOD", ["Models"]), ("?q=none", []), ("?q=a%00b", [])],
)
def test_places_are_chosen_without_javascript(
    client: Client, catalog: Catalog, query: str, titles: list[str]
) -> None:
    places = client.get(f"/contribute/tools/new/{query}").context["places"].matches

    assert [place.title for place in places] == titles


def test_suggest_takes_the_place_of_a_section(
    client: Client, catalog: Catalog, models: Listing
) -> None:
    response = client.get("/contribute/tools/new/?section=models")

    form = response.context["form"]
    assert form.listing == models
    assert [(field.name, field.is_required, field.separator) for field in form.own] == [
        ("url", True, ""),
        ("name", True, ""),
        ("cell-1", False, "/"),
        ("cell-2", False, ""),
    ]
    assert form.own[2].options == ["zh", "en"]


def test_suggested_entry_becomes_exactly_the_line_that_was_shown(
    client: Client, catalog: Catalog, models: Listing
) -> None:
    typed = {
        "name": "Gamma",
        "url": "https://gamma.example/",
        "cell-1": "en",
        "cell-2": "Says | little.",
        "credit": "Ada",
        "note": "I use it.\r\nDaily.",
    }
    seen = client.post(new(models), {"do": "preview", **typed}).context["preview"].lines.added

    response = send(client, new(models), **typed)

    submission = the_submission()
    assert response.status_code == 302
    assert response.url == f"{submission.get_absolute_url()}?sent=1"
    assert (submission.credit, submission.note) == ("Ada", "I use it.\nDaily.")
    assert (submission.licence, submission.status) == ("CC0-1.0", Status.PENDING)
    assert not submission.is_held
    workflow.approve(submission=submission, actor=make_moderator(catalog))
    before, after = TEXT.splitlines(), export_markdown(catalog).splitlines()
    assert [line for line in after if line not in before] == seen
    assert seen == ["| [Gamma](https://gamma.example/) | en | Says \\| little. |"]


def test_form_asks_no_more_of_the_database_for_a_longer_list(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for slug, rows in (("one", 1), ("three", 3)):
        text = "# T\n\n| Name | Language |\n| --- | --- |\n" + "".join(
            f"| [N{n}](https://n{n}.example/) | en |\n" for n in range(rows)
        )
        listing = new_list(text, slug).listings.get()
        typed = {"listing": listing.pk, "kind": "add", "name": "New", "url": "https://new.example"}
        client.cookies.clear()
        with django_assert_num_queries(13):
            client.get(f"/contribute/{slug}/new/?listing={listing.pk}")
        with django_assert_num_queries(14):
            client.get(f"/contribute/{slug}/new/?listing={listing.pk}")
        with django_assert_num_queries(16):
            client.post(f"/contribute/{slug}/preview/", typed)


def test_preview_shows_lines_findings_and_fixes(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    response = client.post(
        "/contribute/tools/preview/",
        {**TYPED, "kind": "add", "listing": editors.pk, "url": "https://vim.example?utm_source=x"},
    )

    answer = response.json()
    assert response["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert "- [Helix](https://vim.example?utm_source=x) - Modal." in answer["preview"]
    assert list(answer["remarks"]) == ["url"]
    assert answer["status"] == "+1 line, −0 lines. 2 remarks."
    assert "“Vim” is already listed here with this link" in answer["remarks"]["url"]
    vim = catalog.entries.get(name="Vim")
    assert f'href="/contribute/tools/entries/{vim.pk}/edit/"' in answer["remarks"]["url"]
    assert 'name="fix"' in answer["remarks"]["url"]
    assert Submission.objects.count() == 0


def test_preview_needs_no_token(catalog: Catalog, editors: Listing) -> None:
    client = Client(enforce_csrf_checks=True)

    data = {**TYPED, "kind": "add", "listing": editors.pk}

    assert client.post("/contribute/tools/preview/", data).status_code == 200


def test_fix_is_one_press_without_javascript(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    fix = json.dumps({"url": "https://helix.example/", "status": "applied"})

    form = client.post(new(editors), {**TYPED, "url": "http://helix", "fix": fix}).context["form"]

    assert form["url"].value() == "https://helix.example/"
    assert "status" not in form.data


def test_refused_form_keeps_every_character(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    text = "  two  spaces \r\n\r\n\ttab 😀 “quotes” <b>&amp;  "

    response = send(client, new(editors), name="", url=" x ", description=text, note=text)

    assert response.status_code == 400
    form = response.context["form"]
    assert [form[name].value() for name in ("url", "description", "note")] == [" x ", text, text]
    assert Submission.objects.count() == 0


def test_consent_is_required(client: Client, catalog: Catalog, editors: Listing) -> None:
    response = send(client, new(editors), **TYPED, consent="")

    assert response.context["form"].errors["consent"] == [
        "Please agree, so that it can be published."
    ]
    assert Submission.objects.count() == 0


def test_form_sent_twice_is_one_submission(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    first, second = (send(client, new(editors), **TYPED) for _time in range(2))

    assert first.url == second.url == f"{the_submission().get_absolute_url()}?sent=1"


def test_expired_token_gives_the_form_back(catalog: Catalog, editors: Listing) -> None:
    client = Client(enforce_csrf_checks=True)
    typed = {**TYPED, "note": "Long\r\nand dear"}

    response = send(client, new(editors), **typed)

    assert response.status_code == 403
    form = response.context["form"]
    assert {name: form[name].value() for name in typed} == typed
    assert Submission.objects.count() == 0
    again = send(
        client, new(editors), **typed, csrfmiddlewaretoken=client.cookies["csrftoken"].value
    )
    assert again.status_code == 302
    assert the_submission().note == "Long\nand dear"


def test_change_of_place_takes_along_what_was_typed(
    client: Client, catalog: Catalog, editors: Listing, models: Listing
) -> None:
    places = client.post(new(editors), {**TYPED, "do": "places", "listing": editors.pk})
    carried = dict(places.context["carried"])

    form = client.post(new(models), {**carried, "do": "preview"}).context["form"]

    assert (form["name"].value(), form["url"].value()) == (TYPED["name"], TYPED["url"])


def test_change_of_place_asks_what_becomes_of_cells_without_a_column(
    client: Client, catalog: Catalog, editors: Listing, models: Listing
) -> None:
    typed = {"name": "Delta", "url": "https://delta.example"}
    cells = {"cell-1": "zh", "cell-2": "Tiny.", "listing": models.pk}
    form = client.post(new(editors), {**typed, **cells, "do": "preview"}).context["form"]
    assert form["description"].value() == "Tiny."
    assert [(bound.label, bound.help_text) for bound in form.cells] == [("Language", "zh")]
    typed |= {name: form[name].value() for name in ("description", UNPLACED)}
    typed["listing"] = str(editors.pk)

    refused = send(client, new(editors), **typed)
    assert refused.status_code == 400
    assert refused.context["form"].errors["place-0"] == ["Choose a column for it, or leave it out."]
    answered = {"place-0": "description"}
    send(client, new(editors), **typed, **answered)

    assert the_submission().content.description == "Tiny. zh"


def test_way_back_to_a_place_finds_its_cells_again(
    client: Client, catalog: Catalog, editors: Listing, models: Listing
) -> None:
    typed = {"cell-1": "zh", "cell-2": "Tiny.", "listing": models.pk, "do": "preview"}
    there = client.post(new(editors), {**TYPED, **typed}).context["form"]

    carried = {name: there[name].value() for name in ("description", UNPLACED)}
    carried |= {"place-0": "", "listing": str(editors.pk), "do": "preview"}
    back = client.post(new(models), {**TYPED, **carried}).context["form"]

    assert (back["cell-1"].value(), back["cell-2"].value(), back.cells) == ("zh", "Tiny.", [])


@pytest.mark.parametrize("unplaced", ["{", "[1]", '[["a"]]', '{"a": 1}', "null", "7"])
def test_broken_carried_text_is_no_question(
    client: Client, catalog: Catalog, editors: Listing, unplaced: str
) -> None:
    response = client.post(new(editors), {**TYPED, "do": "preview", UNPLACED: unplaced})

    assert (response.status_code, response.context["form"].cells) == (200, [])


def test_new_section_needs_no_place(client: Client, catalog: Catalog) -> None:
    send(client, "/contribute/tools/new/?listing=none", **TYPED, new_section="Shells")

    submission = the_submission()
    assert (submission.listing, submission.content.new_section) == (None, "Shells")


def test_what_was_sent_is_shown_to_this_browser_alone(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    send(client, new(editors), **TYPED)

    assert client.get(new(editors)).context["sent"] == [the_submission()]
    assert Client().get(new(editors)).context["sent"] == []


# Edit, move, remove, report


def test_edit_proposes_what_was_changed_and_nothing_else(client: Client, catalog: Catalog) -> None:
    url = about(catalog, "Alpha", "edit")
    form = client.get(url).context["form"]
    typed = {field.name: field.value() or "" for field in form if field.name != "consent"}

    send(client, url, **{**typed, "cell-2": "Small."})

    submission = the_submission()
    assert submission.proposal == {"kind": "edit", "cells": {"2": "Small."}}
    workflow.approve(submission=submission, actor=make_moderator(catalog))
    assert export_markdown(catalog) == TEXT.replace("Small and fast.", "Small.")


def test_edit_of_a_field_that_others_have_changed_is_shown_again(
    client: Client, catalog: Catalog
) -> None:
    url = about(catalog, "Vim", "edit")
    opened = client.get(url).context["form"]["opened"].value()
    other = send(client, url, opened=opened, name="Vim", url="https://vim.example/",
                 description="Meanwhile.")  # fmt: skip
    assert other.status_code == 302
    workflow.approve(submission=the_submission(), actor=make_moderator(catalog))

    typed = {"name": "Vim!", "url": "https://vim.example/", "description": "Mine."}
    response = send(client, url, opened=opened, **typed)

    form = response.context["form"]
    assert response.status_code == 409
    assert form["description"].value() == "Mine."
    assert form.errors["description"] == ["Current value: Meanwhile."]
    again = send(client, url, **{name: form[name].value() for name in ("opened", *typed)})
    assert again.status_code == 302


def test_move_goes_to_another_place(
    client: Client, catalog: Catalog, editors: Listing, models: Listing
) -> None:
    send(client, about(catalog, "Beta", "move"), target=editors.pk, **{"place-1": "drop"})

    workflow.approve(submission=the_submission(), actor=make_moderator(catalog))
    beta = catalog.entries.get(name="Beta")
    assert beta.listing == editors


def test_remove_needs_a_reason(client: Client, catalog: Catalog) -> None:
    url = about(catalog, "Vim", "remove")

    assert send(client, url).status_code == 400
    send(client, url, why="dead-link", reason="404 since May")

    assert the_submission().content.reason == "The link is dead. 404 since May"


def test_second_report_joins_the_first(client: Client, catalog: Catalog) -> None:
    url = about(catalog, "Vim", "report")
    send(client, url, report="dead-link", evidence="404", email="a@example.org")
    assert [report for _at, report in client.get(url).context["reports"]] == ["dead-link"]

    send(client, url, report="hijacked", evidence="A casino", email="b@example.org")

    first, second = Submission.objects.order_by("pk")
    assert second.joined_to == first


def test_report_with_a_new_address_proposes_it(client: Client, catalog: Catalog) -> None:
    send(client, about(catalog, "Vim", "report"), report="dead-link",
         replacement_url="https://new.example/")  # fmt: skip

    proposal = the_submission().content
    assert (proposal.action.value, proposal.replacement_url) == (
        "replace-url",
        "https://new.example/",
    )


def test_removed_entry_says_so(client: Client, catalog: Catalog) -> None:
    url = about(catalog, "Vim", "edit")
    send(client, about(catalog, "Vim", "remove"), why="spam")
    workflow.approve(submission=the_submission(), actor=make_moderator(catalog))

    for response in (client.get(url), send(client, url, name="x")):
        assert response.status_code == 410
        assert "is no longer in the list" in response.content.decode()


# Whom it admits


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (WhoMaySubmit.OPEN, 200),
        (WhoMaySubmit.CONFIRMED_EMAIL, 200),
        (WhoMaySubmit.SIGNED_IN, 403),
        (WhoMaySubmit.CLOSED, 403),
    ],
)
def test_policy_decides_who_sees_a_form(
    client: Client, catalog: Catalog, editors: Listing, who: str, expected: int
) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=who)

    assert client.get(new(editors)).status_code == expected


def test_lost_session_keeps_what_was_typed(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=WhoMaySubmit.SIGNED_IN)

    response = send(client, new(editors), **TYPED)

    assert response.status_code == 403
    form = response.context["form"]
    assert {name: form[name].value() for name in TYPED} == TYPED
    assert form.non_field_errors() == ["Please sign in to contribute to this list."]


def test_confirmed_address_is_required(client: Client, catalog: Catalog, editors: Listing) -> None:
    ContributionPolicy.objects.create(catalog=catalog, who_may_submit=WhoMaySubmit.CONFIRMED_EMAIL)

    assert send(client, new(editors), **TYPED).status_code == 400
    send(client, new(editors), **TYPED, email="ada@example.org")

    assert the_submission().status == Status.UNCONFIRMED


def test_account_is_the_submitter_whatever_is_typed(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    user, other = make_user("ada"), make_user("eve")
    client.force_login(user)

    forged = {"submitter": other.pk, "email": "x@evil.example", "status": "applied", "priority": 9}
    send(client, new(editors), **TYPED, credit="Countess", **forged)

    submission = the_submission()
    assert (submission.submitter, submission.email) == (user, user.email)
    assert (submission.credit, submission.status, submission.priority) == ("Countess", "pending", 0)


# What it withstands


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a\0b"},
        {"url": "javascript:alert(1)"},
        {"url": "http://169.254.169.254/latest"},
        {"url": "https://user:pw@host.example/"},
        {"name": "x" * 30_000},
        {"name": "\u202eevil"},
        {"email": "not an address"},
        {"credit": "x" * 200},
    ],
)
def test_hostile_field_is_refused(
    client: Client, catalog: Catalog, editors: Listing, fields: dict[str, str]
) -> None:
    response = send(client, new(editors), **{**TYPED, **fields})

    assert response.status_code == 400
    assert Submission.objects.count() == 0


def test_broken_encoding_is_reported(client: Client, catalog: Catalog, editors: Listing) -> None:
    body = b"do=send&consent=on&name=%FF%FE&url=https://x.example"

    response = client.post(new(editors), body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 400
    assert "Some characters were damaged" in response.content.decode()


def test_body_of_ten_megabytes_is_refused(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    for url in (new(editors), "/contribute/tools/preview/"):
        response = client.post(url, {**TYPED, "description": "x" * 10_000_000})
        assert response.status_code in {400, 413}
    body = b"name=" + b"x" * 10_000_000
    response = client.post(new(editors), body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("key", ["", "0", "-1", "x", "9" * 18, "9" * 40, "１"])
def test_listing_that_is_none_of_the_list_is_refused(
    client: Client, catalog: Catalog, key: str
) -> None:
    assert send(client, f"/contribute/tools/new/?listing={key}", **TYPED).status_code in {200, 404}
    assert Submission.objects.count() == 0


def test_listing_and_entry_of_another_list_are_not_there(client: Client, catalog: Catalog) -> None:
    other = new_list("# O\n\n- [One](https://one.example/) - 1.\n", "other")
    listing, entry = other.listings.get(), other.entries.get()

    assert send(client, new(listing), **TYPED).status_code == 404
    assert send(client, f"/contribute/tools/entries/{entry.pk}/edit/", name="x").status_code == 404
    send(client, about(catalog, "Vim", "move"), target=listing.pk)
    data = {**TYPED, "kind": "edit", "entry": entry.pk}
    assert client.post("/contribute/tools/preview/", data).status_code == 404
    assert Submission.objects.count() == 0


def test_forged_opening_is_taken_for_none(client: Client, catalog: Catalog) -> None:
    alpha = client.get(about(catalog, "Alpha", "edit")).context["form"]["opened"].value()
    typed = {"name": "Vim", "url": "https://vim.example/", "description": "Better."}

    for opened in ("", "x", "a:b:c", alpha):
        send(client, about(catalog, "Vim", "edit"), opened=opened, **typed)

    assert the_submission().based_on.description == "Everywhere."


def test_too_many_learn_when_to_come_back(
    client: Client, catalog: Catalog, editors: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "BY_NETWORK", Rate(1, 600))
    send(client, new(editors), **TYPED)
    typed = {**TYPED, "name": "Kakoune", "url": "https://kakoune.example/"}

    response = send(client, new(editors), **typed)

    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 600
    assert {name: response.context["form"][name].value() for name in typed} == typed
    assert Submission.objects.count() == 1


def test_trust_raises_what_may_be_open(
    client: Client, catalog: Catalog, editors: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "NEW_CAP", 1)
    monkeypatch.setattr(protection, "TRUSTED_CAP", 2)
    user = make_user("ada")
    client.force_login(user)
    other = {**TYPED, "name": "Kakoune", "url": "https://kakoune.example/"}
    send(client, new(editors), **TYPED)
    assert send(client, new(editors), **other).status_code == 429

    TrustPin.objects.create(catalog=catalog, user=user, is_trusted=True)

    assert send(client, new(editors), **other).status_code == 302


def test_trap_holds(client: Client, catalog: Catalog, editors: Listing) -> None:
    send(client, new(editors), **TYPED, website="https://spam.example")

    assert the_submission().is_held


def test_guidelines_are_harmless(client: Client, catalog: Catalog, editors: Listing) -> None:
    page = client.get(new(editors)).content.decode()

    assert "Be <em>kind</em>." in page
    assert "<script>alert" not in page


def test_forms_are_cached_by_no_proxy(client: Client, catalog: Catalog, editors: Listing) -> None:
    response = client.get(new(editors))

    assert response["Cache-Control"] == "private, no-cache"
    assert "sessionid" not in response.cookies


# Enter, reasons, consent


@pytest.mark.parametrize("page", ["new", "edit", "move", "remove", "report", "several", "answer"])
def test_enter_presses_the_button_that_previews(
    client: Client, catalog: Catalog, editors: Listing, page: str
) -> None:
    address = {
        "new": new(editors),
        "several": f"/contribute/tools/new/several/?listing={editors.pk}",
    }.get(page)
    if page == "answer":
        send(client, new(editors), **TYPED)
        address = f"{the_submission().get_absolute_url()}answer/"
    html = client.get(address or about(catalog, "Vim", page)).content.decode()

    form = html[html.index('id="contribution"') :].partition("</form>")[0]
    ahead = html[: html.index('id="contribution"')]
    outside = re.findall(r'<button[^>]*form="contribution"[^>]*>', ahead)
    [first, *_others] = [*outside, *re.findall(r"<button[^>]*>", form)]
    assert 'name="do" value="enter"' in first


def test_enter_previews_and_then_sends_what_was_previewed(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    def enter(**typed: str) -> Any:
        return send(client, new(editors), **{**typed, "do": "enter"})

    seen = enter(**TYPED)
    assert (seen.status_code, Submission.objects.count()) == (200, 0)
    assert seen.context["preview"].lines.added == ["- [Helix](https://helix.example/) - Modal."]
    previewed = seen.context["previewed"]
    other = enter(**{**TYPED, "name": "Helix 2"}, previewed=previewed)
    assert (other.status_code, Submission.objects.count()) == (200, 0)
    assert enter(**TYPED, previewed=previewed).status_code == 302
    assert the_submission().name == "Helix"


def test_enter_reads_a_paste_and_then_sends_its_cards(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    url = f"/contribute/tools/new/several/?listing={editors.pk}"
    page = send(client, url, do="enter", pasted="- [Helix](https://helix.example/) - Modal.")
    forms = [page.context["form"], *(card.form for card in page.context["cards"])]
    shown = {bound.html_name: bound.value() or "" for form in forms for bound in form}
    shown |= {"do": "enter", "consent": "on", "previewed": page.context["previewed"]}

    changed = send(client, url, **shown | {"e0-name": "Helix 2"})
    assert (changed.status_code, Submission.objects.count()) == (200, 0)
    assert send(client, url, **shown).status_code == 302
    assert the_submission().name == "Helix"


def test_finding_leads_to_where_one_says_why_both_belong(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    twice = {**TYPED, "url": "https://vim.example/"}

    page = client.post(new(editors), {**twice, "do": "preview"}).content.decode()
    live = client.post(
        "/contribute/tools/preview/", {**twice, "kind": "add", "listing": editors.pk}
    ).json()

    link = '<a href="#id_reason" data-reason>Say why both belong</a>'
    assert (link in page, link in live["remarks"]["url"]) == (True, True)
    assert '<details class="more" open>' in page
    assert '<details class="more">' in client.get(new(editors)).content.decode()


@pytest.mark.parametrize(
    ("page", "asks"),
    [("edit", True), ("move", False), ("remove", False), ("report", False)],
)
def test_consent_is_required_of_whoever_brings_words(
    client: Client, catalog: Catalog, page: str, asks: bool
) -> None:
    form = client.get(about(catalog, "Vim", page)).context["form"]

    assert ("consent" in form.fields) == asks


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("nobody", "it is the only way back to your submission"),
        ("with an address", "We also e-mail you the address of this page."),
        ("ada", 'You can find it again in <a href="/contribute/mine/">My submissions</a>.'),
    ],
)
def test_only_way_back_is_named_where_it_is_one(
    client: Client, catalog: Catalog, editors: Listing, who: str, words: str
) -> None:
    if who == "ada":
        client.force_login(make_user("ada"))
    email = {"email": "grace@people.example"} if who == "with an address" else {}

    page = client.get(send(client, new(editors), **TYPED, **email)["Location"]).content.decode()

    notices = [
        text
        for text in ("only way back", "We also e-mail you", "You can find it again")
        if text in page
    ]
    assert words in page
    assert len(notices) == 1


def test_refused_move_says_why_at_the_top(client: Client, catalog: Catalog) -> None:
    editors = catalog.listings.get(kind="list")
    response = send(client, about(catalog, "Alpha", "move"), target=str(editors.pk), reason="x")

    top = [str(error) for error in response.context["form"].non_field_errors()]
    assert response.status_code == 400
    assert top[0] == "Not sent yet. Please check the marked fields below."
    assert top[1:] == [remark.message for remark in response.context["preview"].whole]
    assert top[1:]


# Several at once


def pasted(client: Client, listing: Listing, text: str) -> Any:
    url = f"/contribute/tools/new/several/?listing={listing.pk}"
    return client.post(url, {"do": "read", "pasted": text})


def shown(response: Any) -> list[dict[str, str]]:
    """What stands on the cards."""
    return [
        {field.name: field.value() for field in card.form.own_fields if field.value()}
        for card in response.context["cards"]
    ]


def test_row_of_the_own_table_fills_the_cells(
    client: Client, catalog: Catalog, models: Listing
) -> None:
    rows = (
        "| Name | Language | Main feature |\r\n| :--- | --- | --- |\r\n"
        "| [Gamma](https://gamma.example/X) | en/zh | Says `a \\| b`. |\r\n"
        "| [Delta](https://delta.example/) | | Tiny. |\r\n"
        "- [Eps](https://eps.example/) - Small.\r\n"
    )

    response = pasted(client, models, rows)

    assert shown(response) == [
        {"name": "Gamma", "url": "https://gamma.example/X", "cell-1": "en/zh",
         "cell-2": "Says `a | b`."},
        {"name": "Delta", "url": "https://delta.example/", "cell-2": "Tiny."},
        {"name": "Eps", "url": "https://eps.example/", "cell-2": "Small."},
    ]  # fmt: skip
    assert response.context["cards"][0].preview.lines.added == [
        "| [Gamma](https://gamma.example/X) | en/zh | Says `a \\| b`. |"
    ]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("https://github.com/Foo/BarBaz", "BarBaz"),
        ("https://github.com/Foo/BarBaz.git", "BarBaz"),
        ("- <https://host.example/a/KaKoune/>", "KaKoune"),
        ("[barBAZ](https://github.com/Foo/BarBaz)", "barBAZ"),
    ],
)
def test_names_of_a_paste_are_as_written(
    client: Client, catalog: Catalog, editors: Listing, line: str, name: str
) -> None:
    assert [card["name"] for card in shown(pasted(client, editors, line))] == [name]


def test_line_without_a_link_raises_a_question(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    text = "Thanks for this list!\n- [Helix](https://helix.example/) - Modal."
    response = pasted(client, editors, text)
    form = response.context["form"]

    assert [card["name"] for card in shown(response)] == ["Helix"]
    assert form["pasted"].value() == "Thanks for this list!"
    assert [*form.errors["pasted"]] == [
        "These lines have no link: add one to each, or delete them."
    ]
    url = f"/contribute/tools/new/several/?listing={editors.pk}"
    forms = [form, *(card.form for card in response.context["cards"])]
    typed = {bound.html_name: bound.value() or "" for each in forms for bound in each}
    typed |= {"consent": "on"}
    assert send(client, url, **typed).status_code == 200
    assert Submission.objects.count() == 0
    assert send(client, url, **typed | {"pasted": ""}).status_code == 302


def test_more_lines_than_go_at_once_stay_in_the_box(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    lines = [f"- [N{n}](https://n{n}.example) - Number {n}." for n in range(22)]
    response = pasted(client, editors, "\n".join(lines))

    assert len(response.context["cards"]) == 20
    assert response.context["form"]["pasted"].value() == "\n".join(lines[20:])
    assert "send these first" in str(response.context["form"].errors["pasted"])


def test_paste_stays_a_draft_until_it_is_sent(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    url = f"/contribute/tools/new/several/?listing={editors.pk}"

    page = client.get(url).content.decode()
    assert f'data-draft="several:tools:{editors.pk}"' in page
    assert 'data-sent="1"' in client.get("/contribute/mine/?sent=1").content.decode()


def test_lines_become_cards_and_submissions(
    client: Client, catalog: Catalog, editors: Listing
) -> None:
    client.force_login(make_user("ada"))
    url = f"/contribute/tools/new/several/?listing={editors.pk}"
    pasted = "- [Helix](https://helix.example/) - Modal.\r\n\r\nhttps://host.example/kakoune\r\n"

    page = client.post(url, {"do": "read", "pasted": pasted})

    cards = [card.form for card in page.context["cards"]]
    values = {
        f"{card.prefix}-{name}": card[name].value()
        for card in cards
        for name in ("name", "url", "description")
    }
    assert values == {
        "e0-name": "Helix",
        "e0-url": "https://helix.example/",
        "e0-description": "Modal.",
        "e1-name": "kakoune",
        "e1-url": "https://host.example/kakoune",
        "e1-description": "",
    }
    response = send(client, url, **{**values, "e1-name": ""})
    assert [card.form["url"].value() for card in response.context["cards"]] == [
        "https://host.example/kakoune"
    ]
    assert the_submission().name == "Helix"


def test_kind_of_every_form_is_known() -> None:
    from submissions.forms.entry import FORMS

    # Nobody proposes lines of the file but the file.
    assert set(FORMS) == set(Kind.values) - {Kind.LINES}


def test_actor_of_moderator_may_not_be_forged(client: Client, catalog: Catalog) -> None:
    send(client, about(catalog, "Vim", "remove"), why="spam", reason="x", decided_by="1")

    assert the_submission().decided_by is None
    assert isinstance(make_moderator(catalog), Actor)


@pytest.mark.parametrize(
    "address",
    [
        "/contribute/tools/new/?listing=%00",
        "/contribute/tools/new/?section=%00",
        "/contribute/tools/new/?section=../../etc",
        f"/contribute/tools/new/?q={'x' * 5000}",
        "/contribute/none/new/",
        "/contribute/tools/entries/99999999999999999999999/edit/",
        "/contribute/tools/entries/0/report/",
        "/contribute/tools/new/several/?listing=none",
        "/contribute/mine/?catalog=%00&status=%00",
        "/contribute/mine/?page=x",
        "/contribute/s/new/",
    ],
)
def test_odd_address_is_answered(client: Client, catalog: Catalog, address: str) -> None:
    client.force_login(make_user("ada"))

    assert client.get(address).status_code in {200, 404}


@pytest.mark.parametrize("cookie", ["x", "W10:x:y", "a" * 4000])
def test_forged_cookie_opens_nothing(client: Client, catalog: Catalog, cookie: str) -> None:
    client.cookies["contributed"] = cookie

    assert client.get("/contribute/mine/").context["rows"] == []


def test_suggestion_that_maintainers_have_not_confirmed_has_no_form(
    client: Client, catalog: Catalog
) -> None:
    vim = catalog.entries.get(name="Vim")
    catalog.entries.filter(pk=vim.pk).update(state="suggested")

    assert client.get(f"/contribute/tools/entries/{vim.pk}/edit/").status_code == 404
    data = {"kind": "edit", "entry": vim.pk, "name": "x"}
    assert client.post("/contribute/tools/preview/", data).status_code == 404


@pytest.mark.parametrize("kind", ["", "x", "add\0"])
def test_preview_of_no_form_is_none(client: Client, catalog: Catalog, kind: str) -> None:
    response = client.post("/contribute/tools/preview/", {"kind": kind, "answers": "\0"})

    assert response.status_code == 404
