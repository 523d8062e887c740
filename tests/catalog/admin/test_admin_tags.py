"""Columns, facets, tags and the history in the administration."""

from typing import Any

import pytest
from django.test import Client

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Catalog, Column, Facet, Tag, TagAlias
from tests.catalog.admin.admin_pages import (
    TEXT,
    download,
    hidden,
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


def names(catalog: Catalog, facet: str) -> dict[str, int]:
    tags = Tag.objects.filter(facet__catalog=catalog, facet__slug=facet).used()
    return dict(tags.order_by("name").values_list("name", "entry_count"))


def column_data(client: Client, column: Column, **values: str) -> dict[str, str]:
    response = client.get(url("column_change", column.pk))
    return {"role": "", "facet": "", "separators": "", **hidden(response, "revision"), **values}


def test_column_is_decided_and_its_tags_follow(ada: Client, catalog: Catalog) -> None:
    column = catalog.columns.get(key="language")
    data = column_data(ada, column, role="facet", facet="tongue", separators="/")

    done = ada.post(url("column_change", column.pk), data, follow=True)

    assert messages_of(done) == ["The column was saved and the tags were updated."]
    assert names(catalog, "tongue") == {"C": 3, "Go": 1}
    assert verbs(catalog) == ["import", "tags"]
    assert export_markdown(catalog) == TEXT
    assert check_catalog(catalog) == []
    again = column_data(ada, column, role="facet", facet="tongue", separators="/")
    ada.post(url("column_change", column.pk), again)
    assert verbs(catalog) == ["import", "tags"]


def test_column_shows_its_guess_and_some_cells(ada: Client, catalog: Catalog) -> None:
    text = page(ada.get(url("column_change", catalog.columns.get(key="language").pk)))

    assert "as guessed: facet values" in text
    assert "C/Go" in text


def test_column_that_cannot_be_is_refused_in_one_sentence(ada: Client, catalog: Catalog) -> None:
    column = catalog.columns.get(key="notes")
    data = column_data(ada, column, role="facet", facet="Not an address")

    response = ada.post(url("column_change", column.pk), data)

    assert "An address can contain only lower-case letters" in page(response)
    assert verbs(catalog) == ["import"]


def test_column_decided_on_an_older_list_is_refused(ada: Client, catalog: Catalog) -> None:
    column = catalog.columns.get(key="notes")
    data = column_data(ada, column, role="facet")
    import_text(TEXT + "\n- [New](https://n.example)\n", catalog=catalog, by=Author())

    assert "Someone else has changed" in page(ada.post(url("column_change", column.pk), data))
    assert verbs(catalog) == ["import", "import"]


def test_tag_is_renamed_and_its_old_name_stays_a_spelling(ada: Client, catalog: Catalog) -> None:
    tag = Tag.objects.get(facet__catalog=catalog, name="Go")
    address = url("tag_change", tag.pk)
    fields = hidden(ada.get(address), "revision")

    data = {"do": "rename", "name": "Golang", "slug": "golang", **fields}
    done = ada.post(address, data, follow=True)

    assert messages_of(done) == ["The tag was renamed."]
    assert names(catalog, "language") == {"C": 3, "Golang": 1}
    assert list(tag.aliases.values_list("spelling", flat=True)) == ["Go"]
    taken = ada.post(address, {**data, "name": "C", "revision": "2"})
    assert "merge the two instead" in page(taken)


def test_tags_are_merged(ada: Client, catalog: Catalog) -> None:
    tags = {tag.name: tag for tag in Tag.objects.filter(facet__catalog=catalog)}
    address = url("tag_merge", tags["C"].pk)

    assert "Go" in page(ada.get(address, {"q": "g"}))
    done = ada.post(address, {"others": [tags["Go"].pk]}, follow=True)

    assert messages_of(done) == ["1 tag was merged into C."]
    assert names(catalog, "language") == {"C": 3}
    import_text(TEXT + "\n", catalog=catalog, by=Author())
    assert names(catalog, "language") == {"C": 3}


def test_spellings_are_added_offered_taken_and_declined(ada: Client) -> None:
    text = TEXT.replace("| C |  |", "| Python / Pythons / Ruby / Rubys |  |")
    catalog = make_list(text)
    facet = Facet.objects.get(catalog=catalog, slug="language")
    address = url("facet_change", facet.pk)

    ada.post(address, {"suggest": "1"})
    offers = {alias.spelling: alias for alias in TagAlias.objects.filter(is_confirmed=False)}
    assert set(offers) == {"Pythons", "Rubys"}
    ada.post(address, {"alias": offers["Pythons"].pk, "confirm": "1"})
    ada.post(address, {"alias": offers["Rubys"].pk, "decline": "1"})
    assert set(names(catalog, "language")) == {"C", "Go", "Python", "Ruby", "Rubys"}
    assert not TagAlias.objects.filter(is_confirmed=False).exists()

    tag = Tag.objects.get(facet=facet, name="Ruby")
    ada.post(url("tag_change", tag.pk), {"do": "alias", "alias-name": "RB"})
    alias = TagAlias.objects.get(spelling="RB", tag=tag)
    ada.post(url("tag_change", tag.pk), {"do": "remove-alias", "alias": alias.pk})
    assert not TagAlias.objects.filter(spelling="RB").exists()
    assert check_catalog(catalog) == []


def test_tag_is_added_to_a_facet(ada: Client, catalog: Catalog) -> None:
    facet = Facet.objects.get(catalog=catalog, slug="language")
    address = url("facet_change", facet.pk)

    assert messages_of(ada.post(address, {"name": "Rust"}, follow=True)) == [
        "The tag Rust was added."
    ]
    assert "already means" in page(ada.post(address, {"name": "rust"}))


def test_spelling_of_another_list_cannot_be_decided(ada: Client, catalog: Catalog) -> None:
    other = make_list(slug="other")
    tag = Tag.objects.get(facet__catalog=other, name="Go")
    alias = TagAlias.objects.create(
        facet=tag.facet, spelling="go!", key="go!", tag=tag, is_confirmed=False
    )
    facet = Facet.objects.get(catalog=catalog, slug="language")

    response = ada.post(url("facet_change", facet.pk), {"alias": alias.pk, "confirm": "1"})

    assert response.status_code == 404
    alias.refresh_from_db()
    assert not alias.is_confirmed


# History


def test_history_shows_the_lines_of_a_revision(ada: Client, catalog: Catalog) -> None:
    newer = TEXT.replace("Has modes", "Modal").replace("# Tools", "# All tools")
    import_text(newer, catalog=catalog, by=Author(note="From Git"))
    revision = catalog.revisions.get(number=2)

    text = page(ada.get(url("revision_change", revision.pk)))

    assert "From Git" in text
    for part in ("Has modes", "Modal", "2 changes"):
        assert part in text
    old = ada.get(url("revision_text", catalog.revisions.get(number=1).pk))
    assert download(old) == TEXT.encode()


def test_history_of_one_entry_is_linked_from_its_page(ada: Client, catalog: Catalog) -> None:
    import_text(TEXT.replace("Has modes", "Modal"), catalog=catalog, by=Author())
    entry = catalog.entries.get(name="Vi")
    link = ada.get(url("entry_change", entry.pk)).context["history_url"]

    listed = ada.get(link).context["cl"].result_list

    assert [revision.number for revision in listed] == [2]


def test_history_can_be_neither_changed_nor_deleted(ada: Client, catalog: Catalog) -> None:
    revision = catalog.revisions.get()

    assert ada.get(url("revision_delete", revision.pk)).status_code == 403
    assert ada.get(url("revision_add")).status_code == 403
    ada.post(url("revision_change", revision.pk), {"note": "Mine"})
    ada.post(
        url("revision_changelist"), {"action": "delete_selected", "_selected_action": revision.pk}
    )
    assert catalog.revisions.get().note == ""


def test_facet_is_shown_as_a_maintainer_says(ada: Client, catalog: Catalog) -> None:
    facet = catalog.facets.get(slug="language")
    data = {
        "describe": "1",
        "facet-name": "Written in",
        "facet-description": "What it is made with.",
        "facet-rank": "7",
        **hidden(ada.get(url("facet_change", facet.pk)), "facet-revision"),
    }

    done = ada.post(url("facet_change", facet.pk), data, follow=True)

    assert messages_of(done) == ["The facet was saved."]
    facet.refresh_from_db()
    assert (facet.name, facet.description) == ("Written in", "What it is made with.")
    assert (facet.rank, facet.is_public) == (7, False)
    assert verbs(catalog) == ["import", "tags"]


def test_facet_that_moved_on_is_not_overwritten(ada: Client, catalog: Catalog) -> None:
    facet = catalog.facets.get(slug="language")
    data = {"describe": "1", "facet-name": "Mine", "facet-rank": "1", "facet-revision": "0"}

    response = ada.post(url("facet_change", facet.pk), data)

    assert "Someone else has changed" in page(response)
    assert catalog.facets.get(slug="language").name == facet.name


def test_tag_gets_a_description(ada: Client, catalog: Catalog) -> None:
    tag = Tag.objects.get(facet__catalog=catalog, name="Go")
    data = {
        "do": "describe",
        "about-description": "By Google.",
        **hidden(ada.get(url("tag_change", tag.pk)), "about-revision"),
    }

    done = ada.post(url("tag_change", tag.pk), data, follow=True)

    assert messages_of(done) == ["The description was saved."]
    assert Tag.objects.get(pk=tag.pk).description == "By Google."
    assert "By Google." in page(ada.get(tag.get_absolute_url()))


# Whose they are


@pytest.mark.parametrize("model", ["column", "facet", "tag", "revision", "section", "listing"])
def test_rows_of_another_list_are_neither_listed_nor_opened(catalog: Catalog, model: str) -> None:
    other = make_list(TEXT.replace("Shells", "Hidden").replace("notes", "secret"), slug="secret")
    rows: dict[str, Any] = {
        "column": other.columns.get(key="secret"),
        "facet": other.facets.first(),
        "tag": Tag.objects.filter(facet__catalog=other).first(),
        "revision": other.revisions.get(),
        "section": other.sections.get(title="Hidden"),
        "listing": other.listings.last(),
    }
    client = signed_in(member("mai", catalog))

    listed = client.get(url(f"{model}_changelist")).context["cl"]
    assert {row.pk for row in listed.result_list}.isdisjoint({rows[model].pk})
    assert listed.result_count > 0
    by_hand = client.get(url(f"{model}_changelist"), {"catalog": other.pk})
    assert by_hand.context["cl"].result_count == 0
    assert client.get(url(f"{model}_change", rows[model].pk)).status_code in {302, 403, 404}


@pytest.mark.parametrize("model", ["column", "facet", "tag", "revision", "section", "listing"])
def test_tables_take_the_same_queries_for_any_number_of_rows(
    ada: Client, model: str, django_assert_num_queries: Any
) -> None:
    make_list()
    ada.get(url(f"{model}_changelist"))
    with django_assert_num_queries(5):
        ada.get(url(f"{model}_changelist"))
    make_list(TEXT.replace("notes", "more"), slug="two")
    make_list(TEXT.replace("notes", "others"), slug="three")
    with django_assert_num_queries(5):
        ada.get(url(f"{model}_changelist"))


def test_moderator_may_look_at_tags_and_not_touch_them(catalog: Catalog) -> None:
    client = signed_in(member("mo", catalog, "moderator"))
    tag = Tag.objects.get(facet__catalog=catalog, name="Go")

    assert "Rename" not in page(client.get(url("tag_change", tag.pk)))
    data = {"do": "rename", "name": "Mine", "slug": "mine", "revision": "1"}
    assert client.post(url("tag_change", tag.pk), data).status_code == 403
    assert client.get(url("tag_merge", tag.pk)).status_code == 403
    assert client.post(url("facet_change", tag.facet_id), {"name": "X"}).status_code == 403
    settings = {"describe": "1", "facet-name": "X", "facet-rank": "1", "facet-revision": "1"}
    assert client.post(url("facet_change", tag.facet_id), settings).status_code == 403
    about = {"do": "describe", "about-description": "X", "about-revision": "1"}
    assert client.post(url("tag_change", tag.pk), about).status_code == 403
    column = catalog.columns.get(key="notes")
    assert client.post(url("column_change", column.pk), {"role": "facet"}).status_code == 403
    assert verbs(catalog) == ["import"]
