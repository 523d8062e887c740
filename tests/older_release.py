"""Lists as an older release has stored them; see data/older_release/README.md."""

import gzip
from pathlib import Path

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, transaction

FOLDER = Path(__file__).parent / "data" / "older_release"


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


def make_database(path: Path) -> None:
    """Make the SQLite database of that release, with tables as it has them."""
    path.write_bytes(gzip.decompress((FOLDER / "database.sqlite3.gz").read_bytes()))
