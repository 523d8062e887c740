"""Catalogs, sections and tags as programs get them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.editing.settings import change_settings
from catalog.editing.tags import add_facet, add_tag
from catalog.history.revisions import Author
from catalog.models import Catalog, Facet, Listing, Tag
from tests.catalog.importing.imports import change_here, new_list
from tests.catalog.importing.test_importing import text_of

pytestmark = pytest.mark.django_db

API = "/api/v1/catalogs/"
SITE = "http://testserver"
TEXT = text_of("#t _ ##x _ a b _ ###y _ | |d |e")


def get(client: Client, path: str, status: int = 200, **headers: str) -> Any:
    response = client.get(API + path, headers=headers or None)
    assert response.status_code == status, response.content
    return response.json()


def decide(catalog: Catalog, **values: str) -> None:
    catalog.refresh_from_db()
    change_settings(catalog=catalog, by=Author(), values=values)


@pytest.fixture
def tools() -> Catalog:
    return new_list(TEXT)


def time_of(moment: Any) -> str:
    written: str = moment.isoformat().replace("+00:00", "Z")
    return written


def test_catalog_says_what_it_is_about(client: Client, tools: Catalog) -> None:
    decide(tools, description="About.", license="CC0-1.0", language="en", guidelines="Be *nice*.")
    tools.refresh_from_db()

    answers = get(client, "tools/")

    home = f"{SITE}{API}tools/"
    listed = {
        "slug": "tools",
        "title": "Tools",
        "description": "About.",
        "license": "CC0-1.0",
        "license_url": "",
        "language": "en",
        "source_url": "",
        "revision": 2,
        "entry_count": 4,
        "section_count": 3,
        "created_at": time_of(tools.created_at),
        "updated_at": time_of(tools.updated_at),
        "html_url": f"{SITE}/tools/",
        "links": {
            "self": home,
            "entries": f"{SITE}/api/v1/entries/?catalog=tools",
            "sections": f"{home}sections/",
            "tags": f"{home}tags/",
            "changes": f"{home}changes/",
            "export": f"{home}export/",
            "readme": f"{SITE}/tools/README.md",
        },
    }
    assert answers == {
        **listed,
        "guidelines": "Be *nice*.",
        "facets": [
            {"slug": "topic", "name": "Topic", "description": "", "tag_count": 2},
            {"slug": "license", "name": "License", "description": "", "tag_count": 1},
        ],
        "listings": [],
    }
    assert get(client, "") == {"count": 1, "next": None, "previous": None, "results": [listed]}


def test_every_link_of_a_catalog_leads_somewhere(client: Client, tools: Catalog) -> None:
    links = get(client, "tools/")["links"].values()

    responses: list[Any] = [client.get(link.removeprefix(SITE)) for link in links]

    # Downloads, too, to their end.
    assert all(response.getvalue() for response in responses)
    assert [response.status_code for response in responses] == [200] * 7


def test_listings_before_the_first_section_are_the_catalogs(client: Client) -> None:
    catalog = new_list(text_of("a b _ #t _ c"))

    answers = get(client, "tools/")["listings"]

    assert answers == [
        {
            "id": Listing.objects.get(catalog=catalog, section=None).pk,
            "kind": "list",
            "ordinal": 1,
            "entry_count": 2,
            "is_toc": False,
            "columns": [],
        }
    ]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["models", "tools"]),
        ("?ordering=title", ["models", "tools"]),
        ("?ordering=-entry_count", ["tools", "models"]),
        ("?ordering=-updated_at", ["models", "tools"]),
        ("?q=TOOL", ["tools"]),
        ("?q=about", ["models"]),
        ("?q=100%25", []),
        ("?q=%00", []),
        ("?language=ZH", ["models"]),
        ("?language=%00", []),
        ("?updated_since=2020-01-01", ["models", "tools"]),
        ("?updated_since=9999-01-01T00:00:00Z", []),
        ("?updated_since=0099-03-03T10:17:41%2B16:23", ["models", "tools"]),
        ("?updated_since=0001-01-01T00:00:00%2B23:59", ["models", "tools"]),
        ("?updated_since=9999-12-31T23:59:59-23:59", []),
        ("?page_size=1&page=2", ["tools"]),
    ],
)
def test_catalogs_can_be_searched(query: str, slugs: list[str], client: Client) -> None:
    new_list(TEXT)
    other = new_list(text_of("a"), slug="models")
    decide(other, title="Models", description="All about them.", language="zh")

    assert [row["slug"] for row in get(client, query)["results"]] == slugs


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("?ordering=size", ["ordering"]),
        ("?updated_since=yesterday", ["updated_since"]),
        ("?q=a&q=b", ["q"]),
        ("?page=0", ["page"]),
        ("tools/sections/?page_size=501", ["page_size"]),
        ("tools/tags/?used=maybe", ["used"]),
        ("tools/changes/?since=-1", ["since"]),
        ("tools/changes/?since=x", ["since"]),
        ("tools/changes/?page_size=101", ["page_size"]),
        ("tools/export/?revision=0", ["revision"]),
        ("tools/export/?table_style=wide", ["table_style"]),
        ("tools/export/?tag=language", ["tag"]),
        ("tools/export/?format=xml", ["format"]),
    ],
)
def test_malformed_parameter_is_named(
    path: str, names: list[str], client: Client, tools: Catalog
) -> None:
    assert list(get(client, path, 400)["errors"]) == names


@pytest.mark.parametrize(
    "path", ["?titel=x", "tools/?q=x", "tools/changes/?page=2", "tools/export/?ordering=name"]
)
def test_unknown_parameter_is_refused(path: str, client: Client, tools: Catalog) -> None:
    assert get(client, path, 400)["code"] == "unknown_parameter"


@pytest.mark.parametrize("below", ["", "sections/", "tags/", "changes/", "export/"])
def test_renamed_catalog_is_led_to(below: str, client: Client, tools: Catalog) -> None:
    decide(tools, slug="things")

    response = client.get(f"{API}tools/{below}?format=json")
    missing = client.get(f"{API}thing/{below}")

    assert (response.status_code, response["Location"]) == (301, f"{API}things/{below}?format=json")
    assert (missing.status_code, missing.json()["detail"]) == (
        404,
        "There is no catalog thing: did you mean things?",
    )


# Sections


def test_sections_say_where_entries_can_be_added(client: Client, tools: Catalog) -> None:
    keys = dict(Listing.objects.values_list("kind", "pk"))

    answers = get(client, "tools/sections/")

    bullets = {"id": keys["list"], "kind": "list", "ordinal": 1, "entry_count": 2, "columns": []}
    columns = [
        {"index": 0, "key": "name", "header": "name", "role": "name", "facet": None},
        {"index": 1, "key": "license", "header": "license", "role": "facet", "facet": "license"},
    ]
    table = {
        "id": keys["table"],
        "kind": "table",
        "ordinal": 1,
        "entry_count": 2,
        "columns": columns,
    }
    rows: list[tuple[str, str, int, str | None, int, list[dict[str, Any]]]] = [
        ("t", "t", 1, None, 4, []),
        ("x", "x", 2, None, 4, [bullets]),
        ("x/y", "y", 3, "x", 2, [table]),
    ]
    assert answers == {
        "count": 3,
        "next": None,
        "previous": None,
        "results": [
            {
                "path": path,
                "title": title,
                "level": level,
                "parent": parent,
                "entry_count": count,
                "html_url": f"{SITE}/tools/{path}/",
                "listings": [{**listing, "is_toc": False} for listing in listings],
            }
            for path, title, level, parent, count, listings in rows
        ],
    }


@pytest.mark.parametrize(
    ("path", "cost"),
    [
        ("", 3),
        ("tools/", 5),
        ("tools/sections/", 5),
        ("tools/tags/", 3),
        ("tools/changes/?since=1", 8),
    ],
)
def test_cost_does_not_depend_on_the_number(path: str, cost: int, client: Client) -> None:
    new_list(text_of("#t _ ##x _ | |a"))
    counts = []
    for words in ("", " _ ##y _ | |b _ ##z _ c"):
        catalog = Catalog.objects.get()
        change_here(catalog, text_of(f"#t _ ##x _ | |a!{words}"))
        with CaptureQueriesContext(connection) as queries:
            get(client, path)
        counts.append(len(queries))

    assert counts == [cost, cost]


# Tags


def test_tags_of_all_facets(client: Client, tools: Catalog) -> None:
    answers = get(client, "tools/tags/")

    assert answers["results"] == [
        {
            "facet": facet,
            "facet_name": facet.title(),
            "value": value,
            "name": name,
            "description": "",
            "entry_count": count,
            "html_url": f"{SITE}/tools/tags/{facet}/{value}/",
        }
        for facet, value, name, count in [
            ("topic", "x", "x", 4),
            ("topic", "y", "y", 2),
            ("license", "mit", "MIT", 2),
        ]
    ]


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("", ["x", "y", "mit", "api"]),
        ("?used=true", ["x", "y", "mit"]),
        ("?used=false", ["x", "y", "mit", "api"]),
        ("?facet=license", ["mit"]),
        ("?facet=unknown", []),
        ("?q=I", ["mit", "api"]),
        ("?q=%00", []),
        ("?facet=%00", []),
        ("?page_size=1&page=2&count=0", ["y"]),
    ],
)
def test_tags_can_be_searched(
    query: str, values: list[str], client: Client, tools: Catalog
) -> None:
    facet = add_facet(catalog=tools, name="Kind", by=Author())
    add_tag(facet=facet, name="API", by=Author())
    Facet.objects.filter(pk=facet.pk).update(rank=9)

    assert [tag["value"] for tag in get(client, f"tools/tags/{query}")["results"]] == values


def test_facets_that_are_not_offered_are_not_reported(client: Client, tools: Catalog) -> None:
    Facet.objects.filter(slug="license").update(is_public=False)
    Catalog.objects.update(title="other")

    assert [row["slug"] for row in get(client, "tools/")["facets"]] == ["topic"]
    assert {tag["facet"] for tag in get(client, "tools/tags/")["results"]} == {"topic"}
    assert get(client, "tools/tags/?facet=license")["results"] == []
    assert Tag.objects.filter(facet__slug="license").exists()


def test_what_has_not_changed_is_not_sent_again(client: Client, tools: Catalog) -> None:
    for path in ("", "tools/", "tools/sections/", "tools/tags/", "tools/changes/"):
        etag = client.get(API + path)["ETag"]
        assert client.get(API + path, headers={"If-None-Match": etag}).status_code == 304
        decide(tools, description=path or "new")
        assert client.get(API + path, headers={"If-None-Match": etag}).status_code == 200
