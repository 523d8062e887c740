"""People and what is known of them. Sorts behind 0001_user, which other apps call the first."""

import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("accounts", "0001_user"),
        ("accounts", "0003_rate_limit"),
        ("accounts", "0004_mail_preferences"),
        ("accounts", "0005_api_token"),
        ("accounts", "0006_stored_value"),
        ("accounts", "0007_user_manager"),
        ("accounts", "0008_commit_address"),
        ("accounts", "0009_language_of_letters"),
        ("accounts", "0010_commit_address_words"),
        ("accounts", "0011_words"),
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('display_name', models.CharField(blank=True, help_text='The name shown publicly. If empty, your user name is shown.', max_length=150, verbose_name='display name')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('mail_digest', models.BooleanField(default=True, help_text='What is waiting in the lists you moderate. Sent only when something is.', verbose_name='daily digest for moderators')),
                ('mail_submissions', models.BooleanField(default=True, help_text='Receipts, questions and decisions.', verbose_name='e-mail about my submissions')),
                ('commit_address', models.CharField(choices=[('site', 'an address at this site that nobody reads'), ('github', 'my GitHub address for commits'), ('verified', 'my e-mail address, visible to everyone')], default='site', help_text='Lists kept in Git name you as the author of your contributions. Commits cannot be erased: an address in a commit stays there.', max_length=8, verbose_name='address in commits')),
                ('language', models.CharField(blank=True, help_text='For e-mail about no particular submission, such as the digest.', max_length=20, verbose_name='language')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RateLimit',
            fields=[
                ('key', models.CharField(help_text='A keyed hash of whose.', max_length=64, primary_key=True, serialize=False)),
                ('empty_at', models.BigIntegerField(help_text='When it has run out; microseconds since 1970.')),
            ],
            options={
                'indexes': [models.Index(fields=['empty_at'], name='rate_limit_empty_at')],
            },
        ),
        migrations.CreateModel(
            name='MailRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(help_text='In lower case.', max_length=254, verbose_name='e-mail')),
                ('topic', models.CharField(max_length=20, verbose_name='topic')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'unsubscribed address',
                'verbose_name_plural': 'unsubscribed addresses',
                'constraints': [models.UniqueConstraint(fields=('email', 'topic'), name='mail_refusal_unique')],
            },
        ),
        migrations.CreateModel(
            name='StoredValue',
            fields=[
                ('key', models.CharField(help_text='A keyed hash.', max_length=64, primary_key=True, serialize=False)),
                ('value', models.TextField(help_text='JSON.')),
                ('lifetime', models.BigIntegerField(help_text='Microseconds from its writing to its end.')),
                ('expires_at', models.BigIntegerField(help_text='Microseconds since 1970.')),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='stored_value_expires_at')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('hint', models.CharField(editable=False, max_length=6, verbose_name='ends with')),
                ('scopes', models.CharField(help_text='Separated by spaces, as in OAuth.', max_length=100, verbose_name='scopes')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('last_used_at', models.DateTimeField(blank=True, help_text='To the minute.', null=True, verbose_name='last used')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'API token',
                'verbose_name_plural': 'API tokens',
                'constraints': [models.UniqueConstraint(fields=('digest',), name='api_token_digest'), models.CheckConstraint(condition=models.Q(('scopes', ''), _negated=True), name='api_token_may_something'), models.CheckConstraint(condition=models.Q(('expires_at', None), ('expires_at__gt', models.F('created_at')), _connector='OR'), name='api_token_expires_later')],
            },
        ),
    ]
