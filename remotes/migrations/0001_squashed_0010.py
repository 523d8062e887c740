"""Repositories of lists, and what was read and written there."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import remotes.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("remotes", "0001_remotes"),
        ("remotes", "0002_in_step_since"),
        ("remotes", "0003_webhooks"),
        ("remotes", "0004_words"),
        ("remotes", "0005_doubled_indexes"),
        ("remotes", "0006_hosts"),
        ("remotes", "0007_app_and_sign_off"),
        ("remotes", "0008_database_defaults"),
        ("remotes", "0009_plain_names"),
        ("remotes", "0010_states_that_are_set"),
    ]

    dependencies = [
        ("catalog", "0006_removed_places"),
        ("submissions", "0009_words"),
    ]

    operations = [
        migrations.CreateModel(
            name='Remote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(help_text='Of the repository, as git clone takes it: https://… or git@host:….git', max_length=500, verbose_name='address')),
                ('branch', models.CharField(default='main', max_length=200, verbose_name='branch')),
                ('mode', models.CharField(choices=[('pull', 'pull only'), ('push', 'push to the branch'), ('pull-request', 'push to a branch of its own, for a pull request')], default='pull', max_length=12, verbose_name='mode')),
                ('interval', models.PositiveIntegerField(default=5, help_text='How often the repository is checked for new commits.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='minutes between checks')),
                ('message', models.TextField(blank=True, help_text='Template of commit messages, with {summary}, {list} and {address}. Leave empty for the summary alone.', verbose_name='commit message')),
                ('username', models.CharField(blank=True, editable=False, max_length=200)),
                ('token', models.BinaryField(blank=True, default=b'', help_text='Encrypted.')),
                ('private_key', models.BinaryField(blank=True, default=b'', help_text='Encrypted.')),
                ('public_key', models.TextField(blank=True, help_text='Of the deploy key.')),
                ('host_key', models.TextField(blank=True, help_text='What the SSH server first showed.')),
                ('head', models.CharField(blank=True, help_text="The branch's commit last seen.", max_length=64)),
                ('own_head', models.CharField(blank=True, help_text='The newest commit on the branch of its own.', max_length=64)),
                ('is_protected', models.BooleanField(default=False, help_text='The branch takes no pushes: the branch of its own is used.')),
                ('fetched_at', models.DateTimeField(blank=True, null=True)),
                ('pushed_at', models.DateTimeField(blank=True, null=True)),
                ('in_step_at', models.DateTimeField(blank=True, help_text='Since when both are the same; empty where they are not.', null=True)),
                ('problem', models.CharField(blank=True, max_length=20)),
                ('detail', models.TextField(blank=True, help_text='What Git said, without secrets.')),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0, help_text='In a row.')),
                ('next_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('is_queued', models.BooleanField(default=False, help_text='A task is about to look at it.')),
                ('lease_by', models.CharField(blank=True, max_length=64)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('catalog', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='remote', to='catalog.catalog')),
                ('webhook_secret', models.BinaryField(blank=True, default=b'', help_text='Encrypted.')),
                ('host', models.CharField(blank=True, choices=[('', 'plain Git'), ('github', 'GitHub'), ('gitlab', 'GitLab'), ('forgejo', 'Forgejo, Gitea')], db_default='', help_text='For pull requests, which plain Git does not have.', max_length=8, verbose_name='host')),
                ('takes_requests', models.BooleanField(db_default=True, default=True, help_text='Those that change entries of the list; others are left alone.', verbose_name='pull requests become submissions')),
                ('app_id', models.CharField(blank=True, db_default='', help_text="Its App ID, if the token above is a GitHub App's private key.", max_length=20, verbose_name='GitHub App')),
                ('asks_sign_off', models.BooleanField(db_default=False, default=False, help_text='People may certify what the Developer Certificate of Origin says; their commits are then signed off.', verbose_name='asks for a sign-off')),
                ('notified_at', models.DateTimeField(blank=True, db_column='told_at', help_text='When maintainers were told.', null=True)),
            ],
            options={
                'verbose_name': 'repository',
                'verbose_name_plural': 'repositories',
            },
        ),
        migrations.CreateModel(
            name='RemoteEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('kind', models.CharField(choices=[('added', 'connected'), ('taken-in', 'commits pulled'), ('pushed', 'commits pushed'), ('failed', 'failed'), ('recovered', 'working again'), ('decided', 'a rewritten branch was resolved'), ('followed', 'the file was renamed there'), ('offered', 'a pull request was opened'), ('requests', 'pull requests were read')], max_length=10)),
                ('count', models.PositiveIntegerField(default=0)),
                ('detail', models.TextField(blank=True)),
                ('remote', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='remotes.remote')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='RemoteFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(default='README.md', max_length=400, verbose_name='path')),
                ('commit', models.CharField(blank=True, max_length=64)),
                ('revision', models.PositiveBigIntegerField(default=0)),
                ('remote', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='file', to='remotes.remote')),
            ],
        ),
        migrations.CreateModel(
            name='RemoteCommit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha', models.CharField(max_length=64)),
                ('revision', models.PositiveBigIntegerField()),
                ('is_ours', models.BooleanField(help_text='Written by the site.')),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('remote', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='commits', to='remotes.remote')),
            ],
            options={
                'ordering': ['remote_id', 'pk'],
                'indexes': [models.Index(fields=['remote', 'revision'], name='remote_commit_revision')],
                'constraints': [models.UniqueConstraint(fields=('remote', 'sha'), name='remote_commit_unique')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='Of its name, or of what it says.', max_length=64)),
                ('nonce', models.CharField(default=remotes.models.new_nonce, max_length=16)),
                ('at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('remote', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='remotes.remote')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('remote', 'digest'), name='webhook_delivery_unique')],
            },
        ),
        migrations.CreateModel(
            name='PullRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField()),
                ('is_ours', models.BooleanField(default=False, help_text='Opened by the site.')),
                ('url', models.CharField(blank=True, max_length=500)),
                ('title', models.CharField(blank=True, max_length=300)),
                ('author', models.CharField(blank=True, max_length=150)),
                ('author_email', models.CharField(blank=True, help_text='Of its commits.', max_length=254)),
                ('state', models.CharField(choices=[('open', 'open'), ('closed', 'closed')], default='open', max_length=6)),
                ('reading', models.CharField(blank=True, choices=[('entries', 'submissions'), ('git', 'needs Git'), ('nothing', 'changes nothing')], max_length=8)),
                ('detail', models.TextField(blank=True, help_text='What cannot be read, and why.')),
                ('head', models.CharField(blank=True, max_length=64)),
                ('comment', models.CharField(blank=True, help_text="The host's name of ours.", max_length=40)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('remote', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pull_requests', to='remotes.remote')),
                ('answer_digest', models.CharField(blank=True, db_column='said', max_length=64)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('remote', 'number'), name='pull_request_unique')],
            },
        ),
        migrations.CreateModel(
            name='PullRequestEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('line', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=300)),
                ('kind', models.CharField(max_length=6)),
                ('digest', models.CharField(blank=True, help_text='Of what it proposed last.', max_length=64)),
                ('refusal', models.TextField(blank=True)),
                ('request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='remotes.pullrequest')),
                ('submission', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='pull_request_entry', to='submissions.submission')),
            ],
            options={
                'ordering': ['request_id', 'line', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('request', 'key'), name='pull_request_entry_unique')],
            },
        ),
    ]
