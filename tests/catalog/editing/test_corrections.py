"""What maintainers decide about how a list is read: through edits, imports, rebuilds, and back."""

from typing import Any, NamedTuple

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import given, settings

from catalog.backups import restore_backup, write_backup
from catalog.checking import check_catalog, rebuild_projection
from catalog.editing.entries import add_entry, change_entry, remove_entry
from catalog.editing.lines import revert_revision
from catalog.editing.sections import rename_section
from catalog.editing.settings import Reading, correct, correction_of, preview_reading
from catalog.errors import EditRefused, InvalidField
from catalog.history.revisions import Author
from catalog.markdown.corrections import Correction
from catalog.models import Catalog, Revision, Section, Successor
from catalog.store.document import delete_catalog
from tests.catalog.importing.imports import assert_sound, ids, import_again, new_list
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

BY = Author(credit="Ada", note="why")
TEXT = """# Tools

## Suites

- [Office](https://office.org)
  - [Writer](https://writer.org) - Writes.
  - [Counter](https://counter.org) - Counts.
- [Plain](https://plain.org) - Alone.

## Models

- Atom
  - Paper: https://atom.org/paper
  - Code: https://atom.org/code

## Table

| Vendor | Tool | Notes |
|---|---|---|
| [Acme](https://acme.org) | Saw | Cuts. |
| [Brill](https://brill.org) | Axe | Splits. |

## Friends

- [Friend](https://friend.org)

## License

- [Terms](https://terms.org)
"""
READ = ["Office", "Writer", "Counter", "Plain", "Atom", "Saw", "Axe", "Friend"]


@pytest.fixture
def tools() -> Catalog:
    catalog = new_list(TEXT)
    assert list(published(catalog)) == READ
    return catalog


def published(catalog: Catalog) -> dict[str, int]:
    rows = catalog.entries.published().in_reading_order()
    return dict(rows.values_list("name", "pk"))


def section(catalog: Catalog, path: str) -> Section:
    return catalog.sections.get(path=path)


def decide(catalog: Catalog, path: str, **fields: str) -> Revision | None:
    where = section(catalog, path) if path else None
    return correct(catalog=catalog, section=where, correction=Correction(**fields), by=BY)


CASES: list[tuple[str, dict[str, str], list[str]]] = [
    ("suites", {"children": "attributes"},
     ["Office", "Plain", "Atom", "Saw", "Axe", "Friend"]),
    ("models", {"children": "entries"},
     ["Office", "Writer", "Counter", "Plain", "Paper", "Code", "Saw", "Axe", "Friend"]),
    ("", {"children": "attributes"},
     ["Office", "Plain", "Atom", "Saw", "Axe", "Friend"]),
    ("table", {"name": "vendor", "description": "notes"},
     ["Office", "Writer", "Counter", "Plain", "Atom", "Acme", "Brill", "Friend"]),
    ("friends", {"entries": "none"},
     ["Office", "Writer", "Counter", "Plain", "Atom", "Saw", "Axe"]),
    ("license", {"entries": "all"}, [*READ, "Terms"]),
    ("", {"entries": "none"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("path", "fields", "names"), CASES)
def test_decision_is_a_revision_and_is_taken_back(
    tools: Catalog, path: str, fields: dict[str, str], names: list[str]
) -> None:
    known = ids(tools)

    revision = decide(tools, path, **fields)

    assert revision is not None
    assert (revision.number, revision.verb, revision.note) == (2, "settings", "why")
    assert revision.details["after"] == fields
    assert list(published(tools)) == names
    assert_sound(tools, TEXT)
    assert decide(tools, path, **fields) is None
    import_again(tools, TEXT + "\nThe end.\n")
    rebuild_projection(tools)
    assert list(published(tools)) == names
    assert_sound(tools, TEXT + "\nThe end.\n")

    revert_revision(catalog=tools, number=2, by=BY)

    assert ids(tools) == known
    assert list(published(tools)) == READ
    assert_sound(tools, TEXT + "\nThe end.\n")
    assert not Catalog.objects.get().is_corrected


def test_preview_says_what_appears_vanishes_and_is_renamed(tools: Catalog) -> None:
    def reading(path: str, **fields: str) -> Reading:
        return preview_reading(tools, lambda: decide(tools, path, **fields))

    assert [
        reading("suites", children="attributes"),
        reading("models", children="entries"),
        reading("table", name="vendor"),
        reading("license", entries="none"),
    ] == [
        Reading([], ["Writer", "Counter"], []),
        Reading(["Code"], [], [("Atom", "Paper")]),
        Reading([], [], [("Saw", "Acme"), ("Axe", "Brill")]),
        Reading([], [], []),
    ]
    assert Catalog.objects.get().revision == 1


def test_decision_follows_its_section(tools: Catalog) -> None:
    decide(tools, "suites", children="attributes")

    rename_section(section=section(tools, "suites"), title="Bundles", by=BY)

    here = TEXT.replace("## Suites", "## Bundles")
    assert_sound(tools, here)
    assert "Writer" not in published(tools)

    import_again(tools, here)
    there = here.replace("## Bundles", "## More\n\n### Packs")
    import_again(tools, there)

    assert_sound(tools, there)
    assert "Writer" not in published(tools)
    assert correction_of(tools, section(tools, "more/packs")).children == "attributes"
    # Gone, and there again.
    import_again(tools, "# Tools\n")
    import_again(tools, there)
    assert_sound(tools, there)
    assert "Writer" not in published(tools)


def test_entries_are_edited_as_they_are_read(tools: Catalog) -> None:
    decide(tools, "suites", children="attributes")
    decide(tools, "friends", entries="none")
    office = tools.entries.get(name="Office")

    change_entry(entry=office, name="Offices", by=BY)

    text = TEXT.replace("[Office]", "[Offices]")
    assert_sound(tools, text)
    add_entry(
        listing=section(tools, "suites").listings.get(), name="New", url="https://n.org", by=BY
    )
    assert check_catalog(tools) == []
    assert published(tools).keys() >= {"Offices", "New"}
    remove_entry(entry=tools.entries.get(name="Offices"), by=BY)
    assert check_catalog(tools) == []
    with pytest.raises(EditRefused):
        add_entry(
            listing=section(tools, "friends").listings.get(), name="F", url="https://f.org", by=BY
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"children": "no"},
        {"entries": "no"},
        {"name": "no"},
        {"name": "tool", "description": "tool"},
    ],
)
def test_what_cannot_be_decided_is_refused(tools: Catalog, fields: dict[str, str]) -> None:
    with pytest.raises(InvalidField):
        decide(tools, "table", **fields)


