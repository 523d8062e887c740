from importlib import import_module

import pytest
from django.apps import apps

from catalog.checking import check_catalog
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.models import Block, Catalog
from catalog.rendering import cells_html, header

LONG = "x" * 50
NAME, LICENCE = header("Name", is_name=True), header('"Licence" 许可')


@pytest.mark.parametrize(
    ("cells", "html"),
    [
        (
            ["A", "MIT"],
            (
                '<th scope="row" class="short">A</th>'
                '<td data-label="&quot;Licence&quot; 许可" class="short">MIT</td>'
            ),
        ),
        (["A"], '<th scope="row" class="short">A</th><td></td>'),
        (["A", ""], '<th scope="row" class="short">A</th><td></td>'),
        (
            ["<b>一二三四五</b>", LONG, "more"],
            (
                '<th scope="row" lang="zh"><b>一二三四五</b></th>'
                f'<td data-label="&quot;Licence&quot; 许可" class="long">{LONG}</td>'
                '<td data-label="" class="short">more</td>'
            ),
        ),
        (
            ["A", "word " * 20],
            (
                '<th scope="row" class="short">A</th>'
                '<td data-label="&quot;Licence&quot; 许可" class="text">'
                f"{'word ' * 20}</td>"
            ),
        ),
    ],
)
def test_cells_stand_under_their_headers(cells: list[str], html: str) -> None:
    assert cells_html(cells, [NAME, LICENCE]) == html


@pytest.mark.django_db
def test_rows_of_older_lists_are_prepared_as_an_import_does() -> None:
    text = "# T\n\n| Name | Licence |\n|---|---|\n| [A](https://a.example/) | MIT |\n| b | |\n"
    catalog = import_text(text, catalog=Catalog(slug="t", title="T"), by=Author()).catalog
    rows = Block.objects.filter(kind=Block.Kind.TABLE_ROW)
    prepared = list(rows.values_list("html", flat=True))
    rows.update(html="")
    assert check_catalog(catalog) == ["2 blocks are not what the text says"]

    import_module("catalog.migrations.0004_shown_rows").show_rows(apps, None)

    assert list(rows.values_list("html", flat=True)) == prepared
    assert check_catalog(catalog) == []
