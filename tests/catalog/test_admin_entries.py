"""Entries in the administration: found, decided on, tagged, edited, moved, removed."""

from typing import Any

import pytest
from django.test import Client

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.history import By
from catalog.importing import import_text
from catalog.models import Catalog, Entry
from tests.catalog.admin_pages import (
    TEXT,
    make_list,
    member,
    messages_of,
    page,
    signed_in,
    superuser,
    url,
    verbs,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> Catalog:
    return make_list()


@pytest.fixture
def ada() -> Client:
    return signed_in(superuser())


def listed(client: Client, **query: Any) -> list[str]:
    """Names of the entries the table shows."""
    response = client.get(url("entry_changelist"), query)
    assert response.status_code == 200
    return [entry.name for entry in response.context["cl"].result_list]


# Finding


def test_entries_are_narrowed_by_list_state_tag_section_and_words(
    ada: Client, catalog: Catalog
) -> None:
    make_list("# Other\n\n- [Else](https://example.com/else)\n", slug="other")
    one = catalog.pk

    assert listed(ada, catalog=one, state="published") == [
        "Ed", "Vi", "Nano", "Bash", "Fish", "Zsh",
    ]  # fmt: skip
    assert len(listed(ada, catalog=one, state="waiting")) == 1
    assert listed(ada, catalog=one, state="removed") == []
    assert listed(ada, q="else") == ["Else"]
    assert listed(ada, q="example.org/vi") == ["Vi"]
    go = catalog.facets.get(slug="language").tags.get(name="Go")
    assert listed(ada, tag=go.pk) == ["Ed"]
    shells = catalog.sections.get(title="Shells")
    assert listed(ada, section=shells.pk) == ["Bash", "Fish", "Zsh"]
    assert listed(ada, listing=catalog.listings.get(kind="table").pk) == ["Ed", "Vi", "Nano"]


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "0"])
def test_filters_take_any_value(ada: Client, catalog: Catalog, value: str) -> None:
    for name in ("catalog", "tag", "section", "listing", "state"):
        assert ada.get(url("entry_changelist"), {name: value}).status_code in {200, 302}


def test_table_of_entries_takes_the_same_queries_for_any_number(
    ada: Client, django_assert_num_queries: Any
) -> None:
    catalog = make_list("# T\n\n## S\n\n- [A](https://a.example)\n")
    ada.get(url("entry_changelist"))
    with django_assert_num_queries(5):
        ada.get(url("entry_changelist"))
    more = "# T\n\n## S\n\n- [A](https://a.example)\n\n## U\n\n- [B](https://b.example)\n- [C](https://c.example)\n"
    import_text(more, catalog=catalog, by=By())
    with django_assert_num_queries(5):
        ada.get(url("entry_changelist"))


def test_page_of_an_entry_takes_a_fixed_number_of_queries(
    ada: Client, catalog: Catalog, django_assert_num_queries: Any
) -> None:
    for name in ("Nano", "Ed"):
        entry = catalog.entries.get(name=name)
        with django_assert_num_queries(ENTRY_PAGE_QUERIES):
            ada.get(url("entry_change", entry.pk))


ENTRY_PAGE_QUERIES = 11


# Deciding


def test_suggested_entries_are_confirmed_and_dismissed_in_bulk(
    ada: Client, catalog: Catalog
) -> None:
    suggested = catalog.entries.get(state="suggested")
    data = {"action": "confirm", "_selected_action": [suggested.pk]}

    done = ada.post(url("entry_changelist"), data, follow=True)

    assert messages_of(done) == ["1 entry was decided on."]
    suggested.refresh_from_db()
    catalog.refresh_from_db()
    assert (suggested.state, suggested.decision) == ("published", "confirmed")
    assert (catalog.entry_count, catalog.suggested_count) == (7, 0)
    assert verbs(catalog) == ["import", "settings"]
    assert check_catalog(catalog) == []
    again = ada.post(url("entry_changelist"), data, follow=True)
    assert messages_of(again) == ["0 entries were decided on."]

    ada.post(url("entry_decide", suggested.pk), {"decision": "dismissed"})

    suggested.refresh_from_db()
    catalog.refresh_from_db()
    assert (suggested.state, suggested.decision) == ("suggested", "dismissed")
    assert catalog.entry_count == 6
    assert export_markdown(catalog) == TEXT
    assert check_catalog(catalog) == []


