"""One word for lists."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0020_newest_entries")]

    operations = [
        migrations.AlterModelOptions(
            name="catalog",
            options={"ordering": ["title", "pk"], "verbose_name": "list", "verbose_name_plural": "lists"},
        ),
    ]
