"""Sections moved, put in order, split and joined: whole texts before and after, and what stays."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.editing.arranging import (
    merge_sections,
    move_section,
    reorder_sections,
    split_section,
)
from catalog.editing.lines import revert_revision
from catalog.editing.sections import DANGLING, LINKS, add_section, remove_section, rename_section
from catalog.errors import EditRefused, InvalidField
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Revision, Section, SectionPath
from tests.catalog.importing.imports import assert_sound, ids, new_list
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db
BY = Author(note="why")

CONTENTS = """\
# Tools

1. [Web](#web)
   - [Servers](#servers) `hosts`
2. [Data](#data)
3. [Rest](#rest)

"""
WEB = "## Web\n\n- [a](https://a.org) - See [data](#data).\n- [b](https://b.org)\n\n"
SERVERS = "### Servers\n\n- [c](https://c.org)\n"
D_ROW, E_ROW = "| [d](https://d.org) | D |\n", "| [e](https://e.org) | E |\n"
TABLE = "| Name | What |\n|---|---|\n"
DATA = f"## Data\n\n{TABLE}{D_ROW}{E_ROW}"
REST = "Rest\n----\n\n- [f](https://f.org)\n- [g](https://g.org)\n  - [h](https://h.org)\n"
TEXT = f"{CONTENTS}{WEB}{SERVERS}\n{DATA}\n{REST}"


@pytest.fixture
def tools() -> Catalog:
    return new_list(TEXT)


def section(catalog: Catalog, title: str) -> Section:
    return catalog.sections.get(title=title)


def entries(catalog: Catalog, *names: str) -> list[Entry]:
    return [catalog.entries.living().get(name=name) for name in names]


def contents(*lines: str) -> str:
    return "# Tools\n\n" + "".join([f"{line}\n" for line in lines]) + "\n"


WEB_ITEM, SERVERS_ITEM = "[Web](#web)", "[Servers](#servers) `hosts`"
DATA_ITEM, REST_ITEM = "[Data](#data)", "[Rest](#rest)"


@pytest.mark.parametrize(
    ("moved", "places", "expected"),
    [
        (
            "Web",
            {"after": "Data"},
            contents(f"1. {DATA_ITEM}", f"2. {WEB_ITEM}", f"   - {SERVERS_ITEM}", f"3. {REST_ITEM}")
            + f"{DATA}\n{WEB}{SERVERS}\n{REST}",
        ),
        (
            "Rest",
            {"first": True},
            contents(f"1. {REST_ITEM}", f"2. {WEB_ITEM}", f"   - {SERVERS_ITEM}", f"3. {DATA_ITEM}")
            + f"{REST}\n{WEB}{SERVERS}\n{DATA}",
        ),
        (
            "Web",
            {},
            contents(f"1. {DATA_ITEM}", f"2. {REST_ITEM}", f"3. {WEB_ITEM}", f"   - {SERVERS_ITEM}")
            + f"{DATA}\n{REST}\n{WEB}{SERVERS}",
        ),
        (
            "Servers",
            {"after": "Data"},
            contents(f"1. {WEB_ITEM}", f"2. {DATA_ITEM}", f"3. {SERVERS_ITEM}", f"4. {REST_ITEM}")
            + f"{WEB}{DATA}\n{SERVERS[1:]}\n{REST}",
        ),
        (
            "Rest",
            {"parent": "Web"},
            contents(f"1. {WEB_ITEM}", f"   - {SERVERS_ITEM}", f"   - {REST_ITEM}",
                     f"2. {DATA_ITEM}")
            + f"{WEB}{SERVERS}\n### Rest\n{REST.removeprefix('Rest\n----\n')}\n{DATA}",
        ),
        (
            "Data",
            {"parent": "Web", "first": True},
            contents(f"1. {WEB_ITEM}", f"   - {DATA_ITEM}", f"   - {SERVERS_ITEM}",
                     f"2. {REST_ITEM}")
            + f"{WEB}#{DATA}\n{SERVERS}\n{REST}",
        ),
        (
            "Rest",
            {"parent": "Data"},
            contents(f"1. {WEB_ITEM}", f"   - {SERVERS_ITEM}", f"2. {DATA_ITEM}",
                     f"   - {REST_ITEM}")
            + f"{WEB}{SERVERS}\n{DATA}\n### Rest\n{REST.removeprefix('Rest\n----\n')}",
        ),
    ],
)  # fmt: skip
def test_a_section_is_moved(
    tools: Catalog, moved: str, places: dict[str, Any], expected: str
) -> None:
    before, known = section(tools, moved), ids(tools)
    where: dict[str, Any] = {
        key: section(tools, name) if isinstance(name, str) else name for key, name in places.items()
    }

    revision = move_section(section=before, by=BY, **where)

    assert revision is not None
    assert (revision.verb, revision.note) == ("move-section", "why")
    assert_sound(tools, expected)
    after = section(tools, moved)
    assert after.pk == before.pk
    assert ids(tools).items() == known.items()
    if after.path != before.path:
        assert SectionPath.objects.get(catalog=tools, path=before.path).section == after
    revert_revision(catalog=tools, number=2, by=BY)
    assert_sound(tools, TEXT)


def test_a_section_that_stands_there_is_not_moved(tools: Catalog) -> None:
    web, data, rest = (section(tools, title) for title in ("Web", "Data", "Rest"))

    assert move_section(section=data, after=web, by=BY) is None
    assert move_section(section=rest, by=BY) is None
    assert reorder_sections(catalog=tools, sections=[web, data, rest], by=BY) is None
    assert_sound(tools, TEXT)


def test_sections_are_put_in_order(tools: Catalog) -> None:
    order = [section(tools, title) for title in ("Rest", "Data", "Web")]

    reorder_sections(catalog=tools, sections=order, by=BY)

    expected = contents(
        f"1. {REST_ITEM}", f"2. {DATA_ITEM}", f"3. {WEB_ITEM}", f"   - {SERVERS_ITEM}"
    )
    assert_sound(tools, f"{expected}{REST}\n{DATA}\n{WEB}{SERVERS}")


@pytest.mark.parametrize(
    ("text", "title", "names", "below", "expected"),
    [
        (
            TEXT, "Data", ["e"], False,
            f"{CONTENTS.replace('3. [Rest]', '3. [New](#new)\n4. [Rest]')}{WEB}{SERVERS}\n"
            + DATA.replace(E_ROW, "") + f"\n## New\n\n{TABLE}{E_ROW}\n{REST}",
        ),
        (
            TEXT, "Web", ["b"], True,
            CONTENTS.replace("`hosts`\n", "`hosts`\n   - [New](#new)\n")
            + WEB.replace("- [b](https://b.org)\n", "")
            + f"{SERVERS}\n### New\n\n- [b](https://b.org)\n\n{DATA}\n{REST}",
        ),
        (
            TEXT, "Rest", ["g"], False,
            CONTENTS.replace("(#rest)\n", "(#rest)\n4. [New](#new)\n")
            + f"{WEB}{SERVERS}\n{DATA}\nRest\n----\n\n- [f](https://f.org)\n\n## New\n\n"
            + "- [g](https://g.org)\n  - [h](https://h.org)\n",
        ),
        (
            "## A\r\n* [a](https://a.org)\r\n\r\n* [b](https://b.org)\r\n\r\n* [c](https://c.org)",
            "A", ["a", "c"], False,
            ("## A\r\n* [b](https://b.org)\r\n\r\n## New\r\n\r\n* [a](https://a.org)\r\n\r\n"
             "* [c](https://c.org)"),
        ),
    ],
)  # fmt: skip
def test_a_section_is_split(
    text: str, title: str, names: list[str], below: bool, expected: str
) -> None:
    catalog = new_list(text)
    known = ids(catalog)

    revision = split_section(
        section=section(catalog, title),
        title="New",
        entries=entries(catalog, *names),
        below=below,
        by=BY,
    )

    assert revision.verb == "split-section"
    assert_sound(catalog, expected)
    assert ids(catalog).items() == known.items()
    assert {entry.section for entry in entries(catalog, *names)} == {section(catalog, "New")}
    revert_revision(catalog=catalog, number=2, by=BY)
    assert_sound(catalog, text)


def merged(catalog: Catalog, title: str, into: str) -> Revision:
    return merge_sections(section=section(catalog, title), into=section(catalog, into), by=BY)


@pytest.mark.parametrize(
    ("text", "title", "into", "expected"),
    [
        (
            TEXT, "Rest", "Web",
            contents(f"1. {WEB_ITEM}", f"   - {SERVERS_ITEM}", f"2. {DATA_ITEM}")
            + WEB.removesuffix("\n") + REST.removeprefix("Rest\n----\n\n")
            + f"\n{SERVERS}\n{DATA}",
        ),
        (
            TEXT, "Servers", "Web",
            contents(f"1. {WEB_ITEM}", f"2. {DATA_ITEM}", f"3. {REST_ITEM}")
            + WEB.removesuffix("\n") + f"- [c](https://c.org)\n\n{DATA}\n{REST}",
        ),
        (
            TEXT, "Web", "Data",
            contents(f"1. {DATA_ITEM}", f"   - {SERVERS_ITEM}", f"2. {REST_ITEM}")
            + f"{DATA}\n{WEB.removeprefix('## Web\n\n')}{SERVERS}\n{REST}",
        ),
        (
            ("## A\n| N |\n|---|\n| [a](https://a.org) |\n\n## B\n\nText.\n\n## C\n\n"
             "| N |\n|:-:|\n| [c](https://c.org) |"),
            "C", "A",
            "## A\n| N |\n|---|\n| [a](https://a.org) |\n| [c](https://c.org) |\n\n## B\n\nText.",
        ),
    ],
)  # fmt: skip
def test_sections_are_joined(text: str, title: str, into: str, expected: str) -> None:
    catalog = new_list(text)
    known, gone = ids(catalog), section(catalog, title)

    revision = merged(catalog, title, into)

    assert revision.verb == "merge-section"
    assert_sound(catalog, expected)
    assert ids(catalog).items() == known.items()
    old = SectionPath.objects.get(catalog=catalog, path=gone.path)
    assert old.section == section(catalog, into)
    revert_revision(catalog=catalog, number=2, by=BY)
    assert_sound(catalog, text)
    assert not SectionPath.objects.filter(catalog=catalog, path=gone.path).exists()


def test_links_to_a_joined_section_lead_to_the_other(tools: Catalog) -> None:
    revision = merged(tools, "Data", "Rest")

    text = export_markdown(tools)
    assert "- [a](https://a.org) - See [Rest](#rest)." in text
    assert (revision.details[LINKS], DANGLING in revision.details) == (
        ["- [a](https://a.org) - See [Rest](#rest)."],
        False,
    )


A_TWO, C_TWO = (f"- [{x}](https://{x}.org)\n- [{y}](https://{y}.org)\n" for x, y in ("ab", "cd"))
A_FOLD, C_FOLD = (
    f"<details>\n<summary>{title}</summary>\n\n{two}\n</details>\n\n"
    for title, two in (("First", A_TWO), ("Second", C_TWO))
)
FOLDED = f"## Tools\n\n{A_FOLD}{C_FOLD}- [e](https://e.org)\n\n## Rest\n"


@pytest.mark.parametrize(
    ("edit", "values", "expected"),
    [
        (rename_section, {"title": "New"}, FOLDED.replace("First", "New")),
        (remove_section, {"with_contents": True}, FOLDED.replace(A_FOLD, "")),
        (add_section, {"title": "New"}, FOLDED.replace(A_FOLD, f"{A_FOLD}### New\n\n")),
        (move_section, {"after": "Second"}, FOLDED.replace(A_FOLD + C_FOLD, C_FOLD + A_FOLD)),
    ],
)  # fmt: skip
def test_a_section_in_a_fold_ends_with_it(
    edit: Callable[..., Revision], values: dict[str, Any], expected: str
) -> None:
    catalog = new_list(FOLDED)
    if after := values.get("after"):
        values = {"after": section(catalog, after)}
    first = section(catalog, "First")
    own = {"catalog": catalog, "after": first} if edit is add_section else {"section": first}

    edit(by=BY, **own, **values)

    assert_sound(catalog, expected)


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda c: move_section(section=section(c, "Web"), parent=section(c, "Servers"), by=BY),
         EditRefused),
        (lambda c: move_section(section=section(c, "Web"), after=section(c, "Web"), by=BY),
         EditRefused),
        (lambda c: move_section(section=section(c, "Tools"), by=BY), EditRefused),
        (lambda c: reorder_sections(catalog=c, sections=[section(c, "Web")], by=BY), EditRefused),
        (lambda c: reorder_sections(catalog=c, sections=[], by=BY), EditRefused),
        (lambda c: merged(c, "Web", "Servers"), EditRefused),
        (lambda c: merged(c, "Web", "Web"), EditRefused),
        (lambda c: split_section(section=section(c, "Web"), title="N", entries=[], by=BY),
         EditRefused),
        (lambda c: split_section(section=section(c, "Web"), title="N", entries=entries(c, "d"),
                                 by=BY), EditRefused),
        (lambda c: split_section(section=section(c, "Rest"), title="N", entries=entries(c, "h"),
                                 by=BY), EditRefused),
        (lambda c: split_section(section=section(c, "Web"), title=" ", entries=entries(c, "a"),
                                 by=BY), InvalidField),
    ],
    ids=range(11),
)  # fmt: skip
def test_what_cannot_be_done_is_refused(
    tools: Catalog, act: Callable[[Catalog], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        act(tools)

    assert_sound(tools, TEXT)


# Sequences, beside a plain model: each section with its parent and its entries

type Model = dict[str, tuple[str, list[str]]]


def model_of(catalog: Catalog) -> Model:
    return {
        row.title: (
            row.parent.title if row.parent else "",
            [*row.entries.living().in_reading_order().values_list("name", flat=True)],
        )
        for row in catalog.sections.order_by("position").select_related("parent")
    }


OUTLINE = "# T\n\n" + "".join(
    f"{'#' * level} {name}\n\n- [{name.lower()}](https://{name}.org)\n\n"
    for name, level in [("A", 2), ("B", 3), ("C", 3), ("D", 2), ("E", 3), ("F", 4), ("G", 2)]
)
NAMES = st.sampled_from("ABCDEFG")
STEPS = st.lists(
    st.tuples(st.sampled_from(["after", "below", "first", "merge"]), NAMES, NAMES),
    min_size=1,
    max_size=5,
)


def moved_in_model(model: Model, act: str, name: str, other: str) -> Model:
    """The model after a move, in an order of no account."""
    changed = dict(model)
    entries = changed[name][1]
    if act == "merge":
        del changed[name]
        changed = {
            key: (other if above == name else above, own) for key, (above, own) in changed.items()
        }
        changed[other] = (changed[other][0], changed[other][1] + entries)
    else:
        changed[name] = (changed[other][0] if act == "after" else other, entries)
    return changed


@settings(max_examples=100 if IS_LONG else 6, deadline=None)
@given(STEPS)
def test_sections_are_arranged_as_in_a_plain_model(steps: list[tuple[str, str, str]]) -> None:
    Catalog.objects.filter(slug="tools").delete()
    catalog = new_list(OUTLINE)
    model, known = model_of(catalog), ids(catalog)
    for act, name, other in steps:
        if name not in model or other not in model:
            continue
        own, place = section(catalog, name), section(catalog, other)
        text = export_markdown(catalog)
        try:
            if act == "merge":
                merge_sections(section=own, into=place, by=BY)
            elif act == "after":
                move_section(section=own, after=place, by=BY)
            else:
                move_section(section=own, parent=place, first=act == "first", by=BY)
        except EditRefused:
            assert export_markdown(catalog) == text
            continue
        model = moved_in_model(model, act, name, other)
        assert model_of(catalog) == model
        assert_sound(catalog, export_markdown(catalog))
        assert ids(catalog).items() == known.items()
