"""What `check_catalog` finds: one kind of damage after the other, told in a sentence."""

import zlib
from collections.abc import Callable

import pytest

from catalog.checking import check_catalog, rebuild_projection
from catalog.editing.entries import change_entry
from catalog.history.revisions import Author
from catalog.models import Block, Catalog, Change, Checkpoint, Entry, Revision
from tests.catalog.importing.imports import change_here, import_again, new_list
from tests.catalog.importing.test_importing import text_of

pytestmark = pytest.mark.django_db

DAMAGE: dict[str, tuple[Callable[[], object], list[str]]] = {
    "nothing": (lambda: None, []),
    "a name": (
        lambda: Entry.objects.filter(name="A").update(name="Wrong"),
        ["1 entries are not what the text says"],
    ),
    "a change is missing": (
        lambda: Change.objects.filter(revision__number=2).delete(),
        [
            "replaying revision 2 does not give the text it stands for",
            "replaying revision 3 does not give the text it stands for",
            "replaying its history does not give its text",
        ],
    ),
    "a change does not fit": (
        lambda: Change.objects.filter(revision__number=2).update(uid=99),
        ["revision 2 cannot be replayed"],
    ),
    "a revision is missing": (
        lambda: Revision.objects.filter(number=2).delete(),
        [
            "revision 2 is missing from its history",
            "replaying revision 3 does not give the text it stands for",
            "replaying its history does not give its text",
        ],
    ),
    "the last revision is missing": (
        lambda: Revision.objects.filter(number=3).delete(),
        [
            "its history ends before revision 3",
            "replaying its history does not give its text",
        ],
    ),
    "the founding text is missing": (
        lambda: Checkpoint.objects.all().delete(),
        ["its founding text is missing from the history"],
    ),
    "the founding text is another": (
        lambda: Checkpoint.objects.update(
            blocks=zlib.compress(b'[false, [[1, "heading", "# Other"], [4, "item", "- x"]]]')
        ),
        [
            "replaying revision 1 does not give the text it stands for",
            "revision 2 cannot be replayed",
        ],
    ),
    "the mark": (
        lambda: Catalog.objects.update(bom=True),
        ["its byte order mark is not that of its history"],
    ),
    "a line that nobody wrote": (
        lambda: Block.objects.filter(source__startswith="- [B]").update(
            source="- [B](https://example.org/b) - Does B?\n"
        ),
        [
            "1 entries are not what the text says",
            "replaying its history does not give its text",
        ],
    ),
}


@pytest.mark.parametrize(("damage", "problems"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_detected(damage: Callable[[], object], problems: list[str]) -> None:
    catalog = new_list(text_of("#t _ a b"))
    change_here(catalog, text_of("#t _ a! b"))
    import_again(catalog, text_of("#t _ a! b c"))
    damage()

    results = check_catalog(Catalog.objects.get())

    assert results == problems


def test_guess_that_single_edits_have_outdated_is_not_damage() -> None:
    rows = "".join(f"| [N {n}](https://n{n}.example) | a |\n" for n in range(12))
    catalog = new_list(f"# T\n\n| Name | Group |\n| --- | --- |\n{rows}")
    for number, entry in enumerate(catalog.entries.order_by("pk")):
        change_entry(entry=entry, by=Author(), cells={1: "pqr"[number % 3]})

    assert check_catalog(catalog) == []
    assert rebuild_projection(catalog) > 0
    assert check_catalog(catalog) == []


def test_check_changes_nothing() -> None:
    catalog = new_list(text_of("#t _ a b"))
    Entry.objects.filter(name="A").update(name="Wrong")

    assert check_catalog(catalog) == ["1 entries are not what the text says"]

    assert Entry.objects.filter(name="Wrong").count() == 1
    assert catalog.revision == 1
    assert Revision.objects.count() == 1


def test_list_without_a_text_has_nothing_wrong() -> None:
    assert check_catalog(Catalog.objects.create(slug="new", title="New")) == []
