import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.editing.entries import change_entry
from catalog.history.revisions import Author
from catalog.importing.applying import import_text
from catalog.markdown import parse
from catalog.models import Catalog, DismissedTag, Entry, EntryTag, Section, Tag
from catalog.tagging.columns import Columns
from catalog.tagging.tagger import Tagger, counting, rederive, write_derived
from catalog.tagging.titles import section_titles
from tests.catalog.tagging.tagged_lists import (
    ROWS,
    counts,
    derive_all,
    entry_called,
    make_models,
    tags_of,
)
from tests.factories import make_catalog, make_list, make_row, make_section, make_table
from tests.lists import needs_real_lists, read_list

pytestmark = pytest.mark.django_db


def test_tags_come_from_the_cells_of_facet_columns() -> None:
    catalog = make_models()

    assert counts(catalog, "contributor") == {"THU": 2, "BAAI": 1, "@ada": 1}
    assert counts(catalog, "license") == {"Apache-2.0": 2}
    assert counts(catalog, "language") == {"en": 2, "zh": 2}
    assert counts(catalog, "base-model") == {"LLaMA": 2, "LLaMA-7B": 1, "OPT": 1}
    assert [facet.name for facet in catalog.facets.all()] == [
        "Contributor",
        "License",
        "Language",
        "Base model",
        "Topic",
    ]
    assert set(EntryTag.objects.values_list("tag__facet__slug", "origin")) == {
        ("contributor", "cell"),
        ("license", "cell"),
        ("language", "cell"),
        ("base-model", "cell"),
        ("topic", "section"),
    }


def test_tags_are_called_by_their_most_frequent_spelling() -> None:
    rows = [[f"[{n}](https://e.org/{n})", cell] for n, cell in enumerate(["mit", "MIT", "MIT"])]
    catalog = make_catalog()
    make_table(catalog, None, ["Name", "License"], rows)
    derive_all(catalog)

    assert counts(catalog, "license") == {"MIT": 3}


def test_tags_that_differ_only_in_signs_have_addresses_of_their_own() -> None:
    rows = [[f"[{n}](https://e.org/{n})", cell] for n, cell in enumerate(["C/C++", "C#", "✅"])]
    catalog = make_catalog()
    make_table(catalog, None, ["Name", "Language"], rows)
    derive_all(catalog)

    slugs = Tag.objects.values_list("name", "slug")
    assert dict(slugs) == {"C": "c", "C++": "c-plus-plus", "C#": "c-sharp", "✓": "yes"}


def test_bullet_lists_get_their_sections_as_topics() -> None:
    catalog = make_catalog()
    title = make_section(catalog, "Awesome", is_title=True)
    tools = make_section(catalog, "Tools", parent=title)
    linters = make_section(catalog, "↑ Linters:", parent=tools)
    others = [make_section(catalog, name, parent=title) for name in ("Books", "People", "More")]
    make_list(catalog, title, ["[top](https://e.org/0)"])
    make_list(catalog, tools, ["[make](https://e.org/1)"])
    make_list(catalog, linters, ["[ruff](https://e.org/2)"])
    make_list(catalog, others[0], ["[sicp](https://e.org/3)"])
    derive_all(catalog)

    assert tags_of(entry_called(catalog, "top")) == []
    assert tags_of(entry_called(catalog, "make")) == ["Tools"]
    assert tags_of(entry_called(catalog, "ruff")) == ["Linters", "Tools"]
    assert counts(catalog, "topic") == {"Tools": 2, "Linters": 1, "Books": 1}
    assert set(EntryTag.objects.values_list("origin", flat=True)) == {"section"}


def test_section_that_holds_most_of_the_list_is_no_topic_of_the_others() -> None:
    catalog = make_catalog()
    projects = make_section(catalog, "Projects")
    web = make_section(catalog, "Web", parent=projects)
    forms = make_section(catalog, "Forms", parent=web)
    mail = make_section(catalog, "Mail", parent=projects)
    about = make_section(catalog, "About")

    titles = section_titles(Section.objects.in_reading_order())

    assert titles == {
        projects.pk: ("Projects",),
        web.pk: ("Web",),
        forms.pk: ("Web", "Forms"),
        mail.pk: ("Mail",),
        about.pk: ("About",),
    }


