# Orders of a list's own entries, so that a page of a long one does not read those of all others.

from django.db import migrations, models

INDEXES = (
    ("entry_of_list_by_name", "(catalog_id, {slug}, id)"),
    ("entry_of_list_by_change", "(catalog_id, updated_at DESC, id)"),
)


def create_indexes(apps, schema_editor):
    # Names are compared byte by byte on every database.
    slug = '(slug COLLATE "C")' if schema_editor.connection.vendor == "postgresql" else "slug"
    for name, columns in INDEXES:
        schema_editor.execute(
            f"CREATE INDEX {name} ON catalog_entry {columns.format(slug=slug)}"
            " WHERE state = 'published'",
            params=None,
        )


def drop_indexes(apps, schema_editor):
    for name, _columns in reversed(INDEXES):
        schema_editor.execute(f"DROP INDEX {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0023_probably_renamed"),
    ]

    operations = [
        migrations.RunPython(create_indexes, drop_indexes),
        migrations.RemoveIndex(model_name="entry", name="entry_newest"),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                models.F("catalog"),
                models.F("state"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.F("id"),
                name="entry_of_list_newest",
            ),
        ),
    ]
