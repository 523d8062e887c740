# A page reads the sections of one level from any of them on, however many there are.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0021_words_for_lists'),
    ]

    operations = [
        migrations.AlterField(
            model_name='section',
            name='parent',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='catalog.section'),
        ),
        migrations.AddIndex(
            model_name='section',
            index=models.Index(fields=['parent', 'position'], name='section_in_parent'),
        ),
        migrations.AddIndex(
            model_name='section',
            index=models.Index(condition=models.Q(('parent', None)), fields=['catalog', 'position'], name='section_below_none'),
        ),
        migrations.AddIndex(
            model_name='section',
            index=models.Index(condition=models.Q(('is_title', True)), fields=['catalog'], name='section_of_title'),
        ),
    ]