def test_rows_of_tables_have_topics_whatever_their_columns_are() -> None:
    catalog = make_catalog()
    section = make_section(catalog, "Tools")
    make_table(catalog, section, ["Name", "Link"], [["a", "[x](https://e.org)"]])
    make_table(catalog, section, ["Name", "License"], [["b", "-"]])
    derive_all(catalog)

    assert tags_of(entry_called(catalog, "x"), "topic") == ["Tools"]
    assert tags_of(entry_called(catalog, "b -")) == ["Tools"]


def test_same_import_twice_writes_nothing() -> None:
    catalog = make_models()
    before = set(EntryTag.objects.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as queries:
        rederive(catalog)

    assert set(EntryTag.objects.values_list("pk", flat=True)) == before
    assert [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "DELETE"))] == []


def test_tags_follow_their_cells() -> None:
    catalog = make_models()
    gamma = entry_called(catalog, "Gamma")
    gamma.cells[3]["text"] = "fr"
    gamma.save()

    rederive(catalog, Entry.objects.filter(pk=gamma.pk))

    assert tags_of(gamma, "language") == ["fr"]
    assert counts(catalog, "language") == {"en": 1, "zh": 2, "fr": 1}


def test_tags_by_hand_stay_and_count_once() -> None:
    catalog = make_models()
    gamma = entry_called(catalog, "Gamma")
    zh, en = (Tag.objects.get(slug=slug) for slug in ("zh", "en"))
    EntryTag.objects.create(content_object=gamma, tag=zh)
    EntryTag.objects.filter(content_object=gamma, tag=en).update(origin="hand")
    gamma.cells[3]["text"] = "zh"
    gamma.save()

    rederive(catalog)

    rows = EntryTag.objects.filter(content_object=gamma, tag__facet__slug="language")
    assert dict(rows.values_list("tag__name", "origin")) == {"zh": "hand", "en": "hand"}
    assert counts(catalog, "language") == {"en": 2, "zh": 3}


@pytest.mark.parametrize("header", ["Topic", "Type"])
def test_an_edited_cell_leaves_what_the_section_gives(header: str) -> None:
    rows = "".join(f"| [{name}](https://{name}.example) | Agents |\n" for name in "abcd")
    catalog = import_text(
        f"# List\n\n## Agents\n\n| Name | {header} |\n|---|---|\n{rows}",
        catalog=Catalog(slug="list", title="List"),
        by=Author(),
    ).catalog
    entry = entry_called(catalog, "b")

    change_entry(entry=entry, cells={1: "Papers"}, by=Author())

    assert set(EntryTag.objects.filter(content_object=entry).values_list(*_TAGGED)) == {
        ("topic", "Agents", "section"),
        (header.lower(), "Papers", "cell"),
    }


_TAGGED = ("tag__facet__slug", "tag__name", "origin")


def test_tombstones_are_honoured() -> None:
    catalog = make_models()
    alpha = entry_called(catalog, "Alpha")
    DismissedTag.objects.create(entry=alpha, tag=Tag.objects.get(slug="zh"))

    rederive(catalog)
    derive_all(catalog)

    assert tags_of(alpha, "language") == ["en"]
    assert counts(catalog, "language") == {"en": 2, "zh": 1}


def test_tag_changes_its_origin_with_its_source() -> None:
    catalog = make_catalog()
    section = make_section(catalog, "Tools")
    make_list(catalog, section, ["[make](https://e.org)"])
    derive_all(catalog)
    entry = entry_called(catalog, "make")
    tag = Tag.objects.get(name="Tools")

    write_derived({entry.pk: {tag.pk: "cell"}})

    assert EntryTag.objects.get().origin == "cell"


def test_counts_are_of_published_entries() -> None:
    catalog = make_models()
    Entry.objects.filter(name="Alpha").update(state="suggested")

    Tagger(catalog).refresh_counts()

    assert counts(catalog, "language") == {"en": 1, "zh": 1}


def test_counting_follows_a_few_entries() -> None:
    catalog = make_models()
    alpha = entry_called(catalog, "Alpha")

    with counting([alpha.pk], catalog):
        Entry.objects.filter(pk=alpha.pk).update(state="suggested")
    assert counts(catalog, "language") == {"en": 1, "zh": 1}
    with counting([alpha.pk], catalog):
        Entry.objects.filter(pk=alpha.pk).update(state="published")
        write_derived({alpha.pk: {Tag.objects.get(slug="en").pk: "cell"}})
    assert counts(catalog, "language") == {"en": 2, "zh": 1}
    assert counts(catalog, "contributor") == {"THU": 1, "@ada": 1}


