"""Entries that are probably renamed: kept at an import, and confirmed or parted by a maintainer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.editing.settings import confirm_renamed, part_renamed
from catalog.editing.tags import add_facet, add_tag, tag_entry
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Renaming
from tests.catalog.importing.imports import assert_sound, figures, ids, import_again, new_list

pytestmark = pytest.mark.django_db

KITE = "- [Kite](https://kite.example) - Flies above all the others. `MIT`\n"
HAWK = "- [Hawk](https://hawk.example) - Flies above all the others. `MIT`\n"
REEL = "- [Reel](https://reel.example) - Winds up whatever is long.\n"
TABLE = "| Name | What |\n|---|---|\n"
KITE_ROW = "| [Kite](https://kite.example) | Flies above all the others. |\n"
HAWK_ROW = "| [Hawk](https://hawk.example) | Flies above all the others.   |\n"
BY = Author(note="why")


def renamed(catalog: Catalog) -> list[tuple[str, str]]:
    rows = Renaming.objects.filter(entry__catalog=catalog).select_related("entry")
    return [(row.before["name"], row.entry.name) for row in rows]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{KITE}{REEL}", f"{HAWK}{REEL}"),
        (f"{KITE}{REEL}", f"{REEL}{HAWK}"),
        (f"{TABLE}{KITE_ROW}", f"{TABLE}{HAWK_ROW}"),
    ],
)
def test_entry_that_says_the_same_of_itself_is_probably_renamed(before: str, after: str) -> None:
    catalog = new_list(before)
    kite = ids(catalog)["Kite"]

    result = import_again(catalog, after)

    assert ids(catalog)["Hawk"] == kite
    assert renamed(catalog) == [("Kite", "Hawk")]
    assert result.summary()["renamed"] == 1
    assert_sound(catalog, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Another one says the same, before or after.
        (f"{KITE}{HAWK.replace('awk', 'en')}", HAWK),
        (KITE, f"{HAWK}{HAWK.replace('awk', 'en')}"),
        # Too little to know it by, or something else.
        ("- [Kite](https://kite.example) - Free. `MIT`\n",
         "- [Hawk](https://hawk.example) - Free. `MIT`\n"),
        (KITE, HAWK.replace("MIT", "GPL-3.0")),
        # Another place.
        (f"## Kites\n\n{KITE}\n## Reels\n\n{REEL}", f"## Kites\n\n## Reels\n\n{REEL}{HAWK}"),
    ],
)  # fmt: skip
def test_what_may_be_another_thing_is_another_entry(before: str, after: str) -> None:
    catalog = new_list(before)
    known = set(ids(catalog).values())

    import_again(catalog, after)

    assert ids(catalog)["Hawk"] not in known
    assert renamed(catalog) == []


def test_renaming_is_noted_through_imports_until_it_is_confirmed() -> None:
    catalog = new_list(f"{KITE}{REEL}")
    import_again(catalog, f"{HAWK}{REEL}")
    import_again(catalog, f"# Kites\n\n{HAWK}{REEL.replace('long', 'short')}")
    import_again(catalog, f"{HAWK.replace('awk', 'en').replace('Hen', 'Hen house')}{REEL}")

    assert renamed(catalog) == [("Kite", "Hen house")]
    catalog.refresh_from_db()
    entries = list(catalog.entries.living())
    revision = confirm_renamed(catalog=catalog, entries=entries, by=BY)

    assert revision is not None
    assert revision.details["names"] == ["Kite"]
    assert renamed(catalog) == []
    assert confirm_renamed(catalog=catalog, entries=entries, by=BY) is None


def test_entry_that_has_its_old_name_again_is_noted_no_more() -> None:
    catalog = new_list(f"{KITE}{REEL}")
    import_again(catalog, f"{HAWK}{REEL}")
    import_again(catalog, f"{KITE}{REEL}")

    assert renamed(catalog) == []


def test_parted_entry_is_removed_under_its_old_name() -> None:
    catalog = new_list(f"{KITE}{REEL}")
    before = Entry.objects.values("name", "url", "slug", "html").get(name="Kite")
    facet = add_facet(catalog=catalog, name="Mood", by=BY)
    kite = Entry.objects.get(name="Kite")
    tag_entry(entry=kite, tag=add_tag(facet=facet, name="Calm", by=BY), by=BY)
    import_again(catalog, f"{HAWK}{REEL}")
    catalog.refresh_from_db()
    imported = catalog.revision

    revision = part_renamed(entry=kite, by=BY)

    kite.refresh_from_db()
    hawk = Entry.objects.get(name="Hawk")
    assert revision is not None
    assert (kite.state, kite.removed_at) == ("removed", kite.updated_at)
    assert Entry.objects.values("name", "url", "slug", "html").get(pk=kite.pk) == before
    assert (hawk.state, hawk.created_revision, hawk.tags.filter(name="Calm").count()) == (
        "published", imported, 0
    )  # fmt: skip
    assert renamed(catalog) == []
    assert part_renamed(entry=hawk, by=BY) is None
    assert_sound(catalog, f"{HAWK}{REEL}")
    # What it was comes back as itself, and what stood in its place stays.
    result = import_again(catalog, f"{HAWK}{KITE}{REEL}")
    assert ids(catalog) == {"Hawk": hawk.pk, "Kite": kite.pk, "Reel": ids(catalog)["Reel"]}
    assert figures(result) == {"returned": 1, "unchanged": 2}


@pytest.mark.parametrize(("do", "names"), [("confirm", {"Hawk": True}), ("part", {"Hawk": False})])
def test_maintainer_decides_in_the_administration(
    admin_client: Client, do: str, names: dict[str, Any]
) -> None:
    catalog = new_list(f"{KITE}{REEL}")
    kite = ids(catalog)["Kite"]
    import_again(catalog, f"{HAWK}{REEL}")
    url = f"/admin/catalog/catalog/{catalog.pk}/renamed/"

    assert url in admin_client.get(f"/admin/catalog/catalog/{catalog.pk}/change/").text
    assert "https://kite.example" in admin_client.get(url).text
    key = Renaming.objects.get().pk
    response = admin_client.post(url, {"key": key, "do": do})

    assert (response.status_code, response.headers["Location"]) == (302, url)
    assert {"Hawk": ids(catalog)["Hawk"] == kite} == names
    assert "nothing to decide" in admin_client.get(url).text
