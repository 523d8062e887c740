"""Which removed entry comes back as itself: by its link, or by its name where it stood."""

import pytest

from catalog.editing.entries import remove_entry
from catalog.editing.lines import revert_revision
from catalog.history.revisions import Author
from catalog.models import Catalog, Change, Entry
from tests.catalog.importing.imports import assert_sound, figures, import_again, new_list

pytestmark = pytest.mark.django_db

MORE = "[Moor](https://example.org/more)"
HEAD = "| name | license |\n|------|---------|\n"
ALPHA = f"## X\n\n* Alpha\n  * Intro: Alpha is first.\n  * {MORE}\n"
ALONE = f"## X\n\n* Alpha\n  * {MORE}\n"
ELSE = "- [Else](https://example.org/else)\n"
GAMMA = "* Gamma\n  * Intro: Gamma is another.\n  * [Else](https://example.org/else)\n"
ITEMS = f"## X\n\n- {MORE}\n"


def rows(word: str) -> str:
    """A table, large enough to show which column has the names."""
    lines = [f"| [{word}{n}](https://example.org/{word}{n}) | MIT |\n" for n in range(3)]
    return HEAD + "".join(lines)


ROWS = f"## X\n\n{rows('a')}"
OTHER_ROWS = f"\nOr:\n\n{rows('b')}"
TWICE = f"# A\n## X\n- {MORE}\n# B\n## X\n{ELSE}"
LINKED = "- [Intro](https://example.org/i) - Words.\n"

# Texts one after the other; Intro is in the first and the last; whether it is the same one.
STORIES: dict[str, tuple[list[str], bool]] = {
    "below its item": ([ALPHA, ALONE, ALPHA], True),
    "below its item with other words": ([ALPHA, ALONE, ALPHA.replace("first", "last")], True),
    "below another item": ([ALPHA, ALONE, ALONE + GAMMA], False),
    "below another item when its own is gone": ([ALPHA, "## X\n", f"## X\n\n{GAMMA}"], False),
    "below another item at once": ([f"{ALPHA}* Beta\n", f"## X\n\n{GAMMA}* Beta\n"], False),
    "with its item": ([ALPHA, "## X\n", ALPHA], True),
    "with its section": ([f"# T\n\n{ALPHA}", "# T\n", f"# T\n\n{ALPHA}"], True),
    "with everything": ([ALPHA, "", ALPHA], True),
    "in its section": ([f"{ITEMS}- Intro\n", ITEMS, f"{ITEMS}- Intro\n"], True),
    "in its section, renamed meanwhile": (
        [
            f"{ITEMS}- Intro\n",
            ITEMS,
            ITEMS.replace("X", "Z"),
            f"{ITEMS}- Intro\n".replace("X", "Z"),
        ],
        True,
    ),
    "in another section": (
        [f"{ITEMS}- Intro\n", ITEMS, f"{ITEMS}\n## Y\n\n- Intro\n{ELSE}"],
        False,
    ),
    "in another of that title": (
        [TWICE.replace("# B", "- Intro\n# B"), TWICE, f"{TWICE}- Intro\n"],
        False,
    ),
    "in its table": ([f"{ROWS}| Intro | GPL |\n", ROWS, f"{ROWS}| Intro | GPL |\n"], True),
    "in another table of the section": (
        [
            f"{ROWS}| Intro | GPL |\n{OTHER_ROWS}",
            f"{ROWS}{OTHER_ROWS}",
            f"{ROWS}{OTHER_ROWS}| Intro | GPL |\n",
        ],
        False,
    ),
    "by its link anywhere": ([f"## X\n\n{LINKED}", "## X\n", f"## Y\n\n{LINKED}"], True),
    "by its link with other words": (
        [f"## X\n\n{LINKED}", "## X\n", f"## X\n\n{LINKED.replace('Words', 'Others')}"],
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("texts", "is_same"), STORIES.values(), ids=STORIES)
def test_removed_entry_comes_back(texts: list[str], is_same: bool) -> None:
    catalog = new_list(texts[0])
    intro = catalog.entries.get(name="Intro")
    for text in texts[1:]:
        before = living(catalog)
        result = import_again(catalog, text)
        assert_sound(catalog, text)
        now = living(catalog)
        assert result.summary()["removed"] == len(before - now)
        assert sum(result.plan.figures.values()) == len(before | now)

    again = catalog.entries.living().get(name="Intro")
    assert (again.pk == intro.pk) is is_same
    assert (figures(result).get("returned", 0) > 0) is is_same
    assert again.stood_in is None


def living(catalog: Catalog) -> set[int]:
    return set(catalog.entries.published().values_list("pk", flat=True))


def test_entry_called_otherwise_comes_back_where_nothing_else_has_its_link() -> None:
    catalog = new_list("- [A](https://example.org/u)\n- [B](https://example.org/v)\n")
    known = dict(catalog.entries.values_list("name", "pk"))
    import_again(catalog, "- x\n")

    result = import_again(
        catalog,
        "- [C](https://example.org/u)\n\n## X\n\n- [D](https://example.org/v)\n"
        "- [E](https://example.org/v)\n",
    )

    assert figures(result) == {"created": 2, "returned": 1}
    assert catalog.entries.get(name="C").pk == known["A"]
    assert catalog.entries.get(pk=known["B"]).state == Entry.State.REMOVED


def test_entry_removed_here_comes_back_by_an_undo_and_by_an_import() -> None:
    catalog = new_list(ALPHA)
    intro = catalog.entries.get(name="Intro")
    removed = remove_entry(entry=intro, by=Author())
    assert catalog.entries.get(pk=intro.pk).stood_in == [[1, ["X"]], [3, ["* Alpha"]]]

    revert_revision(catalog=catalog, number=removed.number, by=Author())

    assert catalog.entries.living().get(name="Intro").pk == intro.pk
    history = Change.objects.filter(entry_id=intro.pk).order_by("pk")
    assert list(history.values_list("op", flat=True)) == ["delete", "insert"]
    assert_sound(catalog, ALPHA)


def test_definition_elsewhere_updates_the_entries_that_use_it() -> None:
    catalog = new_list("- [a][x]\n- [b](https://b.org)\n\n[x]: https://one.org\n")

    result = import_again(catalog, "- [a][x]\n- [b](https://b.org)\n\n[x]: https://two.org\n")

    assert figures(result) == {"updated": 1, "unchanged": 1}
