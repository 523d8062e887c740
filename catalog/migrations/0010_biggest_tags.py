# The values of a facet that most entries have, and how many words an entry has.

from importlib import import_module

from django.db import migrations, models

squashed = import_module("catalog.migrations.0001_squashed_0026")


def index_again(apps, schema_editor):
    apps.get_model("catalog", "Catalog").objects.update(indexed_revision=0)


def index_names(apps, schema_editor):
    """SQLite makes the table anew when a column comes or goes, and forgets these indexes."""
    squashed.orders(schema_editor, "indexed_entry_name", "indexed_entry_of_catalog")


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_vocabulary"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(models.F("facet"), models.F("entry_count").desc(), name="tag_by_size"),
        ),
        migrations.AddField(
            model_name="indexedentry",
            name="length",
            field=models.PositiveIntegerField(db_default=0, default=0, help_text="Words of the whole entry."),
        ),
        migrations.RunPython(index_names),
        migrations.RunPython(index_again, migrations.RunPython.noop),
    ]
