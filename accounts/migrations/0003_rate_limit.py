from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_user"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="A keyed hash of whose.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "empty_at",
                    models.BigIntegerField(
                        help_text="When it has run out; microseconds since 1970."
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["empty_at"], name="rate_limit_empty_at")],
            },
        ),
    ]
