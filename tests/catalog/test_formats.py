"""The table of formats, and that the docs and everything that offers formats follow it."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from catalog.api.export import Export
from catalog.exporting import FORMATS, README, Format
from config.views import document
from tests.catalog.admin.admin_pages import signed_in, superuser, url
from tests.catalog.importing.imports import new_list


def test_docs_have_a_row_for_each_format() -> None:
    text = (settings.BASE_DIR / "docs" / "commands.md").read_text(encoding="utf-8")
    pattern = r"^\| `(\w+)` \| `([^`|]+)` \| `\.(\w+)` \| [^|]+ \|$"

    assert re.findall(pattern, text, re.MULTILINE) == [
        (row.name, row.content_type, row.ending) for row in FORMATS.values()
    ]


def test_formats_can_be_distinguished() -> None:
    rows = FORMATS.values()

    assert len({row.media_type for row in rows}) == len({row.ending for row in rows}) == len(rows)
    assert [row for row in rows if row.is_readme] == [README]


def test_api_and_its_schema_offer_each_format() -> None:
    renderers = [(each.format, each.media_type) for each in Export.renderer_classes]
    operation = document()["paths"]["/api/v1/catalogs/{slug}/export/"]["get"]
    [choice] = [each for each in operation["parameters"] if each["name"] == "format"]
    content = operation["responses"]["200"]["content"]

    assert renderers == [(row.name, row.media_type) for row in FORMATS.values()]
    assert sorted(choice["schema"]["enum"]) == sorted(FORMATS)
    assert {name: "$ref" in each["schema"] for name, each in content.items()} == {
        row.media_type: row.is_document for row in FORMATS.values()
    }


def test_command_offers_each_format() -> None:
    command: Any = load_command_class(get_commands()["export_catalog"], "export_catalog")
    actions = command.create_parser("manage.py", "export_catalog")._actions
    [choices] = [action.choices for action in actions if action.dest == "format"]

    assert list(choices) == list(FORMATS)


@pytest.mark.django_db
def test_administration_offers_each_format() -> None:
    catalog = new_list("# T\n\n- [A](https://example.org/a)\n")

    page = signed_in(superuser()).get(url("catalog_change", catalog.pk)).text

    assert re.findall(r'name="format" value="(\w+)"', page) == list(FORMATS)


@pytest.mark.django_db
@pytest.mark.parametrize("row", FORMATS.values(), ids=FORMATS)
def test_administration_sends_the_format(row: Format) -> None:
    catalog = new_list("# T\n\n- [A](https://example.org/a)\n")

    response: Any = signed_in(superuser()).post(
        url("catalog_export", catalog.pk), {"format": row.name}
    )

    name = "README.md" if row.is_readme else f"tools.{row.ending}"
    assert response["Content-Type"] == row.content_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert b"https://example.org/a" in response.getvalue()
