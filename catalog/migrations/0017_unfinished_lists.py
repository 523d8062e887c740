from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0016_last_decision")]

    operations = [
        migrations.AddField(
            model_name="catalog",
            name="is_unfinished",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text=(
                    "Being imported for the first time, or left so."
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="catalog",
            index=models.Index(
                condition=models.Q(is_unfinished=True), fields=["id"], name="catalog_unfinished"
            ),
        ),
    ]
