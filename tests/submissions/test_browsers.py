"""Contributing without an account: how much from one browser, one network, and from a script."""

from __future__ import annotations

import json
from typing import Any

import altcha
import pytest
from django.test import Client

from accounts.limits import Rate
from catalog.models import Catalog, Listing
from submissions import protection
from submissions.choices import Status
from submissions.models import Submission
from tests.submission_factories import entry_called, list_of, make_tools, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def form(catalog: Catalog) -> str:
    return f"/contribute/tools/new/?listing={list_of(catalog).pk}"


def stamp() -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: 1_700_000_000.0)
        return protection.new_stamp()


def typed(number: int = 1, **fields: str) -> dict[str, str]:
    address = f"https://helix{number}.example"
    entry = {"name": f"Helix {number}", "url": address, "description": f"Modal {number}."}
    return {**entry, "do": "send", "stamp": stamp(), **fields}


def solution(response: Any) -> str:
    """What a browser computes for the challenge of a form; '' where there is none."""
    if not (challenge := response.context["challenge"]):
        return ""
    made = altcha.Challenge.from_dict(json.loads(challenge))
    solved = altcha.solve_challenge(made)
    assert solved is not None
    return altcha.Payload(made, solved).to_base64()


def test_script_without_the_cookie_of_the_form_sends_none(client: Client, form: str) -> None:
    for number in range(3):
        response = Client().post(form, typed(number))

        assert response.status_code == 403
        assert response.context["form"]["name"].value() == f"Helix {number}"
        assert "blocks this site&#x27;s cookie" in response.content.decode()
    assert Submission.objects.count() == 0

    # The answer brought the cookie: a browser that keeps it goes on from there.
    client.post(form, typed())
    assert client.post(form, typed()).status_code == 302


def test_cookie_is_of_forms_alone_and_of_nobody_with_an_account(
    client: Client, catalog: Catalog, form: str
) -> None:
    client.get(catalog.get_absolute_url())
    client.get("/contribute/tools/")
    assert "contributor" not in client.cookies

    cookie = client.get(form).cookies["contributor"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/contribute/", True, "Lax")
    assert "contributor" not in client.get(form).cookies
    known = Client()
    known.force_login(make_user())
    known.get(form)
    assert "contributor" not in known.cookies


def test_second_proposal_is_spoken_of_before_anything_is_typed(client: Client, form: str) -> None:
    client.get(form)
    tracking = client.post(form, typed())["Location"]
    notice = (
        "1 submission of yours is still open. To send another one now, give your e-mail address "
        "or sign in."
    )
    assert "To send another, you need an e-mail address or an account." in (
        client.get(tracking).content.decode()
    )

    report = f"/contribute/tools/entries/{entry_called('Alpha').pk}/report/"
    for page in (form, "/contribute/tools/new/", report):
        assert notice in client.get(page).content.decode(), page
    refused = client.post(form, typed(2))
    assert (refused.status_code, [*refused.context["form"].errors["email"]]) == (429, [notice])
    for number in (2, 3):
        sent = client.post(form, typed(number, email=f"grace{number}@people.example"))
        assert sent.status_code == 302
    full = client.get(form)
    assert "form" not in full.context
    assert "3 submissions of yours are still open. To send another one now, sign in; or wait" in (
        full.content.decode()
    )
    assert Submission.objects.get(name="Helix 1").get_absolute_url() in full.content.decode()
    last = client.get(Submission.objects.get(name="Helix 3").get_absolute_url() + "?sent=1")
    assert "Suggest another one here" not in last.content.decode()


def test_account_at_its_cap_sees_it_before_typing(client: Client, form: str) -> None:
    client.force_login(make_user())
    for number in range(3):
        assert client.post(form, typed(number)).status_code == 302

    page = client.get(form).content.decode()

    assert "3 submissions of yours are still open. You can send more once some are" in page
    assert 'name="do"' not in page
    Submission.objects.filter(name="Helix 1").update(status=Status.WITHDRAWN)
    assert 'name="do"' in client.get(form).content.decode()


def test_people_behind_one_address_are_let_in_and_wait_longer_and_longer(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "TRIES", 2)
    weights = []
    for number in range(12):
        browser = Client()
        opened = browser.get(form)
        challenge = opened.context["challenge"]
        weights.append(json.loads(challenge)["parameters"]["data"]["weight"] if challenge else 0)
        if challenge:
            without = browser.post(form, typed(number))
            assert (without.status_code, Submission.objects.count()) == (403, number)
        sent = browser.post(form, typed(number, solution=solution(opened)))
        assert sent.status_code == 302, sent.context["form"].errors

    assert weights == [0] * 5 + [*range(5, 12)]


def test_network_sends_sixty_an_hour(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Rate(60, 3600) == protection.BY_NETWORK
    monkeypatch.setattr(protection, "BY_NETWORK", Rate(6, 3600))
    monkeypatch.setattr(protection, "weight_for", lambda *_, **__: 0)
    statuses = []
    for number in range(8):
        browser = Client()
        browser.get(form)
        statuses.append(browser.post(form, typed(number)).status_code)

    assert statuses == [302] * 6 + [429] * 2


# A paste counts once


@pytest.fixture
def several(catalog: Catalog) -> str:
    listing: Listing = list_of(catalog)
    return f"/contribute/tools/new/several/?listing={listing.pk}"


def cards(page: Any, **more: str) -> dict[str, str]:
    """What the page of a paste sends as it is shown."""
    shown = {
        bound.html_name: bound.value() or ""
        for card in page.context["cards"]
        for bound in card.form
    }
    return {**shown, "batch": page.context["batch"], "stamp": stamp(), "do": "send", **more}


def test_paste_counts_once_and_what_was_mended_in_it_with_it(
    client: Client, several: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "TRIES", 20)
    client.get(several)
    lines = [f"- [Helix {n}](https://helix{n}.example) - Modal {n}." for n in range(4)]
    lines[3] = "- [Helix 3](ftp://helix3.example) - Modal 3."
    monkeypatch.setattr(protection, "weight_for", lambda *_, **__: 1)
    read = client.post(several, {"do": "read", "pasted": "\n".join(lines)})

    left = client.post(several, cards(read, solution=solution(read)))
    assert (left.status_code, Submission.objects.count()) == (400, 3)
    assert len(left.context["cards"]) == 1
    [card] = left.context["cards"]
    mended = {f"{card.form.prefix}-url": "https://helix3.example"}
    done = client.post(several, cards(left, solution=solution(left), **mended))

    assert (done.status_code, Submission.objects.count()) == (302, 4)
    assert len({*Submission.objects.values_list("batch", flat=True)}) == 1
    assert "1 submission of yours is still open." in client.get(form).content.decode()
    more = client.post(several, {"do": "read", "pasted": "https://kakoune.example"})
    another = client.post(several, cards(more, solution=solution(more), batch="x"))
    assert "still open" in str(another.context["form"].errors["email"])
    assert Submission.objects.count() == 4
