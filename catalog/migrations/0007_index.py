# One index for everything that entries are found by; it is filled by `manage.py build_index`.

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

squashed = import_module("catalog.migrations.0001_squashed_0026")
NAMES = ("indexed_entry_name", "indexed_entry_of_catalog", "entry_by_name", "entry_by_creation", "entry_by_change")


def create_indexes(apps, schema_editor):
    squashed.orders(schema_editor, *NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_removed_places"),
    ]

    operations = [
        migrations.AddField(
            model_name="catalog",
            name="indexed_revision",
            field=models.PositiveBigIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="Up to which the index follows; see finding/indexing.py.",
            ),
        ),
        migrations.CreateModel(
            name="IndexTerm",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "term",
                        "segment",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "term",
                    models.BinaryField(
                        help_text="In UTF-8; its first letter says of which kind it is."
                    ),
                ),
                (
                    "segment",
                    models.PositiveIntegerField(help_text="The keys' bits from the 17th on."),
                ),
                ("entries", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="IndexedEntry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name_key", models.TextField(help_text="The words of the name.")),
                ("names", models.TextField(help_text="The words of the name and their parts.")),
                ("words", models.TextField(help_text="The words of everything else.")),
                (
                    "others",
                    models.TextField(help_text="Terms that are no words."),
                ),
                (
                    "catalog",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="indexed_entries",
                        to="catalog.catalog",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="section",
            index=models.Index(fields=["path"], name="section_by_path"),
        ),
        migrations.RunPython(create_indexes),
    ]
