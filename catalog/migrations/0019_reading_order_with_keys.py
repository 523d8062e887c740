# Pages far behind are read from the index alone, on PostgreSQL, too.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0018_doubled_indexes"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="entry", name="entry_reading_order"),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["catalog", "state", "position", "id"], name="entry_reading_order"
            ),
        ),
    ]
