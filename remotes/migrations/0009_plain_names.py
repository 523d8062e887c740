from django.db import migrations, models


class Migration(migrations.Migration):
    """Rename two fields and keep their columns, which the release before still reads."""

    dependencies = [("remotes", "0008_database_defaults")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("remote", "told_at", "notified_at"),
                migrations.AlterField(
                    "remote",
                    "notified_at",
                    models.DateTimeField(
                        blank=True,
                        db_column="told_at",
                        help_text="When maintainers were told.",
                        null=True,
                    ),
                ),
                migrations.RenameField("pullrequest", "said", "answer_digest"),
                migrations.AlterField(
                    "pullrequest",
                    "answer_digest",
                    models.CharField(blank=True, db_column="said", max_length=64),
                ),
            ]
        )
    ]
