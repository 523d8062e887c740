import json
import re
from typing import Any

import pytest
from django.test import Client

from catalog.models import Entry
from tests import factories

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def data(text: str) -> Any:
    [results] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    return json.loads(results)


def test_section_shows_its_entries(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    listing = factories.make_list(catalog, section, ["[Vim](https://vim.org/)"])
    entry = listing.entries.get()

    assert data(page(client, "/tools/editors/")) == {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "name": "Editors",
        "url": "http://testserver/tools/editors/",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "inLanguage": "en",
        "numberOfItems": 1,
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": 1,
                "name": "Vim",
                "url": f"http://testserver/tools/entries/{entry.pk}-vim/",
            }
        ],
    }


def test_catalog_shows_its_sections(client: Client) -> None:
    catalog = factories.make_catalog()
    factories.make_section(catalog, "Editors")
    factories.make_section(catalog, "编辑器")

    items = data(page(client, "/tools/"))["itemListElement"]

    assert [(item["name"], item["url"]) for item in items] == [
        ("Editors", "http://testserver/tools/editors/"),
        ("编辑器", "http://testserver/tools/%E7%BC%96%E8%BE%91%E5%99%A8/"),
    ]


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        (
            "https://github.com/a/b",
            {"@type": "SoftwareSourceCode", "codeRepository": "https://github.com/a/b"},
        ),
        ("https://a.example/", {"@type": "WebSite"}),
    ],
)
def test_entry_shows_what_it_is(client: Client, url: str, answers: dict[str, str]) -> None:
    catalog = factories.make_catalog()
    block = factories.make_item(
        factories.make_list(catalog, None), f"[A]({url})", description_html="An <em>A</em> &amp; B."
    )
    factories.make_tag(catalog, "Language", "C++", [block.entry])
    address = block.entry.get_absolute_url()

    text = page(client, address)

    assert data(text) == {
        "@context": "https://schema.org",
        "name": "A",
        "description": "An A & B.",
        "url": url,
        "mainEntityOfPage": f"http://testserver{address}",
        "keywords": "C++",
        **answers,
    }
    assert '<meta property="og:title" content="A · Tools">' in text
    assert '<meta name="description" content="An A &amp; B.">' in text
    assert f'<meta property="og:url" content="http://testserver{address}">' in text


def test_entry_that_has_no_link_is_a_thing(client: Client) -> None:
    catalog = factories.make_catalog()
    block = factories.make_item(factories.make_list(catalog, None), "[A](javascript:x)")

    assert data(page(client, block.entry.get_absolute_url()))["@type"] == "Thing"


def test_data_cannot_be_ended_by_what_stands_in_it(client: Client) -> None:
    catalog = factories.make_catalog()
    name = "</script><script>alert(1)</script>"
    block = factories.make_item(
        factories.make_list(catalog, None), "[A](https://a.example/)", name=name
    )

    text = page(client, block.entry.get_absolute_url())

    assert data(text)["name"] == name
    assert "<script>alert" not in text


def related(text: str) -> list[str]:
    part = re.search(r'id="related">.*?</section>', text, re.DOTALL)
    return re.findall(r"<li><a [^>]*>([^<]*)</a>", part[0]) if part else []


def test_entry_is_related_by_significant_tags(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.pages.entry_page.RARE", 2)
    catalog = factories.make_catalog()
    items = [f"[{name}](https://{name}.example/)" for name in "abcde"]
    listing = factories.make_list(catalog, None, [*items, "[A again](https://a.example/)"])
    a, b, c, d, e, again = listing.entries.in_reading_order()
    factories.make_tag(catalog, "Topic", "editor", [a, b, c])
    factories.make_tag(catalog, "Topic", "modal", [a, c])
    factories.make_tag(catalog, "Topic", "all", [a, b, c, d])
    gone = factories.make_tag(catalog, "Topic", "gone", [a, e])
    assert gone.entry_count == 2
    Entry.objects.filter(pk=e.pk).update(state=Entry.State.SUGGESTED)

    text = page(client, a.get_absolute_url())

    assert related(text) == ["c", "b"]
    assert 'class="quiet"' not in text[text.index('id="related"') :]
    assert f'href="/tools/entries/{again.pk}-a-again/"' in text
    assert related(page(client, d.get_absolute_url())) == []
