"""The administration of lists in a real browser: a whole journey, keyboard, widths, contrast."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Block, Catalog, Tag, TagAlias
from tests.browser.accessibility import overflows, violations
from tests.catalog.admin.admin_pages import TEXT, make_list, url

LONG = TEXT.replace("Has modes", "x" * 300 + " " + "长" * 300).replace(
    "[Fish](https://example.org/fish)", f"[{'F' * 120}](https://example.org/{'f' * 400})"
)


@pytest.fixture
def catalog(transactional_db: None) -> Catalog:
    """A list with a history, a suggestion, and names that are too long for a phone."""
    catalog = make_list()
    import_text(LONG, catalog=catalog, by=Author(note="Longer"))
    tag = Tag.objects.filter(facet__catalog=catalog).first()
    assert tag
    TagAlias.objects.create(facet=tag.facet, spelling="see", key="see", tag=tag, is_confirmed=False)
    return catalog


@pytest.fixture
def ada(browser_page: Page, catalog: Catalog) -> Page:
    """Somebody who runs the site, signed in."""
    User.objects.create_superuser(username="ada", password="correct horse", display_name="Ada L.")
    browser_page.goto("/admin/")
    browser_page.get_by_label("E-mail or user name").fill("ada")
    browser_page.get_by_label("Password").fill("correct horse")
    browser_page.get_by_role("button", name="Sign in", exact=True).click()
    browser_page.get_by_role("link", name="Lists").first.wait_for()
    return browser_page


def addresses(catalog: Catalog) -> dict[str, str]:
    """Every kind of page there is about a list."""
    section = catalog.sections.get(title="Editors")
    entry = catalog.entries.get(name="Vi")
    suggested = catalog.entries.filter(state="suggested").first()
    assert suggested
    facet = catalog.facets.get(slug="language")
    tag = facet.tags.get(name="C")
    prose = Block.objects.filter(catalog=catalog, kind="paragraph").first()
    assert prose
    return {
        "lists": url("catalog_changelist"),
        "list": url("catalog_change", catalog.pk),
        "import": url("catalog_reimport", catalog.pk),
        "new": url("catalog_import"),
        "restore": url("catalog_restore"),
        "delete": url("catalog_delete", catalog.pk),
        "health": url("catalog_health", catalog.pk),
        "entries": url("entry_changelist"),
        "entry": url("entry_change", entry.pk),
        "source": url("entry_source", entry.pk),
        "move": url("entry_move", entry.pk),
        "remove": url("entry_remove", entry.pk),
        "add": url("listing_add_entry", entry.listing_id),
        "listing": url("listing_change", entry.listing_id),
        "suggested": url("entry_change", suggested.pk),
        "sections": url("section_changelist"),
        "section": url("section_change", section.pk),
        "rename": url("section_rename", section.pk),
        "add section": url("section_add_section", section.pk),
        "remove section": url("section_remove", section.pk),
        "columns": url("column_changelist"),
        "column": url("column_change", catalog.columns.get(key="language").pk),
        "facet": url("facet_change", facet.pk),
        "tag": url("tag_change", tag.pk),
        "merge": url("tag_merge", tag.pk),
        "history": url("revision_changelist"),
        "revision": url("revision_change", catalog.revisions.get(number=2).pk),
        "revert": url("revision_revert", catalog.revisions.get(number=2).pk),
        "lines": url("block_change", prose.pk),
    }


@pytest.mark.parametrize("third", [0, 1, 2])
def test_pages_have_no_accessibility_violation(ada: Page, catalog: Catalog, third: int) -> None:
    matches = {}
    for name, address in [*addresses(catalog).items()][third::3]:
        ada.goto(address)
        # The frame around it is Django's.
        context = "#content-main" if ada.locator("body.lists").count() else "#result_list"
        if report := violations(ada, within=context):
            matches[name] = report

    assert matches == {}


def test_pages_fit_the_window(ada: Page, catalog: Catalog) -> None:
    too_wide = {}
    for name, address in addresses(catalog).items():
        ada.goto(address)
        if widths := overflows(ada, (320, 768, 1440)):
            too_wide[name] = widths

    assert too_wide == {}


def test_newer_readme_is_imported_with_the_keyboard(
    ada: Page, catalog: Catalog, tmp_path: Path
) -> None:
    newer = LONG.replace("A large one", "A larger one")
    file = tmp_path / "README.md"
    file.write_bytes(newer.encode())
    ada.goto(url("catalog_change", catalog.pk))
    ada.get_by_role("link", name="Import a newer README").press("Enter")
    ada.get_by_label("README").set_input_files(file)
    ada.get_by_role("button", name="Preview").press("Enter")

    expect(ada.locator("tr.minus mark")).to_have_text("large")
    expect(ada.locator("tr.plus mark")).to_have_text("larger")
    ada.get_by_role("button", name="Import this").press("Enter")

    expect(ada.locator(".messagelist")).to_contain_text("0 created, 1 updated")
    assert export_markdown(catalog) == newer


def test_entry_is_edited_as_it_is_written(ada: Page, catalog: Catalog) -> None:
    text = export_markdown(catalog).replace(
        "- [Zsh](https://example.org/zsh) - A large one.\n",
        "- [Zsh](https://example.org/zsh) - A large one.  \n\tWith modules.\t\n",
    )
    import_text(text, catalog=catalog, by=Author())
    ada.goto(url("entry_source", catalog.entries.get(name="Zsh").pk))
    area = ada.get_by_label("Source")
    expect(area).to_have_value(
        "- [Zsh](https://example.org/zsh) - A large one.  \n\tWith modules.\t"
    )
    ada.get_by_role("button", name="Preview the change").click()
    expect(ada.locator(".messagelist")).to_contain_text("Nothing has changed")

    ada.goto(url("entry_source", catalog.entries.get(name="Zsh").pk))
    area.press("Control+End")
    area.type("and more")
    area.press("Enter")
    area.type("  lines  ")
    ada.get_by_role("button", name="Preview the change").press("Enter")
    expect(ada.locator("tr.plus")).to_have_count(2)
    assert export_markdown(catalog) == text
    ada.get_by_role("button", name="Back to editing").click()
    area.press("Control+End")
    area.press("Backspace")
    ada.get_by_role("button", name="Preview the change").click()
    ada.get_by_role("button", name="Save").press("Enter")

    expect(ada.locator(".messagelist")).to_contain_text("The entry was saved")
    expected = text.replace("With modules.\t\n", "With modules.\tand more\n  lines \n")
    assert export_markdown(catalog) == expected


def test_entry_is_edited_by_field(ada: Page, catalog: Catalog) -> None:
    before = export_markdown(catalog)
    ada.goto(url("entry_change", catalog.entries.get(name="Ed").pk))
    ada.get_by_label("Notes").fill("The | first")
    ada.get_by_role("button", name="Preview the change").click()
    expect(ada.locator("tr.minus mark")).to_have_text("standard one")
    ada.get_by_role("button", name="Save").click()

    expect(ada.locator(".messagelist")).to_contain_text("The entry was saved")
    assert export_markdown(catalog) == before.replace("The standard one", "The \\| first")


def test_readme_is_downloaded_as_it_is(ada: Page, catalog: Catalog) -> None:
    ada.goto(url("catalog_change", catalog.pk))
    with ada.expect_download() as download:
        ada.get_by_role("button", name="Download README.md").click()

    assert download.value.suggested_filename == "README.md"
    assert Path(download.value.path()).read_bytes() == LONG.encode()


def test_list_is_deleted_and_brought_back(ada: Page, catalog: Catalog, tmp_path: Path) -> None:
    ada.goto(url("catalog_delete", catalog.pk))
    with ada.expect_download() as download:
        ada.get_by_role("button", name="Download a backup first").click()
    download.value.save_as(tmp_path / "tools.zip")
    ada.get_by_label("Address of the list").fill("tools")
    ada.get_by_role("button", name="Delete this list").click()
    expect(ada.locator(".messagelist")).to_contain_text("Tools was deleted")

    ada.get_by_role("link", name=re.compile("restore a backup", re.I)).click()
    ada.get_by_label("Backup").set_input_files(tmp_path / "tools.zip")
    ada.get_by_role("button", name="Restore").click()

    expect(ada.locator(".messagelist")).to_contain_text("Tools was restored")
    assert export_markdown(Catalog.objects.get()) == LONG
