"""Lists, with all that is derived from them and decided about them."""

import django.core.validators
import django.db.models.deletion
import taggit.managers
from django.conf import settings
from django.db import migrations, models

import catalog.models

SQLITE = [
    """CREATE VIRTUAL TABLE catalog_search_names USING fts5(
    names, content='catalog_searchrow', content_rowid='id', columnsize=0,
    tokenize="ascii tokenchars '+#.='", prefix='1 2 3')""",
    """CREATE VIRTUAL TABLE catalog_search_words USING fts5(
    words, content='catalog_searchrow', content_rowid='id', columnsize=0,
    tokenize="ascii tokenchars '+#.='")""",
    """CREATE TRIGGER catalog_searchrow_insert AFTER INSERT ON catalog_searchrow BEGIN
    INSERT INTO catalog_search_names(rowid, names) VALUES (new.id, new.names);
    INSERT INTO catalog_search_words(rowid, words) VALUES (new.id, new.words);
END""",
    """CREATE TRIGGER catalog_searchrow_delete AFTER DELETE ON catalog_searchrow BEGIN
    INSERT INTO catalog_search_names(catalog_search_names, rowid, names) VALUES ('delete', old.id, old.names);
    INSERT INTO catalog_search_words(catalog_search_words, rowid, words) VALUES ('delete', old.id, old.words);
END""",
    """CREATE TRIGGER catalog_searchrow_update AFTER UPDATE ON catalog_searchrow BEGIN
    INSERT INTO catalog_search_names(catalog_search_names, rowid, names) VALUES ('delete', old.id, old.names);
    INSERT INTO catalog_search_words(catalog_search_words, rowid, words) VALUES ('delete', old.id, old.words);
    INSERT INTO catalog_search_names(rowid, names) VALUES (new.id, new.names);
    INSERT INTO catalog_search_words(rowid, words) VALUES (new.id, new.words);
END""",
    "CREATE INDEX catalog_searchrow_name ON catalog_searchrow (name_key, id)",
    "CREATE INDEX catalog_searchrow_catalog_name ON catalog_searchrow (catalog_id, name_key, id)",
]
POSTGRESQL = [
    "CREATE INDEX catalog_searchrow_names ON catalog_searchrow USING gin (names)",
    "CREATE INDEX catalog_searchrow_words ON catalog_searchrow USING gin (words)",
    'CREATE INDEX catalog_searchrow_name ON catalog_searchrow ((name_key COLLATE "C"), id)',
    'CREATE INDEX catalog_searchrow_catalog_name ON catalog_searchrow (catalog_id, (name_key COLLATE "C"), id)',
]
# Names are compared byte by byte on every database. Orders are of published entries alone.
INDEXES = (
    ("indexed_entry_name", "catalog_indexedentry", "({name_key}, id)"),
    ("indexed_entry_of_catalog", "catalog_indexedentry", "(catalog_id, {name_key}, id)"),
    ("entry_by_name", "catalog_entry", "({slug}, id) WHERE state = 'published'"),
    ("entry_by_creation", "catalog_entry", "(created_at DESC, id) WHERE state = 'published'"),
    ("entry_by_change", "catalog_entry", "(updated_at DESC, id) WHERE state = 'published'"),
    ("entry_of_list_by_name", "catalog_entry", "(catalog_id, {slug}, id) WHERE state = 'published'"),
    ("entry_of_list_by_change", "catalog_entry", "(catalog_id, updated_at DESC, id) WHERE state = 'published'"),
)


def run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


