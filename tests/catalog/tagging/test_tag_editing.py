import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.editing.tags import (
    add_alias,
    add_facet,
    add_tag,
    decline_alias,
    load_aliases,
    merge_tags,
    remove_alias,
    rename_tag,
    set_column_role,
    suggest_aliases,
    tag_entry,
    untag_entry,
)
from catalog.errors import AddressTaken, EditRefused, InvalidField, RevisionConflict
from catalog.history.revisions import Author
from catalog.models import Catalog, Column, DismissedTag, Entry, EntryTag, Revision, Tag, TagAlias
from tests.catalog.tagging.tagged_lists import (
    ROWS,
    counts,
    derive_all,
    entry_called,
    make_models,
    tags_of,
)
from tests.factories import make_catalog, make_section, make_table, make_tag, remove_entry

pytestmark = pytest.mark.django_db

BY = Author(credit="Ada")
MODELS = {"LLaMA": 2, "LLaMA-7B": 1, "OPT": 1}


def tag_called(name: str, facet: str = "base-model") -> Tag:
    tag: Tag = Tag.objects.get(facet__slug=facet, name=name)
    return tag


def newest(catalog: Catalog) -> Revision:
    return catalog.revisions.newest_first()[0]


def test_added_facet_comes_behind_the_others() -> None:
    catalog = make_models()
    others = list(catalog.facets.values_list("slug", flat=True))

    facet = add_facet(catalog=catalog, name=" Availability ", by=BY)

    assert (facet.slug, facet.name) == ("availability", "Availability")
    assert list(catalog.facets.values_list("slug", flat=True)) == [*others, "availability"]
    assert newest(catalog).details == {
        "operation": "add-facet",
        "facet": "availability",
        "after": "Availability",
    }


@pytest.mark.parametrize("name", ["", "!!", "x" * 201, "base model"])
def test_facet_without_an_address_of_its_own_is_refused(name: str) -> None:
    catalog = make_models()
    catalog.refresh_from_db()
    number = catalog.revision

    with pytest.raises(InvalidField):
        add_facet(catalog=catalog, name=name, by=BY)

    catalog.refresh_from_db()
    assert catalog.revision == number


def test_rename_keeps_what_cells_say() -> None:
    catalog = make_models()
    tag = tag_called("LLaMA")

    revision = rename_tag(tag=tag, name="Meta  LLaMA", slug="meta-llama", by=BY)
    derive_all(catalog)

    assert revision == newest(catalog)
    assert (revision.verb, revision.number, revision.credit) == ("tags", 2, "Ada")
    assert revision.details == {
        "operation": "rename-tag",
        "facet": "base-model",
        "before": {"name": "LLaMA", "slug": "llama"},
        "after": {"name": "Meta LLaMA", "slug": "meta-llama"},
    }
    assert counts(catalog, "base-model") == {"Meta LLaMA": 2, "LLaMA-7B": 1, "OPT": 1}
    assert Tag.objects.get(pk=tag.pk).slug == "meta-llama"


def test_rename_there_and_back_leaves_no_alias() -> None:
    catalog = make_models()
    tag = tag_called("LLaMA")
    rename_tag(tag=tag, name="Llama One", by=BY)
    rename_tag(tag=tag, name="LLaMA", by=BY)
    derive_all(catalog)

    assert list(tag.aliases.values_list("spelling", flat=True)) == ["Llama One"]
    assert counts(catalog, "base-model") == MODELS


def test_rename_to_the_same_changes_nothing() -> None:
    catalog = make_models()

    assert rename_tag(tag=tag_called("LLaMA"), name=" LLaMA ", by=BY) is None
    assert newest(catalog).number == 1


@pytest.mark.parametrize(
    ("name", "slug", "error"),
    [
        ("opt", "", InvalidField),
        ("", "", InvalidField),
        ("x" * 201, "", InvalidField),
        ("Meta", "opt", AddressTaken),
        ("Meta", "Not A Slug", AddressTaken),
    ],
)
def test_rename_refuses(name: str, slug: str, error: type[Exception]) -> None:
    catalog = make_models()

    with pytest.raises(error):
        rename_tag(tag=tag_called("LLaMA"), name=name, slug=slug, by=BY)

    assert newest(catalog).number == 1
    assert counts(catalog, "base-model") == MODELS


