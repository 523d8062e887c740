"""Edits here and texts from Git in any order, against a plain model: a dict of lines.

The model merges each line by itself: what one side changed since Git's text last came in counts,
and where both changed a line in different ways it is a conflict, and one side's line counts.
A thousand stories are tried in `make test-all`.
"""

import re
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.checking import check_catalog
from catalog.errors import MergeConflict
from catalog.exporting import export_markdown
from catalog.models import Catalog
from tests.catalog.importing.imports import change_here, import_again, new_list
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

type Lines = dict[str, tuple[int, int]]
"""Section and number of stars of each line by its key, in the order of the text."""

SECTIONS = ("One", "Two", "Three")
START: Lines = {"a": (0, 0), "b": (0, 0), "c": (1, 0), "d": (2, 0)}


@dataclass(frozen=True)
class Edit:
    """An edit of a line there is, by its place in the text, or the addition of a new one.

    `to` is the section that it is moved or added to, and which of Git's former texts comes back.
    """

    what: str
    which: int = 0
    to: int = 0


@dataclass(frozen=True)
class Round:
    """Edits here, one revision each; edits in Git; then Git's text comes in, once or twice."""

    here: list[Edit]
    git: list[Edit]
    theirs: bool = True
    twice: bool = False


@dataclass(frozen=True)
class Style:
    """How a line is written, and whether it has a link to be known by."""

    head: str
    line: str
    is_linked: bool


STYLES = {
    "items with a link": Style("", "- [{0}](https://example.org/{0}) - Has {1} stars.\n", True),
    "rows without a link": Style("| name | stars |\n|---|---|\n", "| {0} | {1} stars |\n", False),
}


def text_of(lines: Lines, style: Style) -> str:
    """The list as markdown."""
    parts = ["# List\n"]
    for number, section in enumerate(SECTIONS):
        parts += [f"\n## {section}\n\n{style.head}"]
        parts += [
            style.line.format(key, stars)
            for key, (place, stars) in lines.items()
            if place == number
        ]
    return "".join(parts)


def rows_of(text: str) -> list[tuple[str, tuple[int, int]]]:
    """The lines of a text in order, twice where they are there twice."""
    rows = []
    place = -1
    for line in text.splitlines():
        place += line.startswith("## ")
        if match := re.search(r"^(?:\| |- \[)(\w+)\b.* (\d+) stars", line):
            rows.append((match[1], (place, int(match[2]))))
    return rows


class Model:
    """What the list (`here`) and Git hold; `common` is what Git held when it last came in."""

    def __init__(self) -> None:
        self.here, self.git, self.common = dict(START), dict(START), dict(START)
        self.former = {key: [stars] for key, (_place, stars) in START.items()}
        """What Git has said of each line."""
        self.stars = 0

    def edit_here(self, edit: Edit) -> bool:
        """Edit the list; returns whether the edit could be made."""
        before = self.common.get(self._key(self.here, edit), (0, 0))[1]
        return self._edit(self.here, edit, "n", [before])

    def edit_git(self, edit: Edit, style: Style) -> bool:
        """Edit Git's text; returns whether the edit could be made."""
        key = self._key(self.git, edit)
        common, now = self.common.get(key), self.git.get(key)
        if not style.is_linked and common and now:
            # A row that is both moved and changed is another one: nothing is left to know it by.
            if edit.what == "move" and now[1] != common[1]:
                return False
            if edit.what in {"change", "back"} and now[0] != common[0]:
                return False
        # Without a link, two additions are two lines.
        name = "n" if style.is_linked else "g"
        is_done = self._edit(self.git, edit, name, self.former.get(key, []))
        for name, (_place, stars) in self.git.items():
            self.former.setdefault(name, []).append(stars)
        return is_done

    @staticmethod
    def _key(lines: Lines, edit: Edit) -> str:
        return list(lines)[edit.which % len(lines)] if lines else ""

    def _edit(self, lines: Lines, edit: Edit, name: str, former: list[int]) -> bool:
        self.stars += 1
        if edit.what == "add":
            key = f"{name}{edit.to}"
            # The same address in two sections would be two entries.
            if key in self.common or key in lines:
                return False
            lines[key] = (edit.to, self.stars)
            return True
        if not lines:
            return False
        key = self._key(lines, edit)
        place, stars = lines[key]
        if edit.what == "remove":
            del lines[key]
        elif edit.what == "move":
            if key not in self.common or place == edit.to:
                return False
            del lines[key]
            lines[key] = (edit.to, stars)
        elif edit.what == "change":
            lines[key] = (place, self.stars)
        elif edit.what == "back":
            lines[key] = (place, former[edit.to % len(former)])
        return True

    def merged(self, *, theirs_win: bool) -> tuple[Lines, list[str]]:
        """Git's text taken in, and the keys of the lines in conflict, decided for one side."""
        merged: Lines = {}
        conflicts = []
        for key in {**self.git, **self.here}:
            base, ours, theirs = (side.get(key) for side in (self.common, self.here, self.git))
            if base is None:
                line, clash = theirs or ours, bool(ours and theirs and ours != theirs)
            elif theirs is None:
                line, clash = None, ours is not None and ours[1] != base[1]
            elif ours is None:
                clash = theirs[1] != base[1]
                line = theirs if clash else None
            else:
                line = (
                    theirs[0] if theirs[0] != base[0] else ours[0],
                    theirs[1] if theirs[1] != base[1] else ours[1],
                )
                clash = len({base[1], ours[1], theirs[1]}) == 3
            if clash:
                conflicts.append(key)
                if not theirs_win:
                    line = (line[0], ours[1]) if line and ours and base else ours
            if line is not None:
                merged[key] = line
        return merged, sorted(conflicts)


