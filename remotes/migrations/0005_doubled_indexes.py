import django.db.models.deletion
from django.db import migrations, models

from catalog.sql.bulk import without_own_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("remotes", "0004_words"),
    ]

    operations = without_own_indexes(
        [
            (
                "remotecommit",
                "remote",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="commits",
                    to="remotes.remote",
                ),
            ),
            (
                "webhookdelivery",
                "remote",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="deliveries",
                    to="remotes.remote",
                ),
            ),
        ],
    )