def test_backup_holds_decisions(tools: Catalog, tmp_path: Any) -> None:
    decide(tools, "suites", children="attributes")
    names = published(tools)
    with (tmp_path / "backup").open("w+b") as file:
        write_backup(tools, file)
        delete_catalog(tools)
        tools = restore_backup(file).catalog

    assert published(tools) == names
    assert_sound(tools, TEXT)
    revert_revision(catalog=tools, number=2, by=BY)
    assert list(published(tools)) == READ


# Whatever follows


class Step(NamedTuple):
    """Something done to the list."""

    do: str
    path: str = ""
    field: str = ""
    value: str = ""


DECISIONS = st.one_of(
    st.builds(
        Step, st.just("decide"), st.sampled_from(["", "suites", "models", "table"]),
        st.just("children"), st.sampled_from(["", "attributes", "entries"]),
    ),
    st.builds(
        Step, st.just("decide"), st.sampled_from(["", "friends", "license", "table"]),
        st.just("entries"), st.sampled_from(["", "none", "all"]),
    ),
    st.builds(
        Step, st.just("decide"), st.just("table"), st.just("name"),
        st.sampled_from(["", "tool", "vendor", "notes"]),
    ),
)  # fmt: skip
OTHERS = st.one_of(
    st.builds(Step, st.just("import"), value=st.sampled_from(["x", "Office", "Writer", "Saw"])),
    st.builds(Step, st.sampled_from(["rebuild", "take back"])),
)


@settings(max_examples=100 if IS_LONG else 3)
@given(st.lists(st.one_of(DECISIONS, OTHERS), min_size=2, max_size=6))
def test_after_any_steps_all_agrees(steps: list[Step]) -> None:
    with transaction.atomic():
        catalog = new_list(TEXT)
        first = published(catalog)
        text = TEXT
        model: dict[str, dict[str, str]] = {}
        for step in steps:
            if step.do == "decide":
                field = {step.field: step.value}
                decide(catalog, step.path, **{**model.get(step.path, {}), **field})
                model[step.path] = {**model.get(step.path, {}), **field}
            elif step.do == "import":
                text = text.replace(step.value, step.value + "y", 1)
                import_again(catalog, text)
            elif step.do == "rebuild":
                rebuild_projection(catalog)
            else:
                for path in model:
                    decide(catalog, path)
                model = {}
            catalog.refresh_from_db()
            assert_sound(catalog, text)
            for path, fields in model.items():
                where = section(catalog, path) if path else None
                assert correction_of(catalog, where) == Correction(**fields)
        for path in model:
            decide(catalog, path)
        assert_sound(catalog, text)
        # What names a thing may have been an entry meanwhile; then that is the thing's.
        now = published(catalog).values()
        leads = dict(Successor.objects.values_list("entry", "into"))
        assert [leads.get(key, key) for key in first.values()] == list(now)
        transaction.set_rollback(True)