# Mostly the first line: a story is about what happens to one line.
edits = st.builds(
    Edit,
    st.sampled_from(["change", "back", "remove", "move", "add"]),
    st.sampled_from([0, 0, 0, 1, 2, 4]),
    st.integers(0, 2),
)
rounds = st.builds(
    Round,
    st.lists(edits, max_size=2),
    st.lists(edits, max_size=2),
    st.sampled_from([True, True, False]),
    st.booleans(),
)
CHANGE, BACK, REMOVE, MOVE = Edit("change"), Edit("back"), Edit("remove"), Edit("move", to=1)
NOTHING = Round([], [])


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@settings(
    max_examples=1000 if IS_LONG else 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(rounds, min_size=2, max_size=5))
@example([Round([REMOVE], [CHANGE]), Round([], [BACK]), NOTHING])
@example([Round([CHANGE], [CHANGE]), Round([], [BACK]), Round([], [CHANGE])])
@example([Round([CHANGE], [REMOVE]), Round([], [Edit("add", to=0)]), NOTHING])
@example([Round([MOVE], [Edit("move", to=2)]), Round([], [Edit("move", 3, 0)]), NOTHING])
@example([Round([REMOVE, REMOVE], [CHANGE]), Round([MOVE], [])])
@example([Round([REMOVE, MOVE], [Edit("add")]), Round([MOVE], [REMOVE])])
@example([Round([], [Edit("add")]), Round([MOVE], [MOVE, Edit("move", 4, 0)])])
@example([Round([Edit("change", 1), REMOVE], [REMOVE]), Round([], [Edit("add")]), NOTHING])
@example([Round([Edit("remove", 2), Edit("move", 1, 1)], [Edit("move", 0, 1)]), NOTHING])
def test_merge_of_a_list_is_the_merge_of_its_lines(style: Style, story: list[Round]) -> None:
    Catalog.objects.all().delete()
    # A line that was moved here and back stands elsewhere in its section: that is pending.
    has_moved = any(edit.what == "move" for each in story for edit in each.here)
    model = Model()
    catalog = new_list(text_of(model.git, style))
    for each in story:
        for edit in each.here:
            if model.edit_here(edit):
                change_here(catalog, text_of(model.here, style))
        for edit in each.git:
            model.edit_git(edit, style)
        incoming = text_of(model.git, style)
        merged, conflicts = model.merged(theirs_win=each.theirs)
        if conflicts:
            with pytest.raises(MergeConflict) as refusal:
                import_again(catalog, incoming, strict=True)
            listed = [rows_of(it.ours or it.theirs)[0][0] for it in refusal.value.conflicts]
            assert sorted(listed) == conflicts
        import_again(catalog, incoming, theirs=each.theirs)
        exported = export_markdown(catalog)
        assert sorted(rows_of(exported)) == sorted(merged.items())
        model.here, model.common = dict(rows_of(exported)), dict(model.git)
        if model.here == model.git and not has_moved:
            assert exported == incoming
        if each.twice:
            assert import_again(catalog, incoming).revision == catalog.revision
    assert check_catalog(catalog) == []