def test_merge_survives_the_next_import() -> None:
    catalog = make_models()
    into, other, opt = (tag_called(name) for name in ("LLaMA", "LLaMA-7B", "OPT"))

    revision = merge_tags(into=into, others=[other, opt], by=BY)

    assert revision is not None
    assert revision.details["before"] == ["LLaMA-7B", "OPT"]
    assert into.entry_count == 3
    for _ in range(2):
        assert counts(catalog, "base-model") == {"LLaMA": 3}
        derive_all(catalog)
    assert sorted(into.aliases.values_list("spelling", flat=True)) == ["LLaMA-7B", "OPT"]


def test_merge_takes_aliases_and_decisions_along() -> None:
    catalog = make_models()
    into, other = tag_called("LLaMA"), tag_called("LLaMA-7B")
    alpha, beta, gamma = (entry_called(catalog, name) for name in ("Alpha", "Beta", "Gamma"))
    add_alias(tag=other, spelling="LLaMA-13B", by=BY)
    untag_entry(entry=alpha, tag=other, by=BY)
    untag_entry(entry=gamma, tag=into, by=BY)
    tag_entry(entry=beta, tag=other, by=BY)
    tag_entry(entry=gamma, tag=other, by=BY)

    merge_tags(into=into, others=[other], by=BY)
    derive_all(catalog)

    # Taken off as LLaMA-7B, and so as LLaMA; by hand before, and so now.
    assert tags_of(alpha, "base-model") == []
    assert tags_of(beta, "base-model") == ["LLaMA", "OPT"]
    assert tags_of(gamma, "base-model") == ["LLaMA"]
    hand = EntryTag.objects.filter(tag=into, origin="hand")
    assert set(hand.values_list("content_object", flat=True)) == {beta.pk, gamma.pk}
    assert sorted(into.aliases.values_list("spelling", flat=True)) == ["LLaMA-13B", "LLaMA-7B"]


def test_merge_does_not_bring_back_what_was_taken_off() -> None:
    catalog = make_models()
    into, other = tag_called("LLaMA"), tag_called("OPT")
    beta = entry_called(catalog, "Beta")
    untag_entry(entry=beta, tag=into, by=BY)

    merge_tags(into=into, others=[other], by=BY)

    assert tags_of(beta, "base-model") == []
    derive_all(catalog)
    assert tags_of(beta, "base-model") == []


def test_merge_refuses_another_facet() -> None:
    make_models()

    with pytest.raises(InvalidField):
        merge_tags(into=tag_called("LLaMA"), others=[tag_called("zh", "language")], by=BY)


def test_merge_of_a_tag_into_itself_changes_nothing() -> None:
    make_models()
    tag = tag_called("LLaMA")

    assert merge_tags(into=tag, others=[tag], by=BY) is None


def test_alias_moves_entries_and_its_removal_moves_them_back() -> None:
    catalog = make_models()

    revision = add_alias(tag=tag_called("LLaMA"), spelling="llama 7b", by=BY)
    assert revision is not None
    assert revision.details["after"] == "llama 7b"
    assert counts(catalog, "base-model") == {"LLaMA": 3, "OPT": 1}

    remove_alias(alias=TagAlias.objects.get(), by=BY)
    assert counts(catalog, "base-model") == MODELS
    assert newest(catalog).number == 3


def test_alias_of_a_spelling_nobody_uses_yet() -> None:
    catalog = make_models()
    add_alias(tag=tag_called("LLaMA"), spelling="LLaMA-65B", by=BY)
    gamma = entry_called(catalog, "Gamma")
    gamma.cells[4]["text"] = "llama 65b"
    gamma.save()

    derive_all(catalog)

    assert tags_of(gamma, "base-model") == ["LLaMA"]


def test_alias_takes_tombstones_along() -> None:
    catalog = make_models()
    alpha = entry_called(catalog, "Alpha")
    untag_entry(entry=alpha, tag=tag_called("LLaMA-7B"), by=BY)

    add_alias(tag=tag_called("LLaMA"), spelling="LLaMA-7B", by=BY)

    assert tags_of(alpha, "base-model") == []


def test_alias_leaves_tags_by_hand() -> None:
    catalog = make_models()
    gamma = entry_called(catalog, "Gamma")
    tag_entry(entry=gamma, tag=tag_called("LLaMA-7B"), by=BY)

    add_alias(tag=tag_called("LLaMA"), spelling="LLaMA-7B", by=BY)

    assert tags_of(gamma, "base-model") == ["LLaMA", "LLaMA-7B"]


