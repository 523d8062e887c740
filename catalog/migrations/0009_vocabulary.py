from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_reading"),
    ]

    operations = [
        migrations.CreateModel(
            name="Word",
            fields=[
                ("text", models.BinaryField(primary_key=True, serialize=False)),
                ("ending", models.BinaryField(db_index=True, help_text="The text from its end.")),
                (
                    "stem",
                    models.BinaryField(db_index=True, help_text="What its forms have in common."),
                ),
            ],
        ),
    ]
