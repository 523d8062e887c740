"""What stands beside an entry: like it, and the same in other places."""

import pytest
from django.test import Client

from catalog.editing.entries import remove_entry
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry
from catalog.pages.entry_page import related_to
from catalog.sql.pages import entry_row, tag_rows
from tests.catalog.importing.imports import new_list

pytestmark = pytest.mark.django_db

TOOLS = """# Tools

## Music

- [Strummer](https://strummer.example/) - Tunes guitars by ear. `MIT` `Go`
- [Pegbox](https://pegbox.example/) - Tunes violins and guitars. `MIT` `Go`
- [Waver](https://waver.example/) - Draws sound waves. `MIT` `Go`
- [Scope](https://scope.example/) - Draws sound as a spectrum. `MIT` `Go`

## Text

- [Quill](https://quill.example/) - Writes letters. `GPL-3.0` `Rust`
- [Nib](https://nib.example/) - Writes letters and cards. `GPL-3.0` `Rust`
- [Blotter](https://blotter.example/) - Dries ink. `GPL-3.0` `Rust`
- [Quill again](https://quill.example/) - For letters. `GPL-3.0` `Rust`
"""
OTHERS = """# Others

- [Feather](http://www.quill.example) - In another list.
- [Pen](https://pen.example/) - Writes letters.
"""


@pytest.fixture
def tools(db: None) -> Catalog:
    """A list with likenesses inside its sections, and another that has one thing of it, too."""
    others = new_list(OTHERS, "others")
    Catalog.objects.filter(pk=others.pk).update(title="Others")
    return new_list(TOOLS)


def related(catalog: Catalog, name: str) -> tuple[list[str], list[str]]:
    row = entry_row(catalog.pk, Entry.objects.get(catalog=catalog, name=name).pk, 200)
    assert row is not None
    same, like = related_to(row, catalog.pk, [tag.pk for tag in tag_rows(row.pk)])
    return [other.name for other in same], [other.name for other in like]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Strummer", "Pegbox"),
        ("Pegbox", "Strummer"),
        ("Waver", "Scope"),
        ("Scope", "Waver"),
        ("Quill", "Nib"),
    ],
)
def test_what_is_alike_shares_words_though_tags_are_the_same(
    tools: Catalog, name: str, nearest: str
) -> None:
    assert related(tools, name)[1][0] == nearest


def test_what_is_alike_differs_from_entry_to_entry(tools: Catalog) -> None:
    lists = [tuple(related(tools, name)[1]) for name in ("Strummer", "Pegbox", "Waver", "Scope")]

    assert len(set(lists)) == 4


def test_same_thing_in_other_places_is_no_likeness(tools: Catalog) -> None:
    same, like = related(tools, "Quill")

    assert sorted(same) == ["Feather", "Quill again"]
    assert set(same).isdisjoint(like)


def test_removed_and_unpublished_are_not_related(tools: Catalog) -> None:
    remove_entry(entry=Entry.objects.get(name="Nib"), by=Author())
    Catalog.objects.filter(slug="others").update(revision=0)

    same, like = related(tools, "Quill")

    assert same == ["Quill again"]
    assert "Nib" not in like


def test_page_says_in_which_list_the_same_thing_is(client: Client, tools: Catalog) -> None:
    text = client.get(Entry.objects.get(name="Quill").get_absolute_url()).text
    part = text[text.index('id="elsewhere"') : text.index('id="related"')]

    assert '>Feather</a> <span class="quiet">Others</span>' in part
    # It stands in the same section, which is not repeated.
    assert ">Quill again</a></li>" in part
    assert ">Quill</a>" not in part
