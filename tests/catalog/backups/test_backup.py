import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from catalog.backups import TABLES, restore_backup, write_backup
from catalog.checking import check_catalog
from catalog.editing.settings import correct
from catalog.editing.tags import add_alias, add_tag, tag_entry, untag_entry
from catalog.errors import AddressTaken, CatalogError, UnreadableText
from catalog.exporting import export_markdown, record_export
from catalog.history.revisions import Author, text_at
from catalog.importing.applying import import_text
from catalog.importing.planning import Figure
from catalog.markdown.corrections import Correction
from catalog.models import (
    READING,
    Catalog,
    DismissedTag,
    Entry,
    EntryTag,
    IndexedEntry,
    Posting,
    SearchRow,
    TagAlias,
    Upstream,
)
from catalog.store.document import OWNED, delete_catalog

pytestmark = pytest.mark.django_db

TEXT = """\ufeff# Tools\r
\r
See [the guide](https://example.org/guide) first.\r
\r
## Editors\r
\r
| name | language |\r
|------|----------|\r
| [Ed](https://example.org/ed) | C/Go |\r
| [Vi](https://example.org/vi) | C |\r
\r
## 列表\r
\r
- [One](https://example.org/one) - First.\r
  - [Two](https://example.org/two) - Below the first one.\r
- [Sub](https://example.org/sub)\r
  - [Paper](https://example.org/paper)\r
- [Three][3]\r
\r
[3]: https://example.org/three"""


@pytest.fixture
def catalog() -> Catalog:
    """A list with decisions, a history, people and an export."""
    ada = User.objects.create_user("ada", display_name="Ada")
    catalog = import_text(
        TEXT.replace("First.", "Old.")
        .replace("[Two](https://example.org/two)", "[Toe](https://example.org/toe)")
        .replace("## Editors", "## Editing")
        .replace("[Paper](https://example.org/paper)", "[All](https://example.org/paper) - All."),
        catalog=Catalog(slug="tools", title="Tools", description="Of all kinds."),
        by=Author(),
    ).catalog
    import_text(TEXT, catalog=catalog, by=Author(actor=ada, note="Newer"))
    facet = catalog.facets.get(slug="language")
    ed = catalog.entries.get(name="Ed")
    tag_entry(entry=ed, tag=add_tag(facet=facet, name="Rust", by=Author()), by=Author(actor=ada))
    untag_entry(entry=ed, tag=facet.tags.get(name="Go"), by=Author(actor=ada))
    add_alias(tag=facet.tags.get(name="C"), spelling="C99", by=Author())
    Membership.objects.create(user=ada, catalog=catalog, role=Membership.Role.MAINTAINER)
    section = catalog.sections.get(title="Editors")
    correct(catalog=catalog, section=section, correction=Correction(name="name"), by=Author())
    catalog.refresh_from_db()
    record_export(catalog, number=2, sha256="0" * 64)
    return catalog


def backed_up(catalog: Catalog) -> io.BytesIO:
    file = io.BytesIO()
    write_backup(catalog, file)
    file.seek(0)
    return file


BY_NAME = {
    "dismissed_tags": ["entry__name", "tag__name"],
    "successors": ["entry__name", "into__name", "section__path"],
}


def rows_of(catalog: Catalog) -> dict[str, list[str]]:
    """Every row of a catalog, without keys that may differ."""
    results = {}
    for table in TABLES:
        names = [
            field.attname
            for field in table.fields
            if not field.primary_key and not field.is_relation and field.name != "entry_id"
        ]
        rows = table.model._default_manager.filter(**{table.owner: catalog})
        results[table.name] = sorted(map(repr, rows.values_list(*names or BY_NAME[table.name])))
    return results


def test_backup_brings_everything_back_after_a_deletion(catalog: Catalog) -> None:
    file = backed_up(catalog)
    before = rows_of(catalog)
    ids = dict(catalog.entries.values_list("pk", "name"))
    history = [text_at(catalog, number) for number in range(1, catalog.revision + 1)]
    fields = Catalog.objects.values().get(pk=catalog.pk)
    delete_catalog(catalog)

    restored = restore_backup(file)

    assert restored.renumbered == 0
    assert rows_of(restored.catalog) == before
    assert all(before.values())
    assert dict(restored.catalog.entries.values_list("pk", "name")) == ids
    assert export_markdown(restored.catalog) == TEXT
    revisions = range(1, restored.catalog.revision + 1)
    assert [text_at(restored.catalog, number) for number in revisions] == history
    assert check_catalog(restored.catalog) == []
    again = Catalog.objects.values().get(pk=restored.catalog.pk)
    assert again | {"id": 0} == fields | {"id": 0}