def test_decision_survives_a_newer_readme(ada: Client, catalog: Catalog) -> None:
    suggested = catalog.entries.get(state="suggested")
    ada.post(url("entry_decide", suggested.pk), {"decision": "confirmed"})

    import_text(TEXT.replace("first.", "at first."), catalog=catalog, by=By())

    suggested.refresh_from_db()
    assert (suggested.state, suggested.decision) == ("published", "confirmed")


# Tagging


def tags_of(entry: Entry) -> set[tuple[str, str]]:
    return set(entry.entry_tags.values_list("tag__name", "origin"))


def test_entry_is_tagged_by_hand_and_a_derived_tag_is_taken_off_and_given_back(
    ada: Client, catalog: Catalog
) -> None:
    entry = catalog.entries.get(name="Ed")
    facet = catalog.facets.get(slug="language")
    address = url("entry_tags", entry.pk)
    ada.post(url("facet_change", facet.pk), {"name": "Rust"})

    done = ada.post(address, {"facet": facet.pk, "tag": "rust"}, follow=True)
    assert messages_of(done)[-1] == "The tag Rust was given."
    assert tags_of(entry) == {("C", "cell"), ("Go", "cell"), ("Rust", "hand")}
    go = facet.tags.get(name="Go")
    ada.post(address, {"take_off": go.pk})
    assert tags_of(entry) == {("C", "cell"), ("Rust", "hand")}
    assert "taken off by hand" in page(ada.get(url("entry_change", entry.pk)))
    ada.post(address, {"put_on": go.pk})
    assert tags_of(entry) == {("C", "cell"), ("Go", "cell"), ("Rust", "hand")}
    unknown = ada.post(address, {"facet": facet.pk, "tag": "Fortran"}, follow=True)
    sentence = "Language has no tag “Fortran”; add it to the facet first."
    assert messages_of(unknown)[-1] == sentence
    assert export_markdown(catalog) == TEXT


def test_tag_of_another_list_cannot_be_given(ada: Client, catalog: Catalog) -> None:
    other = make_list(slug="other")
    theirs = other.facets.get(slug="language").tags.get(name="Go")
    entry = catalog.entries.get(name="Vi")

    assert ada.post(url("entry_tags", entry.pk), {"put_on": theirs.pk}).status_code == 404
    assert ada.post(url("entry_tags", entry.pk), {"put_on": "x"}).status_code == 404
    assert tags_of(entry) == {("C", "cell")}


# Whose they are


def test_entries_of_another_list_are_neither_listed_nor_found(catalog: Catalog) -> None:
    other = make_list("# S\n\n- [Secret](https://secret.example)\n", slug="secret")
    secret = other.entries.get()
    client = signed_in(member("mai", catalog))

    assert "Secret" not in listed(client)
    assert listed(client, catalog=other.pk) == []
    assert client.get(url("entry_change", secret.pk)).status_code == 404
    for name, data in (("decide", {"decision": "dismissed"}), ("tags", {"put_on": "1"})):
        assert client.post(url(f"entry_{name}", secret.pk), data).status_code == 404
    action = {"action": "dismiss", "_selected_action": [secret.pk]}
    client.post(url("entry_changelist"), action)
    secret.refresh_from_db()
    assert secret.decision == ""


def test_moderator_of_one_list_and_maintainer_of_another_changes_the_other_only(
    catalog: Catalog,
) -> None:
    other = make_list(slug="other")
    person = member("mo", catalog, "moderator")
    person.memberships.create(catalog=other, role="maintainer")
    client = signed_in(person)
    both = list(Entry.objects.filter(state="suggested"))
    assert len(both) == 2

    client.post(
        url("entry_changelist"),
        {"action": "confirm", "_selected_action": [entry.pk for entry in both]},
    )

    assert dict(
        Entry.objects.filter(pk__in=[e.pk for e in both]).values_list("catalog", "decision")
    ) == {
        catalog.pk: "",
        other.pk: "confirmed",
    }
    own = catalog.entries.get(name="Vi")
    assert client.get(url("entry_change", own.pk)).status_code == 200
    assert client.post(url("entry_tags", own.pk), {"put_on": "1"}).status_code == 403
