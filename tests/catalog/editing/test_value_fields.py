"""Fields for values beside the text of items, and that what is chosen is written there."""

import pytest

from catalog.editing.entries import add_entry
from catalog.editing.fields import ValueField, value_fields
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from tests.catalog.importing.imports import assert_sound, new_list

pytestmark = pytest.mark.django_db

LICENCES = ["MIT", "MIT", "MIT", "GPL-3.0", "GPL-3.0", "MIT", "BSD-2-Clause", "BSD-2-Clause"]
CODED = "".join(
    f"- [N{number}](https://n{number}.org) - Text. `{licence}` `{'Go' if number % 2 else 'Rust'}`\n"
    for number, licence in enumerate(LICENCES)
)
SIGNED = "🐍 = Python\n\n🦀 = Rust\n\n" + "".join(
    f"- [N{number}](https://n{number}.org) {'🐍' if number % 3 else '🦀'} - Text {number}.\n"
    for number in range(9)
)
PLAIN = "".join(f"- [N{number}](https://n{number}.org) - Text {number}.\n" for number in range(9))
TABLE = "| Name | Licence |\n|---|---|\n| [a](https://a.org) | MIT |\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            CODED,
            [
                ValueField(0, "Licence", "license",
                           (("MIT", "MIT"), ("GPL-3.0", "GPL-3.0"),
                            ("BSD-2-Clause", "BSD-2-Clause")), False),
                ValueField(1, "Language", "language", (("Rust", "Rust"), ("Go", "Go")), False),
            ],
        ),
        (
            SIGNED,
            [ValueField(8, "Language", "language",
                        (("🐍", "🐍 Python"), ("🦀", "🦀 Rust")), True)],
        ),
        (PLAIN, []),
        (TABLE, []),
    ],
    ids=["code", "signs", "plain", "table"],
)  # fmt: skip
def test_fields_are_those_of_the_siblings(text: str, expected: list[ValueField]) -> None:
    catalog = new_list("# Tools\n\n## A\n\n" + text)
    listing = catalog.listings.latest("position")

    assert value_fields(listing) == expected


@pytest.mark.parametrize(
    ("text", "cells", "line"),
    [
        (CODED, {0: "MIT", 1: "Go"}, "- [New](https://new.org) - Fresh. `MIT` `Go`\n"),
        (CODED, {1: "Go"}, "- [New](https://new.org) - Fresh. `Go`\n"),
        (SIGNED, {8: "🦀"}, "- [New](https://new.org) 🦀 - Fresh.\n"),
    ],
)
def test_what_is_chosen_is_written_as_the_siblings_have_it(
    text: str, cells: dict[int, str], line: str
) -> None:
    catalog = new_list("# Tools\n\n## A\n\n" + text)
    listing = catalog.listings.latest("position")

    add_entry(
        listing=listing, by=Author(), name="New", url="https://new.org", description="Fresh",
        cells=cells, after=listing.entries.in_reading_order().last(),
    )  # fmt: skip

    assert export_markdown(catalog).endswith(line)
    assert_sound(catalog, "# Tools\n\n## A\n\n" + text + line)
