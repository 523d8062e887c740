"""The table of column roles, and that the docs and everything that knows roles follow it."""

import re
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import override

from catalog.admin.columns import ColumnForm
from catalog.column_roles import MEANINGS, ROLES, WITH_TAGS, ColumnRole, role_in_table
from catalog.models import Catalog, Column
from catalog.tagging.columns import guess_column
from config.views import document

LABELS = [(role.value, str(role.label)) for role in ColumnRole]


def test_each_role_has_its_row() -> None:
    assert list(ROLES) == list(ColumnRole)


def test_docs_have_a_row_for_each_role() -> None:
    text = (settings.BASE_DIR / "docs" / "administration.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$", text, re.MULTILINE) == LABELS


def test_labels_are_translated() -> None:
    with override("zh-hans"):
        same = [value for value, english in LABELS if str(ColumnRole(value).label) == english]

    assert same == []


def test_schema_names_each_role() -> None:
    role = document()["components"]["schemas"]["Column"]["properties"]["role"]
    [reference] = [each["$ref"] for each in role.get("allOf", [role])]
    schema = document()["components"]["schemas"][reference.rpartition("/")[2]]

    assert schema["enum"] == ColumnRole.values


def test_administration_offers_each_role() -> None:
    column = Column(catalog=Catalog(slug="tools"), header="X", guessed_role=ColumnRole.TEXT)

    field: Any = ColumnForm(column).fields["role"]

    assert [value for value, _label in field.choices] == ["", *ColumnRole.values]


def test_word_means_one_thing() -> None:
    words = Counter(
        word for row in ROLES.values() for own in row.words.values() for word in own.split()
    )

    assert [word for word, times in words.items() if times > 1] == []


@pytest.mark.parametrize("role", ColumnRole)
def test_header_of_a_role_is_guessed_as_one(role: ColumnRole) -> None:
    words = {word: meaning for word, meaning in MEANINGS.items() if meaning[0] == role}

    assert words
    assert {word: guess_column(word, []) for word in words} == words


def test_only_roles_with_tags_have_facets() -> None:
    assert {role for role, facet in MEANINGS.values() if facet} == set(WITH_TAGS)


@pytest.mark.parametrize(
    ("number", "role", "expected"),
    [
        (0, "name", "name"),
        (0, "facet", "name"),
        (1, "text", "description"),
        (2, "name", "text"),
        (2, "description", "text"),
        (2, "facet", "facet"),
        (2, "text", "text"),
    ],
)
def test_table_says_which_columns_are_name_and_description(
    number: int, role: str, expected: str
) -> None:
    assert role_in_table(number, role, name_column=0, description_column=1) == expected


@pytest.mark.django_db
def test_choices_are_migrated() -> None:
    call_command("makemigrations", "catalog", check=True, dry_run=True, verbosity=0)
