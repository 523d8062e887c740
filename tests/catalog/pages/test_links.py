"""No link inside the site leads nowhere."""

import pytest
from django.core.management import call_command

from catalog.editing.entries import add_entry, remove_entry
from catalog.history.revisions import Author
from tests.catalog.importing.imports import new_list
from tests.crawling import Crawl
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

LIST = """# Tools

What this is about: [editors](#editors), [the guide](docs/guide.md), ![a picture](a.png),
[nobody's anchor](#nothing), [bad](http://[), [mail](mailto:a@b.example), [host](//c.example/).

- [Editors](#editors)
  - [Modal & more](#modal--more)
- [编辑器](#编辑器)

## Editors

| name | language | note |
|---|---|---|
| [Vim](https://vim.example/) | en/zh | see [below](#modal--more) |
| [C++ / C#?](https://c.example/?a=1&b=2#c) | C++ | 100% `<b>` |

### Modal & more

1. [Kakoune](https://kakoune.example/) - Like [Vim](#editors).
2. [100% #1 ?](https://percent.example/) - Odd.

### [helix/editor](https://helix.example/)

An entry that is a heading.

## 编辑器

- [通义](https://t.example/) - 一个模型。
  - [below](https://below.example/)
- plain words, [no address](), [relative](./LICENSE)

## Editors

- [Second](https://second.example/) of the same title.
"""


KINDS = {
    "account_login ?",
    "accounts:tokens",
    "api:docs",
    "api:root",
    "api:schema",
    "api:schema ?",
    "catalog:browse",
    "catalog:browse ?",
    "catalog:browse-export",
    "catalog:browse-feed",
    "catalog:catalog-detail",
    "catalog:catalog-list",
    "catalog:change-feed",
    "catalog:change-list",
    "catalog:entry-detail",
    "catalog:facet-detail",
    "catalog:facet-detail ?",
    "catalog:feed",
    "catalog:opensearch",
    "catalog:readme",
    "catalog:section-detail",
    "catalog:section-detail ?",
    "catalog:section-feed",
    "catalog:tag-detail",
    "catalog:tag-feed",
    "catalog:tag-list",
    "contribute:about",
    "contribute:add",
    "contribute:add ?",
    "contribute:edit",
    "contribute:move",
    "contribute:remove",
    "contribute:report",
}
"""Every kind of page that links of the sample list lead to."""


def test_links_of_a_list_lead_somewhere() -> None:
    catalog = new_list(LIST)
    new_list("# Books\n\n- [One](https://one.example/)\n", "books")
    listing = catalog.listings.filter(section__path="编辑器")[0]
    add_entry(
        listing=listing, by=Author(), name="新", url="https://new.example/", description="Yes."
    )
    remove_entry(entry=catalog.entries.get(name="Kakoune"), by=Author())

    crawl = Crawl("/")

    assert crawl.broken == []
    assert "http://testserver/tools/changes/2/" in crawl.statuses


def test_links_of_the_sample_list_lead_somewhere() -> None:
    call_command("load_sample", verbosity=0)

    crawl = Crawl("/", each=None if IS_LONG else 6)

    assert crawl.broken == []
    assert set(crawl.kinds) == KINDS
    assert len(crawl.statuses) > (900 if IS_LONG else 60)
