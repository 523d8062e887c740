import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.finding.indexing import index_catalog
from catalog.models import Block, Catalog, Change, Entry, Revision, SectionPath, TagAlias
from catalog.pages import entry_page, lists, sections
from tests import factories
from tests.catalog.importing.imports import new_list

pytestmark = pytest.mark.django_db

MAX_QUERIES = 11


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def positions(text: str, *needles: str) -> list[int]:
    return [text.index(needle) for needle in needles]


# Home


def test_home_without_a_list_says_what_to_do(client: Client) -> None:
    text = text_of(client, "/")

    assert "import_markdown" in text
    assert "/admin/" in text


def test_home_lists_the_published_catalogs(client: Client) -> None:
    factories.make_catalog("tools", "Tools")
    factories.make_catalog("books", "Books", description="To read.")
    factories.make_catalog("draft", "Draft", revision=0)

    text = text_of(client, "/")

    assert 'href="/tools/"' in text
    assert "To read." in text
    assert "Draft" not in text


def shown_at(client: Client, address: str) -> list[str]:
    return re.findall(r'<h2><a href="/([a-z0-9-]+)/"', text_of(client, address))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["alpha", "zeta", "eclair", "chinese"]),
        ("?sort=newest", ["chinese", "eclair", "zeta", "alpha"]),
        ("?sort=size", ["zeta", "alpha", "eclair", "chinese"]),
        ("?letter=E", ["eclair"]),
        ("?letter=%23", ["chinese"]),
        ("?letter=Q&sort=junk", ["alpha", "zeta", "eclair", "chinese"]),
    ],
)
def test_home_is_in_the_order_and_of_the_letter_that_are_chosen(
    client: Client, query: str, expected: list[str]
) -> None:
    lists = {"Alpha": 2, "Zeta": 3, "Éclair": 1, "中文": 0}
    slugs = ("alpha", "zeta", "eclair", "chinese")
    for slug, (title, size) in zip(slugs, lists.items(), strict=True):
        factories.make_catalog(slug, title, entry_count=size)

    assert shown_at(client, f"/{query}") == expected


