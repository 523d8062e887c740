"""Things named by the heading above a paragraph with nothing but a link, edited."""

from __future__ import annotations

import pytest

from catalog.editing.entries import change_entry
from catalog.editing.sections import edit_prose, rename_section
from catalog.errors import CatalogError
from catalog.history.revisions import Author
from catalog.models import Catalog
from tests.catalog.importing.imports import assert_sound, new_list

pytestmark = pytest.mark.django_db

BY = Author(note="why")


def card(name: str) -> str:
    url = f"https://{name.lower()}.example"
    return f"### {name}\n\n[Visit]({url})\n\n{name} flies.\n\n[More]({url}/more)\n\n"


TEXT = f"# Kites\n\n## All\n\n{card('Kite')}{card('Hawk')}{card('Owl')}"


@pytest.fixture
def kites() -> Catalog:
    return new_list(TEXT)


def described(catalog: Catalog) -> list[tuple[str, str]]:
    entries = catalog.entries.published().in_reading_order()
    return list(entries.values_list("name", "description"))


def test_card_is_described_by_the_paragraph_below_its_link(kites: Catalog) -> None:
    assert described(kites) == [
        ("Kite", "Kite flies."),
        ("Hawk", "Hawk flies."),
        ("Owl", "Owl flies."),
    ]


def test_card_follows_edits_of_the_lines_around_it(kites: Catalog) -> None:
    hawk = kites.entries.get(name="Hawk")
    paragraph = kites.blocks.get(source="Hawk flies.\n")

    change_entry(entry=hawk, url="https://new.example", by=BY)
    edit_prose(block=paragraph, source="Hawk hunts.\n", by=BY)
    rename_section(section=kites.sections.get(title="Hawk"), title="Falcon", by=BY)

    assert described(kites)[1] == ("Falcon", "Hawk hunts.")
    text = TEXT.replace("(https://hawk.example)", "(https://new.example)")
    assert_sound(kites, text.replace("Hawk flies", "Hawk hunts").replace("### Hawk", "### Falcon"))


def test_description_of_a_card_is_not_written_into_its_line(kites: Catalog) -> None:
    with pytest.raises(CatalogError):
        change_entry(entry=kites.entries.get(name="Hawk"), description="Hunts.", by=BY)

    assert_sound(kites, TEXT)
