from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_api_token"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredValue",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="A keyed hash.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("value", models.TextField(help_text="JSON.")),
                (
                    "lifetime",
                    models.BigIntegerField(help_text="Microseconds from its writing to its end."),
                ),
                ("expires_at", models.BigIntegerField(help_text="Microseconds since 1970.")),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="stored_value_expires_at")],
            },
        ),
    ]
