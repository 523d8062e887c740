"""Lists as an older release has stored them; see data/older_release/README.md.

As a program, `python -m tests.older_release`, it makes the database of that release.
"""

import gzip
import json
import os
from pathlib import Path

import django
from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, transaction

FOLDER = Path(__file__).parent / "data" / "older_release"
MIGRATIONS = (
    ("accounts", "0002_membership"),
    ("accounts", "0005_api_token"),
    ("catalog", "0004_shown_rows"),
    ("submissions", "0003_retry_keys"),
)
"""The last ones that the release has."""


def text_of(slug: str) -> str:
    """The README that one of its lists was imported from; two lines were edited since."""
    return (FOLDER / f"{slug}.md").read_text(encoding="utf-8")


def _rows() -> str:
    return gzip.decompress((FOLDER / "rows.json.gz").read_bytes()).decode("utf-8")


def load_older_release() -> None:
    """Put the lists into the tables as they are now, as migrations leave them: not read again."""
    models = set()
    with transaction.atomic():
        for row in serializers.deserialize("json", _rows(), ignorenonexistent=True):
            row.save()
            models.add(row.object.__class__)
        apps.get_model("catalog.Catalog").objects.update(reading=0)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)


def make_database() -> None:
    """Make the release's own tables in an empty database, and fill them."""
    from operating.restoring import migrate_one_by_one  # After Django is set up.

    migrate_one_by_one(MIGRATIONS)
    with transaction.atomic(), connection.cursor() as cursor:
        for row in json.loads(_rows()):
            model = apps.get_model(row["model"])
            values = {model._meta.pk.column: row["pk"]}
            for name, value in row["fields"].items():
                field = model._meta.get_field(name)
                if field.concrete and not field.many_to_many:
                    value = field.get_db_prep_save(field.to_python(value), connection)
                    values[field.column] = value
            names = ", ".join(connection.ops.quote_name(name) for name in values)
            marks = ", ".join(["%s"] * len(values))
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*values.values()])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    make_database()
