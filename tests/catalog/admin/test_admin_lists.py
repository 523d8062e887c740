"""Lists in the administration: import, export, settings, health, backup, deletion."""

import io
import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Membership, User
from catalog.backups import restore_backup
from catalog.checking import check_catalog
from catalog.editing.settings import renamed_to
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Block, Catalog, Entry, Export
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
    upload,
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


def start_import(client: Client, catalog: Catalog, text: str | bytes) -> Any:
    """Upload a file for a list; the answer is the preview."""
    return client.post(url("catalog_reimport", catalog.pk), {"file": upload(text)}, follow=True)


def confirm(client: Client, preview: Any, catalog: Catalog, **data: str) -> Any:
    fields = hidden(preview, "sha256", "revision")
    return client.post(url("catalog_reimport_preview", catalog.pk), {**fields, **data}, follow=True)


def test_import_previews_what_would_change_and_then_does_exactly_that(
    ada: Client, catalog: Catalog
) -> None:
    newer = TEXT.replace("Has modes", "Has two modes").replace(
        "- [Fish](https://example.org/fish) - A friendly one.\n", ""
    )

    preview = start_import(ada, catalog, newer)

    assert "two" in page(preview)
    assert dict(preview.context["figures"]) == {
        "created": 0,
        "updated": 1,
        "moved": 0,
        "moved and edited": 0,
        "returned": 0,
        "merged into another entry": 0,
        "removed": 1,
        "unchanged": 4,
    }
    diff = preview.context["diff"]
    shown = [
        line.sign + "".join(line.text) for hunk in diff.hunks for line in hunk if line.sign != " "
    ]
    assert shown == [
        "-| [Vi](https://example.org/vi) | C | Has modes |",
        "+| [Vi](https://example.org/vi) | C | Has two modes |",
        "-- [Fish](https://example.org/fish) - A friendly one.",
    ]
    assert export_markdown(catalog) == TEXT

    done = confirm(ada, preview, catalog, note="From Git")

    (message,) = messages_of(done)
    assert message == (
        "The file was imported: 0 created, 1 updated, 0 moved, 0 moved and edited, 0 returned, "
        "0 merged into another entry, "
        "1 removed, 4 unchanged."
    )
    catalog.refresh_from_db()
    assert export_markdown(catalog) == newer
    newest = catalog.revisions.get(number=catalog.revision)
    assert (newest.actor_name, newest.note) == ("Ada L.", "From Git")
    assert check_catalog(catalog) == []


