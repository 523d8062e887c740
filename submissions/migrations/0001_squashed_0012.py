"""Submissions, what happens to them, and how a list takes them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import submissions.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("submissions", "0001_submissions"),
        ("submissions", "0002_published"),
        ("submissions", "0003_retry_keys"),
        ("submissions", "0004_event_listing"),
        ("submissions", "0005_file_conflicts"),
        ("submissions", "0006_browsers_and_batches"),
        ("submissions", "0007_follow"),
        ("submissions", "0008_contact_address"),
        ("submissions", "0009_words"),
        ("submissions", "0010_doubled_indexes"),
        ("submissions", "0011_sign_off"),
        ("submissions", "0012_system_role"),
    ]

    dependencies = [
        ("accounts", "0001_user"),
        ("catalog", "0018_doubled_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name='ContributionPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('who_may_submit', models.CharField(choices=[('open', 'everyone'), ('confirmed-email', 'everyone with a confirmed e-mail address'), ('signed-in', 'people who are signed in'), ('closed', 'nobody')], default='open', max_length=15, verbose_name='who may submit')),
                ('may_decide_own', models.BooleanField(default=False, verbose_name='moderators may decide on their own submissions')),
                ('required_columns', models.JSONField(blank=True, default=list, help_text='Keys of columns.', verbose_name='required columns')),
                ('profile', models.JSONField(blank=True, default=dict, help_text='off, warn or block by rule name; other rules keep their default.', verbose_name='rules')),
                ('challenge', models.CharField(choices=[('off', 'never'), ('auto', 'during mass submissions'), ('always', 'always')], default='auto', max_length=6, verbose_name='proof of work')),
                ('catalog', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='contribution_policy', to='catalog.catalog')),
                ('contact_email', models.EmailField(blank=True, help_text="Replies to letters about submissions go there, never to a person's own.", max_length=254, verbose_name='contact address')),
            ],
            options={
                'verbose_name': 'contribution policy',
                'verbose_name_plural': 'contribution policies',
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(default=submissions.models.new_token, editable=False, max_length=64, unique=True)),
                ('kind', models.CharField(choices=[('add', 'new entry'), ('edit', 'edit'), ('move', 'move'), ('remove', 'removal'), ('report', 'report'), ('lines', 'lines of the file')], max_length=6, verbose_name='kind')),
                ('status', models.CharField(choices=[('unconfirmed', 'waiting for confirmation'), ('pending', 'waiting for a moderator'), ('conflict', 'in conflict with the file'), ('changes-requested', 'changes requested'), ('applied', 'published'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('expired', 'expired'), ('reverted', 'reverted')], max_length=17, verbose_name='status')),
                ('status_at', models.DateTimeField(help_text='When it got this status.')),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('credit', models.CharField(blank=True, help_text='The name as the person wants it shown.', max_length=150, verbose_name='credit')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('wants_mail', models.BooleanField(default=True, verbose_name='wants e-mail')),
                ('network_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('language', models.CharField(blank=True, help_text='Of the pages it came from.', max_length=20)),
                ('name', models.TextField(blank=True, verbose_name='name')),
                ('url', models.TextField(blank=True, verbose_name='address')),
                ('canonical_url', models.CharField(blank=True, max_length=255)),
                ('proposal', models.JSONField(help_text='See proposal.Proposal.')),
                ('base', models.JSONField(help_text='See proposal.Base.')),
                ('note', models.TextField(blank=True, help_text='To the moderator.', verbose_name='note')),
                ('licence', models.CharField(blank=True, help_text="The catalog's, when it was consented to.", max_length=100)),
                ('consented_at', models.DateTimeField(blank=True, null=True)),
                ('findings', models.JSONField(default=list, help_text='See findings.stored_finding.')),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('conflicts', models.JSONField(default=list, help_text='Fields that were changed underneath; see merging.Conflict.')),
                ('priority', models.SmallIntegerField(default=0, help_text='Larger is decided earlier.')),
                ('is_held', models.BooleanField(default=False, help_text='Looks like spam; at the end of the queue.', verbose_name='held')),
                ('is_spam', models.BooleanField(default=False, verbose_name='spam')),
                ('reason', models.CharField(blank=True, help_text='A DecisionReason.', max_length=40, verbose_name='reason')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('come_back_after', models.DateField(blank=True, null=True, verbose_name='come back after')),
                ('applied_revision', models.PositiveBigIntegerField(blank=True, help_text="The catalog's last revision that publishing it made.", null=True)),
                ('claimed_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(verbose_name='submitted at')),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='submissions', to='catalog.catalog')),
                ('claimed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claims', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='decisions', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('duplicate_entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='duplicates', to='catalog.entry')),
                ('duplicate_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='duplicates', to='submissions.submission')),
                ('entry', models.ForeignKey(blank=True, db_index=False, help_text='What it is about; of an addition the entry it became.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='submissions', to='catalog.entry')),
                ('joined_to', models.ForeignKey(blank=True, help_text='The first open report on the same entry; decided with it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='joined', to='submissions.submission')),
                ('listing', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='submissions', to='catalog.listing')),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='submissions', to='catalog.section')),
                ('submitter', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='submissions', to=settings.AUTH_USER_MODEL, verbose_name='submitter')),
                ('published', models.JSONField(blank=True, help_text='`before` and `after`: the entry around the last publishing, as proposal.Base.', null=True)),
                ('batch', models.CharField(blank=True, editable=False, help_text='Of what came in one paste.', max_length=32)),
                ('browser_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('signed_off_at', models.DateTimeField(blank=True, help_text='When the Developer Certificate of Origin was certified.', null=True)),
            ],
            options={
                'verbose_name': 'submission',
                'verbose_name_plural': 'submissions',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(models.F('catalog'), models.F('status'), models.F('is_held'), models.OrderBy(models.F('priority'), descending=True), models.F('created_at'), name='submission_queue'), models.Index(fields=['status', 'created_at'], name='submission_by_status'), models.Index(fields=['entry', 'status'], name='submission_on_entry'), models.Index(fields=['submitter', '-created_at'], name='submission_of_person'), models.Index(fields=['network_hash', '-created_at'], name='submission_of_network'), models.Index(fields=['email', '-created_at'], name='submission_of_address'), models.Index(fields=['catalog', 'decided_at'], name='submission_decisions'), models.Index(condition=models.Q(('status__in', ('unconfirmed', 'pending', 'conflict', 'changes-requested'))), fields=['catalog', 'canonical_url'], name='submission_same_url'), models.Index(condition=models.Q(('status__in', ('unconfirmed', 'pending', 'conflict', 'changes-requested'))), fields=['browser_hash'], name='submission_of_browser')],
                'constraints': [models.CheckConstraint(condition=models.Q(('revision__gte', 1)), name='submission_revision_counts'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('status__in', ('applied', 'rejected', 'reverted'))), models.Q(models.Q(('status__in', ('applied', 'rejected', 'reverted')), _negated=True), ('decided_at', None)), _connector='OR'), name='submission_decided_at_when_decided'), models.CheckConstraint(condition=models.Q(('is_spam', False), ('status', 'rejected'), _connector='OR'), name='submission_spam_is_rejected'), models.CheckConstraint(condition=models.Q(('applied_revision', None), ('status__in', ['applied', 'reverted']), _connector='OR'), name='submission_revision_when_applied'), models.CheckConstraint(condition=models.Q(('joined_to', None), ('kind', 'report'), _connector='OR'), name='submission_joined_is_report')],
            },
        ),
        migrations.CreateModel(
            name='TrustPin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_trusted', models.BooleanField(verbose_name='trusted')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='trust_pins', to='catalog.catalog')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trust_pins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'pinned trust',
                'verbose_name_plural': 'pinned trust',
                'constraints': [models.UniqueConstraint(fields=('catalog', 'user'), name='trust_pin_unique')],
            },
        ),
        migrations.CreateModel(
            name='BlockRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('domain', 'domain'), ('owner', 'owner on a code host'), ('phrase', 'phrase'), ('person', 'person'), ('mail-domain', 'domain of an e-mail address')], max_length=11, verbose_name='kind')),
                ('value', models.CharField(max_length=300, verbose_name='value')),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('hits', models.PositiveIntegerField(default=0, editable=False, verbose_name='hits')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('catalog', models.ForeignKey(blank=True, db_index=False, help_text='Leave empty for the whole site.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='block_rules', to='catalog.catalog')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'block rule',
                'verbose_name_plural': 'block rules',
                'ordering': ['kind', 'value'],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'kind', 'value'), name='block_rule_unique'), models.UniqueConstraint(condition=models.Q(('catalog', None)), fields=('kind', 'value'), name='block_rule_of_site_unique')],
            },
        ),
        migrations.CreateModel(
            name='DecisionReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, verbose_name='code')),
                ('text', models.TextField(blank=True, help_text='Shown publicly. Leave empty to use the default text.', verbose_name='text')),
                ('effect', models.CharField(choices=[('none', 'nothing'), ('duplicate', 'credits the submitter and links to the original'), ('spam', "hides it and holds the submitter's other submissions")], default='none', max_length=9, verbose_name='effect')),
                ('rank', models.PositiveIntegerField(default=0, help_text='Smaller comes first.', verbose_name='rank')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decision_reasons', to='catalog.catalog')),
            ],
            options={
                'verbose_name': 'reason for rejections',
                'verbose_name_plural': 'reasons for rejections',
                'ordering': ['catalog_id', 'rank', 'code'],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'code'), name='decision_reason_code_unique')],
            },
        ),
        migrations.CreateModel(
            name='SubmissionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('submit', 'submitted'), ('confirm', 'confirmed the address'), ('request-changes', 'requested changes'), ('resubmit', 'resubmitted'), ('withdraw', 'withdrew'), ('approve', 'approved'), ('amend', 'amended and approved'), ('reject', 'rejected'), ('expire', 'let it expire'), ('reopen', 'reopened'), ('revert', 'reverted'), ('undo', 'undid the decision'), ('remind', 'reminded'), ('follow', 'followed what it is about into another entry')], max_length=15)),
                ('from_status', models.CharField(blank=True, choices=[('unconfirmed', 'waiting for confirmation'), ('pending', 'waiting for a moderator'), ('conflict', 'in conflict with the file'), ('changes-requested', 'changes requested'), ('applied', 'published'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('expired', 'expired'), ('reverted', 'reverted')], max_length=17)),
                ('to_status', models.CharField(choices=[('unconfirmed', 'waiting for confirmation'), ('pending', 'waiting for a moderator'), ('conflict', 'in conflict with the file'), ('changes-requested', 'changes requested'), ('applied', 'published'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('expired', 'expired'), ('reverted', 'reverted')], max_length=17)),
                ('actor_name', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(choices=[('submitter', 'submitter'), ('moderator', 'moderator'), ('clock', 'the system'), ('file', "the list's file")], max_length=9)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('note', models.TextField(blank=True, help_text='Shown to the submitter.')),
                ('internal_note', models.TextField(blank=True, help_text='Shown to moderators only.')),
                ('created_at', models.DateTimeField()),
                ('submission_revision', models.PositiveIntegerField()),
                ('entry_before', models.PositiveBigIntegerField(blank=True, null=True)),
                ('entry_after', models.PositiveBigIntegerField(blank=True, null=True)),
                ('snapshot', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='submission_events', to=settings.AUTH_USER_MODEL)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='submission_events', to='catalog.catalog')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.RESTRICT, related_name='events', to='submissions.submission')),
                ('listing_key', models.PositiveBigIntegerField(blank=True, help_text='Of the listing that an addition was to go to then.', null=True)),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['catalog', 'created_at'], name='event_of_catalog')],
            },
        ),
        migrations.CreateModel(
            name='RetryKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('fingerprint', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='retry_keys', to='submissions.submission')),
            ],
            options={
                'verbose_name': 'key of a request',
                'verbose_name_plural': 'keys of requests',
            },
        ),
    ]
