"""Tables of a section in the order of a column."""

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Catalog
from catalog.pages import sections
from catalog.pages.blocks import number_of, sorted_cells
from tests import factories

STARS = ["9", "1,200", "", "12.5k", "~30"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("-3.5", -3.5),
        ("1,234,567", 1_234_567),
        ("12.5k", 12_500),
        ("~7B", 7e9),
        ("3万", 30_000),
        ("⭐ 12", None),
        ("12 ⭐", 12),
        ("2023-04-01", None),
        ("v12", None),
        ("7B/13B", None),
        ("", None),
    ],
)
def test_number_of_a_cell(text: str, number: float | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("cells", "ascending", "descending"),
    [
        (STARS, ["9", "~30", "1,200", "12.5k", ""], ["12.5k", "1,200", "~30", "9", ""]),
        (["b", "", "A", "c"], ["A", "b", "c", ""], ["c", "b", "A", ""]),
        (["v10", "v9", "V1"], ["V1", "v9", "v10"], ["v10", "v9", "V1"]),
        (
            ["2023-10-01", "2023-09-30", "2022-12-31"],
            ["2022-12-31", "2023-09-30", "2023-10-01"],
            ["2023-10-01", "2023-09-30", "2022-12-31"],
        ),
        # Most are numbers, the rest stays behind them as it stands.
        (
            ["7", "many", "5", "a few", "6"],
            ["5", "6", "7", "many", "a few"],
            ["7", "6", "5", "many", "a few"],
        ),
    ],
)
def test_cells_are_sorted_as_what_they_are(
    cells: list[str], ascending: list[str], descending: list[str]
) -> None:
    assert [cells[n] for n in sorted_cells(cells, False)] == ascending
    assert [cells[n] for n in sorted_cells(cells, True)] == descending


@given(st.lists(st.text("09kB,.- av万", max_size=6)), st.booleans())
def test_sorting_loses_no_cell(cells: list[str], is_descending: bool) -> None:
    assert sorted(sorted_cells(cells, is_descending)) == list(range(len(cells)))


@pytest.fixture
def models(db: None) -> Catalog:
    """A section with prose, two tables and a list; one of the tables has stars."""
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Models")
    factories.make_prose(catalog, "First words.", section)
    starred = factories.make_table(catalog, section, ["name", "Stars"])
    for name, stars in zip("ABCDE", STARS, strict=True):
        factories.make_row(starred, [f"[{name}](https://{name}.example/)", stars])
    plain = factories.make_table(catalog, section, ["name", "licence"])
    for name in "ZYX":
        factories.make_row(plain, [f"[{name}](https://{name}.example/)", "MIT"])
    factories.make_list(catalog, section, ["[L](https://l.example/)"])
    return catalog


def names(client: Client, query: str = "") -> str:
    """The names on the page, in order."""
    text = client.get(f"/tools/models/{query}").text
    return "".join(re.findall(r'<a class="name" href="[^"]*">([A-Z])</a>', text))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "ABCDEZYXL"),
        ("?sort=stars", "AEBDCZYXL"),
        ("?sort=-stars", "DBEACZYXL"),
        ("?sort=name", "ABCDEXYZL"),
        ("?sort=unknown", "ABCDEZYXL"),
        ("?sort=--stars", "ABCDEZYXL"),
        ("?sort=-", "ABCDEZYXL"),
    ],
)
def test_tables_are_sorted_in_their_place(
    client: Client, models: Catalog, query: str, expected: str
) -> None:
    assert names(client, query) == expected


def test_header_leads_from_one_order_to_the_next(client: Client, models: Catalog) -> None:
    text, heads = "", []
    address = "/tools/models/"
    for _step in range(3):
        text = client.get(address).text
        head = re.search(r'<th ([^>]*)><a href="([^"]*)" rel="nofollow">Stars</a></th>', text)
        assert head is not None
        heads.append((re.sub(r'scope="col"| class="short"', "", head[1]), head[2]))
        address = f"/tools/models/{head[2]}"

    assert heads == [
        ("", "?sort=stars"),
        (' aria-sort="ascending"', "?sort=-stars"),
        (' aria-sort="descending"', "?"),
    ]


def test_sorted_page_is_for_people_alone(client: Client, models: Catalog) -> None:
    noindex = '<meta name="robots" content="noindex">'

    assert noindex not in client.get("/tools/models/").text
    assert noindex in client.get("/tools/models/?sort=stars").text


def test_pages_of_a_sorted_section_go_on_where_the_first_ends(
    client: Client, models: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "BLOCKS_PER_PAGE", 6)
    pages = [names(client, f"?sort=-stars&page={number}") for number in (1, 2, 3, 4)]

    assert "".join(pages) == "DBEACZYXL"
    assert pages[:2] == ["", "DBEAC"]
    assert 'href="?sort=-stars&amp;page=2"' in client.get("/tools/models/?sort=-stars").text


def test_section_that_is_too_long_is_not_sorted(
    client: Client, models: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "MOST", 5)

    assert names(client, "?sort=stars") == "ABCDEZYXL"
    assert "?sort=" not in client.get("/tools/models/").text