def test_home_with_many_lists_has_pages_letters_and_orders(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LISTS_PER_PAGE", 2)
    for slug in ("ants", "apes", "bees"):
        factories.make_catalog(slug, slug.capitalize())

    first, second = text_of(client, "/?sort=size"), text_of(client, "/?page=2")

    assert shown_at(client, "/") == ["ants", "apes"]
    assert shown_at(client, "/?page=2") == ["bees"]
    assert shown_at(client, "/?letter=B") == ["bees"]
    assert 'href="?sort=size&amp;letter=A"' in first
    assert 'href="?sort=size&amp;page=2"' in first
    assert '<meta name="robots" content="noindex">' in first
    assert '<link rel="canonical" href="http://testserver/?page=2">' in second
    assert "3 lists" in second


def test_home_of_one_catalog_is_its_page_under_its_own_address(client: Client) -> None:
    factories.make_catalog("tools", "Tools")

    text = text_of(client, "/")

    assert "<h1>Tools</h1>" in text
    assert '<link rel="canonical" href="http://testserver/tools/">' in text


# Catalog


def test_catalog_shows_sections_with_counts_and_what_goes_with_the_list(client: Client) -> None:
    catalog = factories.make_catalog(description="Good ones.", guidelines="Be brief.")
    editors = factories.make_section(catalog, "Editors")
    vim = factories.make_section(catalog, "Vim", parent=editors)
    factories.make_list(catalog, vim, ["[Neovim](https://neovim.io/)"])

    text = text_of(client, "/tools/")

    assert 'href="/tools/editors/">Editors</a>' in text
    assert 'href="/tools/editors/vim/">Vim</a>' in text
    assert text.count('<span class="number">1</span>') == 2
    assert "Be brief." in text
    assert 'href="https://creativecommons.org/publicdomain/zero/1.0/"' in text
    assert 'href="https://github.com/example/tools"' in text
    assert 'href="/tools/README.md"' in text


def test_catalog_begins_as_the_list_does(client: Client) -> None:
    catalog = factories.make_catalog()
    title = factories.make_section(catalog, "Tools", is_title=True)
    factories.make_prose(catalog, "What this is about.", title)
    contents = factories.make_list(catalog, title, is_toc=True)
    factories.make_item(contents, "Editors, as the contents have it")
    factories.make_section(catalog, "Editors")

    text = text_of(client, "/tools/")

    assert "<p>What this is about.</p>" in text
    assert "as the contents have it" not in text
    assert text.count("<h1>Tools</h1>") == 1


def test_catalog_leaves_out_the_section_of_its_contents(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Table of contents")
    factories.make_item(factories.make_list(catalog, section, is_toc=True), "Editors")
    factories.make_section(catalog, "Editors")

    text = text_of(client, "/tools/")

    assert "Table of contents" not in text
    assert "Editors" in text


def test_catalog_without_sections_is_the_list_itself(client: Client) -> None:
    catalog = factories.make_catalog()
    factories.make_list(catalog, None, [f"[Tool {n}](https://example.org/{n})" for n in range(3)])

    text = text_of(client, "/tools/")

    assert positions(text, ">Tool 0<", ">Tool 1<", ">Tool 2<") == sorted(
        positions(text, ">Tool 0<", ">Tool 1<", ">Tool 2<")
    )


def test_catalog_new_leaves_out_the_founding_import(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    listing = factories.make_list(catalog, section, ["[Old](https://example.org/old)"])
    assert "/tools/entries/" not in text_of(client, "/tools/")

    factories.make_revision(catalog, Revision.Verb.ADD)
    listing.catalog.refresh_from_db()
    factories.make_item(listing, "[Fresh](https://example.org/fresh)")

    text = text_of(client, "/tools/")
    assert ">Fresh</a>" in text
    assert ">Old</a>" not in text


def test_catalog_that_is_not_published_is_unknown(client: Client) -> None:
    factories.make_catalog("draft", revision=0)

    assert client.get("/draft/").status_code == 404


# Section


def test_section_with_a_table_has_the_columns_of_the_list(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    table = factories.make_table(catalog, section, ["maker", "name", "licence"])
    entry = factories.make_row(table, ["Bram", "[Vim](https://vim.org/)", "Vim"])

    text = text_of(client, "/tools/editors/")

    heads = [f'<a href="?sort={key}" rel="nofollow">{key}</a></th>' for key in table.columns]
    assert positions(text, *heads) == sorted(positions(text, *heads))
    assert f'<tr id="e{entry.pk}">' in text
    assert '<td data-label="maker" class="short">Bram</td>' in text
    assert (
        '<th scope="row" class="short">'
        f'<a class="name" href="/tools/entries/{entry.pk}-vim/">Vim</a>'
        ' <a class="out" href="https://vim.org/" rel="nofollow noopener ugc"'
        ' aria-label="Vim: vim.org">↗</a></th>'
    ) in text
    assert "Details" not in text


def test_row_of_several_things_has_its_details_behind_their_names(client: Client) -> None:
    new_list(
        "# T\n\n## Kites\n\n| No. | Name | Says |\n|---|---|---|\n"
        "| 1 | [Box](https://box.example/), [Delta](https://delta.example/) | Fly. |\n"
        "| 2 | [Roc](https://roc.example/) | Flies. |\n"
    )
    box = Entry.objects.get(name__startswith="Box")

    text = text_of(client, "/tools/kites/")

    assert '<td data-label="No." class="short">1</td>' in text
    details = (
        f'<a class="details" href="{box.get_absolute_url()}" aria-label="Details: {box.name}">'
    )
    assert f">Delta</a> {details}Details</a></th>" in text


def test_section_row_with_other_cells_than_the_header_keeps_them(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    table = factories.make_table(catalog, section, ["name", "licence"])
    factories.make_row(table, ["[Vim](https://vim.org/)", "Vim", "one too many"])
    factories.make_row(table, ["[ed](https://example.org/ed)"])

    text = text_of(client, "/tools/editors/")

    assert '<td data-label="">one too many</td>' in text
    assert text.count("<tr") == 3


def test_section_with_a_list_keeps_order_nesting_and_prose_in_place(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    factories.make_prose(catalog, "First words.", section)
    outer = factories.make_list(catalog, section)
    label = factories.make_item(outer, "Modal")
    inner = factories.make_list(catalog, section)
    factories.make_item(inner, "[Vim](https://vim.org/)", parent=label)
    factories.make_item(outer, "[nano](https://nano-editor.org/)")
    factories.make_prose(catalog, "Last words.", section)

    text = text_of(client, "/tools/editors/")

    start, end = text.index("<p>First words.</p>"), text.index("<p>Last words.</p>")
    body = text[start:end]
    places = positions(body, "<ul><li>Modal", "<ul><li", ">Vim</a>", "</li></ul></li>", ">nano</a>")
    assert places == sorted(places)
    assert body.count("<ul>") == body.count("</ul>") == 2
    assert body.count("<li") == body.count("</li>") == 3


def test_section_numbered_list_stays_numbered(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    listing = factories.make_list(catalog, section)
    for number, name in [(3, "Vim"), (4, "nano")]:
        block = factories.make_item(listing, f"[{name}](https://{name}.example/)")
        block.source = block.source.replace("-", f"{number}.", 1)
        block.save()

    text = text_of(client, "/tools/editors/")

    assert '<ol start="3"><li class="entry"' in text
    assert text.count("<ol start") == 1


def test_section_shows_its_subsections_in_place(client: Client) -> None:
    catalog = factories.make_catalog()
    editors = factories.make_section(catalog, "Editors")
    vim = factories.make_section(catalog, "Vim", parent=editors)
    factories.make_list(catalog, vim, ["[Neovim](https://neovim.io/)"])
    shells = factories.make_section(catalog, "Shells")
    factories.make_list(catalog, shells, ["[fish](https://fishshell.com/)"])

    text = text_of(client, "/tools/editors/")

    assert '<h2>Vim <a class="permalink" href="/tools/editors/vim/"' in text
    assert ">Neovim</a>" in text
    assert ">fish</a>" not in text
    assert '<a rel="next" href="/tools/shells/">' in text


def test_section_shows_suggested_entries_as_the_prose_they_stand_in(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    block = factories.make_prose(catalog, "See also [ed](https://example.org/ed).", section)
    entry = factories.make_entry(block, "[ed](https://example.org/ed)", state=Entry.State.SUGGESTED)

    text = text_of(client, "/tools/editors/")

    assert "<p>See also <a" in text
    assert f"/entries/{entry.pk}-" not in text
    assert client.get(f"/tools/entries/{entry.pk}-ed/").status_code == 404


def test_section_shows_no_links_around_the_readme(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    for text in ("First words.", "**[⬆ Back to top](#tools)**", "[返回目录](#toc)", "Back to top."):
        factories.make_prose(catalog, text, section)

    text = text_of(client, "/tools/editors/")

    assert "<p>First words.</p><p>Back to top.</p>" in text


def test_section_that_is_long_has_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sections, entry_page):
        monkeypatch.setattr(module, "BLOCKS_PER_PAGE", 4)
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    table = factories.make_table(catalog, section, ["name"])
    entries = [
        factories.make_row(table, [f"[Tool {n}](https://example.org/{n})"]) for n in range(5)
    ]

    first = text_of(client, "/tools/editors/")
    second = text_of(client, "/tools/editors/?page=2")

    # The heading, the gap, the table's two lines; then the rows, under the header again.
    assert ">Tool 0</a>" not in first
    assert ">Tool 0</a>" in second
    assert ">name</a></th>" in second
    assert '<link rel="canonical" href="http://testserver/tools/editors/?page=2">' in second
    assert client.get("/tools/editors/?page=9").status_code == 404
    assert client.get("/tools/editors/?page=x").status_code == 404
    # The page of its section that an entry stands on is looked up when somebody goes there.
    last = entries[4].pk
    place = f"/tools/entries/{last}/place/"
    assert f'href="{place}"' in text_of(client, entries[4].get_absolute_url())
    assert client.get(place)["Location"] == f"/tools/editors/?page=3#e{last}"


def test_section_of_the_title_is_the_catalog(client: Client) -> None:
    catalog = factories.make_catalog()
    factories.make_section(catalog, "Tools", is_title=True)
    factories.make_section(catalog, "Editors")

    response = client.get("/tools/tools/")

    assert (response.status_code, response["Location"]) == (301, "/tools/")


def test_section_with_a_chinese_title_has_its_address_and_language(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "编辑器")

    text = text_of(client, section.get_absolute_url())

    assert section.get_absolute_url() == "/tools/%E7%BC%96%E8%BE%91%E5%99%A8/"
    assert '<h1 lang="zh">编辑器</h1>' in text


def test_section_renamed_redirects_for_good(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    SectionPath.objects.create(catalog=catalog, path="text/editors", section=section)

    response = client.get("/tools/text/editors/")

    assert (response.status_code, response["Location"]) == (301, "/tools/editors/")


def test_section_removed_is_gone_and_says_so(client: Client) -> None:
    catalog = factories.make_catalog()
    SectionPath.objects.create(catalog=catalog, path="editors")

    text = text_of(client, "/tools/editors/", status=410)

    assert "This section was removed" in text


# Entry


def test_entry_shows_cells_links_tags_and_the_same_elsewhere(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    table = factories.make_table(catalog, section, ["name", "maker"])
    entry = factories.make_row(
        table, ["[Vim](https://github.com/vim/vim)", "[Bram](https://example.org/bram)"]
    )
    others = factories.make_section(catalog, "Classics")
    other = factories.make_item(
        factories.make_list(catalog, others), "[The editor](https://github.com/vim/vim)"
    )
    factories.make_tag(catalog, "Language", "C++", [entry])
    index_catalog(catalog)

    text = text_of(client, f"/tools/entries/{entry.pk}-vim/")

    assert "<dt>maker</dt>" in text
    assert "<dt>name</dt>" not in text
    assert '<span class="kind">repository</span> <span class="host">github.com</span>' in text
    assert 'href="/tools/tags/language/c-plus-plus/">C++</a>' in text
    assert f'href="/tools/entries/{other.entry.pk}-the-editor/">The editor</a>' in text
    assert f'href="/tools/editors/#e{entry.pk}"' in text


@pytest.mark.parametrize("address", ["", "-", "-wim", "-VIM"])
def test_entry_under_a_wrong_name_redirects_for_good(client: Client, address: str) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    block = factories.make_item(factories.make_list(catalog, section), "[Vim](https://vim.org/)")

    response = client.get(f"/tools/entries/{block.entry.pk}{address}/")

    assert (response.status_code, response["Location"]) == (
        301,
        f"/tools/entries/{block.entry.pk}-vim/",
    )


@pytest.mark.parametrize("pk", ["0", "1234", "99999999999999999999999"])
def test_entry_that_never_was_is_unknown(client: Client, pk: str) -> None:
    factories.make_catalog()

    assert client.get(f"/tools/entries/{pk}-vim/").status_code == 404


def test_entry_of_another_catalog_is_unknown(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(catalog, None, ["[Vim](https://vim.org/)"])
    factories.make_catalog("books")
    entry = listing.entries.get()

    assert client.get(f"/tools/entries/{entry.pk}-vim/").status_code == 200
    assert client.get(f"/books/entries/{entry.pk}-vim/").status_code == 404


def test_entry_history_has_the_exact_lines_and_the_credit(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(catalog, None, ["[Vim](https://vim.org/) - An editor."])
    entry = listing.entries.get()
    factories.change_entry(entry, "- [Vim](https://vim.org/) - The editor.\n", credit="Ada")

    text = text_of(client, entry.get_absolute_url())

    assert "by <bdi>Ada</bdi>" in text
    assert "- [Vim](https://vim.org/) - <mark>An</mark> editor." in text
    assert "- [Vim](https://vim.org/) - <mark>The</mark> editor." in text


def test_entry_removed_is_gone_with_its_history(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    listing = factories.make_list(catalog, section, ["[Vim](https://vim.org/)"])
    entry = listing.entries.get()
    factories.remove_entry(entry, credit="Grace", note="No longer kept.")

    text = text_of(client, f"/tools/entries/{entry.pk}-vim/", status=410)

    assert "Removed from the list" in text
    assert "by <bdi>Grace</bdi>" in text
    assert "No longer kept." in text
    assert "- [Vim](https://vim.org/)" in text
    assert ">Vim<" not in text_of(client, "/tools/editors/")


def test_entry_links_only_to_the_web(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(
        catalog, None, ["[Vim](https://vim.org/) [x](javascript:alert) [y](data:text)"]
    )

    text = text_of(client, listing.entries.get().get_absolute_url())
    links = text[text.index('<ul class="links">') : text.index('id="history"')]

    assert "https://vim.org/" in links
    assert "javascript:" not in links
    assert "data:" not in links


# Tags


def test_tags_stand_by_facet_the_most_used_first(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(
        catalog, None, ["[A](https://a.example/)", "[B](https://b.example/)"]
    )
    one, two = listing.entries.in_reading_order()
    factories.make_tag(catalog, "Language", "en", [one])
    factories.make_tag(catalog, "Language", "zh", [one, two])
    factories.make_tag(catalog, "Language", "unused")
    hidden = factories.make_tag(catalog, "Secret", "inside", [one])
    hidden.facet.is_public = False
    hidden.facet.save()

    text = text_of(client, "/tools/tags/")

    in_order = positions(text, "Language", ">Chinese<", ">English<")
    assert in_order == sorted(in_order)
    assert "unused" not in text
    assert "inside" not in text
    assert client.get("/tools/tags/secret/inside/").status_code == 404
    assert ">English<" in text_of(client, "/tools/tags/language/")


def test_tag_lists_its_entries_in_the_order_of_the_list(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(
        catalog, None, [f"[{name}](https://example.org/{name})" for name in "CBA"]
    )
    c, _b, a = listing.entries.in_reading_order()
    factories.make_tag(catalog, "Language", "zh", [a, c])

    text = text_of(client, "/tools/tags/language/zh/")

    assert positions(text, ">C</a>", ">A</a>") == sorted(positions(text, ">C</a>", ">A</a>"))
    assert ">B</a>" not in text


def test_tag_by_another_spelling_redirects(client: Client) -> None:
    catalog = factories.make_catalog()
    tag = factories.make_tag(catalog, "Base model", "LLaMA")
    TagAlias.objects.create(facet=tag.facet, tag=tag, spelling="LLaMA-7B", key="llama7b")

    response = client.get("/tools/tags/base-model/llama-7b/")

    assert (response.status_code, response["Location"]) == (301, "/tools/tags/base-model/llama/")
    assert client.get("/tools/tags/base-model/other/").status_code == 404


# Changes


def test_changes_show_what_came_after_the_founding_import(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(
        catalog, None, ["[A](https://a.example/)", "[B](https://b.example/)"]
    )
    a, b = listing.entries.in_reading_order()
    factories.remove_entry(a, credit="Ada")
    factories.change_entry(b, "- [B](https://b.example/) - better\n", credit="Grace")
    factories.make_revision(catalog, Revision.Verb.SETTINGS)

    text = text_of(client, "/tools/changes/")

    assert positions(text, "#3", "by <bdi>Grace</bdi>", "#2", "by <bdi>Ada</bdi>") == sorted(
        positions(text, "#3", "by <bdi>Grace</bdi>", "#2", "by <bdi>Ada</bdi>")
    )
    assert "#1<" not in text
    assert "#4<" not in text
    assert f'href="/tools/entries/{b.pk}-b/"' in text
    assert client.get("/tools/changes/1/").status_code == 404
    assert "by <bdi>Grace</bdi>" in text_of(client, "/tools/changes/3/")


def test_changes_of_a_large_revision_continue_on_its_own_page(client: Client) -> None:
    catalog = factories.make_catalog()
    changes = [
        Change(op=Change.Op.INSERT, uid=n, after_uid=n - 1, after=f"- line {n}\n")
        for n in range(1, 131)
    ]
    factories.make_revision(catalog, Revision.Verb.IMPORT, changes)

    text = text_of(client, "/tools/changes/")

    assert "- line 20\n" in text
    assert "- line 21\n" not in text
    assert "and 110 more changes" in text
    assert "- line 101\n" in text_of(client, "/tools/changes/2/?page=2")


# README


@pytest.mark.parametrize("bom", [False, True])
def test_readme_is_the_sources_byte_for_byte(client: Client, bom: bool) -> None:
    catalog = factories.make_catalog(bom=bom)
    factories.make_block(catalog, Block.Kind.HEADING, "# 工具\r\n")
    factories.make_block(catalog, Block.Kind.PARAGRAPH, "no end of line")

    response: Any = client.get("/tools/README.md")

    content = b"".join(response.streaming_content)
    assert content == b"\xef\xbb\xbf" * bom + "# 工具\r\nno end of line".encode()
    assert response["Content-Type"] == "text/markdown; charset=utf-8"


def readme_of(client: Client, headers: dict[str, str] | None = None) -> Any:
    """The download, read to its end: what is left open would end in another test."""
    response: Any = client.get("/tools/README.md", headers=headers or {})
    response.getvalue()
    return response


def test_readme_is_sent_once(client: Client) -> None:
    catalog = factories.make_catalog()
    block = factories.make_block(catalog, Block.Kind.PARAGRAPH, "text")
    etag = readme_of(client)["ETag"]

    assert client.get("/tools/README.md", headers={"If-None-Match": etag}).status_code == 304

    factories.change_entry(factories.make_entry(block, "text"), "other")
    assert readme_of(client, {"If-None-Match": etag}).status_code == 200


# Validators


def test_page_that_has_not_changed_is_not_sent_again(
    client: Client, django_assert_num_queries: Any
) -> None:
    catalog = factories.make_catalog()
    factories.make_section(catalog, "Editors")
    response = client.get("/tools/editors/")
    etag = response["ETag"]
    assert response["Cache-Control"] == "no-cache"

    with django_assert_num_queries(1):
        response = client.get("/tools/editors/", headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")

    factories.make_revision(catalog, Revision.Verb.PROSE)
    response = client.get("/tools/editors/", headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")

    factories.make_section(catalog, "Shells")
    factories.make_revision(catalog, Revision.Verb.PROSE)
    response = client.get("/tools/editors/", headers={"If-None-Match": etag})
    assert response.status_code == 200


@pytest.mark.parametrize("address", ["/", "/tools/"])
def test_page_in_another_language_is_another_page(client: Client, address: str) -> None:
    factories.make_catalog()
    english = client.get(address, headers={"Accept-Language": "en"})
    chinese = client.get(address, headers={"Accept-Language": "zh-hans"})

    assert english["ETag"] != chinese["ETag"]
    assert {"Accept-Language", "Cookie"} <= set(english["Vary"].split(", "))


def test_page_of_another_release_is_another_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make_catalog()
    before = client.get("/tools/")["ETag"]
    monkeypatch.setattr("catalog.published.release", lambda: "another")

    assert client.get("/tools/")["ETag"] != before


def test_home_changes_with_whatever_is_done_to_any_list(client: Client) -> None:
    catalog, books = factories.make_catalog(), factories.make_catalog("books")
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: factories.make_catalog("films"),
        lambda: factories.make_revision(catalog, Revision.Verb.SETTINGS),
        lambda: factories.make_revision(books, Revision.Verb.ADD),
        catalog.save,
        lambda: Catalog.objects.filter(slug="films").update(revision=0),
        books.delete,
    ]
    etags = []
    for step in steps:
        step()
        etags.append(client.get("/")["ETag"])

    assert len(set(etags)) == len(steps)


def test_page_of_who_is_signed_in_is_not_stored(client: Client) -> None:
    factories.make_catalog()
    client.force_login(get_user_model().objects.create_user("ada"))

    response = client.get("/tools/")

    assert "ETag" not in response
    assert response["Cache-Control"] == "private, no-store"


def test_page_is_not_for_writing(client: Client) -> None:
    factories.make_catalog()

    assert client.post("/tools/").status_code == 405


# Languages


def test_page_is_in_the_language_that_was_chosen(client: Client) -> None:
    factories.make_catalog()
    assert '<html lang="en">' in text_of(client, "/tools/")

    response = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/tools/"})

    assert (response.status_code, response["Location"]) == (302, "/tools/")
    text = text_of(client, "/tools/")
    assert '<html lang="zh-hans">' in text
    assert "许可证" in text
    assert "Licence" not in text


# For machines, and mistakes


def test_icon_is_served_without_a_page(client: Client) -> None:
    response = client.get("/favicon.ico")

    assert (response.status_code, response.headers["Location"]) == (302, "/static/favicon.svg")


def test_robots_name_the_sitemap(client: Client) -> None:
    text = text_of(client, "/robots.txt")

    assert "Disallow: /admin/\n" in text
    assert text.endswith("Sitemap: http://testserver/sitemap.xml\n")


def test_sitemap_has_what_is_published(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    listing = factories.make_list(
        catalog, section, ["[Vim](https://vim.org/)", "[ed](https://example.org/ed)"]
    )
    vim, ed = listing.entries.in_reading_order()
    factories.make_tag(catalog, "Language", "C++", [vim])
    factories.remove_entry(ed)

    index = text_of(client, "/sitemap.xml")
    # A part is a range of keys, and where a database counts on they are in a later one.
    parts = re.findall(r"<loc>http://testserver(/sitemap-entries[^<]*)</loc>", index)
    entries = text_of(client, parts[-1])

    for shard in ("catalogs", "sections", "entries", "tags"):
        assert f"<loc>http://testserver/sitemap-{shard}.xml</loc>" in index
    assert f"<loc>http://testserver/tools/entries/{vim.pk}-vim/</loc>" in entries
    assert "-ed/" not in entries
    assert "<loc>http://testserver/tools/</loc>" in text_of(client, "/sitemap-catalogs.xml")
    assert "/tools/editors/</loc>" in text_of(client, "/sitemap-sections.xml")
    assert "/tools/tags/language/c-plus-plus/</loc>" in text_of(client, "/sitemap-tags.xml")


@pytest.mark.parametrize("address", ["/tools/text/", "/tools/tags/license/mit/"])
def test_page_of_a_section_or_tag_leads_to_its_newest(client: Client, address: str) -> None:
    new_list("# T\n\n## Text\n\n- [A](https://a.example/) - Edits. `MIT` `Go`\n")

    text = text_of(client, address)

    [link] = re.findall(r'href="([^"]+)" rel="nofollow">Newest</a>', text)
    newest = text_of(client, link.replace("&amp;", "&"))
    assert 'aria-current="true">Newest</a>' in newest
    assert '<p class="number" id="count" tabindex="-1">1 entry</p>' in newest


def test_unknown_address_in_a_list_helps_to_find_what_was_meant(client: Client) -> None:
    catalog = factories.make_catalog()
    editors = factories.make_section(catalog, "Text")
    factories.make_section(catalog, "Editors", parent=editors)

    text = text_of(client, "/tools/editors/", status=404)

    assert 'href="/tools/text/editors/">Editors</a>' in text
    assert 'href="/tools/"' in text


@pytest.mark.parametrize(
    ("address", "first"),
    [
        ("/tools/browse/?sort=name&page=9", "/tools/browse/?sort=name"),
        ("/tools/changes/?page=x", "/tools/changes/?"),
        ("/search/?q=a&page=9", "/search/?q=a"),
    ],
)
@pytest.mark.parametrize("is_debugging", [False, True])
def test_page_behind_the_last_leads_to_the_first(
    client: Client, settings: Any, address: str, first: str, is_debugging: bool
) -> None:
    settings.DEBUG = is_debugging
    factories.make_catalog()

    text = text_of(client, address, status=404)

    assert "There is no page of this number" in text
    assert f'<a href="{first}">The first page</a>' in text
    assert "There is nothing at this address" not in text


@pytest.mark.parametrize(
    "address", ["/nothing/", "/a/b/c/", "/%00/", "/tools/%F0%9F/", "/x.php", "/tools/%00/"]
)
def test_unknown_address_is_answered_with_a_page(client: Client, address: str) -> None:
    factories.make_catalog()

    text = text_of(client, address, status=404)

    assert "There is nothing at this address" in text


def test_error_of_ours_is_answered_with_a_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make_catalog()
    client.raise_request_exception = False
    monkeypatch.setattr(lists, "Outline", lambda catalog: 1 / 0)

    text = text_of(client, "/tools/", status=500)

    assert "Something went wrong on this site" in text


@pytest.mark.parametrize(("number", "is_shown"), [(4, False), (5, True)])
def test_entries_before_the_first_section_are_the_list(
    client: Client, number: int, is_shown: bool
) -> None:
    items = "".join(f"- [{n}](https://example.org/{n}) - {'Long. ' * 99}\n" for n in range(number))
    new_list(f"# Tools\n\n{items}\n## Editors\n\n- [Vim](https://vim.example/)\n")

    text = client.get("/tools/").content.decode()

    assert ('<h2 id="opening">The list</h2>' in text) == is_shown
    assert ('<summary><h2 id="opening">Introduction</h2></summary>' in text) != is_shown


# What a page costs


def fill(entries: int) -> dict[str, str]:
    """A catalog with everything a page can show, so many times, and the addresses of its pages."""
    catalog = factories.make_catalog()
    title = factories.make_section(catalog, "Tools", is_title=True)
    opening = factories.make_table(catalog, title, ["name", "maker"])
    section = factories.make_section(catalog, "Editors")
    below = factories.make_section(catalog, "Vim", parent=section)
    table = factories.make_table(catalog, below, ["name", "maker"])
    factories.make_revision(catalog, Revision.Verb.SETTINGS)
    table.catalog.refresh_from_db()
    for n in range(entries):
        factories.make_section(catalog, f"Section {n}")
        factories.make_row(opening, [f"[Front {n}](https://example.org/{n})", "x"])
        entry = factories.make_row(table, [f"[Tool {n}](https://example.org/{n})", "Ada"])
        again = factories.make_row(opening, [f"[Again {n}](https://example.org/{n})", "x"])
        factories.make_tag(catalog, "Language", f"value {n}", [entry, again])
        factories.make_tag(catalog, f"Facet {n}", "value", [entry])
        factories.change_entry(entry, f"| changed {n} | Ada |\n", credit="Ada")
        gone = factories.make_row(table, [f"[Gone {n}](https://example.org/gone/{n})", "Bob"])
        factories.remove_entry(gone)
    index_catalog(catalog)
    return {
        "home": "/",
        "catalog": "/tools/",
        "section": "/tools/editors/",
        "entry": entry.get_absolute_url(),
        "removed entry": gone.get_absolute_url(),
        "tags": "/tools/tags/",
        "facet": "/tools/tags/language/",
        "tag": "/tools/tags/language/value-0/",
        "changes": "/tools/changes/",
        "change": "/tools/changes/3/",
        "README": "/tools/README.md",
        "unknown": "/tools/nothing/",
        "sitemap": "/sitemap.xml",
        "sitemap of entries": "/sitemap-entries.xml",
    }


@pytest.mark.parametrize("entries", [1, 3])
def test_pages_ask_as_few_queries_whatever_the_size(client: Client, entries: int) -> None:
    requests = {}
    for page, address in fill(entries).items():
        # As after a change: nothing of the catalog is in memory.
        Catalog.objects.update(updated_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            b"".join(getattr(client.get(address), "streaming_content", ()))
        requests[page] = len(queries)

    assert requests == {
        "home": 10,
        "catalog": 9,
        "section": 8,
        "entry": 11,
        "removed entry": 5,
        "tags": 3,
        "facet": 4,
        "tag": 5,
        "changes": 6,
        "change": 5,
        "README": 2,
        "unknown": 7,
        "sitemap": 5,
        "sitemap of entries": 3,
    }
    assert max(requests.values()) <= MAX_QUERIES
