"""Many imports in a row: after each, what is stored is what a first import of the text stores.

And what each says that it did is what it wrote.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import given, settings

from tests.catalog.importing import commits
from tests.catalog.importing.accounts import Accountant
from tests.catalog.importing.imports import import_again, new_list
from tests.catalog.importing.stored import assert_as_imported_first
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

TITLES = ("One", "Two", "Three", "One 2", "Entries", "browse", "中文", "")
NAMES = ("Alpha", "Beta", "Gamma", "Delta")
PLACES = ("", "a", "b", "c")
WORDS = ("", "reads", "writes [more](https://example.org/more)", "with [a label][x]")
TEXTS = (
    "Some words.",
    "    more [words](https://example.org/d)",
    "---",
    "<b>html</b>",
    "<h2>One</h2>",
    "- ## Two",
    "**Beta**",
    "  - Paper: https://example.org/a",
    "  - [Code](https://example.org/b)",
    "- Demo: <https://example.org/c>",
    "Read [this](#one), and [that][x].",
    "- [One](#one)",
    "1. [Two](https://example.org/two)",
)


class Line(NamedTuple):
    """A line of a list: `level` is that of a heading, or how deep an item is nested."""

    kind: str
    level: int = 0
    name: str = ""
    place: str = ""
    words: str = ""

    def __str__(self) -> str:
        link = f"[{self.name}](https://example.org/{self.place})" if self.place else self.name
        match self.kind:
            case "heading":
                return f"{'#' * self.level} {self.name}\n"
            case "item":
                words = f" - {self.words}." if self.words else ""
                return f"{'  ' * self.level}- {link}{words}\n"
            case "row":
                return f"| {link} | {self.words} |\n"
            case "definition":
                return f"[x]: https://example.org/{self.place}\n"
        return f"{self.words}\n"


STORIES = {
    "a section below a new one": [
        "# L\n## A\n- [a](https://a.org)\n## B\n- [b](https://b.org)\n- [c](https://c.org)\n",
        "# L\n## A\n- [a](https://a.org)\n## New\n### B\n- [b](https://b.org)\n- [c](https://c.org)\n",
    ],
    "a title above": [
        "## One\n- [a](https://a.org)\n",
        "# Top\n## One\n- [a](https://a.org)\n",
    ],
    "a part between": [
        "# L\n## One\n- [a](https://a.org)\n## Two\n- [b](https://b.org)\n",
        "# L\n## One\n- [a](https://a.org)\n# Part\n## Two\n- [b](https://b.org)\n",
    ],
    "two levels of new ones": ["### C\n- [c](https://c.org)\n", "# A\n## B\n### C\n- [c](https://c.org)\n"],
    "the same title below the list's own and beside it": [
        "# L\n",
        "# L\n## One\n- [a](https://a.org)\n# One\n- [b](https://b.org)\n",
    ],
    "a word of the site comes up": ["# A\n# B\n## Search\n", "# A\n## Search\n# B\n"],
    "definitions change places": [
        "- [a][x]\n\n[x]: https://one.org\n\n[x]: https://two.org\n",
        "- [a][x]\n\n[x]: https://two.org\n\n[x]: https://one.org\n",
    ],
    "an item ends in a heading": [
        "# A\n\n## B\n\n  - Paper: https://a.org\n\n- ## C\n\n[c](https://c.org)\n",
        "# A\n\n## B\n\n  - Paper: https://a.org\n\n- ## C\n\n- [c](https://c.org)\n",
    ],
    "a definition goes": [
        "- [b](https://b.org), [a][x]\n\n[x]: https://one.org\n",
        "- [b](https://b.org), [a][x]\n",
    ],
}  # fmt: skip


@pytest.mark.parametrize("texts", STORIES.values(), ids=STORIES)
def test_version_is_stored_as_if_it_came_first(texts: list[str]) -> None:
    catalog = new_list(texts[0])
    for text in [*texts[1:], *texts]:
        import_again(catalog, text)
        assert_as_imported_first(catalog, text)


HEADS = {"row": "| name | license |\n|------|---------|\n"}


def text_of(lines: list[Line]) -> str:
    """The lines as a README: blank ones where the kind changes, a head above rows."""
    text, before = "", ""
    for line in lines:
        if line.kind != before or line.kind in {"heading", "text"}:
            text += "\n" if text else ""
            text += HEADS.get(line.kind, "")
        text += str(line)
        before = line.kind
    return text


LINES = st.one_of(
    st.builds(Line, st.just("heading"), st.integers(1, 4), st.sampled_from(TITLES)),
    st.builds(
        Line,
        st.just("item"),
        st.integers(0, 2),
        st.sampled_from(NAMES),
        st.sampled_from(PLACES),
        st.sampled_from(WORDS),
    ),
    st.builds(
        Line,
        st.just("row"),
        st.just(0),
        st.sampled_from(NAMES),
        st.sampled_from(PLACES),
        st.sampled_from(("MIT", "GPL")),
    ),
    st.builds(Line, st.just("text"), words=st.sampled_from(TEXTS)),
    st.builds(Line, st.just("definition"), place=st.sampled_from(PLACES)),
)


@st.composite
def edited(draw: st.DrawFn, before: list[Line]) -> list[Line]:
    """The lines after a few edits of somebody who reorders, renames and levels."""
    lines = list(before)
    for _time in range(draw(st.integers(1, 3))):
        here = draw(st.integers(0, len(lines)))
        length = draw(st.integers(1, 4))
        match draw(st.sampled_from(("put", "drop", "move", "rename", "level", "double"))):
            case "put":
                lines[here:here] = draw(st.lists(LINES, min_size=1, max_size=3))
            case "drop":
                del lines[here : here + length]
            case "move":
                taken = lines[here : here + length]
                del lines[here : here + length]
                there = draw(st.integers(0, len(lines)))
                lines[there:there] = taken
            case "double":
                there = draw(st.integers(0, len(lines)))
                lines[there:there] = lines[here : here + length]
            case "rename":
                for index, line in enumerate(lines[here : here + length], here):
                    names = TITLES if line.kind == "heading" else NAMES
                    lines[index] = line._replace(name=draw(st.sampled_from(names)))
            case "level":
                step = draw(st.sampled_from((-1, 1)))
                for index, line in enumerate(lines[here : here + length], here):
                    least, most = (1, 4) if line.kind == "heading" else (0, 2)
                    lines[index] = line._replace(level=min(max(line.level + step, least), most))
    return lines


@settings(max_examples=200 if IS_LONG else 4)
@given(st.data())
def test_whatever_follows_is_stored_as_if_it_came_first(data: st.DataObject) -> None:
    lines = data.draw(st.lists(LINES, max_size=12))
    with transaction.atomic():
        catalog = new_list(text_of(lines))
        accountant = Accountant(catalog)
        for _version in range(4):
            lines = data.draw(edited(lines))
            accountant.take_in(text_of(lines))
            assert_as_imported_first(catalog, text_of(lines))
        transaction.set_rollback(True)


@pytest.mark.parametrize("begin", [commits.bullets, commits.tables, commits.nested])
def test_list_is_walked_through_its_versions(begin: Callable[[], str]) -> None:
    chance = random.Random(begin.__name__)
    text = begin()
    catalog = new_list(text)
    accountant = Accountant(catalog)
    for _version in range(300 if IS_LONG else 10):
        text = commits.commit(text, chance)
        accountant.take_in(text)
        assert_as_imported_first(catalog, text)
