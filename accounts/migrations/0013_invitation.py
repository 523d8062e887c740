"""Invitations, and a staff that follows from roles."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def follow_roles(apps, schema_editor):
    """Let whoever has a role belong to the staff."""
    people = apps.get_model("accounts", "Membership").objects.values("user")
    apps.get_model("accounts", "User").objects.filter(pk__in=people).update(is_staff=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_doubled_indexes"),
        ("catalog", "0001_catalog"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(help_text="In lower case.", max_length=254, verbose_name="e-mail")),
                ("role", models.CharField(choices=[("moderator", "moderator"), ("maintainer", "maintainer")], max_length=10)),
                ("sent_at", models.DateTimeField()),
                ("catalog", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="catalog.catalog")),
                ("invited_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("catalog", "email"), name="invitation_unique")],
            },
        ),
        migrations.RunPython(follow_roles, migrations.RunPython.noop),
    ]
