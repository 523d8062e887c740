"""Edits of things whose parts stand in lines of their own: each part stays in its line."""

from typing import Any

import pytest

from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry
from tests.catalog.importing.imports import assert_sound, ids, new_list

pytestmark = pytest.mark.django_db

BY = Author(credit="someone", note="why")
ATOM = "* Atom\n  * 地址：https://atom.org\n  * 简介：开放的模型。\n"
BETA = "* Beta\n  * 地址：https://beta.org\n  * 简介：双语模型。\n"
GAMMA = "**Gamma**\n- Paper: https://gamma.org\n- Grows.\n"
DELTA = "### Delta\n\n- Paper: https://delta.org\n- About: Flows.\n"
TEXT = f"# Models\n\n## One\n\n{ATOM}{BETA}\n## Two\n\n{GAMMA}\n{DELTA}"


@pytest.fixture
def models() -> Catalog:
    return new_list(TEXT)


def entry(catalog: Catalog, name: str) -> Entry:
    return catalog.entries.living().select_related("listing", "block").get(name=name)


def test_each_is_one_entry_with_the_links_of_its_lines(models: Catalog) -> None:
    entries = models.entries.published().order_by("block__position")

    assert [
        (e.name, e.url, e.description, [(link.text, link.url) for link in e.links.all()])
        for e in entries
    ] == [
        ("Atom", "https://atom.org", "开放的模型。", [("地址", "https://atom.org")]),
        ("Beta", "https://beta.org", "双语模型。", [("地址", "https://beta.org")]),
        ("Gamma", "https://gamma.org", "Grows.", [("Paper", "https://gamma.org")]),
        ("Delta", "https://delta.org", "Flows.", [("Paper", "https://delta.org")]),
    ]
    assert "<ul>" in entry(models, "Atom").html


@pytest.mark.parametrize(
    ("name", "fields", "old", "new"),
    [
        ("Atom", {"description": "更开放。"}, "开放的模型。", "更开放。"),
        ("Atom", {"name": "Atoms", "url": "https://a.org"}, ATOM,
         "* Atoms\n  * 地址：https://a.org\n  * 简介：开放的模型。\n"),
        ("Gamma", {"name": "Gammas", "description": "Shrinks."}, GAMMA,
         "**Gammas**\n- Paper: https://gamma.org\n- Shrinks.\n"),
        ("Delta", {"url": "https://d.org", "description": "Rests."}, DELTA,
         "### Delta\n\n- Paper: https://d.org\n- About: Rests.\n"),
    ],
)  # fmt: skip
def test_a_field_is_changed_in_its_line(
    models: Catalog, name: str, fields: dict[str, Any], old: str, new: str
) -> None:
    before = ids(models)
    changed = entry(models, name)

    change_entry(entry=changed, by=BY, **fields)

    assert_sound(models, TEXT.replace(old, new))
    changed.refresh_from_db()
    assert {key: getattr(changed, key) for key in fields} == fields
    assert set(ids(models).values()) == set(before.values())


def test_entries_come_go_and_move_with_their_lines(models: Catalog) -> None:
    listing = entry(models, "Atom").listing
    assert listing is not None

    add_entry(listing=listing, by=BY, name="New", url="https://new.org", description="New one.")
    added = entry(models, "New").block
    assert added is not None
    text = TEXT.replace(BETA, BETA + added.source)
    assert_sound(models, text)

    move_entry(entry=entry(models, "Beta"), listing=listing, by=BY, after=entry(models, "New"))
    text = text.replace(BETA + added.source, added.source + BETA)
    assert_sound(models, text)

    remove_entry(entry=entry(models, "Atom"), by=BY)
    assert_sound(models, text.replace(ATOM, ""))
