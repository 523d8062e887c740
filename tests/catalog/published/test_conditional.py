from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware, get_nonce
from django.test import Client, RequestFactory

from catalog.models import Catalog, Revision
from catalog.pages.kept import KeptPages
from catalog.published import conditional
from catalog.published.conditional import published
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


@pytest.mark.parametrize("address", [ADDRESS, "/", "/search/?q=x", "/tools/search/?q=x"])
def test_page_is_kept_whole(
    client: Client, catalog: Catalog, address: str, django_assert_num_queries: Any
) -> None:
    first = Client().get(address)

    with django_assert_num_queries(1):
        again = client.get(address)

    assert again.content == first.content
    assert dict(again.items()) == dict(first.items())
    assert "nonce-" not in again["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("condition", "status"),
    [("If-None-Match: {}", 304), ('If-None-Match: "x", {}', 304), ('If-None-Match: "x"', 200)],
)
def test_kept_page_is_not_sent_to_who_holds_it(
    client: Client, catalog: Catalog, condition: str, status: int, django_assert_num_queries: Any
) -> None:
    first = Client().get(ADDRESS)
    name, _, value = condition.format(first["ETag"]).partition(": ")

    with django_assert_num_queries(1):
        again = client.get(ADDRESS, headers={name: value})

    assert again.status_code == status
    assert [again[name] for name in ("ETag", "Vary", "Cache-Control")] == [
        first["ETag"], "Cookie, Accept-Language", "no-cache"
    ]  # fmt: skip


def test_kept_page_is_refused_to_a_host_that_is_not_ours(client: Client, catalog: Catalog) -> None:
    assert client.get(ADDRESS, headers={"Host": "elsewhere.example"}).status_code == 400


def test_page_of_a_catalog_that_is_gone_is_gone(client: Client, catalog: Catalog) -> None:
    catalog.delete()

    assert client.get(ADDRESS).status_code == 404


def test_page_is_kept_apart_from_its_part(client: Client, catalog: Catalog) -> None:
    whole = client.get(ADDRESS)
    Catalog.objects.update(title="Seen only when made anew")

    part = client.get(ADDRESS, headers={"HX-Request": "true"})
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert "Seen only" in part.content.decode()
    assert part["ETag"] != whole["ETag"]
    assert client.get(ADDRESS, headers=restored).content == whole.content


@pytest.mark.parametrize("cookie", ["sessionid", "messages"])
def test_page_is_not_shared_with_who_may_see_more(
    client: Client, catalog: Catalog, cookie: str
) -> None:
    Catalog.objects.update(title="Seen only when made anew")
    client.cookies[cookie] = "x"

    assert "Seen only" in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("way", ["cookie", "vary", "nonce"])
def test_page_for_one_visitor_is_not_kept(rf: RequestFactory, catalog: Catalog, way: str) -> None:
    @published
    def view(request: HttpRequest, catalog: Catalog) -> HttpResponse:
        response = HttpResponse(f"{catalog.title} {get_nonce(request) if way == 'nonce' else ''}")
        if way == "cookie":
            response.set_cookie("a", "b")
        if way == "vary":
            response.headers["Vary"] = "User-Agent"
        return response

    middleware = ContentSecurityPolicyMiddleware(KeptPages(lambda request: view(request, "tools")))
    middleware(rf.get("/x/"))
    Catalog.objects.update(title="Seen only when made anew")

    again = middleware(rf.get("/x/"))

    assert isinstance(again, HttpResponse)
    assert "Seen only" in again.content.decode()


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
    monkeypatch.setattr(conditional, "release", lambda: "another")

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
