"""The models of what is published: the document line by line, and what is derived from it.

`Block.source` is the only truth about a list. Everything else about an entry is a projection of
its block's source (see `projection.py`), or a decision somebody took, which no rebuild and no
re-import may change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from taggit.managers import TaggableManager
from taggit.models import ItemBase, TagBase

from catalog import querysets
from catalog.column_roles import WITH_TAGS, ColumnRole
from catalog.slugs import RESERVED_SLUGS, slugify

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

POSITION_GAP = 2**16
"""Distance between two neighbouring blocks when a list is first written."""

READING = 2
"""The number of the present way to read lists. Raise it with every release that reads the same text
otherwise: `upgrade_lists` then brings stored lists up to date, see `importing/applying.py`."""


def current_reading() -> int:
    """The way in which a list that is made now is read."""
    return READING


class Catalog(models.Model):
    """One curated list: a README and everything decided about it.

    `revision` is the number of the newest `Revision`, 0 before the first import. It goes up in
    the transaction that changes anything published, so validators and cache keys can hang on it.
    """

    SLUG = re.compile(r"(?=.{1,80}\Z)[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
    """The form of an address."""

    slug = models.CharField(
        _("address"),
        max_length=80,
        unique=True,
        validators=[RegexValidator(SLUG.pattern, _("Use a-z, 0-9 and -."))],
        help_text=_("The first part of every address of this list."),
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(
        _("description"), blank=True, help_text=_("One or two plain sentences.")
    )
    source_url = models.URLField(
        _("source"),
        max_length=500,
        blank=True,
        help_text=_(
            "The address of the README. Relative links and images are resolved against it."
        ),
    )
    license = models.CharField(
        _("licence"), max_length=100, blank=True, help_text=_("SPDX identifier of the list's text.")
    )
    license_url = models.URLField(_("licence address"), max_length=500, blank=True)
    language = models.CharField(
        _("language"), max_length=20, blank=True, help_text=_("BCP 47 tag of most of the text.")
    )
    guidelines = models.TextField(
        _("contribution guidelines"), blank=True, help_text=_("Markdown, shown to contributors.")
    )
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    next_uid = models.PositiveBigIntegerField(default=1, editable=False)
    bom = models.BooleanField(
        default=False, editable=False, help_text=_("The file starts with a byte order mark.")
    )
    indexed_revision = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Up to which the index follows; see finding/indexing.py.",
    )
    reading = models.PositiveSmallIntegerField(
        default=current_reading,
        editable=False,
        help_text=_("Which way of reading lists its rows were derived in."),
    )
    is_corrected = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Somebody has decided how it is to be read; see Correction.",
    )
    is_unfinished = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Being imported for the first time, or left so.",
    )
    entry_count = models.PositiveIntegerField(default=0, editable=False)
    suggested_count = models.PositiveIntegerField(default=0, editable=False)
    decided_on = models.DateField(
        null=True,
        editable=False,
        help_text="The last day on which a moderator decided on a submission; public.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = querysets.CatalogQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["title", "pk"]
        verbose_name = pgettext_lazy("catalog", "list")
        verbose_name_plural = pgettext_lazy("catalog", "lists")
        indexes: ClassVar = [
            # The few lists that nobody sees yet, to leave out their entries.
            models.Index(fields=["id"], name="catalog_unfinished", condition=Q(is_unfinished=True)),
            # How all lists stand, and what changed last.
            models.Index(fields=["revision", "updated_at"], name="catalog_standing"),
        ]
        constraints: ClassVar = [
            # Addresses of the site itself come before a catalog's.
            models.CheckConstraint(
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)), name="catalog_slug_not_reserved"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("catalog:catalog-detail", args=[self.slug])


class Section(models.Model):
    """A heading and what stands under it, until the next heading of the same or a higher level.

    A section ends with its heading, but its addresses stay in `SectionPath`.
    """

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="sections", db_index=False)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", db_index=False
    )
    title = models.CharField(max_length=500, help_text="Plain text of the heading.")
    level = models.PositiveSmallIntegerField(help_text="1 to 6, as in the heading.")
    anchor = models.CharField(max_length=500, blank=True, help_text="The fragment on GitHub.")
    path = models.CharField(max_length=600, help_text="Path segments joined by '/'.")
    position = models.BigIntegerField(help_text="Position of the heading's block.")
    is_title = models.BooleanField(
        default=False, help_text="The list's own title: not part of other sections' paths."
    )
    entry_count = models.PositiveIntegerField(
        default=0, help_text="Published entries, subsections included."
    )

    objects = querysets.SectionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["catalog_id", "position"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints: ClassVar = [
            # One section per address.
            models.UniqueConstraint(fields=["catalog", "path"], name="section_path_unique"),
        ]
        indexes: ClassVar = [
            # Sections of a catalog in reading order.
            models.Index(fields=["catalog", "position"], name="section_reading_order"),
            # Those of one level, from any of them on; on the first level those below none.
            models.Index(fields=["parent", "position"], name="section_in_parent"),
            models.Index(
                fields=["catalog", "position"],
                condition=models.Q(parent=None),
                name="section_below_none",
            ),
            models.Index(
                fields=["catalog"], condition=models.Q(is_title=True), name="section_of_title"
            ),
            # Sections of one address in any catalog.
            models.Index(fields=["path"], name="section_by_path"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("catalog:section-detail", args=[self.catalog.slug, self.path])

    @property
    def slug(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]


class SectionPath(models.Model):
    """An address a section had. `section` is empty once the section is gone."""

    catalog = models.ForeignKey(
        Catalog, models.CASCADE, related_name="section_paths", db_index=False
    )
    path = models.CharField(max_length=600)
    section = models.ForeignKey(
        Section, models.SET_NULL, null=True, blank=True, related_name="old_paths"
    )

    class Meta:
        constraints: ClassVar = [
            # An old address leads to one place.
            models.UniqueConstraint(fields=["catalog", "path"], name="section_old_path_unique"),
        ]

    def __str__(self) -> str:
        return self.path


class Listing(models.Model):
    """One table, list, or run of lines or HTML rows: a place where an entry can be added."""

    class Kind(models.TextChoices):
        TABLE = "table", _("table")
        LIST = "list", _("list")
        LINES = "lines", _("lines")
        HTML = "html", _("HTML")

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="listings", db_index=False)
    section = models.ForeignKey(
        Section, models.SET_NULL, null=True, blank=True, related_name="listings"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    ordinal = models.PositiveIntegerField(help_text="From 1, in its section.")
    position = models.BigIntegerField(help_text="Position of its first block.")
    columns = models.JSONField(
        default=list, help_text="Column keys of a table, in order; see `Column`."
    )
    name_column = models.PositiveSmallIntegerField(
        default=0, help_text="Index of the table's column that names its entries."
    )
    description_column = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Index of the column that describes them, if there is one."
    )
    is_toc = models.BooleanField(default=False, help_text="Links into this document only.")
    entry_count = models.PositiveIntegerField(default=0, help_text="Published entries.")

    objects = querysets.ListingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["catalog_id", "position"]
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes: ClassVar = [
            # Listings of a catalog in reading order.
            models.Index(fields=["catalog", "position"], name="listing_reading_order"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ordinal}"


class Column(models.Model):
    """The role of the columns under one header, across the catalog's tables.

    One row for each spelling of a header (compared by `key`), so that a correction is made once
    and not once per table. `guessed_role` and `guessed_facet` are derived at each import;
    `role` and `facet` are the decision, and empty when nobody has taken one.
    """

    Role = ColumnRole

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="columns", db_index=False)
    key = models.CharField(max_length=200, help_text="Header, folded: case, spaces, markup.")
    header = models.CharField(max_length=500, help_text="Header as first met, plain text.")
    guessed_role = models.CharField(max_length=12, choices=Role, editable=False)
    guessed_facet = models.SlugField(max_length=80, blank=True, allow_unicode=True, editable=False)
    role = models.CharField(
        max_length=12, choices=Role, blank=True, help_text=_("Leave empty to use the guess.")
    )
    facet = models.SlugField(
        max_length=80,
        blank=True,
        allow_unicode=True,
        help_text=_("Address of the facet for these values. Leave empty to use the guess."),
    )
    separators = models.CharField(
        max_length=50,
        blank=True,
        help_text=_("Characters that separate values. Leave empty for / , 、 and line breaks."),
    )

    class Meta:
        ordering: ClassVar = ["catalog_id", "header"]
        verbose_name = _("column")
        verbose_name_plural = _("columns")
        constraints: ClassVar = [
            # One meaning per header.
            models.UniqueConstraint(fields=["catalog", "key"], name="column_key_unique"),
        ]

    def __str__(self) -> str:
        return self.header

    @property
    def effective_role(self) -> str:
        """The decided role, else the guessed one."""
        return self.role or self.guessed_role

    @property
    def effective_facet(self) -> str:
        """Slug of the facet the values belong to, '' when the column holds no facet."""
        return (self.facet or self.guessed_facet) if self.effective_role in WITH_TAGS else ""


class Block(models.Model):
    """Some whole lines of the document, verbatim, line ending included. Export joins them.

    `uid` names the block in the history: counted per catalog, never used again.
    `parent` is the block of the list item this one stands inside; a local re-parse needs it.
    """

    class Kind(models.TextChoices):
        FRONT_MATTER = "front-matter", _("front matter")
        HEADING = "heading", _("heading")
        GAP = "gap", _("blank lines")
        PARAGRAPH = "paragraph", _("paragraph")
        LINE = "line", _("line")
        DEFINITION = "definition", _("reference definition")
        CODE = "code", _("code")
        RULE = "rule", _("rule")
        HTML = "html", _("HTML")
        TABLE_HEADER = "table-header", _("table header")
        DELIMITER_ROW = "delimiter-row", _("delimiter row")
        TABLE_ROW = "table-row", _("table row")
        ITEM = "item", _("list item")

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="blocks", db_index=False)
    uid = models.PositiveBigIntegerField()
    position = models.BigIntegerField()
    kind = models.CharField(max_length=14, choices=Kind)
    source = models.TextField()
    section = models.ForeignKey(
        Section,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="blocks",
        db_index=False,
    )
    listing = models.ForeignKey(
        Listing, models.SET_NULL, null=True, blank=True, related_name="blocks"
    )
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children"
    )
    depth = models.PositiveSmallIntegerField(
        default=0, help_text="How many list items it stands inside, itself included."
    )
    html = models.TextField(
        blank=True,
        help_text="What is ready to show: the cells of a row; else what is not an entry's.",
    )

    objects = querysets.BlockQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["catalog_id", "position"]
        constraints: ClassVar = [
            # A total order of the document's lines; also the index that export reads.
            models.UniqueConstraint(fields=["catalog", "position"], name="block_position_unique"),
            # History names blocks by it.
            models.UniqueConstraint(fields=["catalog", "uid"], name="block_uid_unique"),
            # A block owns at least one line.
            models.CheckConstraint(condition=~Q(source=""), name="block_source_not_empty"),
        ]
        indexes: ClassVar = [
            # A section page's blocks in reading order.
            models.Index(fields=["section", "position"], name="block_in_section"),
            # A list's reference definitions, which reading any of its lines may need.
            models.Index(
                fields=["catalog", "position"],
                name="block_definitions",
                condition=Q(kind="definition"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class Entry(models.Model):
    """One thing the list names. It outlives its line: removed is a state, never a deletion.

    Fields above the blank line in the class body are derived from the block's source; `decision`
    and the address are not.
    """

    class State(models.TextChoices):
        PUBLISHED = "published", _("published")
        SUGGESTED = "suggested", _("suggested")
        REMOVED = "removed", _("removed")

    class Decision(models.TextChoices):
        NONE = "", _("none")
        CONFIRMED = "confirmed", _("is an entry")
        DISMISSED = "dismissed", _("is text")

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="entries", db_index=False)
    block = models.OneToOneField(
        Block, models.RESTRICT, null=True, blank=True, related_name="entry"
    )
    section = models.ForeignKey(
        Section,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="entries",
        db_index=False,
    )
    listing = models.ForeignKey(
        Listing,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="entries",
        db_index=False,
    )
    position = models.BigIntegerField(help_text="Position of its block; kept when removed.")
    state = models.CharField(max_length=10, choices=State, default=State.PUBLISHED)
    name = models.TextField(help_text="Plain text a person would call the thing by.")
    url = models.TextField(blank=True, help_text="Destination of its first link, as written.")
    canonical_url = models.CharField(max_length=255, blank=True, help_text="For comparing only.")
    description = models.TextField(blank=True, help_text="Inline markdown.")
    cells = models.JSONField(
        default=list,
        help_text='Cells of a table row in order: {"text": inline markdown, "html": sanitised}.',
    )
    html = models.TextField(
        blank=True, help_text="The whole entry as sanitised inline HTML, ready to show."
    )
    description_html = models.TextField(blank=True)
    is_opaque = models.BooleanField(
        default=False, help_text="Listed, but edited as raw source only."
    )

    slug = models.CharField(max_length=100, help_text="Follows the name; the id is the address.")
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default=Decision.NONE)
    created_revision = models.PositiveBigIntegerField(default=0)
    updated_revision = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    stood_in = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="Where a removed entry without a link stood.",
    )

    tags = TaggableManager(through="catalog.EntryTag", blank=True)
    objects = querysets.EntryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["catalog_id", "position", "pk"]
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints: ClassVar = [
            # A living entry has a line, a removed one has none.
            models.CheckConstraint(
                condition=Q(state="removed", block=None) | (~Q(state="removed") & ~Q(block=None)),
                name="entry_lives_on_its_block",
            ),
            # When it was removed is known exactly for the removed.
            models.CheckConstraint(
                condition=Q(state="removed", removed_at__isnull=False)
                | (~Q(state="removed") & Q(removed_at=None)),
                name="entry_removed_at_when_removed",
            ),
        ]
        indexes: ClassVar = [
            # The list in reading order, published entries only.
            models.Index(fields=["catalog", "state", "position", "id"], name="entry_reading_order"),
            # A section's entries in reading order.
            models.Index(fields=["section", "state", "position"], name="entry_in_section"),
            # A listing's entries in reading order.
            models.Index(fields=["listing", "position"], name="entry_in_listing"),
            # Where else the same thing is listed.
            models.Index(fields=["catalog", "canonical_url"], name="entry_same_url"),
            # What is new.
            models.Index(
                F("catalog"),
                F("state"),
                F("created_at").desc(),
                F("id"),
                name="entry_of_list_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:entry-detail", args=[self.catalog.slug, self.pk, self.slug])


class Correction(models.Model):
    """A maintainer's correction of how the list, or a section of it, is read.

    `titles` are those of the headings down to the section, by which the reader knows it; empty
    for the whole list. They follow the section when it is called or placed otherwise. `section` is
    empty for the whole list, and while no section is called so.
    """

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="corrections")
    section = models.ForeignKey(
        Section, models.SET_NULL, null=True, blank=True, related_name="corrections"
    )
    titles = models.JSONField(default=list)
    children = models.CharField(max_length=10, blank=True)
    entries = models.CharField(max_length=4, blank=True)
    name = models.CharField(max_length=500, blank=True, help_text="Header of a column, folded.")
    description = models.CharField(
        max_length=500, blank=True, help_text="Header of a column, folded."
    )

    def __str__(self) -> str:
        return " › ".join(self.titles) or str(self.catalog_id)


class Successor(models.Model):
    """The redirect of a removed entry whose text is still there and is no entry.

    It is a part of the entry `into`, or the heading that `section` begins with. Both are empty
    once that is gone. Ends when the entry comes back.
    """

    entry = models.OneToOneField(Entry, models.CASCADE, related_name="successor")
    into = models.ForeignKey(
        Entry, models.CASCADE, null=True, blank=True, related_name="predecessors"
    )
    section = models.ForeignKey(
        Section, models.SET_NULL, null=True, blank=True, related_name="former_entries"
    )

    class Meta:
        constraints: ClassVar = [
            # It leads to one place.
            models.CheckConstraint(
                condition=Q(into=None) | Q(section=None), name="successor_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} → {self.into_id or self.section_id}"


class Renaming(models.Model):
    """An entry that is probably renamed: an import gave it another name and address.

    Nothing but the rest of its line says that it is the same. `before` is what it was; the row ends
    when a maintainer confirms that, or parts the two.
    """

    entry = models.OneToOneField(Entry, models.CASCADE, related_name="renaming")
    revision = models.PositiveBigIntegerField(help_text="Number of the import.")
    before = models.JSONField(help_text="The fields of the entry that were derived from its line.")

    def __str__(self) -> str:
        return f"{self.before['name']} → {self.entry_id}"


class Link(models.Model):
    """A link in a block, in reading order; links of prose have no entry."""

    class Kind(models.TextChoices):
        SITE = "site", _("site")
        REPOSITORY = "repository", _("repository")
        MODEL = "model", _("model")
        DATASET = "dataset", _("dataset")
        SPACE = "space", _("demo")
        PAPER = "paper", _("paper")
        VIDEO = "video", _("video")
        PACKAGE = "package", _("package")
        INTERNAL = "internal", _("inside the list")
        RELATIVE = "relative", _("relative")
        MAIL = "mail", _("mail")

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="links", db_index=False)
    block = models.ForeignKey(Block, models.CASCADE, related_name="links", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, blank=True, related_name="links")
    ordinal = models.PositiveIntegerField(help_text="From 0, in its block.")
    text = models.TextField(blank=True, help_text="Plain text.")
    url = models.TextField(blank=True, help_text="As written, entities and escapes resolved.")
    canonical_url = models.CharField(max_length=255, blank=True)
    host = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        ordering: ClassVar = ["block_id", "ordinal"]
        constraints: ClassVar = [
            # One place in the block each.
            models.UniqueConstraint(fields=["block", "ordinal"], name="link_ordinal_unique"),
        ]
        indexes: ClassVar = [
            # Who links to the same thing.
            models.Index(fields=["catalog", "canonical_url"], name="link_same_url"),
        ]

    def __str__(self) -> str:
        return self.url


class Tokens(models.TextField):
    """Words of a search row, separated by spaces: a `tsvector` where the database has them.

    The migration puts the full-text indexes on it. Only search.py knows how to ask them.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"


