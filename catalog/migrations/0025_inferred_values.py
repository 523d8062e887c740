"""Each kind of link and each language has a column of its own, with what was decided for all."""

from django.db import migrations

from catalog.markdown.words import NAMES

KINDS = ("repository", "paper", "model", "dataset", "space", "video", "package")
VALUES = {"link-kind": dict(zip(KINDS, KINDS, strict=True)), "text-language": NAMES}


def part(apps, schema_editor):
    Column, Tag = apps.get_model("catalog", "Column"), apps.get_model("catalog", "Tag")
    for facet, values in VALUES.items():
        for column in Column.objects.filter(key=f"={facet}"):
            used = {*values.values()}
            if not column.role:
                slug = column.facet or column.guessed_facet
                tags = Tag.objects.filter(facet__catalog=column.catalog_id, facet__slug=slug)
                used = {*tags.filter(entry_count__gt=0).values_list("name", flat=True)}
            Column.objects.bulk_create(
                Column(
                    catalog_id=column.catalog_id,
                    key=f"={facet}:{value}",
                    header=name,
                    guessed_role=column.guessed_role,
                    guessed_facet=column.guessed_facet,
                    role=column.role,
                    facet=column.facet,
                )
                for value, name in values.items()
                if name in used
            )
            column.delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0024_orders_of_lists")]
    operations = [migrations.RunPython(part, migrations.RunPython.noop, elidable=True)]
