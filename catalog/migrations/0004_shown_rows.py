# The cells of table rows, ready to show, for lists that were written before blocks kept them.

from itertools import batched

from django.db import migrations, models

from catalog.rendering import cells_html, header, headers


def show_rows(apps, schema_editor):
    Block, Column, Listing = (
        apps.get_model("catalog", name) for name in ("Block", "Column", "Listing")
    )
    known = {}
    for column in Column.objects.all():
        is_name = (column.role or column.guessed_role) == "name"
        table = known.setdefault(column.catalog_id, {})
        table[column.key] = header(column.header, is_name=is_name)
    for listing in Listing.objects.filter(kind="table").iterator():
        columns = headers(listing.columns, known.get(listing.catalog_id, {}))
        rows = Block.objects.filter(listing=listing, kind="table-row", entry__isnull=False)
        for blocks in batched(rows.select_related("entry").iterator(chunk_size=1000), 1000):
            for block in blocks:
                block.html = cells_html([cell["html"] for cell in block.entry.cells], columns)
            Block.objects.bulk_update(blocks, ["html"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_postings")]

    operations = [
        migrations.AlterField(
            model_name="block",
            name="html",
            field=models.TextField(
                blank=True,
                help_text="What is ready to show: the cells of a row; else what is not an entry's.",
            ),
        ),
        migrations.RunPython(show_rows, migrations.RunPython.noop),
    ]
