"""Roles in lists, and invitations to them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("accounts", "0002_membership"),
        ("accounts", "0012_doubled_indexes"),
        ("accounts", "0013_invitation"),
        ("accounts", "0014_invitation_index"),
    ]

    dependencies = [
        ("accounts", "0011_words"),
        ("catalog", "0001_catalog"),
    ]

    operations = [
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('moderator', 'moderator'), ('maintainer', 'maintainer')], max_length=10)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='catalog.catalog')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
                'constraints': [models.UniqueConstraint(fields=('user', 'catalog'), name='membership_unique')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(help_text='In lower case.', max_length=254, verbose_name='e-mail')),
                ('role', models.CharField(choices=[('moderator', 'moderator'), ('maintainer', 'maintainer')], max_length=10)),
                ('sent_at', models.DateTimeField()),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='catalog.catalog')),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('catalog', 'email'), name='invitation_unique')],
            },
        ),
    ]