class IndexedEntry(models.Model):
    """The index row of an entry; its key is the entry's. Derived, see finding/indexing.py.

    Texts are words, or terms, separated by spaces. The migration puts indexes on `name_key`.
    """

    id = models.BigIntegerField(primary_key=True)
    # By the database, so that a release that does not know this table can delete a list.
    catalog = models.ForeignKey(
        Catalog, models.DB_CASCADE, related_name="indexed_entries", db_index=False
    )
    name_key = models.TextField(help_text="The words of the name.")
    names = models.TextField(help_text="The words of the name and their parts.")
    words = models.TextField(help_text="The words of everything else.")
    others = models.TextField(help_text="Terms that are no words.")
    length = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Words of the whole entry."
    )

    def __str__(self) -> str:
        return self.name_key


class IndexTerm(models.Model):
    """The entries that have a term, as a bitmap of their keys. Derived, see finding/postings.py."""

    pk = models.CompositePrimaryKey("term", "segment")
    # Bytes, so that every database sorts them the same.
    term = models.BinaryField(help_text="In UTF-8; its first letter says of which kind it is.")
    segment = models.PositiveIntegerField(help_text="The keys' bits from the 17th on.")
    entries = models.BinaryField()

    def __str__(self) -> str:
        return bytes(self.term).decode()