def test_alias_that_says_nothing_new_changes_nothing() -> None:
    make_models()
    tag = tag_called("LLaMA")

    assert add_alias(tag=tag, spelling="LLAMA", by=BY) is None
    assert add_alias(tag=tag, spelling="LLaMA-7B", by=BY) is not None
    assert add_alias(tag=tag, spelling="llama 7b", by=BY) is None


@pytest.mark.parametrize("spelling", ["", " ", "x" * 201, "LLaMA-7B"])
def test_alias_refuses(spelling: str) -> None:
    make_models()
    add_alias(tag=tag_called("LLaMA"), spelling="LLaMA-7B", by=BY)

    with pytest.raises(InvalidField):
        add_alias(tag=tag_called("OPT"), spelling=spelling, by=BY)


def test_suggestions_change_nothing_until_one_is_taken() -> None:
    catalog = make_models()
    facet = catalog.facets.get(slug="base-model")

    (alias,) = suggest_aliases(facet=facet)
    derive_all(catalog)
    assert (alias.spelling, alias.tag.name, alias.is_confirmed) == ("LLaMA-7B", "LLaMA", False)
    assert counts(catalog, "base-model") == MODELS
    assert newest(catalog).number == 1

    add_alias(tag=alias.tag, spelling=alias.spelling, by=BY)
    assert counts(catalog, "base-model") == {"LLaMA": 3, "OPT": 1}
    assert TagAlias.objects.get().is_confirmed
    assert suggest_aliases(facet=facet) == []


def test_suggestion_that_was_declined_is_not_made_again() -> None:
    catalog = make_models()
    facet = catalog.facets.get(slug="base-model")
    (alias,) = suggest_aliases(facet=facet)

    decline_alias(alias=alias)
    derive_all(catalog)

    assert suggest_aliases(facet=facet) == []
    assert counts(catalog, "base-model") == MODELS


def test_suggestion_that_no_longer_holds_goes() -> None:
    catalog = make_models()
    facet = catalog.facets.get(slug="base-model")
    (alias,) = suggest_aliases(facet=facet)
    assert remove_alias(alias=alias, by=BY) is None
    suggest_aliases(facet=facet)
    alpha = entry_called(catalog, "Alpha")
    untag_entry(entry=alpha, tag=tag_called("LLaMA-7B"), by=BY)

    assert suggest_aliases(facet=facet) == []


def test_load_aliases_before_the_first_import() -> None:
    catalog = make_catalog(revision=0)
    mapping = {
        "base-model": {"LLaMA-7B": "LLaMA", "llama": "LLaMA", "LLaMA2": "LLaMA 2"},
        "license": {"Apache License 2.0": "Apache-2.0"},
    }

    assert load_aliases(catalog=catalog, mapping=mapping, by=BY) is None
    section = make_section(catalog, "Models")
    rows = [("a", "LLaMA-7B/llama2"), ("b", "llama")]
    make_table(catalog, section, ["Name", "Base model"], rows)
    derive_all(catalog)

    assert counts(catalog, "base-model") == {"LLaMA": 2, "LLaMA 2": 1}
    assert [facet.name for facet in catalog.facets.all()] == [
        "Base model",
        "License",
        "Topic",
    ]
    assert load_aliases(catalog=catalog, mapping=mapping, by=BY) is None
    assert catalog.revisions.count() == 1


def test_load_aliases_into_a_list_that_is_there() -> None:
    catalog = make_models()
    mapping = {"base-model": {"LLaMA-7B": "Llama", "OPT": "LLaMA"}}
    add_alias(tag=tag_called("OPT"), spelling="Open Pretrained", by=BY)

    revision = load_aliases(catalog=catalog, mapping=mapping, by=BY)

    assert revision is not None
    assert revision.details["operation"] == "load-aliases"
    assert counts(catalog, "base-model") == {"LLaMA": 3}
    assert load_aliases(catalog=catalog, mapping=mapping, by=BY) is None