def test_import_of_a_new_list_keeps_every_byte(ada: Client) -> None:
    text = "\ufeff# Läden\r\n\r\n- [A](https://example.org/a) - One.  \r\n- [B](https://b.example)"

    preview = ada.post(
        url("catalog_import"),
        {"file": upload(text), "slug": "shops", "title": "Shops"},
        follow=True,
    )
    assert not Catalog.objects.exists()
    assert preview.context["summary"]["entries"] == 2
    done = ada.post(
        url("catalog_import_preview"), hidden(preview, "sha256", "revision"), follow=True
    )

    shops = Catalog.objects.get(slug="shops")
    assert export_markdown(shops) == text
    assert shops.title == "Shops"
    assert messages_of(done) == ["The list was imported with 2 entries."]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"caf\xe9", "README.md, line 1: byte 3 of the file (0xE9) is not UTF-8"),
        (b"a\n\0", "there is a NUL character"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_its_sentence(
    ada: Client, catalog: Catalog, data: bytes, sentence: str
) -> None:
    response = start_import(ada, catalog, data)

    assert sentence in page(response)
    assert export_markdown(catalog) == TEXT


def test_too_large_a_file_is_refused(ada: Client, catalog: Catalog, settings: Any) -> None:
    settings.MAX_IMPORT_BYTES = 10

    assert "larger than the limit of 10 bytes" in page(start_import(ada, catalog, TEXT))


@pytest.mark.parametrize(
    ("text", "title", "name", "slug"),
    [
        ("# Awesome Läden: A--Z\n", "", "README.md", "awesome-l-den-a-z"),
        ("# Other\n", "Shops & more", "README.md", "shops-and-more"),
        ("# Tools\n", "", "README.md", "tools-2"),
        ("# Admin\n", "", "README.md", "admin-2"),
        ("# 清单\n", "", "ai-tools.md", "ai-tools"),
        ("# 清单\n", "", "清单.md", "list"),
    ],
)
def test_address_is_made_from_the_title(
    ada: Client, catalog: Catalog, text: str, title: str, name: str, slug: str
) -> None:
    data = {"file": upload(text, name), "slug": "", "title": title}
    preview = ada.post(url("catalog_import"), data, follow=True)

    ada.post(url("catalog_import_preview"), hidden(preview, "sha256", "revision"))

    assert sorted(Catalog.objects.values_list("slug", flat=True)) == sorted(["tools", slug])


def test_maintainers_find_edit_on_the_pages_of_their_list(catalog: Catalog) -> None:
    entry = Entry.objects.get(name="Vi")
    other = make_list(slug="other")
    people = {
        "maintainer": signed_in(member("mia", catalog)),
        "moderator": signed_in(member("mo", catalog, Membership.Role.MODERATOR)),
        "of another list": signed_in(member("olga", other)),
        "visitor": Client(),
    }

    shown = {
        (who, path): re.findall(r'<a href="([^"]+)">Edit</a>', page(client.get(path)))
        for who, client in people.items()
        for path in (f"/tools/entries/{entry.pk}-vi/", "/tools/", "/tools/editors/")
    }

    of_list, of_entry = url("catalog_change", catalog.pk), url("entry_change", entry.pk)
    nothing: dict[tuple[str, str], list[str]] = {key: [] for key in shown}
    assert shown == nothing | {
        ("maintainer", f"/tools/entries/{entry.pk}-vi/"): [of_entry],
        ("maintainer", "/tools/"): [of_list],
        ("maintainer", "/tools/editors/"): [of_list],
    }


@pytest.mark.parametrize("slug", ["tools", "admin", "Not One"])
def test_address_that_cannot_be_had_is_refused_before_the_preview(
    ada: Client, catalog: Catalog, slug: str
) -> None:
    response = ada.post(url("catalog_import"), {"file": upload("# X\n"), "slug": slug})

    assert page(response)
    assert "slug" in response.context["form"].errors
    assert Catalog.objects.count() == 1


CHOICES = {
    "wait": ("wait", ["Has our modes"], 1),
    "ours": ("ours", ["Has our modes"], 0),
    "theirs": ("theirs", ["Has their modes"], 0),
    "both": ("both", ["Has our modes", "Has their modes"], 0),
    "own": ("own", ["Has modes of ours"], 0),
}


@pytest.mark.parametrize(("choice", "descriptions", "waiting"), CHOICES.values(), ids=CHOICES)
def test_conflicts_stand_side_by_side_and_each_is_a_choice(
    choice: str, descriptions: list[str], waiting: int, ada: Client, catalog: Catalog
) -> None:
    ours = TEXT.replace("Has modes", "Has our modes")
    import_text(ours, catalog=catalog, by=Author(), verb="change")
    theirs = TEXT.replace("Has modes", "Has their modes")

    preview = start_import(ada, catalog, theirs)

    (conflict,) = preview.context["plan"].conflicts
    assert ("Has modes" in conflict.base, "our" in conflict.ours, "their" in conflict.theirs) == (
        True,
        True,
        True,
    )
    assert "Has our modes" in page(preview)
    row = "| [Vi](https://example.org/vi) | C | {} |"

    chosen = {"choice-0": choice, "own-0": row.format("Has modes of ours")}
    confirm(ada, preview, catalog, **chosen)

    rows = [line for line in export_markdown(catalog).splitlines() if "[Vi]" in line]
    assert rows == [row.format(description) for description in descriptions]
    assert catalog.submissions.filter(status="conflict").count() == waiting
    again = start_import(ada, catalog, theirs)
    assert again.context["plan"].conflicts == []


def test_import_is_shown_again_when_the_list_has_moved_on(ada: Client, catalog: Catalog) -> None:
    preview = start_import(ada, catalog, TEXT.replace("Has modes", "Modal"))
    newer = TEXT.replace("A large one", "A larger one")
    import_text(newer, catalog=catalog, by=Author(), verb="change")

    again = confirm(ada, preview, catalog)

    assert again.status_code == 409
    assert "while you were looking" in page(again)
    catalog.refresh_from_db()
    assert export_markdown(catalog) == newer
    confirm(ada, again, catalog)
    catalog.refresh_from_db()
    assert "Modal" in export_markdown(catalog)
    assert "A larger one" in export_markdown(catalog)


def test_the_same_file_changes_nothing(ada: Client, catalog: Catalog) -> None:
    preview = start_import(ada, catalog, TEXT)
    done = confirm(ada, preview, catalog)

    assert messages_of(done) == ["Nothing has changed: the list already equals the file."]
    assert verbs(catalog) == ["import"]


def test_only_the_file_that_was_shown_is_imported(ada: Client, catalog: Catalog) -> None:
    first = start_import(ada, catalog, TEXT.replace("Has modes", "First"))
    start_import(ada, catalog, TEXT.replace("Has modes", "Second"))

    answer = confirm(ada, first, catalog)

    assert messages_of(answer) == [
        "The upload has expired and nothing was changed. Choose the file again."
    ]
    assert verbs(catalog) == ["import"]


def test_upload_is_stored_once_a_person_and_dropped_after_use(
    ada: Client, catalog: Catalog
) -> None:
    before = Session.objects.count()
    start_import(ada, catalog, TEXT + "- [A](https://a.example)\n")
    preview = start_import(ada, catalog, TEXT + "- [B](https://b.example)\n")
    assert Session.objects.count() == before + 1

    confirm(ada, preview, catalog)

    assert Session.objects.count() == before
    other = make_list(slug="other")
    start_import(ada, other, TEXT)
    canceled = ada.post(url("catalog_reimport_preview", other.pk), {"cancel": "1"})
    assert canceled["Location"] == url("catalog_change", other.pk)
    assert Session.objects.count() == before


def test_upload_of_one_list_is_not_taken_for_another(ada: Client, catalog: Catalog) -> None:
    other = make_list(slug="other")
    preview = start_import(ada, catalog, TEXT + "- [A](https://a.example)\n")

    answer = confirm(ada, preview, other)

    assert "Choose the file again" in messages_of(answer)[0]
    assert export_markdown(other) == TEXT


def test_export_gives_the_exact_bytes_and_is_remembered(ada: Client, catalog: Catalog) -> None:
    response = ada.post(url("catalog_export", catalog.pk), {"format": "markdown"})

    assert download(response) == TEXT.encode()
    assert response["Content-Disposition"] == 'attachment; filename="README.md"'
    assert list(Export.objects.values_list("catalog", "number")) == [(catalog.pk, 1)]


@pytest.mark.parametrize("name", ["json", "csv", "yaml"])
def test_other_formats_are_downloads_too(ada: Client, catalog: Catalog, name: str) -> None:
    response = ada.post(url("catalog_export", catalog.pk), {"format": name})

    assert b"https://example.org/vi" in download(response)
    assert not Export.objects.exists()
    assert ada.get(url("catalog_export", catalog.pk)).status_code == 405
    assert ada.post(url("catalog_export", catalog.pk), {"format": "odt"}).status_code == 405


def settings_data(catalog: Catalog, **changes: str) -> dict[str, Any]:
    names = ("title", "slug", "description", "source_url", "license", "license_url", "language")
    values = {name: getattr(catalog, name) for name in (*names, "guidelines", "revision")}
    return {**values, **changes}


def test_settings_are_saved_as_a_revision(ada: Client, catalog: Catalog) -> None:
    address = url("catalog_change", catalog.pk)
    done = ada.post(address, settings_data(catalog, title="All tools", license="MIT"), follow=True)

    assert messages_of(done) == ["The settings were saved."]
    catalog.refresh_from_db()
    assert (catalog.title, catalog.license, catalog.revision) == ("All tools", "MIT", 2)
    assert catalog.revisions.get(number=2).details["before"] == {"title": "Tools", "license": ""}
    assert export_markdown(catalog) == TEXT
    ada.post(address, settings_data(catalog))
    catalog.refresh_from_db()
    assert catalog.revision == 2


def test_new_address_is_written_into_the_pages(ada: Client, settings: Any) -> None:
    catalog = make_list(TEXT + "\nBack to [the shells](#shells) and [Ed](./ed.md).\n")
    response = ada.post(
        url("catalog_change", catalog.pk), settings_data(catalog, slug="programs"), follow=True
    )

    assert messages_of(response) == ["The settings were saved."]
    catalog.refresh_from_db()
    assert catalog.slug == "programs"
    assert not Block.objects.filter(catalog=catalog, html__contains="/tools/").exists()
    assert check_catalog(catalog) == []
    assert renamed_to("tools") == catalog
    for settings.DEBUG in (False, True):
        led = Client().get("/tools/changes/?page=1")
        assert (led.status_code, led["Location"]) == (301, f"/{catalog.slug}/changes/?page=1")
        wrong = Client().get("/programs/nothing/")
        assert wrong.status_code == 404
        assert "404.html" in [template.name for template in wrong.templates]
        assert "Using the URLconf" not in wrong.content.decode()
        assert Client().get("/api/v1/nothing/").json()["code"] == "not_found"


def test_settings_that_somebody_else_changed_are_not_overwritten(
    ada: Client, catalog: Catalog
) -> None:
    seen = settings_data(catalog, title="Mine")
    address = url("catalog_change", catalog.pk)
    ada.post(address, settings_data(catalog, title="Theirs"))

    response = ada.post(address, seen)

    assert "Someone else has changed" in page(response)
    assert 'value="Mine"' in page(response)
    assert response.context["form"].errors["title"] == ["Current value: Theirs"]
    catalog.refresh_from_db()
    assert catalog.title == "Theirs"
    # What was typed is not lost, and may be sent once more.
    done = ada.post(address, {**seen, **hidden(response, "revision")}, follow=True)
    assert messages_of(done) == ["The settings were saved."]
    catalog.refresh_from_db()
    assert catalog.title == "Mine"


@pytest.mark.parametrize("slug", ["admin", "other", "a b"])
def test_address_of_another_list_or_the_site_is_refused(
    ada: Client, catalog: Catalog, slug: str
) -> None:
    make_list(slug="other")

    response = ada.post(url("catalog_change", catalog.pk), settings_data(catalog, slug=slug))

    assert response.context["form"].errors
    catalog.refresh_from_db()
    assert (catalog.slug, catalog.revision) == ("tools", 1)


def test_health_leads_from_a_finding_to_what_stands_there(ada: Client) -> None:
    catalog = make_list(
        TEXT.replace("https://example.org/zsh", "https://example.org/fish")
        + "\nNowhere: [x](#nowhere)\n"
    )
    response = ada.get(url("catalog_health", catalog.pk))

    results = {
        finding.code: place.url
        for _kind, rows in response.context["kinds"]
        for finding, place in rows
    }
    zsh = catalog.entries.get(name="Zsh")
    assert results["duplicate-url"] == url("entry_change", zsh.pk)
    assert "links to the same page" in page(response)
    block = Block.objects.get(catalog=catalog, source__startswith="Nowhere")
    assert results["broken-anchor"] == url("block_change", block.pk)


def test_backup_can_be_downloaded_and_restored(ada: Client, catalog: Catalog) -> None:
    response = ada.post(url("catalog_backup", catalog.pk))
    data = download(response)

    assert response["Content-Disposition"] == 'attachment; filename="tools-1.listwright.zip"'
    restored = ada.post(
        url("catalog_restore"),
        {"file": upload(data, "tools.zip"), "slug": "copy"},
        follow=True,
    )
    copy = Catalog.objects.get(slug="copy")
    assert export_markdown(copy) == TEXT
    assert "7 entries have new ids" in messages_of(restored)[0]
    taken = ada.post(url("catalog_restore"), {"file": upload(data, "tools.zip")})
    assert "Another list uses the address tools" in page(taken)


def test_deletion_needs_the_name_typed(ada: Client, catalog: Catalog) -> None:
    address = url("catalog_delete", catalog.pk)
    wrong = ada.post(address, {"name": "Tools"})

    assert "Type tools to delete this list." in page(wrong)
    assert Catalog.objects.exists()

    data = download(ada.post(url("catalog_backup", catalog.pk)))
    done = ada.post(address, {"name": "tools"}, follow=True)

    assert messages_of(done) == ["Tools was deleted, with its entries and its history."]
    assert not Catalog.objects.exists()
    assert not Entry.objects.exists()
    assert export_markdown(restore_backup(io.BytesIO(data)).catalog) == TEXT


# Who may do what


@pytest.mark.parametrize(
    "name",
    [
        "catalog_change",
        "catalog_reimport",
        "catalog_reimport_preview",
        "catalog_health",
        "catalog_export",
        "catalog_backup",
        "catalog_delete",
    ],
)
def test_pages_of_a_list_are_for_its_own_people(catalog: Catalog, name: str) -> None:
    other = make_list(slug="secret", title="Secret")
    client = signed_in(member("mai", catalog))

    for response in (
        client.get(url(name, other.pk)),
        client.post(url(name, other.pk), {"name": "secret", "format": "markdown"}),
    ):
        assert response.status_code in {403, 404}
    assert Catalog.objects.filter(slug="secret").exists()


@pytest.mark.parametrize("name", ["catalog_import", "catalog_import_preview", "catalog_restore"])
def test_new_lists_are_for_superusers(catalog: Catalog, name: str) -> None:
    client = signed_in(member("mai", catalog))

    assert client.get(url(name)).status_code == 403
    assert client.post(url(name)).status_code == 403


def test_maintainer_sees_and_changes_the_own_list_only(catalog: Catalog) -> None:
    make_list(slug="secret", title="Secret")
    client = signed_in(member("mai", catalog))

    lists = page(client.get(url("catalog_changelist")))
    assert ("Tools" in lists, "Secret" in lists) == (True, False)
    preview = start_import(client, catalog, TEXT.replace("Has modes", "Modal"))
    confirm(client, preview, catalog)
    catalog.refresh_from_db()
    assert "Modal" in export_markdown(catalog)
    assert client.get(url("catalog_delete", catalog.pk)).status_code == 403


def test_moderator_may_look_and_not_touch(catalog: Catalog) -> None:
    client = signed_in(member("mo", catalog, "moderator"))

    own = page(client.get(url("catalog_change", catalog.pk)))
    assert "Save settings" not in own
    assert page(client.get(url("catalog_health", catalog.pk)))
    for response in (
        client.post(url("catalog_change", catalog.pk), settings_data(catalog, title="Mine")),
        client.get(url("catalog_reimport", catalog.pk)),
        client.post(url("catalog_backup", catalog.pk)),
    ):
        assert response.status_code == 403
    catalog.refresh_from_db()
    assert (catalog.title, catalog.revision) == ("Tools", 1)


@pytest.mark.parametrize(
    ("name", "language", "here"),
    [
        ("section_changelist", "en", ["Home", "Lists", "Tools", "Sections"]),
        ("entry_changelist", "zh-hans", ["首页", "清单", "Tools", "条目"]),
    ],
)
def test_table_of_a_list_leads_back_to_it(
    ada: Client, catalog: Catalog, name: str, language: str, here: list[str]
) -> None:
    response: Any = ada.get(
        url(name), {"catalog": catalog.pk}, headers={"accept-language": language}
    )

    trail = {str(step.label): step.url for step in response.context["trail"]}
    assert ([*trail], trail["Tools"]) == (here, url("catalog_change", catalog.pk))
    assert f"<h1>{here[-1]}</h1>" in response.content.decode()


def test_staff_without_a_list_sees_nothing(catalog: Catalog) -> None:
    person = member("no", catalog)
    person.memberships.all().delete()
    client = signed_in(person)

    assert client.get(url("catalog_changelist")).status_code == 302
    User.objects.filter(pk=person.pk).update(is_staff=True)
    assert client.get(url("catalog_changelist")).status_code == 403
    assert ">Lists<" not in page(client.get("/admin/"))


def test_list_of_lists_takes_the_same_queries_for_any_number(
    ada: Client, catalog: Catalog, django_assert_num_queries: Any
) -> None:
    ada.get(url("catalog_changelist"))
    with django_assert_num_queries(4):
        ada.get(url("catalog_changelist"))
    make_list(slug="two")
    make_list(slug="three")
    with django_assert_num_queries(4):
        ada.get(url("catalog_changelist"))


def test_page_of_a_list_takes_a_fixed_number_of_queries(
    ada: Client, catalog: Catalog, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(8):
        ada.get(url("catalog_change", catalog.pk))


def test_health_says_that_there_is_no_description(ada: Client, catalog: Catalog) -> None:
    sentence = "The list has no description"
    Catalog.objects.update(description="")
    assert sentence in page(ada.get(url("catalog_health", catalog.pk)))

    Catalog.objects.update(description="Tools for lists.")

    assert sentence not in page(ada.get(url("catalog_health", catalog.pk)))
