# What is searched, and the full-text indexes that each database has for it.

import django.db.models.deletion
from django.db import migrations, models

import catalog.models

SQLITE = [
    """CREATE VIRTUAL TABLE catalog_search_names USING fts5(
    names, content='catalog_searchrow', content_rowid='id', columnsize=0,
    tokenize="ascii tokenchars '+#.='", prefix='1 2 3')""",
    """CREATE VIRTUAL TABLE catalog_search_words USING fts5(
    words, content='catalog_searchrow', content_rowid='id', columnsize=0,
    tokenize="ascii tokenchars '+#.='")""",
    """CREATE TRIGGER catalog_searchrow_insert AFTER INSERT ON catalog_searchrow BEGIN
    INSERT INTO catalog_search_names(rowid, names) VALUES (new.id, new.names);
    INSERT INTO catalog_search_words(rowid, words) VALUES (new.id, new.words);
END""",
    """CREATE TRIGGER catalog_searchrow_delete AFTER DELETE ON catalog_searchrow BEGIN
    INSERT INTO catalog_search_names(catalog_search_names, rowid, names) VALUES ('delete', old.id, old.names);
    INSERT INTO catalog_search_words(catalog_search_words, rowid, words) VALUES ('delete', old.id, old.words);
END""",
    """CREATE TRIGGER catalog_searchrow_update AFTER UPDATE ON catalog_searchrow BEGIN
    INSERT INTO catalog_search_names(catalog_search_names, rowid, names) VALUES ('delete', old.id, old.names);
    INSERT INTO catalog_search_words(catalog_search_words, rowid, words) VALUES ('delete', old.id, old.words);
    INSERT INTO catalog_search_names(rowid, names) VALUES (new.id, new.names);
    INSERT INTO catalog_search_words(rowid, words) VALUES (new.id, new.words);
END""",
    "CREATE INDEX catalog_searchrow_name ON catalog_searchrow (name_key, id)",
    "CREATE INDEX catalog_searchrow_catalog_name ON catalog_searchrow (catalog_id, name_key, id)",
]
SQLITE_BACK = [
    "DROP INDEX catalog_searchrow_catalog_name",
    "DROP INDEX catalog_searchrow_name",
    "DROP TRIGGER catalog_searchrow_update",
    "DROP TRIGGER catalog_searchrow_delete",
    "DROP TRIGGER catalog_searchrow_insert",
    "DROP TABLE catalog_search_words",
    "DROP TABLE catalog_search_names",
]
# Names are compared byte by byte, as SQLite does.
POSTGRESQL = [
    "CREATE INDEX catalog_searchrow_names ON catalog_searchrow USING gin (names)",
    "CREATE INDEX catalog_searchrow_words ON catalog_searchrow USING gin (words)",
    'CREATE INDEX catalog_searchrow_name ON catalog_searchrow ((name_key COLLATE "C"), id)',
    'CREATE INDEX catalog_searchrow_catalog_name ON catalog_searchrow (catalog_id, (name_key COLLATE "C"), id)',
]
POSTGRESQL_BACK = [
    "DROP INDEX catalog_searchrow_catalog_name",
    "DROP INDEX catalog_searchrow_name",
    "DROP INDEX catalog_searchrow_words",
    "DROP INDEX catalog_searchrow_names",
]


def create_indexes(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def drop_indexes(apps, schema_editor):
    run(schema_editor, {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK})


def run(schema_editor, statements):
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


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
        migrations.RunPython(create_indexes, drop_indexes),
    ]