class Word(models.Model):
    """A word of some entry, by its text, its end and its stem; see `finding/matching.py`."""

    # Bytes, so that every database sorts them the same.
    text = models.BinaryField(primary_key=True)
    ending = models.BinaryField(db_index=True, help_text="The text from its end.")
    stem = models.BinaryField(db_index=True, help_text="What its forms have in common.")

    def __str__(self) -> str:
        return bytes(self.text).decode()


class SearchRow(models.Model):
    """The table before `IndexedEntry`. Neither written nor read; a later release drops it."""

    id = models.BigIntegerField(primary_key=True)
    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="search_rows", db_index=False)
    name_key = models.TextField(help_text="The words of the name.")
    names = Tokens(help_text="The words of the name and their parts.")
    words = Tokens(help_text="These, and the words of everything else.")

    class Meta:
        indexes: ClassVar = [
            # The first entries of a catalog that have a common word.
            models.Index(fields=["catalog", "id"], name="search_row_of_catalog"),
        ]

    def __str__(self) -> str:
        return self.name_key


class Posting(models.Model):
    """The table before `IndexTerm`. Neither written nor read; a later release drops it."""

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="postings")
    # Bytes, so that every database sorts them the same.
    word = models.BinaryField(help_text="In UTF-8; with * behind it the beginning of words.")
    chunk = models.PositiveIntegerField(help_text="The keys' bits from the 17th on.")
    entries = models.BinaryField(help_text="Who has it anywhere.")
    named = models.BinaryField(help_text="Who has it in the name; empty when nobody.")

    class Meta:
        constraints: ClassVar = [
            # Looked up by the word, in one list or in all.
            models.UniqueConstraint(fields=["word", "catalog", "chunk"], name="posting_unique"),
        ]

    def __str__(self) -> str:
        return bytes(self.word).decode()


