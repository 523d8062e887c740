# PostgreSQL tried to compress the bitmaps of the index each time that one was written, in vain.

from django.db import migrations


def store(kind):
    def change(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE catalog_indexterm ALTER entries SET STORAGE {kind}")
            schema_editor.execute(
                "UPDATE catalog_indexterm SET entries = entries || ''::bytea"
                " WHERE octet_length(entries) > 1000"
            )

    return change


class Migration(migrations.Migration):
    # The lock of ALTER TABLE keeps readers away: it is given back before the bitmaps are written anew.
    atomic = False

    dependencies = [
        ("catalog", "0025_inferred_values"),
    ]

    operations = [
        migrations.RunPython(store("EXTERNAL"), store("EXTENDED")),
    ]
