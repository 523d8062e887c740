"""The role of what happens by itself is called the system."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('submissions', '0011_sign_off'),
    ]

    operations = [
        migrations.AlterField(
            model_name='submissionevent',
            name='role',
            field=models.CharField(choices=[('submitter', 'submitter'), ('moderator', 'moderator'), ('clock', 'the system'), ('file', "the list's file")], max_length=9),
        ),
    ]
