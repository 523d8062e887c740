# What is new is read in its order from an index alone, whatever came at one moment.

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0019_reading_order_with_keys"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                F("catalog"),
                F("state"),
                F("created_at").desc(),
                F("position"),
                F("id"),
                name="entry_newest",
            ),
        ),
        migrations.RemoveIndex(model_name="entry", name="entry_newest_first"),
    ]
