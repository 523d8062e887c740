"""Sections, prose and reverts: whole texts before and after, and what stays what it was."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.editing.entries import (
    add_entry,
    change_entry,
    entry_added_by,
    move_entry,
    remove_entry,
)
from catalog.editing.lines import revert_revision
from catalog.editing.sections import (
    add_section,
    edit_prose,
    remove_section,
    rename_section,
)
from catalog.errors import EditRefused, InvalidField, NotFound, RevisionConflict
from catalog.exporting import export_markdown
from catalog.history.revisions import Author, text_at
from catalog.markdown.writing.slots import Values
from catalog.models import Block, Catalog, Entry, Revision, Section, SectionPath
from tests.catalog.importing.imports import assert_sound, ids, new_list

pytestmark = pytest.mark.django_db

TEXT = """\
# Tools [![badge](https://b.org/x.svg)](https://b.org)

Some *prose* with [a link](https://p.org).

## Web & more

- [a](https://a.org)
- [b](https://b.org/b)

### Servers

- [c](https://c.org)

Data
----

- [d](https://d.org)
- [e](https://e.org)
- [f](https://f.org)

## Empty
"""
BY = Author(note="why")


@pytest.fixture
def tools() -> Catalog:
    return new_list(TEXT)


def section(catalog: Catalog, title: str) -> Section:
    return catalog.sections.get(title=title)


def block(catalog: Catalog, part: str) -> Block:
    return catalog.blocks.get(source__contains=part)


@pytest.mark.parametrize(
    ("title", "places", "old", "new"),
    [
        ("New", {}, "## Empty\n", "## Empty\n\n## New\n"),
        ("New", {"parent": "Web & more"}, "Data\n----", "### New\n\nData\n----"),
        ("New", {"after": "Web & more"}, "Data\n----", "## New\n\nData\n----"),
        ("New", {"after": "Servers"}, "Data\n----", "### New\n\nData\n----"),
        ("A *b* # [c]", {"parent": "Data"}, "## Empty", "### A \\*b\\* # \\[c\\]\n\n## Empty"),
        ("<b>&amp;", {"after": "Data"}, "## Empty", "## \\<b\\>\\&amp;\n\n## Empty"),
    ],
)
def test_a_section_is_added(
    tools: Catalog, title: str, places: dict[str, str], old: str, new: str
) -> None:
    where: dict[str, Any] = {key: section(tools, name) for key, name in places.items()}

    revision = add_section(catalog=tools, title=title, by=BY, **where)

    assert (revision.number, revision.verb, revision.note) == (2, "add-section", "why")
    assert_sound(tools, TEXT.replace(old, new))
    assert section(tools, title).entry_count == 0


def test_a_section_is_added_to_a_file_without_a_last_line_ending() -> None:
    catalog = new_list("## A\r\n\r\n- [a](https://a.org)")

    add_section(catalog=catalog, title="B", by=BY)

    assert_sound(catalog, "## A\r\n\r\n- [a](https://a.org)\r\n\r\n## B")


LINE = "- [a](https://a.org)\n"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (f"# T\n\n## A\n\n{LINE}", f"# T\n\n## A\n\n{LINE}\n## New\n"),
        (f"# T\n\n# A\n\n{LINE}", f"# T\n\n# A\n\n{LINE}\n# New\n"),
        (
            f"# T\n\n## A\n\n{LINE}\n# Thanks\n\nAll.\n",
            f"# T\n\n## A\n\n{LINE}\n## New\n\n# Thanks\n\nAll.\n",
        ),
        ("# T\n\nWords.\n", "# T\n\nWords.\n\n## New\n"),
        (f"### A\n\n{LINE}", f"### A\n\n{LINE}\n## New\n"),
    ],
    ids=["below the title", "beside the title", "before an appendix", "none yet", "no title"],
)
def test_a_section_without_a_place_is_the_last_of_its_kind(text: str, result: str) -> None:
    catalog = new_list(text)

    add_section(catalog=catalog, title="New", by=BY)

    assert export_markdown(catalog) == result


NEW = Values(name="x", url="https://x.org", description="What x is")
HEAD = "| Tool | Licence | About |\r\n|:--|--|--|\r\n"


@pytest.mark.parametrize(
    ("text", "entry", "added"),
    [
        ("## A\n\n* [a](https://a.org): One.\n* [b](https://b.org): Two.\n", NEW,
         "\n## New\n\n* [x](https://x.org): What x is.\n"),
        ("## A\n\n1. **[a](https://a.org)** — One\n2. **[b](https://b.org)** — Two", NEW,
         "\n\n## New\n\n1. **[x](https://x.org)** — What x is"),
        ("## A\n\n- G\n  - [a](https://a.org) - One.\n  - [b](https://b.org) - Two.\n", NEW,
         "\n## New\n\n- [x](https://x.org) - What x is.\n"),
        (f"## A\r\n\r\n{HEAD}| [a](https://a.org) | MIT | One |\r\n", None,
         f"\r\n## New\r\n\r\n{HEAD}"),
        (f"## A\r\n\r\n{HEAD}| [a](https://a.org) | MIT | One |\r\n",
         Values(name="x", url="https://x.org", description="X", cells={1: "GPL-3.0"}),
         f"\r\n## New\r\n\r\n{HEAD}| [x](https://x.org) | GPL-3.0 | X |\r\n"),
        ("## A\n\nNothing yet.\n", NEW, "\n## New\n\n- [x](https://x.org) - What x is\n"),
        ("## A\n\n<table>\n<tr><td><a href='https://a.org'>a</a></td></tr>\n</table>\n", NEW,
         "\n## New\n\n- [x](https://x.org) - What x is\n"),
    ],
    ids=["list", "numbered", "nested", "empty table", "table", "none", "html"],
)  # fmt: skip
def test_a_section_is_added_with_what_its_neighbours_have(
    text: str, entry: Values | None, added: str
) -> None:
    catalog = new_list(text)

    revision = add_section(catalog=catalog, title="New", by=BY, entry=entry)

    assert_sound(catalog, text + added)
    new = section(catalog, "New")
    assert [listing.section for listing in catalog.listings.order_by("position")][-1] == new
    if entry:
        first = entry_added_by(revision)
        assert (first.name, first.url, first.section, first.state) == (
            entry["name"], entry["url"], new, Entry.State.PUBLISHED
        )  # fmt: skip
        assert entry_added_by(revision).description.removesuffix(".") == entry["description"]
    revert_revision(catalog=catalog, number=2, by=BY)
    assert_sound(catalog, text)


def test_a_first_entry_that_cannot_be_written_adds_no_section(tools: Catalog) -> None:
    with pytest.raises(InvalidField, match="name"):
        add_section(catalog=tools, title="New", by=BY, entry=Values(url="https://x.org"))

    assert_sound(tools, TEXT)


@pytest.mark.parametrize(
    ("old_title", "new_title", "old", "new"),
    [
        ("Servers", "Hosts", "### Servers", "### Hosts"),
        ("Web & more", "Web [1]", "## Web & more", "## Web [1]"),
        ("Data", "Data & Facts", "Data\n----", "Data & Facts\n----"),
        ("Tools", "Wares", "# Tools [", "# Wares ["),
        ("Empty", "A # b #", "## Empty", "## A \\# b \\#"),
    ],
)
def test_a_section_is_renamed(
    tools: Catalog, old_title: str, new_title: str, old: str, new: str
) -> None:
    before, entries = section(tools, old_title), ids(tools)

    revision = rename_section(section=before, title=new_title, by=BY)

    assert revision is not None
    assert [change.op for change in revision.changes.all()] == ["replace"]
    assert_sound(tools, TEXT.replace(old, new))
    after = section(tools, new_title)
    assert after.pk == before.pk
    assert ids(tools) == entries
    if not after.is_title:
        assert SectionPath.objects.get(catalog=tools, path=before.path).section == after
    assert rename_section(section=after, title=new_title, by=BY) is None


@pytest.mark.parametrize(
    ("old_title", "new_title", "old", "new"),
    [
        (
            "Web",
            "Web & <more>",
            '<h2 id="web">Web</h2>',
            '<h2 id="web">Web &amp; &lt;more&gt;</h2>',
        ),
        ("Data", "Facts", "- #### **Data**", "- #### **Facts**"),
    ],
)
def test_a_section_in_html_or_an_item_is_renamed(
    old_title: str, new_title: str, old: str, new: str
) -> None:
    text = (
        '# Tools\n\n<h2 id="web">Web</h2>\n\n- [a](https://a.org) - A.\n\n## More\n\n'
        "- #### **Data**\n  - [b](https://b.org) - B.\n"
    )
    catalog = new_list(text)
    before, entries = section(catalog, old_title), ids(catalog)

    rename_section(section=before, title=new_title, by=BY)

    assert_sound(catalog, text.replace(old, new))
    assert section(catalog, new_title).pk == before.pk
    assert ids(catalog) == entries


def test_an_empty_section_is_removed(tools: Catalog) -> None:
    remove_section(section=section(tools, "Empty"), by=BY)

    assert_sound(tools, TEXT.removesuffix("## Empty\n"))


def test_a_section_goes_with_its_contents_or_not_at_all(tools: Catalog) -> None:
    web = section(tools, "Web & more")
    with pytest.raises(EditRefused, match="“Web & more” is not empty"):
        remove_section(section=web, by=BY)

    remove_section(section=web, by=BY, with_contents=True)

    start, end = TEXT.index("## Web"), TEXT.index("Data\n----")
    assert_sound(tools, TEXT[:start] + TEXT[end:])
    assert set(ids(tools)) == {"d", "e", "f", "a link"}
    assert Entry.objects.get(catalog=tools, name="c").state == Entry.State.REMOVED
    with pytest.raises(NotFound, match="no longer exists"):
        rename_section(section=web, title="x", by=BY)


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("Some *prose*", "Other text.\n"),
        ("Some *prose*", "Two\nlines.\n\nAnd [a list](https://l.org):\n\n* [x](https://x.org)\n"),
        ("Some *prose*", ""),
        ("### Servers", "### [Servers](https://s.org)\n"),
        ("## Empty", "## Empty\n\n| Name |\n|------|\n"),
        ("## Empty", "No section any more."),
    ],
)
def test_prose_is_written_verbatim(tools: Catalog, part: str, source: str) -> None:
    edited = block(tools, part)
    entries = {name: pk for name, pk in ids(tools).items() if name not in {"a link", "x"}}

    revision = edit_prose(block=edited, source=source, by=BY, expected_source=edited.source)

    assert revision is not None
    assert revision.verb == "prose"
    assert_sound(tools, TEXT.replace(edited.source, source))
    assert entries.items() <= ids(tools).items()


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda c: edit_prose(block=block(c, "Some"), source="```\n", by=BY), EditRefused),
        (lambda c: edit_prose(block=block(c, "Some"), source="<!-- \n", by=BY), EditRefused),
        (lambda c: edit_prose(block=block(c, "Some"), source="no end", by=BY), InvalidField),
        (lambda c: edit_prose(block=block(c, "Some"), source="\0\n", by=BY), InvalidField),
        (
            lambda c: edit_prose(
                block=block(c, "Some"), source="x\n", by=BY, expected_source="other"
            ),
            RevisionConflict,
        ),
        (lambda c: add_section(catalog=c, title=" ", by=BY), InvalidField),
        (lambda c: add_section(catalog=c, title="a\nb", by=BY), InvalidField),
        (
            lambda c: remove_section(section=section(c, "Data"), by=BY, expected_revision=7),
            RevisionConflict,
        ),
        (lambda c: revert_revision(catalog=c, number=1, by=BY), EditRefused),
        (lambda c: revert_revision(catalog=c, number=9, by=BY), NotFound),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_cannot_be_done_is_refused(
    tools: Catalog, act: Callable[[Catalog], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        act(tools)

    assert_sound(tools, TEXT)


# Reverts


def entry(catalog: Catalog, name: str) -> Entry:
    return catalog.entries.living().get(name=name)


EDITS: dict[str, Callable[[Catalog], Revision | None]] = {
    "add": lambda c: add_entry(listing=c.listings.all()[0], by=BY, name="n", url="https://n.org"),
    "change": lambda c: change_entry(entry=entry(c, "e"), by=BY, name="E", description="x"),
    "move": lambda c: move_entry(entry=entry(c, "e"), by=BY, listing=c.listings.all()[0]),
    "move inside": lambda c: move_entry(entry=entry(c, "d"), by=BY, after=entry(c, "f")),
    "remove": lambda c: remove_entry(entry=entry(c, "e"), by=BY),
    "add section": lambda c: add_section(catalog=c, title="New", by=BY),
    "rename section": lambda c: rename_section(section=section(c, "Data"), title="New", by=BY),
    "remove section": lambda c: remove_section(
        section=section(c, "Web & more"), by=BY, with_contents=True
    ),
    "prose": lambda c: edit_prose(block=block(c, "Some"), source="- [x](https://x.org)\n", by=BY),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_taken_back(tools: Catalog, name: str) -> None:
    before = ids(tools)
    EDITS[name](tools)
    tools.refresh_from_db()
    change_entry(entry=entry(tools, "f"), by=BY, name="F")

    revision = revert_revision(catalog=tools, number=2, by=BY)

    assert revision is not None
    assert (revision.number, revision.verb) == (4, "revert")
    assert revision.details["reverted"] == 2
    assert_sound(tools, TEXT.replace("[f]", "[F]"))
    assert ids(tools) == {("F" if name == "f" else name): pk for name, pk in before.items()}


@pytest.mark.parametrize("name", EDITS)
def test_a_revert_is_taken_back(tools: Catalog, name: str) -> None:
    EDITS[name](tools)
    tools.refresh_from_db()
    edited = export_markdown(tools)
    revert_revision(catalog=tools, number=2, by=BY)

    revert_revision(catalog=tools, number=3, by=BY)

    assert_sound(tools, edited)
    assert text_at(tools, 3) == TEXT


def test_what_was_changed_again_is_not_taken_back(tools: Catalog) -> None:
    change_entry(entry=entry(tools, "e"), by=BY, name="E")
    change_entry(entry=entry(tools, "E"), by=BY, name="EE")
    text = export_markdown(tools)

    with pytest.raises(RevisionConflict, match=r"\[E\].*was changed again after revision 2"):
        revert_revision(catalog=tools, number=2, by=BY)

    assert_sound(tools, text)
    assert revert_revision(catalog=tools, number=3, by=BY) is not None
    assert revert_revision(catalog=tools, number=2, by=BY) is not None
    assert_sound(tools, TEXT)


def test_lines_come_back_near_where_they_stood(tools: Catalog) -> None:
    remove_entry(entry=entry(tools, "e"), by=BY)
    remove_entry(entry=entry(tools, "d"), by=BY)

    revert_revision(catalog=tools, number=2, by=BY)

    assert_sound(tools, TEXT.replace("- [d](https://d.org)\n", ""))


def test_an_import_is_taken_back_where_it_changed_lines(tools: Catalog) -> None:
    from tests.catalog.importing.imports import import_again

    before = ids(tools)
    import_again(tools, TEXT.replace("- [a](https://a.org)\n", "").replace("[d]", "[D]"))

    revert_revision(catalog=tools, number=2, by=BY)

    assert_sound(tools, TEXT)
    assert ids(tools) == before
