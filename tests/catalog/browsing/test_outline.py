"""Sections read a few at a time, beside a plain model that has all of them."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import outline
from catalog.outline import Outline, OutlineRow
from tests.catalog.importing.imports import new_list

pytestmark = pytest.mark.django_db


def make_text(chance: random.Random) -> str:
    """Headings of any levels, with a title of the list in most; some sections hold contents."""
    levels = [chance.choice([1, 2, 2, 2, 3, 3, 4]) for _n in range(chance.randrange(1, 14))]
    if chance.random() < 0.7:
        levels = [1, *[max(level, 2) for level in levels]]
    parts = []
    for n, level in enumerate(levels):
        parts.append(f"{'#' * level} Part {n}\n\n")
        if chance.random() < 0.5:
            parts.append(f"- [Tool {n}](https://tool-{n}.example/) - Says so.\n\n")
        elif chance.random() < 0.2:
            parts.append("".join(f"- [Part {m}](#part-{m})\n" for m in range(len(levels))) + "\n")
    return "".join(parts)


class Model:
    """All sections of a list."""

    def __init__(self, rows: list[OutlineRow]) -> None:
        self.rows = rows

    def level(self, path: str) -> list[OutlineRow]:
        return [row for row in self.rows if row.is_listed and row.path.rpartition("/")[0] == path]

    def trail(self, path: str) -> list[str]:
        steps = path.split("/")
        paths = ["/".join(steps[:n]) for n in range(1, len(steps) + 1)]
        titles = {row.path for row in self.rows if row.is_title}
        return [each for each in paths if each == path or each not in titles]

    def end(self, section: OutlineRow) -> int | None:
        behind = [row for row in self.rows if row.position > section.position]
        if not section.is_title:
            behind = [row for row in behind if not row.path.startswith(f"{section.path}/")]
        return behind[0].position if behind else None

    def menu(self, path: str, beside: int) -> list[str]:
        out = []
        for step in self.trail(path):
            above = step.rpartition("/")[0]
            level = self.level(above)
            at = next(row.position for row in self.rows if row.path == step)
            before = [row for row in level if row.position < at][-beside:]
            out += [row.path for row in before]
            out += [row.path for row in level if row.position >= at][: beside + 1]
        return out

    def contents(self, most: int) -> list[str]:
        # What stands below a list's own contents is no part of them.
        unlisted = tuple(f"{row.path}/" for row in self.rows if row.is_contents)
        listed = [row for row in self.rows if row.is_listed and not row.path.startswith(unlisted)]
        deepest = max(
            (depth for depth in range(6) if sum(row.depth <= depth for row in listed) <= most),
            default=0,
        )
        return [row.path for row in listed if row.depth <= deepest]


@pytest.mark.parametrize("seed", range(40))
def test_place_of_every_section(seed: int) -> None:
    catalog = new_list(make_text(random.Random(seed)))
    shown = Outline(catalog)
    model = Model(shown.head)
    for section in model.rows:
        trail = shown.trail(section.path)
        assert [row.path for row in trail] == model.trail(section.path)
        place = shown.place_of(trail)
        assert place.end == model.end(section)
        if not section.is_title:
            assert {row.path for row in place.menu} == set(model.menu(section.path, 40))
        below = [row for row in model.level(section.path) if not section.is_title]
        assert below == ([] if section.is_title else shown.children(section, 40))
    assert shown.trail("part-99") == []


@pytest.mark.parametrize("seed", range(20))
def test_contents_and_menu_of_a_list_with_many_sections(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = new_list(make_text(random.Random(seed)))
    model = Model(Outline(catalog).head)
    # The title and the contents may be among those that are read, and are left out.
    monkeypatch.setattr(outline, "BESIDE", 3)
    monkeypatch.setattr(outline, "HEAD", 1)
    for most in (1, 3, 5, 99):
        monkeypatch.setattr(outline, "CONTENTS", most)
        lines = [
            row.path
            for chapter in Outline(catalog).contents(most=most)
            for row in (chapter.row, *chapter.below)
        ]
        # With more on the first level than are shown, the first of them are.
        assert lines == model.contents(most) or len(model.level("")) > most
    for section in model.rows:
        if section.is_listed:
            place = Outline(catalog).place_of(Outline(catalog).trail(section.path))
            assert set(model.menu(section.path, 1)) <= {row.path for row in place.menu}


def test_title_is_read_without_the_other_sections() -> None:
    catalog = new_list("# Title\n\n## Part\n\n- [Tool](https://tool.example/)\n")

    with CaptureQueriesContext(connection) as queries:
        Outline(catalog).children(None, 10)

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
            assert "section_of_title" in str(cursor.fetchall())
