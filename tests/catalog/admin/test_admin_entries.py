"""Entries in the administration: found, decided on, tagged, edited, moved, removed."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Entry
from tests.catalog.admin.admin_pages import (
    TEXT,
    as_carried,
    changed_lines,
    edited,
    hidden,
    make_list,
    member,
    messages_of,
    opened,
    page,
    previewed,
    shown_diff,
    signed_in,
    superuser,
    url,
    verbs,
)

pytestmark = pytest.mark.django_db

OF_SOURCE = {("C", "cell"), ("Editors", "section")}


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


def test_entries_are_filtered_by_list_state_tag_section_and_words(
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
    # As readers find them; those that wait are found by a part of their name.
    assert listed(ada, catalog=one, q="shells fihs") == ["Fish"]
    [waiting] = catalog.entries.filter(state=Entry.State.SUGGESTED)
    assert listed(ada, q=waiting.name[1:]) == [waiting.name]
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
    import_text(more, catalog=catalog, by=Author())
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

    assert messages_of(done) == ["1 entry was updated."]
    suggested.refresh_from_db()
    catalog.refresh_from_db()
    assert (suggested.state, suggested.decision) == ("published", "confirmed")
    assert (catalog.entry_count, catalog.suggested_count) == (7, 0)
    assert verbs(catalog) == ["import", "settings"]
    assert check_catalog(catalog) == []
    again = ada.post(url("entry_changelist"), data, follow=True)
    assert messages_of(again) == ["0 entries were updated."]

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

    import_text(TEXT.replace("first.", "at first."), catalog=catalog, by=Author())

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
    assert messages_of(done)[-1] == "The tag Rust was added."
    assert tags_of(entry) == {*OF_SOURCE, ("Go", "cell"), ("Rust", "hand")}
    go = facet.tags.get(name="Go")
    ada.post(address, {"take_off": go.pk})
    assert tags_of(entry) == {*OF_SOURCE, ("Rust", "hand")}
    assert "removed by hand" in page(ada.get(url("entry_change", entry.pk)))
    ada.post(address, {"put_on": go.pk})
    assert tags_of(entry) == {*OF_SOURCE, ("Go", "cell"), ("Rust", "hand")}
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
    assert tags_of(entry) == OF_SOURCE


# Whose they are


def test_entries_of_another_list_are_neither_listed_nor_opened(catalog: Catalog) -> None:
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


# Editing


def test_entry_is_edited_by_field_and_only_its_line_changes(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Vi")
    address = url("entry_change", entry.pk)
    typed = {"cell-1": "C/Rust", "cell-2": "Modal | `a`", "note": "Better"}

    preview = previewed(ada, address, **typed)

    assert shown_diff(preview) == [
        "- | [Vi](https://example.org/vi) | C | Has modes |",
        "+ | [Vi](https://example.org/vi) | C/Rust | Modal \\| `a` |",
    ]
    assert export_markdown(catalog) == TEXT
    done = edited(ada, address, **typed)
    assert messages_of(done) == ["The entry was saved."]
    assert changed_lines(TEXT, catalog) == shown_diff(preview)
    newest = catalog.revisions.get(number=2)
    assert (newest.verb, newest.actor_name, newest.note) == ("change", "Ada L.", "Better")
    assert check_catalog(catalog) == []


def test_name_url_and_description_of_an_item_are_fields(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Fish")
    edited(
        ada,
        url("entry_change", entry.pk),
        name="fish [shell]",
        url="https://fishshell.com/(new)",
        description="Friendly.",
    )

    entry.refresh_from_db()
    assert (entry.name, entry.url) == ("fish [shell]", "https://fishshell.com/(new)")
    assert entry.description == "Friendly."
    assert len(changed_lines(TEXT, catalog)) == 2
    assert check_catalog(catalog) == []


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("view", ["entry_change", "entry_source"])
def test_nothing_typed_is_nothing_changed(ada: Client, ending: str, view: str) -> None:
    lines = " -  A friendly  \n  one.  \n\n  And more.\t"
    text = TEXT.replace(" - A friendly one.", lines)
    text = text.replace("\n", ending)
    catalog = make_list(text)
    for entry in catalog.entries.filter(state="published", is_opaque=False):
        answer = previewed(ada, url(view, entry.pk))
        assert answer.status_code == 302, answer.context["form"].errors

    assert verbs(catalog) == ["import"]
    assert export_markdown(catalog) == text


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_source_is_written_exactly_with_its_own_line_endings(ada: Client, ending: str) -> None:
    item = "- [Fish](https://example.org/fish) - A friendly one.  \n  It is  new.\n"
    text = TEXT.replace("- [Fish](https://example.org/fish) - A friendly one.\n", item)
    text = text.replace("\n", ending)
    catalog = make_list(text)
    entry = catalog.entries.get(name="Fish")
    typed = item.rstrip("\n").replace("new.", "\tnew, 新.  ").replace("\n", "\r\n")

    done = edited(ada, url("entry_source", entry.pk), source=typed)

    assert messages_of(done) == ["The entry was saved."]
    catalog.refresh_from_db()
    assert export_markdown(catalog) == text.replace("  It is  new.", "  It is  \tnew, 新.  ")
    assert check_catalog(catalog) == []


def test_source_that_would_be_another_thing_is_refused(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Fish")

    answer = previewed(ada, url("entry_source", entry.pk), source="# Fish")

    assert answer.context["form"].non_field_errors()
    assert "# Fish" in page(answer)
    assert export_markdown(catalog) == TEXT


def test_field_that_cannot_be_written_says_so_at_the_field(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Fish")

    answer = previewed(ada, url("entry_change", entry.pk), name="")

    assert "name" in answer.context["form"].errors
    assert export_markdown(catalog) == TEXT


def test_source_that_somebody_else_changed_keeps_what_was_typed(
    ada: Client, catalog: Catalog
) -> None:
    entry = catalog.entries.get(name="Vi")
    address = url("entry_source", entry.pk)
    data = opened(ada, address) | {"source": "| [Vi](https://example.org/vi) | C | Mine |"}
    theirs = TEXT.replace("Has modes", "Theirs")
    import_text(theirs, catalog=catalog, by=Author())

    answer = ada.post(address, {**data, "do": "save"})

    text = page(answer)
    assert "Someone else has changed these lines" in text
    assert ("| Mine |" in text, "| Theirs |" in text) == (True, True)
    catalog.refresh_from_db()
    assert export_markdown(catalog) == theirs
    again = ada.post(address, {**data, **hidden(answer, "base"), "do": "save"}, follow=True)
    assert messages_of(again) == ["The entry was saved."]
    assert changed_lines(theirs, catalog)[1] == "+ | [Vi](https://example.org/vi) | C | Mine |"


def test_fields_that_somebody_else_changed_stay_beside_what_was_typed(
    ada: Client, catalog: Catalog
) -> None:
    entry = catalog.entries.get(name="Vi")
    address = url("entry_change", entry.pk)
    data = opened(ada, address) | {"cell-2": "Mine"}
    theirs = TEXT.replace("| C | Has modes |", "| Go | Theirs |")
    import_text(theirs, catalog=catalog, by=Author())

    answer = ada.post(address, {**data, "do": "save"})

    form = answer.context["form"]
    assert (form["cell-1"].value(), form["cell-2"].value()) == ("Go", "Mine")
    assert form.errors["cell-2"] == ["Current value: Theirs"]
    catalog.refresh_from_db()
    assert export_markdown(catalog) == theirs
    again = dict.fromkeys(data, "") | {
        name: form.data[name] for name in form.data if name not in {"do"}
    }
    ada.post(address, {**again, "do": "save"})
    assert changed_lines(theirs, catalog) == [
        "- | [Vi](https://example.org/vi) | Go | Theirs |",
        "+ | [Vi](https://example.org/vi) | Go | Mine |",
    ]


def test_edit_elsewhere_in_the_list_is_no_conflict(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Vi")
    address = url("entry_change", entry.pk)
    data = opened(ada, address) | {"cell-2": "Mine"}
    import_text(TEXT.replace("A large one", "Large"), catalog=catalog, by=Author())

    ada.post(address, {**data, "do": "save"})

    catalog.refresh_from_db()
    assert "| C | Mine |" in export_markdown(catalog)


def test_back_to_editing_keeps_what_was_typed(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Vi")
    address = url("entry_change", entry.pk)
    preview = previewed(ada, address, **{"cell-2": "Nearly"})

    back = ada.post(address, {**as_carried(preview), "do": "edit"})

    assert back.context["form"]["cell-2"].value() == "Nearly"
    assert verbs(catalog) == ["import"]


# Adding, moving, removing


def test_entry_is_added_to_a_table_and_to_a_list(ada: Client, catalog: Catalog) -> None:
    table, items = catalog.listings.get(kind="table"), catalog.listings.get(kind="list")
    cells = {"name": "Emacs", "url": "https://example.org/emacs", "cell-1": "Lisp"}

    edited(ada, url("listing_add_entry", table.pk), **cells)
    fields = {"name": "Dash", "url": "https://example.org/dash", "description": "A small one."}
    done = edited(ada, url("listing_add_entry", items.pk), **fields)

    assert messages_of(done) == ["The entry was added."]
    assert sorted(changed_lines(TEXT, catalog)) == [
        "+ - [Dash](https://example.org/dash) - A small one.",
        "+ | [Emacs](https://example.org/emacs) | Lisp |  |",
    ]
    assert check_catalog(catalog) == []


def test_entry_is_moved_and_what_has_no_place_is_left_to_decide(
    ada: Client, catalog: Catalog
) -> None:
    entry = catalog.entries.get(name="Vi")
    shells = catalog.listings.get(kind="list")
    address = url("entry_move", entry.pk)

    requests = previewed(ada, address, listing=str(shells.pk))

    (sentence,) = requests.context["form"].non_field_errors()
    assert "“language”" in sentence
    assert [field.label for field in requests.context["form"].places()] == ["language", "notes"]
    assert export_markdown(catalog) == TEXT
    typed = {"listing": str(shells.pk), "place-1": "drop", "place-2": "drop"}
    done = edited(ada, address, **typed)
    assert messages_of(done) == ["The entry was moved."]
    lines = changed_lines(TEXT, catalog)
    assert "- | [Vi](https://example.org/vi) | C | Has modes |" in lines
    assert len(lines) == 2
    entry.refresh_from_db()
    assert entry.listing_id == shells.pk
    assert check_catalog(catalog) == []


def test_entry_cannot_be_moved_into_another_list(ada: Client, catalog: Catalog) -> None:
    other = make_list(slug="other")
    entry = catalog.entries.get(name="Vi")

    answer = previewed(
        ada,
        url("entry_move", entry.pk),
        listing=str(other.listings.first().pk),  # type: ignore[union-attr]
    )

    assert "There is no such listing in this list." in page(answer)


def test_places_to_move_to_are_searched_and_not_listed_all(ada: Client) -> None:
    sections = "".join(f"## Part {n}\n\n- [A{n}](https://a.example/{n})\n\n" for n in range(60))
    catalog = make_list(f"# T\n\n{sections}")
    address = url("entry_move", catalog.entries.get(name="A1").pk)

    first = ada.get(address)
    assert len(first.context["places"]) == 40
    assert first.context["more"]
    results = ada.get(address, {"q": "part 59"}).context["places"]
    assert [place.section.title for place in results] == ["Part 59"]


def test_entry_is_removed_with_a_reason(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Nano")
    address = url("entry_remove", entry.pk)

    assert "note" in previewed(ada, address).context["form"].errors
    done = edited(ada, address, note="Gone for good")

    assert messages_of(done) == ["The entry was removed."]
    assert changed_lines(TEXT, catalog) == ["- | [Nano](https://example.org/nano) | C |  |"]
    entry.refresh_from_db()
    assert entry.state == "removed"
    newest = catalog.revisions.get(number=2)
    assert (newest.verb, newest.note) == ("remove", "Gone for good")
    assert "It was removed from the list" in page(ada.get(url("entry_change", entry.pk)))
    assert check_catalog(catalog) == []


@pytest.mark.parametrize("name", ["change", "source", "move", "remove"])
def test_editing_is_for_maintainers_of_that_list(catalog: Catalog, name: str) -> None:
    other = make_list(slug="other")
    moderator = signed_in(member("mo", catalog, "moderator"))
    stranger = signed_in(member("mai", other))
    address = url(f"entry_{name}", catalog.entries.get(name="Vi").pk)
    data = {"do": "save", "note": "Mine", "source": "| x |", "base": "", "name": "Mine"}

    assert moderator.post(address, data).status_code == 403
    assert stranger.post(address, data).status_code == 404
    assert export_markdown(catalog) == TEXT
    assert verbs(catalog) == ["import"]


def test_adding_is_for_maintainers_of_that_list(catalog: Catalog) -> None:
    address = url("listing_add_entry", catalog.listings.get(kind="list").pk)
    other = make_list(slug="other")
    data = {"do": "save", "name": "Mine", "url": "https://m.example"}

    assert signed_in(member("mo", catalog, "moderator")).post(address, data).status_code == 403
    assert signed_in(member("mai", other)).post(address, data).status_code == 404
    assert export_markdown(catalog) == TEXT


def test_editing_takes_no_more_queries_in_a_longer_list(ada: Client) -> None:
    counts = []
    for number in (3, 40):
        rows = "".join(f"- [A{n}](https://a.example/{n}) - B.\n" for n in range(number))
        catalog = make_list(f"# T\n\n## S\n\n{rows}", slug=f"list-{number}")
        address = url("entry_change", catalog.entries.get(name="A1").pk)
        data = opened(ada, address) | {"description": "C."}
        with CaptureQueriesContext(connection) as preview:
            ada.post(address, {**data, "do": "preview"})
        with CaptureQueriesContext(connection) as save:
            ada.post(address, {**data, "do": "save"})
        counts.append((len(preview), len(save)))

    # The words of the first are known by then.
    assert counts[1] <= counts[0]
