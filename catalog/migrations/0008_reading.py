"""How lists are read, and where the addresses of entries lead that are none any more."""

import django.db.models.deletion
from django.db import migrations, models

import catalog.models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_index'),
    ]

    operations = [
        # Lists that are there were read by an older release; new ones by this.
        migrations.AddField(
            model_name='catalog',
            name='reading',
            field=models.PositiveSmallIntegerField(default=0, editable=False, help_text='Which way of reading lists its rows were derived in.'),
        ),
        migrations.AlterField(
            model_name='catalog',
            name='reading',
            field=models.PositiveSmallIntegerField(default=catalog.models.current_reading, editable=False, help_text='Which way of reading lists its rows were derived in.'),
        ),
        migrations.CreateModel(
            name='Successor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='successor', to='catalog.entry')),
                ('into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='predecessors', to='catalog.entry')),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='former_entries', to='catalog.section')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('into', None), ('section', None), _connector='OR'), name='successor_is_one')],
            },
        ),
    ]
