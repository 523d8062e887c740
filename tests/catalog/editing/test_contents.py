"""Edits of sections take the table of contents and links to their anchors along."""

from typing import Any

import pytest

from catalog.editing.lines import revert_revision
from catalog.editing.sections import DANGLING, LINKS, add_section, remove_section, rename_section
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog, Revision, Section
from tests.catalog.importing.imports import assert_sound, new_list

pytestmark = pytest.mark.django_db
BY = Author(note="why")

TEXT = """\
# Tools

- [Web & more](#web--more)
  - [Servers](#servers)
- [Data](#data)
- [Data](#data-1)

See [the data](#data) or [data two][two], never `[x](#data)`.

## Web & more

- [a](https://a.org) - Like [those below](#data-1).

### Servers

- [c](https://c.org)

## Data

- [d](https://d.org)

[back](#tools)

## Data

- [e](https://e.org)

[two]: #data-1
"""


@pytest.fixture
def tools() -> Catalog:
    return new_list(TEXT)


def section(catalog: Catalog, title: str, number: int = 0) -> Section:
    return catalog.sections.filter(title=title).order_by("position")[number]


def links_of(revision: Revision) -> tuple[list[str], list[str]]:
    """The lines whose links followed, and those whose links lead nowhere now."""
    return revision.details.get(LINKS, []), revision.details.get(DANGLING, [])


def replaced(*pairs: tuple[str, str]) -> str:
    text = TEXT
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_a_renamed_section_is_renamed_in_the_contents(tools: Catalog) -> None:
    revision = rename_section(section=section(tools, "Servers"), title="Hosts [all]", by=BY)

    assert revision is not None
    assert links_of(revision) == ([], [])
    assert_sound(
        tools,
        replaced(
            ("- [Servers](#servers)", "- [Hosts [all]](#hosts-all)"),
            ("### Servers", "### Hosts [all]"),
        ),
    )


def test_links_follow_where_equal_anchors_are_counted_anew(tools: Catalog) -> None:
    revision = rename_section(section=section(tools, "Data"), title="Stores", by=BY)

    assert revision is not None
    expected = replaced(
        ("- [Data](#data)\n", "- [Stores](#stores)\n"),
        ("- [Data](#data-1)", "- [Data](#data)"),
        ("[the data](#data)", "[the data](#stores)"),
        ("[those below](#data-1)", "[those below](#data)"),
        ("## Data\n\n- [d]", "## Stores\n\n- [d]"),
        ("[two]: #data-1", "[two]: #data"),
    )
    assert_sound(tools, expected)
    assert links_of(revision) == (
        [
            "See [the data](#stores) or [data two][two], never `[x](#data)`.",
            "- [a](https://a.org) - Like [those below](#data).",
            "[two]: #data",
        ],
        [],
    )
    revert_revision(catalog=tools, number=revision.number, by=BY)
    assert "".join(export_markdown(tools)) == TEXT


@pytest.mark.parametrize(
    ("places", "old", "new"),
    [
        ({}, "- [Data](#data-1)\n", "- [Data](#data-1)\n- [New](#new)\n"),
        ({"after": "Web & more"}, "  - [Servers](#servers)\n",
         "  - [Servers](#servers)\n- [New](#new)\n"),
        ({"after": "Servers"}, "  - [Servers](#servers)\n",
         "  - [Servers](#servers)\n  - [New](#new)\n"),
        ({"parent": "Data"}, "- [Data](#data)\n", "- [Data](#data)\n  - [New](#new)\n"),
    ],
)  # fmt: skip
def test_a_new_section_is_added_to_the_contents(
    tools: Catalog, places: dict[str, str], old: str, new: str
) -> None:
    where: dict[str, Any] = {key: section(tools, title) for key, title in places.items()}
    add_section(catalog=tools, title="New", by=BY, **where)
    text = "".join(export_markdown(tools))

    assert replaced((old, new)).partition("## Web")[0] == text.partition("## Web")[0]
    assert_sound(tools, text)


def test_a_list_without_contents_gets_none() -> None:
    catalog = new_list("# Tools\n\n## A\n\n- [a](https://a.org)\n")
    add_section(catalog=catalog, title="B", by=BY)

    assert_sound(catalog, "# Tools\n\n## A\n\n- [a](https://a.org)\n\n## B\n")


def test_a_removed_section_leaves_the_contents(tools: Catalog) -> None:
    revision = remove_section(section=section(tools, "Web & more"), by=BY, with_contents=True)

    text = "".join(export_markdown(tools))
    assert text.startswith("# Tools\n\n- [Data](#data)\n- [Data](#data-1)\n\nSee")
    assert links_of(revision) == ([], [])
    assert_sound(tools, text)


def test_links_to_a_removed_section_are_named(tools: Catalog) -> None:
    revision = remove_section(section=section(tools, "Data", 1), by=BY, with_contents=True)

    assert links_of(revision) == ([], ["- [a](https://a.org) - Like [those below](#data-1)."])


def test_a_heading_with_an_emoji_is_renamed_in_the_contents() -> None:
    text = (
        "# List\n\n## Contents\n\n- [:kite: Kites](#kite-kites)\n- [Reels](#reels)\n\n"
        "## :kite: Kites\n\n- [A](https://a.org)\n\n## Reels\n\n- [B](https://b.org)\n"
    )
    catalog = new_list(text)
    section = catalog.sections.get(title="🪁 Kites")

    rename_section(section=section, title=":kite: Kites and more", by=Author(note="test"))

    assert export_markdown(catalog) == text.replace(
        "[:kite: Kites](#kite-kites)", "[🪁 Kites and more](#kite-kites-and-more)"
    ).replace("## :kite: Kites", "## :kite: Kites and more")
