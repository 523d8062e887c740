# Orders of a list's own entries, so that a page of a long one does not read those of all others.

from importlib import import_module

from django.db import migrations, models

squashed = import_module("catalog.migrations.0001_squashed_0026")
NAMES = ("entry_of_list_by_name", "entry_of_list_by_change")


def create_indexes(apps, schema_editor):
    squashed.orders(schema_editor, *NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0023_probably_renamed"),
    ]

    operations = [
        migrations.RunPython(create_indexes),
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
