from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.finding.indexing import index_catalog
from catalog.models import Catalog, Entry, Listing, Revision, SectionPath, TagAlias
from catalog.sql.pages import newest_rows
from tests import factories

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(client: Client, address: str) -> ElementTree.Element:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def field(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def titles(root: ElementTree.Element) -> list[str]:
    return [field(item, "title") for item in root.iter(f"{ATOM}entry")]


@pytest.fixture
def listings() -> list[Listing]:
    """Two sections with an old entry each, then one more revision."""
    catalog = factories.make_catalog()
    results = []
    for title in ("Editors", "Shells"):
        section = factories.make_section(catalog, title)
        items = [f"[Old {title}](https://example.org/{title})"]
        results.append(factories.make_list(catalog, section, items))
    factories.make_revision(catalog, Revision.Verb.ADD)
    for listing in results:
        listing.catalog.refresh_from_db()
    return results


def add(listing: Listing, called: str, **fields: Any) -> Entry:
    entry: Entry = factories.make_item(
        listing, f"[{called}](https://example.org/{called})", **fields
    ).entry
    return entry


def test_feed_has_what_came_since_the_founding(client: Client, listings: list[Listing]) -> None:
    _editors, shells = listings
    entry = add(shells, "fish", description_html="A <em>shell</em>.")

    root = feed(client, "/tools/feed.atom")

    assert field(root, "title") == "Tools"
    assert field(root, "id") == "http://testserver/tools/"
    assert field(root, "updated") == entry.updated_at.isoformat()
    assert [(link.get("rel"), link.get("href")) for link in root.findall(f"{ATOM}link")] == [
        ("alternate", "http://testserver/tools/"),
        ("self", "http://testserver/tools/feed.atom"),
    ]
    [item] = root.iter(f"{ATOM}entry")
    link = item.find(f"{ATOM}link")
    assert link is not None
    assert {name: field(item, name) for name in ("title", "id", "summary")} | link.attrib == {
        "title": "fish",
        "id": f"http://testserver/tools/entries/{entry.pk}/",
        "summary": "A <em>shell</em>.",
        "href": f"http://testserver/tools/entries/{entry.pk}-fish/",
        "rel": "alternate",
    }


def test_feed_of_a_section_has_its_own_entries(client: Client, listings: list[Listing]) -> None:
    # In the middle of the list, not at its end.
    factories.make_revision(listings[0].catalog, Revision.Verb.ADD)
    listings[0].catalog.refresh_from_db()
    add(listings[1], "fish")
    Entry.objects.filter(name="Old Editors").update(
        created_at=timezone.now(), created_revision=2, name="Vim"
    )

    assert titles(feed(client, "/tools/editors/feed.atom")) == ["Vim"]
    assert titles(feed(client, "/tools/shells/feed.atom")) == ["fish"]
    assert titles(feed(client, "/tools/feed.atom")) == ["Vim", "fish"]


def test_feed_of_a_renamed_section_redirects(client: Client, listings: list[Listing]) -> None:
    section = listings[0].section
    SectionPath.objects.create(catalog=listings[0].catalog, path="old", section=section)

    response = client.get("/tools/old/feed.atom")

    assert (response.status_code, response["Location"]) == (301, "/tools/editors/feed.atom")


def test_feed_of_a_tag_has_its_entries(client: Client, listings: list[Listing]) -> None:
    entry = add(listings[0], "Vim")
    add(listings[1], "fish")
    tag = factories.make_tag(listings[0].catalog, "Language", "C++", [entry])
    TagAlias.objects.create(facet=tag.facet, tag=tag, spelling="cpp", key="cpp")

    root = feed(client, "/tools/tags/language/c-plus-plus/feed.atom")

    assert field(root, "title") == "Language: C++ · Tools"
    assert titles(root) == ["Vim"]
    assert client.get("/tools/tags/language/cpp/feed.atom")["Location"] == (
        "/tools/tags/language/c-plus-plus/feed.atom"
    )


def test_feed_of_changes_has_a_revision_each(client: Client, listings: list[Listing]) -> None:
    entry = listings[0].entries.get()
    factories.change_entry(entry, "- changed\n", credit="Ada")
    factories.remove_entry(entry, credit="Grace", note="Gone <for> good.")

    root = feed(client, "/tools/changes/feed.atom")

    items = [
        (field(item, "title"), field(item, "id"), field(item, "summary"))
        for item in root.iter(f"{ATOM}entry")
    ]
    assert items == [
        ("removed: Old Editors", "http://testserver/tools/changes/4/", "Gone <for> good."),
        ("changed: Old Editors", "http://testserver/tools/changes/3/", ""),
    ]


def test_feed_of_a_choice_has_what_is_new_in_it(client: Client, listings: list[Listing]) -> None:
    vim = add(listings[0], "Vim")
    fish = add(listings[1], "Fish")
    factories.make_tag(listings[0].catalog, "Language", "zh", [vim, fish])
    index_catalog(listings[0].catalog)

    root = feed(client, "/tools/browse/feed.atom?q=vim&tag=language:zh&sort=name")

    assert field(root, "title") == "vim, zh · Tools"
    assert field(root, "id") == "http://testserver/tools/browse/?q=vim&tag=language:zh&sort=name"
    assert titles(root) == ["Vim"]
    assert titles(feed(client, "/tools/browse/feed.atom?section=editors")) == ["Vim"]
    assert titles(feed(client, "/tools/browse/feed.atom")) == ["Fish", "Vim"]
    assert titles(feed(client, "/tools/browse/feed.atom?q=old")) == []


def test_feed_of_a_search_has_what_is_new_in_all_lists(
    client: Client, listings: list[Listing]
) -> None:
    add(listings[0], "Vim")
    index_catalog(listings[0].catalog)

    root = feed(client, "/search/feed.atom?q=vim")

    assert field(root, "title") == "vim · Listwright"
    assert field(root, "id") == "http://testserver/search/?q=vim"
    assert titles(root) == ["Vim"]
    assert titles(feed(client, "/search/feed.atom?q=old")) == []
    assert titles(feed(client, "/search/feed.atom")) == []


@pytest.mark.parametrize("address", ["/search/feed.atom?q=a", "/tools/browse/feed.atom?q=a"])
def test_feeds_of_searches_are_sent_once_and_not_indexed(
    client: Client, listings: list[Listing], address: str
) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert first["X-Robots-Tag"] == "noindex"
    assert again.status_code == 304


def test_feed_without_news_has_a_date_that_stays(client: Client) -> None:
    catalog = factories.make_catalog()

    root = feed(client, "/tools/feed.atom")

    assert titles(root) == []
    assert field(root, "updated") == catalog.created_at.isoformat()


def test_feed_bears_what_people_write(client: Client, listings: list[Listing]) -> None:
    add(listings[0], "a", name="</title><script>\x01&", description_html="<b>\x0b]]></b>")

    root = feed(client, "/tools/feed.atom")

    assert titles(root) == ["</title><script>&"]


def test_feed_is_sent_once(client: Client, listings: list[Listing]) -> None:
    etag = client.get("/tools/feed.atom")["ETag"]
    again = client.get("/tools/feed.atom", headers={"If-None-Match": etag})
    factories.make_revision(listings[0].catalog, Revision.Verb.ADD)
    later = client.get("/tools/feed.atom", headers={"If-None-Match": etag})

    assert (again.status_code, later.status_code) == (304, 200)


@pytest.mark.parametrize(
    "address", ["nothing/feed.atom", "tags/a/b/feed.atom", "feed.atom/", "tags/feed.atom"]
)
def test_feed_of_nothing_is_unknown(client: Client, address: str) -> None:
    factories.make_catalog()

    assert client.get(f"/tools/{address}").status_code == 404


@pytest.mark.parametrize(
    ("address", "feeds"),
    [
        ("/tools/", ["/tools/feed.atom"]),
        ("/tools/editors/", ["/tools/feed.atom", "feed.atom"]),
        ("/tools/changes/", ["/tools/feed.atom", "feed.atom"]),
        ("/tools/browse/?q=a", ["/tools/feed.atom", "feed.atom?q=a"]),
        ("/tools/search/?q=a", ["/tools/feed.atom", "/tools/browse/feed.atom?q=a"]),
        ("/search/?q=a", ["/search/feed.atom?q=a"]),
    ],
)
def test_feed_is_linked_from_its_page(
    client: Client, listings: list[Listing], address: str, feeds: list[str]
) -> None:
    text = client.get(address).content.decode()
    start = '<link rel="alternate" type="application/atom+xml" href="'

    assert [part.partition('"')[0] for part in text.split(start)[1:]] == feeds


@pytest.mark.parametrize("entries", [1, 3])
def test_feeds_ask_as_few_queries_whatever_the_size(
    client: Client, listings: list[Listing], entries: int
) -> None:
    for n in range(entries):
        entry = add(listings[1], f"tool-{n}")
        factories.make_tag(listings[1].catalog, "Language", "zh", [entry])
        factories.change_entry(entry, f"- changed {n}\n")
    requests = {}
    for page in ("", "shells/", "tags/language/zh/", "changes/", "browse/"):
        Catalog.objects.update(updated_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            feed(client, f"/tools/{page}feed.atom")
        requests[page] = len(queries)

    # The list, what came since, the items; with filters: its founding, the index, the
    # order.
    assert requests == {"": 3, "shells/": 7, "tags/language/zh/": 7, "changes/": 5, "browse/": 8}


def test_newest_are_read_in_order_without_sorting(listings: list[Listing]) -> None:
    catalog = listings[0].catalog
    for n in range(6):
        add(listings[n % 2], f"tool-{n}")
    moments = timezone.now(), timezone.now()
    for n, entry in enumerate(Entry.objects.filter(catalog=catalog)):
        Entry.objects.filter(pk=entry.pk).update(created_at=moments[n % 2])
    rows = Entry.objects.published().filter(catalog=catalog, created_revision__gt=1)
    expected = sorted(rows, key=lambda row: (-row.created_at.timestamp(), row.pk))

    with CaptureQueriesContext(connection) as queries:
        newest = newest_rows(catalog.pk, 4)

    assert [row.pk for row in newest] == [row.pk for row in expected[:4]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {queries[0]['sql']}")
        plan = str(cursor.fetchall())
    # Of so few entries PostgreSQL may as well take those of all lists in their order.
    assert "entry_of_list_newest" in plan or "entry_by_creation" in plan
    assert "Sort" not in plan
    assert "B-TREE" not in plan
