from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware, get_nonce
from django.test import Client, RequestFactory

from catalog.models import Catalog, Revision
from catalog.pages.page_cache import PageCache
from catalog.published import parameters_of, published
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


def headers_of(response: Any) -> dict[str, str]:
    """The headers but for the number that each request has of its own."""
    return {name: value for name, value in response.items() if name != "X-Request-ID"}


@pytest.mark.parametrize("address", [ADDRESS, "/", "/search/?q=x", "/tools/search/?q=x"])
def test_page_is_cached_whole(
    client: Client, catalog: Catalog, address: str, django_assert_num_queries: Any
) -> None:
    first = Client().get(address)

    with django_assert_num_queries(1):
        again = client.get(address)

    assert again.content == first.content
    assert headers_of(again) == headers_of(first)
    assert "nonce-" not in again["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("condition", "status"),
    [("If-None-Match: {}", 304), ('If-None-Match: "x", {}', 304), ('If-None-Match: "x"', 200)],
)
def test_cached_page_is_not_sent_to_who_holds_it(
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


def test_cached_page_is_refused_to_a_host_that_is_not_ours(
    client: Client, catalog: Catalog
) -> None:
    assert client.get(ADDRESS, headers={"Host": "elsewhere.example"}).status_code == 400


def test_page_of_a_catalog_that_is_gone_is_gone(client: Client, catalog: Catalog) -> None:
    catalog.delete()

    assert client.get(ADDRESS).status_code == 404


def test_page_is_cached_apart_from_its_part(client: Client, catalog: Catalog) -> None:
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
def test_page_for_one_visitor_is_not_cached(rf: RequestFactory, catalog: Catalog, way: str) -> None:
    @published
    def view(request: HttpRequest, catalog: Catalog) -> HttpResponse:
        response = HttpResponse(f"{catalog.title} {get_nonce(request) if way == 'nonce' else ''}")
        if way == "cookie":
            response.set_cookie("a", "b")
        if way == "vary":
            response.headers["Vary"] = "User-Agent"
        return response

    middleware = ContentSecurityPolicyMiddleware(PageCache(lambda request: view(request, "tools")))
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
    monkeypatch.setattr("catalog.published.release", lambda: "another")

    assert "Seen only" in client.get(ADDRESS).content.decode()


def test_page_is_cached_for_each_language_and_host(client: Client, catalog: Catalog) -> None:
    chinese = client.get(ADDRESS, headers={"Accept-Language": "zh-hans"}).content.decode()
    elsewhere = client.get(ADDRESS, headers={"Host": "localhost"}).content.decode()

    assert '<html lang="zh-hans">' in chinese
    assert '<link rel="canonical" href="http://localhost/tools/editors/">' in elsewhere


def test_page_of_who_is_signed_in_is_neither_cached_nor_served_from_cache(
    client: Client, catalog: Catalog
) -> None:
    client.force_login(get_user_model().objects.create_superuser("ada"))

    own = client.get(ADDRESS).content.decode()

    assert 'href="/admin/"' in own
    assert 'href="/admin/"' not in Client().get(ADDRESS).content.decode()


def test_error_is_not_cached(client: Client, catalog: Catalog) -> None:
    assert client.get("/tools/later/").status_code == 404
    factories.make_section(catalog, "Later")

    assert client.get("/tools/later/").status_code == 200


# Parameters


@pytest.mark.parametrize(
    ("junk", "plain"),
    [
        (f"{ADDRESS}?utm_source=a&x=1", ADDRESS),
        (f"{ADDRESS}?q=vim&tag=a:b", ADDRESS),
        ("/?g=1", "/"),
        ("/search/?g=1&q=vim&page=1&%C3%A4=%zz", "/search/?q=vim&page=1"),
        ("/tools/browse/?q=a%20b&Q=c&sort=name", "/tools/browse/?q=a+b&sort=name"),
        ("/tools/browse/feed.atom?page=2&q=a", "/tools/browse/feed.atom?q=a"),
        ("/tools/feed.atom?q=a", "/tools/feed.atom"),
    ],
)
def test_parameters_that_nobody_reads_make_no_page_of_their_own(
    client: Client, catalog: Catalog, junk: str, plain: str, django_assert_num_queries: Any
) -> None:
    page = Client().get(plain)

    with django_assert_num_queries(1):
        same = client.get(junk)

    assert (same.content, headers_of(same)) == (page.content, headers_of(page))


def test_parameter_that_a_page_reads_makes_one(client: Client, catalog: Catalog) -> None:
    client.get("/search/?q=vim")

    assert 'value="emacs"' in client.get("/search/?q=emacs").content.decode()


def test_parameters_are_left_to_pages_that_are_not_shared(client: Client) -> None:
    assert 'value="/tools/"' in client.get("/accounts/login/?next=/tools/").content.decode()
    assert client.get("/tools?x=1").headers["Location"] == "/tools/?x=1"
    assert client.get("/api/v1/catalogs/?x=1").status_code == 400


NOT_STORED = {
    "readme", "opensearch", "robots", "favicon"
}  # fmt: skip
"""Addresses whose answers the page cache does not hold."""


def test_every_page_that_is_stored_says_what_it_reads() -> None:
    from catalog.urls import urlpatterns

    assert {
        pattern.name or "favicon"
        for pattern in urlpatterns
        if parameters_of(pattern.callback) is None
    } == NOT_STORED


def test_pages_crowd_out_nothing_but_pages(
    client: Client, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for alias in ("default", "findings", "reads"):
        caches[alias].set("stays", alias)
    monkeypatch.setattr(caches["pages"], "max_bytes", 20_000)
    for number in range(100):
        client.get(f"/search/suggest?q={number}")

    assert [caches[alias].get("stays") for alias in ("default", "findings", "reads")] == [
        "default", "findings", "reads"
    ]  # fmt: skip
    held = caches["pages"]._cache.values()  # type: ignore[attr-defined]
    assert 10_000 < sum(map(len, held)) <= 20_000
