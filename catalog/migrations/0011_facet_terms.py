# Entries are found by the facets that they have any value of.

from django.db import migrations


def index_again(apps, schema_editor):
    apps.get_model("catalog", "Catalog").objects.update(indexed_revision=0)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_biggest_tags")]

    operations = [migrations.RunPython(index_again, migrations.RunPython.noop, elidable=True)]
