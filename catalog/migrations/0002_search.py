# What is searched, and the full-text indexes that each database has for it.

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

import catalog.models

squashed = import_module("catalog.migrations.0001_squashed_0026")


def create_indexes(apps, schema_editor):
    squashed.search_indexes(schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0001_catalog"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchRow",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name_key", models.TextField(help_text="The words of the name.")),
                ("names", catalog.models.Tokens(help_text="The words of the name and their parts.")),
                ("words", catalog.models.Tokens(help_text="These, and the words of everything else.")),
                ("catalog", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="search_rows", to="catalog.catalog")),
            ],
            options={
                "indexes": [models.Index(fields=["catalog", "id"], name="search_row_of_catalog")],
            },
        ),
        migrations.RunPython(create_indexes),
    ]