def search_indexes(schema_editor):
    """The full-text indexes of the search that was before the index."""
    run(schema_editor, SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def orders(schema_editor, *names):
    """The indexes with these names."""
    by_bytes = '({} COLLATE "C")' if schema_editor.connection.vendor == "postgresql" else "{}"
    texts = {name: by_bytes.format(name) for name in ("name_key", "slug")}
    run(
        schema_editor,
        [
            f"CREATE INDEX IF NOT EXISTS {name} ON {table} {columns.format(**texts)}"
            for name, table, columns in INDEXES
            if name in names
        ],
    )


def create_indexes(apps, schema_editor):
    search_indexes(schema_editor)
    orders(schema_editor, *[name for name, *_rest in INDEXES])
    if schema_editor.connection.vendor == "postgresql":
        # It would try to compress the bitmaps each time that one is written, in vain.
        schema_editor.execute("ALTER TABLE catalog_indexterm ALTER entries SET STORAGE EXTERNAL")


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("catalog", "0001_catalog"),
        ("catalog", "0002_search"),
        ("catalog", "0003_postings"),
        ("catalog", "0004_shown_rows"),
        ("catalog", "0005_upstream"),
        ("catalog", "0006_removed_places"),
        ("catalog", "0007_index"),
        ("catalog", "0008_reading"),
        ("catalog", "0009_vocabulary"),
        ("catalog", "0010_biggest_tags"),
        ("catalog", "0011_facet_terms"),
        ("catalog", "0012_corrections"),
        ("catalog", "0013_words"),
        ("catalog", "0014_standing_of_catalogs"),
        ("catalog", "0015_section_verbs"),
        ("catalog", "0016_last_decision"),
        ("catalog", "0017_unfinished_lists"),
        ("catalog", "0018_doubled_indexes"),
        ("catalog", "0019_reading_order_with_keys"),
        ("catalog", "0020_newest_entries"),
        ("catalog", "0021_words_for_lists"),
        ("catalog", "0022_sections_of_one_level"),
        ("catalog", "0023_probably_renamed"),
        ("catalog", "0024_orders_of_lists"),
        ("catalog", "0025_inferred_values"),
        ("catalog", "0026_bitmaps_as_they_are"),
    ]

    dependencies = [
        ("accounts", "0001_user"),
    ]

    operations = [
        migrations.CreateModel(
            name='Catalog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(help_text='The first part of every address of this list.', max_length=80, unique=True, validators=[django.core.validators.RegexValidator('(?=.{1,80}\\Z)[a-z0-9]+(?:[-_][a-z0-9]+)*\\Z', 'Use a-z, 0-9 and -.')], verbose_name='address')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('description', models.TextField(blank=True, help_text='One or two plain sentences.', verbose_name='description')),
                ('source_url', models.URLField(blank=True, help_text='The address of the README. Relative links and images are resolved against it.', max_length=500, verbose_name='source')),
                ('license', models.CharField(blank=True, help_text="SPDX identifier of the list's text.", max_length=100, verbose_name='licence')),
                ('license_url', models.URLField(blank=True, max_length=500, verbose_name='licence address')),
                ('language', models.CharField(blank=True, help_text='BCP 47 tag of most of the text.', max_length=20, verbose_name='language')),
                ('guidelines', models.TextField(blank=True, help_text='Markdown, shown to contributors.', verbose_name='contribution guidelines')),
                ('revision', models.PositiveBigIntegerField(default=0, editable=False)),
                ('next_uid', models.PositiveBigIntegerField(default=1, editable=False)),
                ('bom', models.BooleanField(default=False, editable=False, help_text='The file starts with a byte order mark.')),
                ('entry_count', models.PositiveIntegerField(default=0, editable=False)),
                ('suggested_count', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('indexed_revision', models.PositiveBigIntegerField(db_default=0, default=0, editable=False, help_text='Up to which the index follows; see finding/indexing.py.')),
                ('reading', models.PositiveSmallIntegerField(default=catalog.models.current_reading, editable=False, help_text='Which way of reading lists its rows were derived in.')),
                ('is_corrected', models.BooleanField(db_default=False, default=False, editable=False, help_text='Somebody has decided how it is to be read; see Correction.')),
                ('decided_on', models.DateField(editable=False, help_text='The last day on which a moderator decided on a submission; public.', null=True)),
                ('is_unfinished', models.BooleanField(db_default=False, default=False, editable=False, help_text='Being imported for the first time, or left so.')),
            ],
            options={
                'verbose_name': 'list',
                'verbose_name_plural': 'lists',
                'ordering': ['title', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('slug__in', ['about', 'accounts', 'admin', 'api', 'contribute', 'entries', 'favicon.ico', 'healthz', 'i18n', 'media', 'opensearch.xml', 'robots.txt', 'search', 'sitemap.xml', 'static']), _negated=True), name='catalog_slug_not_reserved')],
                'indexes': [models.Index(fields=['revision', 'updated_at'], name='catalog_standing'), models.Index(condition=models.Q(('is_unfinished', True)), fields=['id'], name='catalog_unfinished')],
            },
        ),
        migrations.CreateModel(
            name='IndexTerm',
            fields=[
                ('pk', models.CompositePrimaryKey('term', 'segment', blank=True, editable=False, primary_key=True, serialize=False)),
                ('term', models.BinaryField(help_text='In UTF-8; its first letter says of which kind it is.')),
                ('segment', models.PositiveIntegerField(help_text="The keys' bits from the 17th on.")),
                ('entries', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Word',
            fields=[
                ('text', models.BinaryField(primary_key=True, serialize=False)),
                ('ending', models.BinaryField(db_index=True, help_text='The text from its end.')),
                ('stem', models.BinaryField(db_index=True, help_text='What its forms have in common.')),
            ],
        ),
        migrations.CreateModel(
            name='Facet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=80)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('rank', models.PositiveIntegerField(default=0, help_text='Smaller comes first.')),
                ('is_public', models.BooleanField(default=True, help_text='Offered as a filter.')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='facets', to='catalog.catalog')),
            ],
            options={
                'verbose_name': 'facet',
                'verbose_name_plural': 'facets',
                'ordering': ['catalog_id', 'rank', 'slug'],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'slug'), name='facet_slug_unique')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField()),
                ('verb', models.CharField(choices=[('import', 'imported'), ('add', 'added'), ('change', 'changed'), ('move', 'moved'), ('remove', 'removed'), ('add-section', 'added a section'), ('rename-section', 'renamed a section'), ('remove-section', 'removed a section'), ('move-section', 'moved a section'), ('split-section', 'split a section'), ('merge-section', 'joined two sections'), ('prose', 'edited the text'), ('revert', 'reverted'), ('tags', 'changed tags'), ('settings', 'changed settings'), ('restore', 'restored')], max_length=14)),
                ('actor_name', models.CharField(blank=True, max_length=200)),
                ('credit', models.CharField(blank=True, help_text='Whom the public history names for it.', max_length=200)),
                ('note', models.TextField(blank=True)),
                ('submission_token', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField()),
                ('sha256', models.CharField(blank=True, help_text='Of the whole text in UTF-8; imports only.', max_length=64)),
                ('details', models.JSONField(default=dict, help_text='Counts of an import; before and after of a setting or tag.')),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='revisions', to=settings.AUTH_USER_MODEL)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='catalog.catalog')),
            ],
            options={
                'verbose_name': 'revision',
                'verbose_name_plural': 'history',
                'ordering': ['catalog_id', '-number'],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'number'), name='revision_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='Plain text of the heading.', max_length=500)),
                ('level', models.PositiveSmallIntegerField(help_text='1 to 6, as in the heading.')),
                ('anchor', models.CharField(blank=True, help_text='The fragment on GitHub.', max_length=500)),
                ('path', models.CharField(help_text="Path segments joined by '/'.", max_length=600)),
                ('position', models.BigIntegerField(help_text="Position of the heading's block.")),
                ('is_title', models.BooleanField(default=False, help_text="The list's own title: not part of other sections' paths.")),
                ('entry_count', models.PositiveIntegerField(default=0, help_text='Published entries, subsections included.')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='catalog.catalog')),
                ('parent', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='catalog.section')),
            ],
            options={
                'verbose_name': 'section',
                'verbose_name_plural': 'sections',
                'ordering': ['catalog_id', 'position'],
                'indexes': [models.Index(fields=['catalog', 'position'], name='section_reading_order'), models.Index(fields=['path'], name='section_by_path'), models.Index(fields=['parent', 'position'], name='section_in_parent'), models.Index(condition=models.Q(('parent', None)), fields=['catalog', 'position'], name='section_below_none'), models.Index(condition=models.Q(('is_title', True)), fields=['catalog'], name='section_of_title')],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'path'), name='section_path_unique')],
            },
        ),
        migrations.CreateModel(
            name='Column',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Header, folded: case, spaces, markup.', max_length=200)),
                ('header', models.CharField(help_text='Header as first met, plain text.', max_length=500)),
                ('guessed_role', models.CharField(choices=[('name', 'name and link'), ('description', 'description'), ('facet', 'facet values'), ('text', 'other text')], editable=False, max_length=12)),
                ('guessed_facet', models.SlugField(allow_unicode=True, blank=True, editable=False, max_length=80)),
                ('role', models.CharField(blank=True, choices=[('name', 'name and link'), ('description', 'description'), ('facet', 'facet values'), ('text', 'other text')], help_text='Leave empty to use the guess.', max_length=12)),
                ('facet', models.SlugField(allow_unicode=True, blank=True, help_text='Address of the facet for these values. Leave empty to use the guess.', max_length=80)),
                ('separators', models.CharField(blank=True, help_text='Characters that separate values. Leave empty for / , 、 and line breaks.', max_length=50)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='columns', to='catalog.catalog')),
            ],
            options={
                'verbose_name': 'column',
                'verbose_name_plural': 'columns',
                'ordering': ['catalog_id', 'header'],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'key'), name='column_key_unique')],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(help_text='The revision.')),
                ('sha256', models.CharField(help_text='Of the whole text in UTF-8.', max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='exports', to='catalog.catalog')),
            ],
            options={
                'ordering': ['catalog_id', '-number'],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'number'), name='export_number_unique')],
            },
        ),
        migrations.CreateModel(
            name='SearchRow',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('name_key', models.TextField(help_text='The words of the name.')),
                ('names', catalog.models.Tokens(help_text='The words of the name and their parts.')),
                ('words', catalog.models.Tokens(help_text='These, and the words of everything else.')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='search_rows', to='catalog.catalog')),
            ],
            options={
                'indexes': [models.Index(fields=['catalog', 'id'], name='search_row_of_catalog')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.BinaryField(help_text='In UTF-8; with * behind it the beginning of words.')),
                ('chunk', models.PositiveIntegerField(help_text="The keys' bits from the 17th on.")),
                ('entries', models.BinaryField(help_text='Who has it anywhere.')),
                ('named', models.BinaryField(help_text='Who has it in the name; empty when nobody.')),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='postings', to='catalog.catalog')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('word', 'catalog', 'chunk'), name='posting_unique')],
            },
        ),
        migrations.CreateModel(
            name='Upstream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveBigIntegerField(help_text='Of the list, when that was recorded.')),
                ('base', models.PositiveBigIntegerField(help_text='The newest revision up to which Git had everything that was changed here.')),
                ('blocks', models.BinaryField(blank=True)),
                ('catalog', models.OneToOneField(on_delete=django.db.models.deletion.DB_CASCADE, related_name='upstream', to='catalog.catalog')),
            ],
        ),
        migrations.CreateModel(
            name='IndexedEntry',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('name_key', models.TextField(help_text='The words of the name.')),
                ('names', models.TextField(help_text='The words of the name and their parts.')),
                ('words', models.TextField(help_text='The words of everything else.')),
                ('others', models.TextField(help_text='Terms that are no words.')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DB_CASCADE, related_name='indexed_entries', to='catalog.catalog')),
                ('length', models.PositiveIntegerField(db_default=0, default=0, help_text='Words of the whole entry.')),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('slug', models.CharField(max_length=200, verbose_name='address')),
                ('description', models.TextField(blank=True)),
                ('entry_count', models.PositiveIntegerField(default=0, help_text='Published entries.')),
                ('facet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='catalog.facet')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['facet_id', '-entry_count', 'slug'],
                'indexes': [models.Index(models.F('facet'), models.OrderBy(models.F('entry_count'), descending=True), name='tag_by_size')],
                'constraints': [models.UniqueConstraint(fields=('facet', 'slug'), name='tag_slug_unique')],
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('blocks', models.BinaryField()),
                ('revision', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='checkpoint', to='catalog.revision')),
            ],
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ordinal', models.PositiveIntegerField()),
                ('op', models.CharField(choices=[('insert', 'added'), ('replace', 'changed'), ('move', 'moved'), ('delete', 'removed')], max_length=7)),
                ('uid', models.PositiveBigIntegerField()),
                ('after_uid', models.PositiveBigIntegerField(blank=True, null=True)),
                ('before_after_uid', models.PositiveBigIntegerField(blank=True, null=True)),
                ('before', models.TextField(blank=True)),
                ('after', models.TextField(blank=True)),
                ('entry_id', models.BigIntegerField(blank=True, null=True)),
                ('entry_name', models.CharField(blank=True, max_length=300)),
                ('revision', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='catalog.revision')),
            ],
            options={
                'ordering': ['revision_id', 'ordinal'],
                'indexes': [models.Index(fields=['entry_id'], name='change_of_entry')],
                'constraints': [models.UniqueConstraint(fields=('revision', 'ordinal'), name='change_ordinal_unique')],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('table', 'table'), ('list', 'list'), ('lines', 'lines'), ('html', 'HTML')], max_length=10)),
                ('ordinal', models.PositiveIntegerField(help_text='From 1, in its section.')),
                ('position', models.BigIntegerField(help_text='Position of its first block.')),
                ('columns', models.JSONField(default=list, help_text='Column keys of a table, in order; see `Column`.')),
                ('name_column', models.PositiveSmallIntegerField(default=0, help_text="Index of the table's column that names its entries.")),
                ('description_column', models.PositiveSmallIntegerField(blank=True, help_text='Index of the column that describes them, if there is one.', null=True)),
                ('is_toc', models.BooleanField(default=False, help_text='Links into this document only.')),
                ('entry_count', models.PositiveIntegerField(default=0, help_text='Published entries.')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='listings', to='catalog.catalog')),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='listings', to='catalog.section')),
            ],
            options={
                'verbose_name': 'listing',
                'verbose_name_plural': 'listings',
                'ordering': ['catalog_id', 'position'],
                'indexes': [models.Index(fields=['catalog', 'position'], name='listing_reading_order')],
            },
        ),
        migrations.CreateModel(
            name='SectionPath',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=600)),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='section_paths', to='catalog.catalog')),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='old_paths', to='catalog.section')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('catalog', 'path'), name='section_old_path_unique')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('titles', models.JSONField(default=list)),
                ('children', models.CharField(blank=True, max_length=10)),
                ('entries', models.CharField(blank=True, max_length=4)),
                ('name', models.CharField(blank=True, help_text='Header of a column, folded.', max_length=500)),
                ('description', models.CharField(blank=True, help_text='Header of a column, folded.', max_length=500)),
                ('catalog', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='catalog.catalog')),
                ('section', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='corrections', to='catalog.section')),
            ],
        ),
        migrations.CreateModel(
            name='TagAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('spelling', models.CharField(max_length=200)),
                ('key', models.CharField(help_text='Spelling, folded.', max_length=200)),
                ('is_confirmed', models.BooleanField(default=True)),
                ('facet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='catalog.facet')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='catalog.tag')),
            ],
            options={
                'verbose_name': 'alias',
                'verbose_name_plural': 'aliases',
                'ordering': ['facet_id', 'tag_id', 'spelling'],
                'constraints': [models.UniqueConstraint(fields=('facet', 'key'), name='tag_alias_key_unique')],
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.PositiveBigIntegerField()),
                ('position', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('front-matter', 'front matter'), ('heading', 'heading'), ('gap', 'blank lines'), ('paragraph', 'paragraph'), ('line', 'line'), ('definition', 'reference definition'), ('code', 'code'), ('rule', 'rule'), ('html', 'HTML'), ('table-header', 'table header'), ('delimiter-row', 'delimiter row'), ('table-row', 'table row'), ('item', 'list item')], max_length=14)),
                ('source', models.TextField()),
                ('depth', models.PositiveSmallIntegerField(default=0, help_text='How many list items it stands inside, itself included.')),
                ('html', models.TextField(blank=True, help_text="What is ready to show: the cells of a row; else what is not an entry's.")),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='catalog.block')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='catalog.catalog')),
                ('listing', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='blocks', to='catalog.listing')),
                ('section', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='blocks', to='catalog.section')),
            ],
            options={
                'ordering': ['catalog_id', 'position'],
                'indexes': [models.Index(fields=['section', 'position'], name='block_in_section'), models.Index(condition=models.Q(('kind', 'definition')), fields=['catalog', 'position'], name='block_definitions')],
                'constraints': [models.UniqueConstraint(fields=('catalog', 'position'), name='block_position_unique'), models.UniqueConstraint(fields=('catalog', 'uid'), name='block_uid_unique'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='block_source_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.BigIntegerField(help_text='Position of its block; kept when removed.')),
                ('state', models.CharField(choices=[('published', 'published'), ('suggested', 'suggested'), ('removed', 'removed')], default='published', max_length=10)),
                ('name', models.TextField(help_text='Plain text a person would call the thing by.')),
                ('url', models.TextField(blank=True, help_text='Destination of its first link, as written.')),
                ('canonical_url', models.CharField(blank=True, help_text='For comparing only.', max_length=255)),
                ('description', models.TextField(blank=True, help_text='Inline markdown.')),
                ('cells', models.JSONField(default=list, help_text='Cells of a table row in order: {"text": inline markdown, "html": sanitised}.')),
                ('html', models.TextField(blank=True, help_text='The whole entry as sanitised inline HTML, ready to show.')),
                ('description_html', models.TextField(blank=True)),
                ('is_opaque', models.BooleanField(default=False, help_text='Listed, but edited as raw source only.')),
                ('slug', models.CharField(help_text='Follows the name; the id is the address.', max_length=100)),
                ('decision', models.CharField(blank=True, choices=[('', 'none'), ('confirmed', 'is an entry'), ('dismissed', 'is text')], default='', max_length=10)),
                ('created_revision', models.PositiveBigIntegerField(default=0)),
                ('updated_revision', models.PositiveBigIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('block', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='entry', to='catalog.block')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='catalog.catalog')),
                ('listing', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='entries', to='catalog.listing')),
                ('section', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='entries', to='catalog.section')),
                ('stood_in', models.JSONField(blank=True, editable=False, help_text='Where a removed entry without a link stood.', null=True)),
            ],
            options={
                'verbose_name': 'entry',
                'verbose_name_plural': 'entries',
                'ordering': ['catalog_id', 'position', 'pk'],
                'indexes': [models.Index(fields=['section', 'state', 'position'], name='entry_in_section'), models.Index(fields=['listing', 'position'], name='entry_in_listing'), models.Index(fields=['catalog', 'canonical_url'], name='entry_same_url'), models.Index(fields=['catalog', 'state', 'position', 'id'], name='entry_reading_order'), models.Index(models.F('catalog'), models.F('state'), models.OrderBy(models.F('created_at'), descending=True), models.F('id'), name='entry_of_list_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('block', None), ('state', 'removed')), models.Q(models.Q(('state', 'removed'), _negated=True), models.Q(('block', None), _negated=True)), _connector='OR'), name='entry_lives_on_its_block'), models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', False), ('state', 'removed')), models.Q(models.Q(('state', 'removed'), _negated=True), ('removed_at', None)), _connector='OR'), name='entry_removed_at_when_removed')],
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ordinal', models.PositiveIntegerField(help_text='From 0, in its block.')),
                ('text', models.TextField(blank=True, help_text='Plain text.')),
                ('url', models.TextField(blank=True, help_text='As written, entities and escapes resolved.')),
                ('canonical_url', models.CharField(blank=True, max_length=255)),
                ('host', models.CharField(blank=True, max_length=255)),
                ('kind', models.CharField(choices=[('site', 'site'), ('repository', 'repository'), ('model', 'model'), ('dataset', 'dataset'), ('space', 'demo'), ('paper', 'paper'), ('video', 'video'), ('package', 'package'), ('internal', 'inside the list'), ('relative', 'relative'), ('mail', 'mail')], max_length=12)),
                ('block', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='links', to='catalog.block')),
                ('catalog', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='links', to='catalog.catalog')),
                ('entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='links', to='catalog.entry')),
            ],
            options={
                'ordering': ['block_id', 'ordinal'],
                'indexes': [models.Index(fields=['catalog', 'canonical_url'], name='link_same_url')],
                'constraints': [models.UniqueConstraint(fields=('block', 'ordinal'), name='link_ordinal_unique')],
            },
        ),
        migrations.CreateModel(
            name='EntryTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(choices=[('cell', 'a cell'), ('section', 'the section'), ('hand', 'by hand')], default='hand', max_length=7)),
                ('content_object', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entry_tags', to='catalog.entry')),
                ('tag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entry_tags', to='catalog.tag')),
            ],
            options={
                'indexes': [models.Index(fields=['tag', 'content_object'], name='entry_tag_by_tag')],
                'constraints': [models.UniqueConstraint(fields=('content_object', 'tag'), name='entry_tag_unique')],
            },
        ),
        migrations.CreateModel(
            name='DismissedTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='dismissed_tags', to='catalog.entry')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dismissals', to='catalog.tag')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('entry', 'tag'), name='dismissed_tag_unique')],
            },
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
        migrations.CreateModel(
            name='Renaming',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveBigIntegerField(help_text='Number of the import.')),
                ('before', models.JSONField(help_text='The fields of the entry that were derived from its line.')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='renaming', to='catalog.entry')),
            ],
        ),
        migrations.AddField(
            model_name='entry',
            name='tags',
            field=taggit.managers.TaggableManager(blank=True, help_text='A comma-separated list of tags.', through='catalog.EntryTag', to='catalog.Tag', verbose_name='Tags'),
        ),
        migrations.RunPython(create_indexes, migrations.RunPython.noop),
    ]
