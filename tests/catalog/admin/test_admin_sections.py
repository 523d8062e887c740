"""Sections, prose and reverts in the administration."""

from typing import Any

import pytest
from django.test import Client

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Block, Catalog, Entry
from tests.catalog.admin.admin_pages import (
    TEXT,
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

PROSE = "# Tools\n\nWords first.  \nThen the list.\n"


@pytest.fixture
def catalog() -> Catalog:
    return make_list()


@pytest.fixture
def ada() -> Client:
    return signed_in(superuser())


def section_url(name: str, catalog: Catalog, title: str) -> str:
    return url(f"section_{name}", catalog.sections.get(title=title).pk)


def test_section_is_renamed_and_its_old_address_stays(ada: Client, catalog: Catalog) -> None:
    done = edited(ada, section_url("rename", catalog, "Shells"), title="All *shells*")

    assert messages_of(done) == ["The section was renamed."]
    assert changed_lines(TEXT, catalog) == ["- ## Shells", "+ ## All \\*shells\\*"]
    assert list(catalog.section_paths.values_list("path", flat=True)) == ["shells"]
    assert check_catalog(catalog) == []


def test_section_that_somebody_else_renamed_is_not_overwritten(
    ada: Client, catalog: Catalog
) -> None:
    address = section_url("rename", catalog, "Shells")
    data = opened(ada, address) | {"title": "Mine"}
    theirs = TEXT.replace("## Shells", "## Theirs")
    import_text(theirs, catalog=catalog, by=Author())

    answer = ada.post(address, {**data, "do": "save"})

    assert "Someone else has renamed this section" in page(answer)
    catalog.refresh_from_db()
    assert export_markdown(catalog) == theirs


def test_sections_are_added_after_and_below_another(ada: Client, catalog: Catalog) -> None:
    address = section_url("add_section", catalog, "Editors")

    edited(ada, address, title="Pagers", place="after")
    done = edited(ada, address, title="Modal", place="below")

    assert messages_of(done) == ["The section was added."]
    headings = catalog.sections.order_by("position").values_list("title", "level")
    assert list(headings) == [
        ("Tools", 1), ("Editors", 2), ("Modal", 3), ("Pagers", 2), ("Shells", 2),
    ]  # fmt: skip
    assert all(line.startswith("+ ") for line in changed_lines(TEXT, catalog))
    assert check_catalog(catalog) == []


def test_section_is_added_with_its_first_entry(ada: Client, catalog: Catalog) -> None:
    number = catalog.revision
    address = section_url("add_section", catalog, "Editors")

    edited(
        ada, address, title="Pagers", place="after", name="Less", url="https://less.example",
        description="Shows pages.",
    )  # fmt: skip

    catalog.refresh_from_db()
    entry = catalog.entries.get(name="Less")
    assert (entry.section and entry.section.title, catalog.revision) == ("Pagers", number + 1)
    assert changed_lines(TEXT, catalog)[:1] == ["+ ## Pagers"]
    assert check_catalog(catalog) == []


def test_section_is_removed_only_with_a_word_about_its_contents(
    ada: Client, catalog: Catalog
) -> None:
    address = section_url("remove", catalog, "Shells")

    refused = previewed(ada, address, note="Gone")
    assert "is not empty" in page(refused)
    done = edited(ada, address, note="Gone", with_contents="on")

    assert messages_of(done) == ["The section was removed."]
    assert [line for line in changed_lines(TEXT, catalog) if line.strip("- ")] == [
        "- ## Shells",
        "- - [Bash](https://example.org/bash) - The usual one.",
        "- - [Fish](https://example.org/fish) - A friendly one.",
        "- - [Zsh](https://example.org/zsh) - A large one.",
    ]
    assert check_catalog(catalog) == []


def test_prose_is_edited_exactly(ada: Client) -> None:
    text = TEXT.replace("# Tools\n", PROSE).replace("\n", "\r\n")
    catalog = make_list(text)
    block = Block.objects.get(catalog=catalog, source__startswith="Words")
    address = url("block_change", block.pk)

    same = previewed(ada, address)
    assert same.status_code == 302
    typed = opened(ada, address)["source"].replace("Then the list.", "Then  the rest.\t")
    done = edited(ada, address, source=typed)

    assert messages_of(done) == ["The text was saved."]
    catalog.refresh_from_db()
    assert export_markdown(catalog) == text.replace("Then the list.", "Then  the rest.\t")
    assert verbs(catalog) == ["import", "prose"]
    assert check_catalog(catalog) == []


def test_prose_that_would_swallow_what_follows_is_refused(ada: Client, catalog: Catalog) -> None:
    block = Block.objects.get(catalog=catalog, source__startswith="| name")

    answer = previewed(ada, url("block_change", block.pk), source="```")

    assert answer.context["form"].errors
    assert export_markdown(catalog) == TEXT


def test_lines_of_an_entry_lead_to_the_entry(ada: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Vi")
    answer = ada.get(url("block_change", entry.block_id))

    assert answer["Location"] == url("entry_change", entry.pk)


def test_revision_is_reverted_with_a_preview(ada: Client, catalog: Catalog) -> None:
    zsh = "- [Zsh](https://example.org/zsh) - A large one.\n"
    newer = TEXT.replace("Has modes", "Modal").replace(zsh, "")
    import_text(newer, catalog=catalog, by=Author())
    later = newer.replace("A friendly one", "Friendly")
    import_text(later, catalog=catalog, by=Author())
    revision = catalog.revisions.get(number=2)
    assert "Revert…" in page(ada.get(url("revision_change", revision.pk)))
    address = url("revision_revert", revision.pk)

    preview = previewed(ada, address, note="Was right")
    assert shown_diff(preview) == [
        "- | [Vi](https://example.org/vi) | C | Modal |",
        "+ | [Vi](https://example.org/vi) | C | Has modes |",
        "+ - [Zsh](https://example.org/zsh) - A large one.",
    ]
    assert export_markdown(catalog) == later
    done = edited(ada, address, note="Was right")

    assert messages_of(done) == ["The revision was reverted."]
    assert changed_lines(later, catalog) == shown_diff(preview)
    assert verbs(catalog) == ["import", "import", "import", "revert"]
    assert catalog.entries.get(name="Zsh").state == "published"
    assert check_catalog(catalog) == []


def test_revision_that_was_overtaken_is_not_reverted(ada: Client, catalog: Catalog) -> None:
    import_text(TEXT.replace("Has modes", "Modal"), catalog=catalog, by=Author())
    last = TEXT.replace("Has modes", "Two modes")
    import_text(last, catalog=catalog, by=Author())

    answer = previewed(ada, url("revision_revert", catalog.revisions.get(number=2).pk))

    assert "was changed again after revision 2" in page(answer)
    catalog.refresh_from_db()
    assert export_markdown(catalog) == last


def test_section_that_somebody_else_added_to_is_not_removed_unseen(
    ada: Client, catalog: Catalog
) -> None:
    address = section_url("remove", catalog, "Shells")
    data = opened(ada, address) | {"note": "Old.", "with_contents": "on"}
    theirs = TEXT + "- [Yash](https://yash.example) - Theirs.\n"
    import_text(theirs, catalog=catalog, by=Author())

    answer = ada.post(address, {**data, "do": "save"})

    assert "Someone else has changed the list" in page(answer)
    assert export_markdown(Catalog.objects.get()) == theirs
    done = ada.post(address, {**data, **hidden(answer, "revision"), "do": "save"}, follow=True)
    assert messages_of(done) == ["The section was removed."]


@pytest.mark.parametrize("role", ["moderator", ""])
def test_laying_a_list_out_is_for_its_maintainers(catalog: Catalog, role: str) -> None:
    other = make_list(slug="other")
    import_text(TEXT.replace("Has modes", "Modal"), catalog=catalog, by=Author())
    person = member("mo", catalog, role) if role else member("mai", other)
    client = signed_in(person)
    section = catalog.sections.get(title="Shells")
    prose = Block.objects.get(catalog=catalog, source__startswith="See")
    data = {"do": "save", "title": "Mine", "was": "Shells", "note": "x", "source": "Mine"}

    for address in (
        url("section_rename", section.pk),
        url("section_add_section", section.pk),
        url("section_remove", section.pk),
        url("block_change", prose.pk),
        url("revision_revert", catalog.revisions.get(number=2).pk),
    ):
        assert client.post(address, data).status_code == (403 if role else 404)
    assert verbs(catalog) == ["import", "import"]


def test_editing_forms_carry_what_they_are_based_on(ada: Client) -> None:
    text = TEXT.replace("# Tools\n", PROSE)
    catalog = make_list(text)
    block = Block.objects.get(catalog=catalog, source__startswith="Words")
    address = url("block_change", block.pk)
    data = opened(ada, address) | {"source": "Mine."}
    import_text(text.replace("Words first", "Words now"), catalog=catalog, by=Author())

    answer = ada.post(address, {**data, "do": "save"})

    assert "Someone else has changed these lines" in page(answer)
    assert "Mine." in page(answer)
    ada.post(address, {**data, **hidden(answer, "base"), "do": "save"})
    assert "\nMine.\n" in export_markdown(catalog)


def test_reading_is_corrected_after_a_look_at_what_changes(ada: Client, catalog: Catalog) -> None:
    address = section_url("reading", catalog, "Shells")
    typed = {"entries": "none", "note": "An example.", "revision": "1"}

    preview = ada.post(address, {**typed, "do": "preview"})

    assert "3 entries disappear" in page(preview)
    assert "Bash" in page(preview)
    assert Catalog.objects.get().revision == 1

    done = ada.post(address, {**typed, "do": "save"}, follow=True)

    assert messages_of(done) == ["Saved; the list was read again."]
    assert list(catalog.entries.published().values_list("name", flat=True)) == ["Ed", "Vi", "Nano"]
    newest = catalog.revisions.order_by("number").last()
    assert newest is not None
    assert (newest.actor_name, newest.note) == ("Ada L.", "An example.")
    # It can be seen, and taken back.
    assert 'value="none" selected' in ada.get(address).text
    ada.post(address, {"revision": "2", "do": "save"})
    assert catalog.entries.published().count() == 6
    assert check_catalog(catalog) == []


def test_reading_of_the_whole_list_and_of_tables(ada: Client, catalog: Catalog) -> None:
    whole = url("catalog_reading", catalog.pk)
    assert 'name="name"' not in ada.get(whole).text
    response = ada.post(whole, {"entries": "none", "revision": "1"})
    assert "6 entries disappear" in page(response)

    table = section_url("reading", catalog, "Editors")
    response = ada.post(table, {"name": "language", "revision": "1"})
    assert "Ed → C/Go" in page(response)


def test_reading_is_for_maintainers(catalog: Catalog) -> None:
    moderator = signed_in(member("mo", catalog, "moderator"))

    assert moderator.get(section_url("reading", catalog, "Shells")).status_code == 403
    assert moderator.get(url("catalog_reading", catalog.pk)).status_code == 403


# Moved, put in order, split, merged


def titles(catalog: Catalog) -> list[tuple[str, int]]:
    return list(catalog.sections.order_by("position").values_list("title", "level"))


def test_section_is_moved_below_another(ada: Client, catalog: Catalog) -> None:
    editors = catalog.sections.get(title="Editors").pk
    done = edited(ada, section_url("move", catalog, "Shells"), place="first", of=editors)

    assert messages_of(done) == ["The section was moved."]
    assert titles(catalog) == [("Tools", 1), ("Editors", 2), ("Shells", 3)]
    assert check_catalog(catalog) == []
    client = Client()
    assert client.get("/tools/shells/").headers["Location"] == "/tools/editors/shells/"


def test_sections_are_put_in_order(ada: Client, catalog: Catalog) -> None:
    shells = catalog.sections.get(title="Shells").pk
    editors = catalog.sections.get(title="Editors").pk
    address = section_url("order", catalog, "Editors")
    done = edited(ada, address, **{f"place-{editors}": 1, f"place-{shells}": 1})

    assert messages_of(done) == ["The sections were reordered."]
    assert titles(catalog) == [("Tools", 1), ("Shells", 2), ("Editors", 2)]
    assert check_catalog(catalog) == []


def test_section_is_split_and_merged_again(ada: Client, catalog: Catalog) -> None:
    vi = Entry.objects.get(name="Vi").pk
    address = section_url("split", catalog, "Editors")
    done = edited(ada, address, title="Modal", entries=[vi], below="on")

    assert messages_of(done) == ["The section was split."]
    assert titles(catalog) == [("Tools", 1), ("Editors", 2), ("Modal", 3), ("Shells", 2)]
    assert Entry.objects.get(pk=vi).section == catalog.sections.get(title="Modal")

    editors = catalog.sections.get(title="Editors").pk
    done = edited(ada, section_url("merge", catalog, "Modal"), into=editors)

    assert messages_of(done) == ["The sections were merged."]
    assert titles(catalog) == [("Tools", 1), ("Editors", 2), ("Shells", 2)]
    assert Entry.objects.get(pk=vi).section_id == editors
    assert check_catalog(catalog) == []
    assert Client().get("/tools/editors/modal/").headers["Location"] == "/tools/editors/"


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("move", {"place": "below", "of": 0}, "Select a valid choice."),
        ("merge", {"into": 0}, "Select a valid choice."),
        ("split", {"title": "X"}, "This field is required."),
    ],
)
def test_what_is_not_in_the_list_is_refused(
    ada: Client, catalog: Catalog, name: str, typed: dict[str, Any], why: str
) -> None:
    before = catalog.revision
    answer = ada.post(section_url(name, catalog, "Shells"), {**typed, "do": "save"})
    assert why in page(answer)
    assert Catalog.objects.get(pk=catalog.pk).revision == before


def test_moderators_arrange_nothing(catalog: Catalog) -> None:
    client = signed_in(member("mo", catalog, "moderator"))
    for name in ("move", "order", "split", "merge"):
        assert client.get(section_url(name, catalog, "Shells")).status_code == 403
