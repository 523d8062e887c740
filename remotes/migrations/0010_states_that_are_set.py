from django.db import migrations, models


class Migration(migrations.Migration):
    """A pull request that is not open is closed: which hosts merged is in Git."""

    dependencies = [("remotes", "0009_plain_names")]

    operations = [
        migrations.AlterField(
            "pullrequest",
            "state",
            models.CharField(
                choices=[("open", "open"), ("closed", "closed")], default="open", max_length=6
            ),
        )
    ]
