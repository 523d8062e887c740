import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog.sql.bulk import without_own_indexes


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0018_doubled_indexes"),
        ("submissions", "0009_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = without_own_indexes(
        [
            (
                "blockrule",
                "catalog",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    help_text="Leave empty for the whole site.",
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="block_rules",
                    to="catalog.catalog",
                ),
            ),
            (
                "decisionreason",
                "catalog",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="decision_reasons",
                    to="catalog.catalog",
                ),
            ),
            (
                "submission",
                "catalog",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="submissions",
                    to="catalog.catalog",
                ),
            ),
            (
                "submission",
                "entry",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    help_text="What it is about; of an addition the entry it became.",
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="submissions",
                    to="catalog.entry",
                ),
            ),
            (
                "submission",
                "submitter",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="submissions",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="submitter",
                ),
            ),
            (
                "submissionevent",
                "catalog",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="submission_events",
                    to="catalog.catalog",
                ),
            ),
            (
                "trustpin",
                "catalog",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="trust_pins",
                    to="catalog.catalog",
                ),
            ),
        ],
    )