def test_load_aliases_keeps_what_a_maintainer_decided() -> None:
    catalog = make_models()
    add_alias(tag=tag_called("OPT"), spelling="LLaMA-7B", by=BY)
    rename_tag(tag=tag_called("LLaMA"), name="Meta LLaMA", by=BY)

    load_aliases(
        catalog=catalog, mapping={"base-model": {"LLaMA-7B": "LLaMA", "x": "LLaMA"}}, by=BY
    )

    assert counts(catalog, "base-model") == {"Meta LLaMA": 2, "OPT": 2}
    assert tag_called("Meta LLaMA").aliases.filter(spelling="x").exists()


def column(catalog: Catalog, key: str) -> Column:
    return catalog.columns.get(key=key)


def test_column_that_is_no_facet_after_all() -> None:
    catalog = make_models()

    revision = set_column_role(column=column(catalog, "contributor"), role="text", by=BY)

    assert revision is not None
    assert revision.details == {
        "operation": "set-column-role",
        "column": "contributor",
        "before": {"role": "", "facet": "", "separators": ""},
        "after": {"role": "text", "facet": "", "separators": ""},
    }
    for _ in range(2):
        assert counts(catalog, "contributor") == {}
        assert counts(catalog, "language") == {"en": 2, "zh": 2}
        derive_all(catalog)


def test_column_goes_to_another_facet_with_other_separators() -> None:
    catalog = make_models()

    set_column_role(column=column(catalog, "contributor"), facet="people", separators=",", by=BY)
    derive_all(catalog)

    assert counts(catalog, "people") == {"THU/BAAI": 1, "thu": 1, "@ada": 1}
    assert counts(catalog, "contributor") == {}
    assert catalog.facets.get(slug="people").name == "People"


def test_column_becomes_a_facet_by_its_own_header() -> None:
    rows = [["a", "round"], ["b", "square/round"]]
    catalog = make_catalog()
    make_table(catalog, make_section(catalog, "Things"), ["Name", "Shape"], rows)
    derive_all(catalog)

    set_column_role(column=column(catalog, "shape"), role="facet", by=BY)

    assert counts(catalog, "shape") == {"round": 2, "square": 1}
    assert column(catalog, "shape").facet == "shape"


def test_column_decision_can_be_taken_back() -> None:
    catalog = make_models()
    set_column_role(column=column(catalog, "language"), role="text", by=BY)

    set_column_role(column=column(catalog, "language"), by=BY)

    assert counts(catalog, "language") == {"en": 2, "zh": 2}
    assert set_column_role(column=column(catalog, "language"), by=BY) is None


