"""Sites of any size on the database of DATABASE_URL: `python -m bench.sites 1000000 1000`.

So many entries in so many lists, half in the first one where there are several. A single list is
imported. Of several the first ten thousand entries of the one half are, and one list of the other
half; the database copies their rows, which takes a twentieth of the time.
"""

import os
import sys
from collections import defaultdict
from dataclasses import dataclass

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.db.models import F, Max, Min  # noqa: E402

from bench.databases import disconnect  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.finding import postings  # noqa: E402
from catalog.finding.postings import FACET, SECTION, TAG, IndexRow, key_term, terms_of_row  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import (  # noqa: E402
    Block,
    Catalog,
    Column,
    Entry,
    EntryTag,
    Facet,
    IndexedEntry,
    Link,
    Listing,
    Section,
    Tag,
)
from catalog.sql.bulk import add_rows  # noqa: E402

IMPORTED = 10_000
"""Entries of the first of several lists that are imported."""
LIST_WIDE = (Catalog, Column, Facet, Tag)
COPIED = (Catalog, Section, Listing, Column, Facet, Tag, Block, Entry, Link, EntryTag)
"""Tables with what a list consists of, each behind those that its rows name."""


@dataclass
class Source:
    """The rows of a list that was imported last, as keys from one to another."""

    catalog: Catalog
    keys: dict[type[models.Model], tuple[int, int]]
    title: int
    """Key of the section that is its title."""

    def step(self, model: type[models.Model]) -> int:
        """By how much the keys of a copy differ from those of the copy before."""
        first, last = self.keys[model]
        return last - first + 1


def imported(slug: str, title: str, entries: int, seed: int) -> Source:
    """Import a list."""
    before = {model: _ends(model)[1] for model in COPIED}
    catalog = Catalog(slug=slug, title=title)
    import_text(make_list(entries, seed=seed), catalog=catalog, by=Author())
    keys: dict[type[models.Model], tuple[int, int]] = {
        model: (before[model] + 1, _ends(model)[1]) for model in COPIED
    }
    section = Section.objects.filter(catalog=catalog, is_title=True).values_list("pk", flat=True)
    return Source(Catalog.objects.get(pk=catalog.pk), keys, section.first() or 0)


def _ends(model: type[models.Model]) -> tuple[int, int]:
    ends = model._base_manager.aggregate(first=Min("pk"), last=Max("pk"))
    return ends["first"] or 0, ends["last"] or 0


def copy(source: Source, times: int, *, is_within: bool) -> None:
    """Copy a list, or inside it all that it consists of."""
    for model in COPIED:
        if not is_within or model not in LIST_WIDE:
            _copy_rows(model, source, times, is_within=is_within)
    if is_within:
        whole = Catalog.objects.filter(pk=source.catalog.pk)
        whole.update(entry_count=F("entry_count") * (times + 1))
        Tag.objects.filter(facet__catalog=source.catalog).update(
            entry_count=F("entry_count") * (times + 1)
        )
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(COPIED)):
            cursor.execute(statement)
    _copy_index(source, times, is_within=is_within)


def _copy_rows(model: type[models.Model], source: Source, times: int, *, is_within: bool) -> None:
    table, names, values = model._meta.db_table, [], []
    for field in model._meta.concrete_fields:
        names.append(connection.ops.quote_name(str(field.column)))
        values.append(_value(model, field, names[-1], source, is_within=is_within))
    where = f"id BETWEEN {source.keys[model][0]} AND {source.keys[model][1]}"
    if is_within and model is Section:
        where += " AND NOT is_title"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(n) AS"
            f" (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < {times})"
            f" INSERT INTO {table} ({', '.join(names)})"
            f" SELECT {', '.join(values)} FROM numbers CROSS JOIN {table} WHERE {where}"
        )


def _value(
    model: type[models.Model],
    field: "models.Field[object, object]",
    name: str,
    source: Source,
    *,
    is_within: bool,
) -> str:
    """What a column of a copy holds, as SQL."""
    to = model if field.primary_key else field.related_model
    if to in COPIED and not (is_within and to in LIST_WIDE):
        shifted = f"{name} + n * {source.step(to)}"
        if is_within and to is Section:
            return f"CASE WHEN {name} = {source.title} THEN {name} ELSE {shifted} END"
        return shifted
    if is_within and field.name in {"position", "uid"}:
        blocks = Block.objects.filter(catalog=source.catalog)
        return f"{name} + n * {blocks.aggregate(most=Max(field.name))['most'] + 1}"
    if is_within and (model, field.name) == (Section, "path"):
        return f"n || '-' || {name}"
    if model is Catalog and field.name in {"slug", "title"}:
        return f"{name} || '-' || n"
    if field.name in {"name", "slug", "url", "canonical_url"} and model in {Entry, Link}:
        return f"replace(replace({name}, 'Project ', 'Project ' || n), 'project-', 'project-' || n)"
    return name


def _copy_index(source: Source, times: int, *, is_within: bool) -> None:
    """Write what the copies are found by, as an import would: from their words."""
    fields = ("id", "catalog_id", "name_key", "names", "words", "others", "length")
    stored = IndexedEntry.objects.filter(catalog=source.catalog).order_by("pk")
    rows = [IndexRow._make(row) for row in stored.values_list(*fields)]
    terms: defaultdict[str, list[int]] = defaultdict(list)
    segment = 0
    for n in range(1, times + 1):
        copies = [_copied(row, source, n, is_within=is_within) for row in rows]
        for copied in copies:
            if postings.segment_of(copied.pk) != segment:
                _write(terms)
                segment = postings.segment_of(copied.pk)
            for term in terms_of_row(copied):
                terms[term].append(copied.pk)
        add_rows(IndexedEntry, fields, copies)
    _write(terms)


def _write(terms: defaultdict[str, list[int]]) -> None:
    with transaction.atomic():
        postings.lock()
        postings.write({}, terms)
    terms.clear()


def _copied(row: IndexRow, source: Source, n: int, *, is_within: bool) -> IndexRow:
    shifts = {SECTION: n * source.step(Section)}
    fixed = key_term(SECTION, source.title)
    if not is_within:
        shifts |= {TAG: n * source.step(Tag), FACET: n * source.step(Facet)}
        fixed = ""
    others = [
        key_term(term[0], int(term[1:]) + shifts[term[0]])
        if term[0] in shifts and term[1:].isdecimal() and term != fixed
        else term.replace("project-", f"project-{n}")
        for term in row.others.split(" ")
    ]
    return row._replace(
        pk=row.pk + n * source.step(Entry),
        catalog=row.catalog if is_within else row.catalog + n,
        name_key=row.name_key.replace("project ", f"project {n}"),
        names=row.names.replace("project ", f"project {n}"),
        others=" ".join(others),
    )


def fill(entries: int, lists: int) -> None:
    """Make the site on an empty database."""
    call_command("migrate", verbosity=0)
    if present := Catalog.objects.count():
        if present == lists:
            return
        sys.exit("The database holds another site, or one that was not finished: remove it.")
    if lists == 1:
        imported("list", "A list", entries, 1)
    else:
        half = entries // 2
        first = imported("list", "A list", min(half, IMPORTED), 1)
        copy(first, half // IMPORTED - 1, is_within=True)
        other = imported("list-0", "List 0", half // (lists - 1), 2)
        copy(other, lists - 2, is_within=False)
    with connection.cursor() as cursor:
        # As the database does by itself after a while.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    fill(int(sys.argv[1]), int(sys.argv[2]))
    disconnect()
