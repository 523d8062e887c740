import django.db.models.deletion
from django.db import migrations, models

from catalog.sql.bulk import without_own_indexes


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_invitation")]

    operations = without_own_indexes(
        [
            (
                "invitation",
                "catalog",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="invitations",
                    to="catalog.catalog",
                ),
            ),
        ],
    )
