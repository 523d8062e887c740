# How all lists stand is read from an index alone.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0013_words"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="catalog",
            index=models.Index(fields=["revision", "updated_at"], name="catalog_standing"),
        ),
    ]