@pytest.mark.parametrize(
    ("key", "role", "reprojected"),
    [
        ("model", "text", True),
        ("license", "name", True),
        ("license", "description", True),
        ("license", "text", False),
        ("model", "name", False),
    ],
)
def test_column_of_names_or_descriptions_changes_the_entries(
    key: str, role: str, reprojected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = make_models()
    calls: list[Catalog] = []
    monkeypatch.setattr("catalog.editing.tags.rebuild_projection", calls.append)

    set_column_role(column=column(catalog, key), role=role, by=BY)

    assert calls == ([catalog] if reprojected else [])


@pytest.mark.parametrize(
    ("role", "facet", "separators"),
    [("colour", "", ""), ("", "Not A Slug", ""), ("", "", "," * 51), ("", "", "\0")],
)
def test_column_refuses(role: str, facet: str, separators: str) -> None:
    catalog = make_models()

    with pytest.raises(InvalidField):
        set_column_role(
            column=column(catalog, "license"), role=role, facet=facet, separators=separators, by=BY
        )

    assert newest(catalog).number == 1


def test_column_without_letters_needs_a_facet() -> None:
    catalog = make_catalog()
    stars = Column.objects.create(catalog=catalog, key="☆", header="☆", guessed_role="text")

    with pytest.raises(InvalidField):
        set_column_role(column=stars, role="facet", by=BY)


def test_tag_by_hand_survives_imports() -> None:
    catalog = make_models()
    gamma = entry_called(catalog, "Gamma")

    revision = tag_entry(entry=gamma, tag=tag_called("zh", "language"), by=BY)
    derive_all(catalog)

    assert revision is not None
    assert revision.details["name"] == "Gamma"
    gamma.refresh_from_db()
    assert (gamma.updated_revision, gamma.updated_at) == (2, revision.created_at)
    assert tags_of(gamma, "language") == ["en", "zh"]
    assert counts(catalog, "language") == {"en": 2, "zh": 3}


def test_tag_the_entry_already_has_changes_nothing() -> None:
    catalog = make_models()
    gamma = entry_called(catalog, "Gamma")

    assert tag_entry(entry=gamma, tag=tag_called("en", "language"), by=BY) is None
    assert untag_entry(entry=gamma, tag=tag_called("zh", "language"), by=BY) is None
    assert EntryTag.objects.filter(origin="hand").count() == 0


def test_derived_tag_that_was_taken_off_stays_off_until_given_back() -> None:
    catalog = make_models()
    gamma, en = entry_called(catalog, "Gamma"), tag_called("en", "language")

    untag_entry(entry=gamma, tag=en, by=BY)
    derive_all(catalog)
    assert tags_of(gamma, "language") == []
    assert counts(catalog, "language") == {"en": 1, "zh": 2}

    tag_entry(entry=gamma, tag=en, by=BY)
    assert EntryTag.objects.get(content_object=gamma, tag=en).origin == "cell"
    assert DismissedTag.objects.count() == 0
    assert counts(catalog, "language") == {"en": 2, "zh": 2}


def test_tag_by_hand_that_is_taken_off_leaves_no_tombstone() -> None:
    catalog = make_models()
    gamma, zh = entry_called(catalog, "Gamma"), tag_called("zh", "language")
    tag_entry(entry=gamma, tag=zh, by=BY)

    untag_entry(entry=gamma, tag=zh, by=BY)

    assert DismissedTag.objects.count() == 0
    assert counts(catalog, "language") == {"en": 2, "zh": 2}


def test_tag_by_hand_and_by_cell_is_taken_off_for_good() -> None:
    catalog = make_models()
    gamma, en = entry_called(catalog, "Gamma"), tag_called("en", "language")
    EntryTag.objects.filter(content_object=gamma, tag=en).update(origin="hand")

    untag_entry(entry=gamma, tag=en, by=BY)
    derive_all(catalog)

    assert tags_of(gamma, "language") == []
    assert counts(catalog, "language") == {"en": 1, "zh": 2}


def test_tag_refuses_other_lists_and_removed_entries() -> None:
    catalog = make_models()
    other = make_tag(make_catalog("other"), "language", "en")
    gamma = entry_called(catalog, "Gamma")

    with pytest.raises(InvalidField):
        tag_entry(entry=gamma, tag=other, by=BY)
    remove_entry(gamma)
    with pytest.raises(EditRefused):
        tag_entry(entry=gamma, tag=tag_called("zh", "language"), by=BY)


def test_new_tag_for_entries_by_hand() -> None:
    catalog = make_models()
    facet = catalog.facets.get(slug="language")

    tag = add_tag(facet=facet, name=" Klingon ", by=BY)
    tag_entry(entry=entry_called(catalog, "Alpha"), tag=tag, by=BY)

    assert (tag.name, tag.slug) == ("Klingon", "klingon")
    assert counts(catalog, "language") == {"en": 2, "zh": 2, "Klingon": 1}
    with pytest.raises(InvalidField):
        add_tag(facet=facet, name="KLINGON", by=BY)


def test_stale_decision_is_refused_and_changes_nothing() -> None:
    catalog = make_models()
    into = tag_called("LLaMA")
    rename_tag(tag=into, name="Llama", by=BY, expected_revision=1)

    with pytest.raises(RevisionConflict):
        rename_tag(tag=into, name="X", by=BY, expected_revision=1)
    with pytest.raises(RevisionConflict):
        set_column_role(column=column(catalog, "license"), role="text", by=BY, expected_revision=1)

    assert newest(catalog).number == 2
    assert counts(catalog, "base-model") == {"Llama": 2, "LLaMA-7B": 1, "OPT": 1}
    assert counts(catalog, "license") == {"Apache-2.0": 2}


@pytest.mark.parametrize("rows", [1, 3])
def test_tagging_by_hand_costs_the_same_in_any_list(rows: int) -> None:
    catalog = make_models(ROWS[:rows])
    entry = Entry.objects.select_related("catalog").get(catalog=catalog, name="Alpha")
    tag = make_tag(catalog, "language", "fr")

    with CaptureQueriesContext(connection) as queries:
        tag_entry(entry=entry, tag=tag, by=BY)

    # Six to take the catalog and what was decided, 11 to derive the tags, 18 to write and count
    # them and what the entry is found by, and on PostgreSQL one to lock the index.
    assert len(queries) == 36 + (connection.vendor == "postgresql")
