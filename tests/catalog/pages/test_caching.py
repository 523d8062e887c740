from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from catalog.models import Catalog, Revision
from catalog.pages import caching
from tests import factories

pytestmark = pytest.mark.django_db

ADDRESS = "/tools/editors/"


@pytest.fixture
def catalog() -> Catalog:
    """With a section whose page somebody has got already."""
    catalog = factories.make_catalog()
    factories.make_section(catalog, "Editors")
    Client().get(ADDRESS)
    return catalog


def test_page_is_kept_whole(
    client: Client, catalog: Catalog, django_assert_num_queries: Any
) -> None:
    first = Client().get(ADDRESS)

    with django_assert_num_queries(1):
        again = client.get(ADDRESS)

    assert again.content == first.content
    assert again["ETag"] == first["ETag"]
    assert again["Content-Type"] == "text/html; charset=utf-8"
    assert {"Cookie", "Accept-Language"} <= set(again["Vary"].split(", "))
    assert "nonce-" not in again["Content-Security-Policy"]


def test_page_is_new_after_a_publish(client: Client, catalog: Catalog) -> None:
    assert "<h1>Editors</h1>" in client.get(ADDRESS).content.decode()

    catalog.sections.update(title="Text editors")
    factories.make_revision(catalog, Revision.Verb.RENAME_SECTION)

    assert "<h1>Text editors</h1>" in client.get(ADDRESS).content.decode()


def test_page_is_new_after_a_deploy(
    client: Client, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    Catalog.objects.update(title="Seen only when made anew")
    assert "Seen only" not in client.get(ADDRESS).content.decode()
    monkeypatch.setattr(caching, "release", lambda: "another")

    assert "Seen only" in client.get(ADDRESS).content.decode()


def test_page_is_kept_for_each_language_host_and_address(client: Client, catalog: Catalog) -> None:
    chinese = client.get(ADDRESS, headers={"Accept-Language": "zh-hans"}).content.decode()
    elsewhere = client.get(ADDRESS, headers={"Host": "localhost"}).content.decode()
    asked = client.get(f"{ADDRESS}?x=1").content.decode()

    assert '<html lang="zh-hans">' in chinese
    assert '<link rel="canonical" href="http://localhost/tools/editors/">' in elsewhere
    assert 'name="next" value="/tools/editors/?x=1"' in asked


def test_page_of_who_is_signed_in_is_neither_kept_nor_given(
    client: Client, catalog: Catalog
) -> None:
    client.force_login(get_user_model().objects.create_superuser("ada"))

    own = client.get(ADDRESS).content.decode()

    assert 'href="/admin/"' in own
    assert 'href="/admin/"' not in Client().get(ADDRESS).content.decode()


def test_error_is_not_kept(client: Client, catalog: Catalog) -> None:
    assert client.get("/tools/later/").status_code == 404
    factories.make_section(catalog, "Later")

    assert client.get("/tools/later/").status_code == 200
