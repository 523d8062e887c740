"""Where a wrong address leads on to."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.finding.indexing import index_catalog
from catalog.models import Catalog
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tools() -> Catalog:
    """A list with a section below another, and an entry in each."""
    catalog = factories.make_catalog()
    text = factories.make_section(catalog, "Text")
    editors = factories.make_section(catalog, "Editors", parent=text)
    factories.make_list(catalog, text, ["[GNU ed](https://example.org/ed)"])
    factories.make_list(catalog, editors, ["[Vim](https://vim.org/)", "[Neovim](https://n.io/)"])
    index_catalog(catalog)
    return catalog


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/Tools/", "/tools/"),
        ("/tools/Text/EDITORS/?page=1", "/tools/text/editors/?page=1"),
        ("/TOOLS/Browse/", "/tools/browse/"),
        ("/tools/readme.md", "/tools/README.md"),
        ("/TOOLS/Readme.md", "/tools/README.md"),
    ],
)
def test_address_with_other_capitals_leads_on(
    client: Client, tools: Catalog, address: str, leads_to: str
) -> None:
    response = client.get(address)

    assert (response.status_code, response.headers["Location"]) == (301, leads_to)
    page = client.get(leads_to)
    # To its end: a download that is left open holds a cursor of the database.
    assert (page.status_code, bool(b"".join(page))) == (200, True)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/tools/text/vim/", ["Vim"]),
        ("/tools/entries/neovim/", ["Neovim"]),
        ("/tools/gnu-ed/", ["GNU ed"]),
        ("/tools/editors/", ["Editors"]),
        ("/tools/text-editing/", ["Editors"]),
        ("/vim/", ["Vim"]),
        ("/tools/nothing-like-it/", []),
    ],
)
def test_wrong_address_leads_to_what_is_called_so(
    client: Client, tools: Catalog, address: str, expected: list[str]
) -> None:
    response = client.get(address)

    assert response.status_code == 404
    _start, _, text = response.text.partition("Did you mean")
    assert re.findall(r'<li><a href="/tools/[^"]+">([^<]*)</a> <span', text) == expected


def test_wrong_address_has_a_search_box_with_its_words(client: Client, tools: Catalog) -> None:
    text = client.get("/tools/gnu-editor/").text

    assert '<form class="search" role="search" action="/tools/search/">' in text
    assert '<input id="find" type="search" name="q" value="gnu editor"' in text


def test_static_file_that_is_missing_is_not_looked_for_elsewhere(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/static/nope.css")

    assert (response.status_code, response.text) == (404, "There is no file nope.css.\n")
    assert len(queries) == 0