class Facet(models.Model):
    """A question entries can be filtered by: language, licence, base model."""

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="facets", db_index=False)
    slug = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    rank = models.PositiveIntegerField(default=0, help_text=_("Smaller comes first."))
    is_public = models.BooleanField(default=True, help_text=_("Offered as a filter."))

    objects = querysets.FacetQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["catalog_id", "rank", "slug"]
        verbose_name = _("facet")
        verbose_name_plural = _("facets")
        constraints: ClassVar = [
            # One address each.
            models.UniqueConstraint(fields=["catalog", "slug"], name="facet_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(TagBase):
    """A value of a facet."""

    facet = models.ForeignKey(Facet, models.CASCADE, related_name="tags", db_index=False)
    # Unique in the facet, not alone as in TagBase.
    name = models.CharField(_("name"), max_length=200)
    slug = models.CharField(_("address"), max_length=200)
    description = models.TextField(blank=True)
    entry_count = models.PositiveIntegerField(default=0, help_text="Published entries.")

    objects = querysets.TagQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["facet_id", "-entry_count", "slug"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints: ClassVar = [
            # One address each.
            models.UniqueConstraint(fields=["facet", "slug"], name="tag_slug_unique"),
        ]
        indexes: ClassVar = [
            # The most used first.
            models.Index(F("facet"), F("entry_count").desc(), name="tag_by_size"),
        ]

    def slugify(self, tag: str, i: int | None = None) -> str:
        """The address for a name; `C`, `C++` and `C#` differ, Chinese is kept."""
        slug = slugify(tag)
        return slug if i is None else f"{slug}-{i}"

    def get_absolute_url(self) -> str:
        return reverse(
            "catalog:tag-detail", args=[self.facet.catalog.slug, self.facet.slug, self.slug]
        )


class TagAlias(models.Model):
    """An alternative spelling of a tag. Offered by similarity or shipped, valid once confirmed."""

    facet = models.ForeignKey(Facet, models.CASCADE, related_name="aliases", db_index=False)
    spelling = models.CharField(max_length=200)
    key = models.CharField(max_length=200, help_text="Spelling, folded.")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="aliases")
    is_confirmed = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["facet_id", "tag_id", "spelling"]
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        constraints: ClassVar = [
            # A spelling means one tag.
            models.UniqueConstraint(fields=["facet", "key"], name="tag_alias_key_unique"),
        ]

    def __str__(self) -> str:
        return self.spelling


class EntryTag(ItemBase):
    """A tag on an entry, and where it comes from."""

    class Origin(models.TextChoices):
        CELL = "cell", _("a cell")
        SECTION = "section", _("the section")
        HAND = "hand", _("by hand")

    content_object = models.ForeignKey(
        Entry, models.CASCADE, related_name="entry_tags", db_index=False
    )
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="entry_tags", db_index=False)
    origin = models.CharField(max_length=7, choices=Origin, default=Origin.HAND)

    class Meta:
        constraints: ClassVar = [
            # A tag has one origin. The index also serves an entry's tags.
            models.UniqueConstraint(fields=["content_object", "tag"], name="entry_tag_unique"),
        ]
        indexes: ClassVar = [
            # Entries of a tag.
            models.Index(fields=["tag", "content_object"], name="entry_tag_by_tag"),
        ]

    def __str__(self) -> str:
        return f"{self.content_object_id}: {self.tag_id}"


class DismissedTag(models.Model):
    """A derived tag somebody took off by hand; later imports honour it."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="dismissed_tags", db_index=False)
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="dismissals")

    class Meta:
        constraints: ClassVar = [
            # Once is enough.
            models.UniqueConstraint(fields=["entry", "tag"], name="dismissed_tag_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.tag_id}"


class Revision(models.Model):
    """One committed change of anything published. Append-only.

    `details` may get `taken_back` later: it and the revision that undid it at once are no news.
    """

    class Verb(models.TextChoices):
        IMPORT = "import", _("imported")
        ADD = "add", _("added")
        CHANGE = "change", _("changed")
        MOVE = "move", _("moved")
        REMOVE = "remove", _("removed")
        ADD_SECTION = "add-section", _("added a section")
        RENAME_SECTION = "rename-section", _("renamed a section")
        REMOVE_SECTION = "remove-section", _("removed a section")
        MOVE_SECTION = "move-section", _("moved a section")
        SPLIT_SECTION = "split-section", _("split a section")
        MERGE_SECTION = "merge-section", _("joined two sections")
        PROSE = "prose", _("edited the text")
        REVERT = "revert", _("reverted")
        TAGS = "tags", _("changed tags")
        SETTINGS = "settings", _("changed settings")
        RESTORE = "restore", _("restored")

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveBigIntegerField()
    verb = models.CharField(max_length=14, choices=Verb)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="revisions"
    )
    actor_name = models.CharField(max_length=200, blank=True)
    credit = models.CharField(
        max_length=200, blank=True, help_text="Whom the public history names for it."
    )
    note = models.TextField(blank=True)
    submission_token = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    sha256 = models.CharField(
        max_length=64, blank=True, help_text="Of the whole text in UTF-8; imports only."
    )
    details = models.JSONField(
        default=dict, help_text="Counts of an import; before and after of a setting or tag."
    )

    links: Sequence[tuple[str, str]] = ()
    """`(text, address)` of where it is besides, where a page shows that; see `links_of`."""

    objects = querysets.RevisionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["catalog_id", "-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("history")
        constraints: ClassVar = [
            # Numbers are the compare-and-swap of every write.
            models.UniqueConstraint(fields=["catalog", "number"], name="revision_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.catalog_id}@{self.number}"


class Change(models.Model):
    """One line operation of a revision, enough to replay it forwards and backwards.

    `after_uid` is the block it stands after when the operation is done (0: first), and
    `before_after_uid` where it stood before. There is no foreign key to live blocks or entries.
    """

    class Op(models.TextChoices):
        INSERT = "insert", _("added")
        REPLACE = "replace", _("changed")
        MOVE = "move", _("moved")
        DELETE = "delete", _("removed")

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="changes", db_index=False)
    ordinal = models.PositiveIntegerField()
    op = models.CharField(max_length=7, choices=Op)
    uid = models.PositiveBigIntegerField()
    after_uid = models.PositiveBigIntegerField(null=True, blank=True)
    before_after_uid = models.PositiveBigIntegerField(null=True, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    entry_id = models.BigIntegerField(null=True, blank=True)
    entry_name = models.CharField(max_length=300, blank=True)

    objects = querysets.ChangeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["revision_id", "ordinal"]
        constraints: ClassVar = [
            # Operations are replayed in order.
            models.UniqueConstraint(fields=["revision", "ordinal"], name="change_ordinal_unique"),
        ]
        indexes: ClassVar = [
            # An entry's own history.
            models.Index(fields=["entry_id"], name="change_of_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.uid}"


class Export(models.Model):
    """A revision that somebody took out to put it where the README lives.

    A re-import may descend from it. Public downloads write nothing and are not in here.
    """

    catalog = models.ForeignKey(Catalog, models.CASCADE, related_name="exports", db_index=False)
    number = models.PositiveBigIntegerField(help_text="The revision.")
    sha256 = models.CharField(max_length=64, help_text="Of the whole text in UTF-8.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["catalog_id", "-number"]
        constraints: ClassVar = [
            # Once is enough.
            models.UniqueConstraint(fields=["catalog", "number"], name="export_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.catalog_id}@{self.number}"


class Upstream(models.Model):
    """The list's file in Git at the last import: the base of the next merge.

    `blocks` is that text on the blocks stored here, as zlib-compressed JSON `[[uid, source], …]`
    in order; blocks that only Git has come with uids that no stored block has. Empty where Git had
    what the list itself was at `revision`.
    """

    # By the database, so that a release that does not know this table can delete a list.
    catalog = models.OneToOneField(Catalog, models.DB_CASCADE, related_name="upstream")
    revision = models.PositiveBigIntegerField(help_text="Of the list, when that was recorded.")
    base = models.PositiveBigIntegerField(
        help_text="The newest revision up to which Git had everything that was changed here."
    )
    blocks = models.BinaryField(blank=True)

    def __str__(self) -> str:
        return f"{self.catalog_id}@{self.revision}"


class Checkpoint(models.Model):
    """The whole document at a revision, zlib-compressed JSON `[bom, [[uid, kind, source], …]]`.

    Bounds how many changes a past text has to be computed from.
    """

    revision = models.OneToOneField(Revision, models.CASCADE, related_name="checkpoint")
    blocks = models.BinaryField()

    def __str__(self) -> str:
        return str(self.revision_id)
