"""Which entries a list of parameters gives, alone and together."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.editing.tags import describe_facet
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Facet
from tests.api.entries.requesting import ask, make, names

pytestmark = pytest.mark.django_db

TOOLS = """# Tools

## Editors

| name | language | licence | note |
|---|---|---|---|
| [Alpha](https://github.com/Ada/Alpha) | C | MIT | A fast editor. |
| [bravo](https://b.example/?utm_source=x) | Rust | MIT | A small editor. |
| [Charlie](https://c.example/) [p](https://arxiv.org/abs/2401.00001v2) | C / Rust | GPL | 编辑器 |

### Modal

- [Delta](https://d.example/a/) - Fast modes.
- [Echo](https://e.example/) - エディタ and

## Shells

- [Foxtrot](https://f.example/) - A shell, written in C.
"""
OTHERS = """# Others

## Editors

| name | language |
|---|---|
| [Golf](https://github.com/ada/alpha/) | C |

## Shells

- [Hotel](https://h.example/) - A fast 셸.
"""
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
"""When Alpha was added; each that follows in the alphabet a day later, and changed ten days on."""


@pytest.fixture(autouse=True)
def lists() -> list[Catalog]:
    """Both lists; times as above."""
    results = [make("tools", TOOLS), make("others", OTHERS)]
    for n, entry in enumerate(Entry.objects.order_by("slug")):
        entry.created_at = NOW + timedelta(days=n)
        entry.updated_at = entry.created_at + timedelta(days=10)
        entry.save(update_fields=["created_at", "updated_at"])
    return results


ALL = ["Golf", "Hotel", "Alpha", "bravo", "Charlie", "Delta", "Echo", "Foxtrot"]
RESULTS: list[tuple[str, list[str]]] = [
    # The order of the lists, which is that of their titles.
    ("", ALL),
    ("ordering=position", ALL),
    ("ordering=-position", ALL[::-1]),
    ("ordering=name", sorted(ALL, key=str.casefold)),
    ("ordering=-name", sorted(ALL, key=str.casefold, reverse=True)),
    ("ordering=created_at", sorted(ALL, key=str.casefold)),
    ("ordering=-updated_at&page_size=2", ["Hotel", "Golf"]),
    # Nothing was looked for, so nothing fits better.
    ("ordering=relevance", ALL),
    ("catalog=tools", ALL[2:]),
    ("catalog=others", ["Golf", "Hotel"]),
    # Sections, in whichever lists have them, with what is below them.
    ("section=editors", ["Golf", "Alpha", "bravo", "Charlie", "Delta", "Echo"]),
    ("section=/editors/", ["Golf", "Alpha", "bravo", "Charlie", "Delta", "Echo"]),
    ("section=editors/modal", ["Delta", "Echo"]),
    ("section=shells&catalog=tools", ["Foxtrot"]),
    ("section=tools", []),
    ("section=modal", []),
    ("section=Editors", []),
    ("section=%00", []),
    ("section=", ALL),
    # Each tag narrows, in one facet and across them.
    ("tag=language:c", ["Golf", "Alpha", "Charlie"]),
    ("tag=language:c&tag=language:rust", ["Charlie"]),
    ("tag=language:c&tag=license:mit", ["Alpha"]),
    ("tag=language:c&tag=language:c", ["Golf", "Alpha", "Charlie"]),
    ("tag=language:zig", []),
    ("tag=no:such", []),
    ("tag=language:%00", []),
    # Words; the best match first, unless another order is wanted.
    ("q=fast", ["Hotel", "Delta", "Alpha"]),
    ("q=fast&ordering=-name", ["Hotel", "Delta", "Alpha"]),
    ("q=fas", ["Hotel", "Delta", "Alpha"]),
    ("q=fas+", []),
    ('q="fast+editor"', ["Alpha"]),
    ("q=alp", ["Alpha", "Golf"]),
    ("q=编辑", ["Charlie"]),
    ("q=%E7%BC%96%E8%BE%91", ["Charlie"]),
    ("q=!!", []),
    ("q=%00", []),
    ("q=++", ALL),
    # Any link, in any spelling.
    ("url=https://github.com/ada/alpha", ["Golf", "Alpha"]),
    ("url=HTTP://www.GitHub.com/Ada/Alpha/#readme", ["Golf", "Alpha"]),
    ("url=github.com/ada/alpha.git", ["Golf", "Alpha"]),
    ("url=https://arxiv.org/pdf/2401.00001.pdf", ["Charlie"]),
    ("url=b.example", ["bravo"]),
    ("url=https://nowhere.example/", []),
    ("url=https://a.example/%00", []),
    ("url=", ALL),
    # That moment included, in any zone.
    ("created_since=2026-05-07T12:00:00Z", ["Golf", "Hotel"]),
    ("created_since=2026-05-07T14:00:00%2B02:00", ["Golf", "Hotel"]),
    ("created_since=2026-05-07T14:00:00+02:00", ["Golf", "Hotel"]),
    ("created_since=2026-05-07T12:00:00.000001", ["Hotel"]),
    ("created_since=2026-05-08", ["Hotel"]),
    ("updated_since=2026-05-17", ["Golf", "Hotel"]),
    ("updated_since=2026-05-17T23:59:60Z", ["Hotel"]),
    ("updated_since=0001-01-01T00:00:00%2B23:59", ALL),
    ("updated_since=9999-12-31T23:59:59-23:59", []),
    ("text_language=zh", ["Charlie"]),
    ("text_language=ja", ["Echo"]),
    ("text_language=ko", ["Hotel"]),
    ("text_language=und", ["Golf", "Alpha", "bravo", "Delta", "Foxtrot"]),
    # All of it together.
    ("section=editors&tag=language:c&text_language=und", ["Golf", "Alpha"]),
    ("section=editors&q=fast&catalog=tools&created_since=2026-05-02", ["Delta"]),
    ("q=editor&tag=license:mit&url=b.example", ["bravo"]),
]


@pytest.mark.parametrize(
    ("query", "expected"), RESULTS, ids=[query or "all" for query, _ in RESULTS]
)
def test_filters(client: Client, query: str, expected: list[str]) -> None:
    assert names(client, query) == expected


def test_findings(client: Client) -> None:
    text = "# Tools\n\n" + "".join(
        f"- [Tool {n}](https://t.example/{n}) - Does it{'' if n == 3 else '.'}\n" for n in range(20)
    )
    make("linted", text)

    assert names(client, "catalog=linted&has_findings=true") == ["Tool 3"]
    others = names(client, "catalog=linted&has_findings=false")
    assert others == [f"Tool {n}" for n in range(20) if n != 3]
    assert names(client, "has_findings=true&q=tool") == ["Tool 3"]


def test_tags_of_a_facet_that_is_not_public_find_nothing(client: Client) -> None:
    facet = Facet.objects.get(slug="language", catalog__slug="tools")
    hidden: dict[str, Any] = {"description": "", "rank": 0, "is_public": False}
    describe_facet(facet=facet, name=facet.name, by=Author(), **hidden)

    assert names(client, "tag=language:c") == ["Golf"]
    answers = {
        slug: {
            tag["facet"]
            for entry in ask(client, f"catalog={slug}")["results"]
            for tag in entry["tags"]
        }
        for slug in ("tools", "others")
    }
    assert answers == {"tools": {"license", "topic"}, "others": {"language", "topic"}}


def test_only_what_is_published_is_reported(client: Client) -> None:
    make("prose", "# Prose\n\nSee [this](https://p.example/) and [that](https://q.example/).\n")
    Catalog.objects.create(slug="empty", title="Empty")

    assert names(client, "url=p.example") == []
    assert ask(client, "catalog=empty", status=404)["code"] == "not_found"
    assert Entry.objects.filter(state="suggested").exists()