def test_rows_with_fewer_and_more_cells_than_the_header() -> None:
    catalog = make_catalog()
    listing = make_table(catalog, make_section(catalog, "Tools"), ["Name", "License"])
    make_row(listing, ["a"])
    make_row(listing, ["b", "MIT", "excess"])
    derive_all(catalog)

    assert tags_of(entry_called(catalog, "a")) == ["Tools"]
    assert tags_of(entry_called(catalog, "b MIT excess")) == ["MIT", "Tools"]


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_depend_on_the_entries(rows: int) -> None:
    catalog = make_models(ROWS[:rows])
    Tag.objects.all().delete()

    with CaptureQueriesContext(connection) as queries:
        rederive(catalog)

    # 4 for the tagger, 3 for what is stored, rows and tombstones, tags, taggings, 4 for counts;
    # 11 for what entries are found by, and on PostgreSQL one to lock the index.
    assert len(queries) == 27 + (connection.vendor == "postgresql")


@pytest.mark.parametrize("rows", [1, 3])
def test_single_edit_costs_the_same_in_any_list(rows: int) -> None:
    catalog = make_models(ROWS[:rows])
    alpha = entry_called(catalog, "Alpha")
    tagger = Tagger(catalog)
    columns = Columns(catalog).of_listing(alpha.listing.columns)  # type: ignore[union-attr]
    derived = tagger.derive(["THU", "Alpha", "Apache-2.0", "en", "LLaMA-7B"], columns, ())

    with CaptureQueriesContext(connection) as queries, counting([alpha.pk], catalog):
        tagger.write({alpha.pk: derived})

    # Counts twice, rows and tombstones, one statement to delete and one to count; 10 for what the
    # entry is found by, one more where other entries keep a term that this one loses, and on
    # PostgreSQL one to lock the index.
    assert len(queries) == 15 + (rows > 1) + (connection.vendor == "postgresql")
    assert tags_of(alpha) == ["Apache-2.0", "LLaMA-7B", "THU", "en"]


def test_order_of_tables_does_not_change_what_is_derived() -> None:
    rows = [[f"n{n}", cell] for n, cell in enumerate(["5-eyes", "9-eyes"] * 6)]
    catalog = make_catalog()
    make_table(catalog, None, ["Name", "Eyes"], rows[:2])
    make_table(catalog, None, ["Name", "Eyes"], rows[2:])
    derive_all(catalog)

    assert counts(catalog, "eyes") == {"5-eyes": 6, "9-eyes": 6}


def test_derived_values_have_no_row_before_they_are_flushed() -> None:
    tagger = Tagger(make_catalog())

    (value,) = tagger.derive([], [], ["Tools"])

    with pytest.raises(RuntimeError, match="flush"):
        _ = value.stored
    with transaction.atomic():
        tagger.flush()
    assert Tag.objects.get(pk=value.stored).name == "Tools"


@needs_real_lists
def test_facets_of_a_real_list_hold_what_a_person_expects() -> None:
    document = parse(read_list("open-source-chatgpt-and-beyond.md"))
    catalog = make_catalog()
    tagger = Tagger(catalog)
    tables = {}
    for index, listing in enumerate(document.listings):
        rows = [
            [cell.text for cell in document.entries[number].cells]
            for block in listing.blocks
            if (number := document.blocks[block].entry) is not None
        ]
        if listing.header:
            cells = [[row[n] for row in rows if n < len(row)] for n in range(len(listing.header))]
            tables[index] = tagger.columns_for(
                listing.header, listing.name_column, cells, listing.description_column
            )
    results: dict[str, dict[str, int]] = {}
    for entry in document.entries:
        columns = tables.get(-1 if entry.listing is None else entry.listing, [])
        for value in tagger.derive([cell.text for cell in entry.cells], columns, ()):
            facet = results.setdefault(value.facet, {})
            facet[value.key] = facet.get(value.key, 0) + 1

    # The other columns have more values than anybody filters by: half of them stand in one row.
    assert set(results) == {"language", "used-in", "driven-by"}
    assert results["language"] == {"en": 100, "zh": 65, "multi": 17}
    assert results["driven-by"] == {"gpt": 4, "gpt4": 2}