def test_restored_list_goes_on_where_it_was(catalog: Catalog) -> None:
    file = backed_up(catalog)
    delete_catalog(catalog)
    restored = restore_backup(file).catalog

    changed = TEXT.replace("First.", "Newest.") + "\n- [Four](https://example.org/four)\n"
    plan = import_text(changed, catalog=restored, by=Author()).plan

    expected = Counter({Figure.UPDATED: 1, Figure.CREATED: 1, Figure.UNCHANGED: 5})
    assert plan.figures == expected
    assert check_catalog(restored) == []
    tags = {tag.name for tag in restored.entries.get(name="Ed").tags.all()}
    assert tags == {"C", "Editors", "Rust"}


def test_restore_beside_the_original_gives_new_ids_and_says_so(catalog: Catalog) -> None:
    file = backed_up(catalog)

    restored = restore_backup(file, slug="copy")

    assert restored.renumbered == catalog.entries.count()
    assert export_markdown(restored.catalog) == export_markdown(catalog) == TEXT
    assert check_catalog(restored.catalog) == check_catalog(catalog) == []
    tagged = [
        revision.details["entry"]
        for revision in restored.catalog.revisions.filter(details__operation="tag-entry")
    ]
    assert tagged == [restored.catalog.entries.get(name="Ed").pk]
    assert TagAlias.objects.filter(facet__catalog=restored.catalog).count() == 1
    assert "/copy/" not in export_markdown(restored.catalog)
    assert not Entry.objects.filter(catalog=restored.catalog, html__contains="/tools/").exists()


def test_restore_does_without_people_who_have_no_account(catalog: Catalog) -> None:
    file = backed_up(catalog)
    delete_catalog(catalog)
    User.objects.all().delete()

    restored = restore_backup(file).catalog

    assert not restored.memberships.exists()
    assert [revision.actor_name for revision in restored.revisions.filter(number=2)] == ["Ada"]
    assert restored.revisions.get(number=2).actor is None


def test_restore_overwrites_nothing(catalog: Catalog) -> None:
    file = backed_up(catalog)

    with pytest.raises(AddressTaken):
        restore_backup(file)
    with pytest.raises(AddressTaken):
        restore_backup(file, slug="admin")


@pytest.mark.parametrize(
    ("member", "before", "after"),
    [
        ("blocks.jsonl", "First.", "Other."),
        ("blocks.jsonl", "\n", ""),
        ("entries.jsonl", "[", "]"),
        ("tags.jsonl", '"name"', '"nom"'),
        ("manifest.json", '"version": 1', '"version": 2'),
        ("manifest.json", "listwright-catalog", "other"),
        ("manifest.json", '"slug"', '"slog"'),
        ("changes.jsonl", '"replace"', '"' + "x" * 90 + '\\u0000"'),
        ("links.jsonl", "https", "\\ud800"),
        ("entry_tags.jsonl", "hand", "\\u0000"),
    ],
)
def test_damaged_backup_is_refused_and_nothing_written(
    catalog: Catalog, member: str, before: str, after: str
) -> None:
    file = backed_up(catalog)
    delete_catalog(catalog)
    damaged = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(damaged, "w") as copy:
        for name in archive.namelist():
            text = archive.read(name).decode()
            assert name != member or before in text
            copy.writestr(name, text.replace(before, after) if name == member else text)

    # SQLite keeps what PostgreSQL refuses; either way it is the same text or nothing.
    try:
        restored = restore_backup(damaged).catalog
    except UnreadableText:
        assert not Catalog.objects.exists()
        assert not Entry.objects.exists()
    else:
        assert member in {"changes.jsonl", "entry_tags.jsonl"}
        assert export_markdown(restored) == TEXT


@pytest.mark.parametrize("data", [b"", b"PK", b"# Tools\n", b"PK\x05\x06" + bytes(18)])
def test_file_that_is_no_backup_is_refused(data: bytes) -> None:
    with pytest.raises(CatalogError):
        restore_backup(io.BytesIO(data))


def test_manifest_says_what_is_inside(catalog: Catalog) -> None:
    with zipfile.ZipFile(backed_up(catalog)) as archive:
        manifest = json.loads(archive.read("manifest.json"))

    assert (manifest["format"], manifest["version"]) == ("listwright-catalog", 1)
    assert manifest["rows"]["entries"] == catalog.entries.count()
    assert manifest["rows"]["memberships"] == 1


