import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog.sql.bulk import without_own_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_membership"),
        ("accounts", "0011_words"),
    ]

    operations = without_own_indexes(
        [
            (
                "membership",
                "user",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="memberships",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
    )