def test_every_table_of_a_catalog_is_backed_up_and_deleted() -> None:
    """A new model that belongs to a catalog has to be named in both."""

    def belongs(model: type[models.Model]) -> bool:
        reached = {model}
        waiting = [model]
        while waiting:
            for field in waiting.pop()._meta.concrete_fields:
                target = field.related_model
                if isinstance(target, type) and target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return Catalog in reached and model is not Catalog

    from django.apps import apps

    owned = {model for model in apps.get_app_config("catalog").get_models() if belongs(model)}

    # What entries are found by is made again.
    derived = {IndexedEntry, SearchRow, Posting}
    assert {table.model for table in TABLES} == owned - derived | {Membership}
    assert {model for model, _owner in OWNED} == owned


def test_release_that_does_not_know_of_upstreams_can_delete_a_list() -> None:
    catalog = Catalog.objects.create(slug="bare", title="Bare")
    Upstream.objects.create(catalog=catalog, revision=1, base=1)

    rows = Catalog.objects.filter(pk=catalog.pk)
    rows._raw_delete(rows.db)

    assert not Upstream.objects.filter(revision=1, base=1).exists()


def test_backup_of_the_first_release_is_restored(catalog: Catalog) -> None:
    newer = ["upstreams", "successors", "renamings", "corrections"]
    old = io.BytesIO()
    with zipfile.ZipFile(backed_up(catalog)) as new, zipfile.ZipFile(old, "w") as archive:
        for name in new.namelist():
            data = new.read(name)
            if name == "manifest.json":
                manifest = json.loads(data)
                for table in newer:
                    del manifest["rows"][table]
                for setting in ("reading", "is_corrected", "decided_on"):
                    del manifest["catalog"][setting]
                data = json.dumps(manifest).encode()
            if name == "entries.jsonl":
                lines = [json.loads(line) for line in data.splitlines()]
                place = lines[0].index("stood_in")
                data = "".join(
                    json.dumps(row[:place] + row[place + 1 :]) + "\n" for row in lines
                ).encode()
            if name.removesuffix(".jsonl") not in newer:
                archive.writestr(name, data)
    before = rows_of(catalog)
    number = catalog.revision
    delete_catalog(catalog)

    restored = restore_backup(old)

    # It was read again, and differed in nothing.
    again = rows_of(restored.catalog)
    assert len(again.pop("revisions")) == len(before.pop("revisions")) + 1
    assert again == {**before, **{table: [] for table in newer}}
    assert (restored.catalog.reading, restored.catalog.revision) == (READING, number + 1)
    assert check_catalog(restored.catalog) == []


def test_deletion_leaves_other_lists_alone(catalog: Catalog) -> None:
    other = restore_backup(backed_up(catalog), slug="other").catalog
    before = rows_of(other)

    delete_catalog(catalog)

    assert Catalog.objects.get() == other
    assert rows_of(other) == before
    assert check_catalog(other) == []
    for model, owner in OWNED:
        assert not model._default_manager.exclude(**{owner: other}).exists()


def test_deletion_takes_the_same_statements_for_any_number_of_rows(catalog: Catalog) -> None:
    rows = "".join(f"- [A{n}](https://a.example/{n})\n" for n in range(100))
    large = import_text(rows, catalog=Catalog(slug="large", title="Large"), by=Author()).catalog
    for user in User.objects.filter(memberships__catalog=catalog):
        Membership.objects.create(user=user, catalog=large, role=Membership.Role.MODERATOR)
    # Whose entries stay among those of the same words.
    import_text(rows, catalog=Catalog(slug="other", title="Other"), by=Author())
    counts = []
    for each in (catalog, large):
        with CaptureQueriesContext(connection) as queries:
            delete_catalog(each)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert not EntryTag.objects.exists()
    assert not DismissedTag.objects.exists()


def test_commands_back_up_and_restore(
    catalog: Catalog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "tools.zip")
    call_command("backup_catalog", "tools", "--output", file)
    call_command("restore_catalog", file, "--slug", "tools-2")

    assert "tools-2: 6 entries" in capsys.readouterr().out
    assert export_markdown(Catalog.objects.get(slug="tools-2")) == TEXT
    with pytest.raises(CommandError, match="Another list uses the address tools"):
        call_command("restore_catalog", file)
    with pytest.raises(CommandError, match="There is no catalog"):
        call_command("backup_catalog", "nothing", "--output", file)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("restore_catalog", str(tmp_path / "missing.zip"))
