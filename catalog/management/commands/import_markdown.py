"""Import a README: create a catalog, or update one."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from catalog.editing.settings import change_settings
from catalog.errors import AddressTaken, CatalogError, MergeConflict, UnreadableText
from catalog.history.revisions import Author
from catalog.importing.applying import (
    ImportResult,
    check_slug,
    conflict_error,
    decode_text,
    import_text,
)
from catalog.importing.merging import theirs_wins, undecided
from catalog.importing.planning import plan_import
from catalog.management import readers_may_leave
from catalog.models import Catalog
from catalog.sentences import finding_sentence
from catalog.store.snapshots import new_snapshot, take_snapshot


class Command(BaseCommand):
    """`import_markdown FILE|- --catalog SLUG`; see docs/commands.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", metavar="FILE", help="a markdown file, - for standard input")
        parser.add_argument("--catalog", required=True, metavar="SLUG", help="address of the list")
        parser.add_argument("--title", default="", help="default: the first heading")
        parser.add_argument("--source-url", default="", help="where the README lives")
        parser.add_argument("--dry-run", action="store_true", help="say what would change")
        parser.add_argument(
            "--theirs",
            action="store_true",
            help="let the file win where both sides changed; otherwise such lines wait",
        )
        parser.add_argument(
            "--strict", action="store_true", help="write nothing where both sides changed a line"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--actor", metavar="USERNAME", help="who the history names")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, plan, apply, and print what came of it."""
        name = "standard input" if options["file"] == "-" else options["file"]
        try:
            text = decode_text(read_file(options["file"]), name)
            result = _run(text, options)
        except MergeConflict as error:
            if options["json"]:
                self._print(json.dumps(_conflicts(options, error), ensure_ascii=False))
            raise CommandError(f"{name}: {error}") from None
        except CatalogError as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(_first_message(error)) from None
        if options["json"]:
            self._print(json.dumps(result.summary(), ensure_ascii=False))
        else:
            warnings = [
                f"  line {warning.line}: {finding_sentence(warning)} [{warning.code}]"
                for warning in result.plan.warnings
            ]
            self._print("\n".join([_sentence(result, is_dry=options["dry_run"]), *warnings]))

    def _print(self, text: str) -> None:
        with readers_may_leave():
            self.stdout.write(text)


def _run(text: str, options: dict[str, Any]) -> ImportResult:
    by = Author(actor=_actor(options["actor"]))
    slug, dry_run = options["catalog"], options["dry_run"]
    # What a killed import has left there is cleared away by the one that follows.
    rows = Catalog.objects.filter(slug=slug, is_unfinished=False)
    catalog = rows.first()
    if catalog is None:
        catalog = _new_catalog(options)
        if dry_run:
            plan = plan_import(text, new_snapshot(catalog))
            return ImportResult(catalog, plan, 0, is_new=True)
        try:
            return import_text(text, catalog=catalog, by=by)
        except AddressTaken:
            # Another process has just imported it.
            catalog = rows.first()
            if catalog is None:
                raise
    settings = {name: options[name] for name in ("title", "source_url") if options[name]}
    _check(catalog, settings)
    theirs, strict = options["theirs"], options["strict"]
    if dry_run:
        plan = plan_import(text, take_snapshot(catalog), theirs_wins if theirs else undecided)
        if plan.waiting and strict:
            raise conflict_error(plan.waiting)
        return ImportResult(catalog, plan, plan.snapshot.revision, is_new=False)
    if all(getattr(catalog, name) == value for name, value in settings.items()):
        return import_text(text, catalog=catalog, by=by, theirs=theirs, strict=strict)
    with transaction.atomic():
        result = import_text(text, catalog=catalog, by=by, theirs=theirs, strict=strict)
        change_settings(catalog=result.catalog, by=by, values=settings)
        return replace(result, revision=result.catalog.revision)


def read_file(name: str) -> bytes:
    """The bytes of a file or of standard input. Raises `UnreadableText`."""
    limit = settings.MAX_IMPORT_BYTES + 1
    if name == "-":
        return sys.stdin.buffer.read(limit)
    path = Path(name)
    if path.is_dir():
        raise UnreadableText(f"{name} is a directory; name the markdown file inside it.")
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except FileNotFoundError:
        raise UnreadableText(f"There is no file {name}; check the path.") from None
    except OSError as error:
        raise UnreadableText(f"{name} cannot be read: {error.strerror}.") from None


def _new_catalog(options: dict[str, Any]) -> Catalog:
    slug = options["catalog"]
    check_slug(slug)
    catalog = Catalog(slug=slug)
    given = {name: options[name] for name in ("title", "source_url") if options[name]}
    _check(catalog, given)
    for name, value in given.items():
        setattr(catalog, name, value)
    return catalog


def _check(catalog: Catalog, settings: dict[str, str]) -> None:
    """Raise `ValidationError` for a title or an address that cannot be stored."""
    trial = Catalog(slug=catalog.slug, **settings)
    trial.clean_fields(exclude={field.name for field in Catalog._meta.fields} - set(settings))


def _actor(username: str | None) -> Any:
    if not username:
        return None
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no account {username}; check --actor.")
    return user


def _first_message(error: ValidationError) -> str:
    return f"--title or --source-url cannot be stored: {error.messages[0]}"


def _conflicts(options: dict[str, Any], error: MergeConflict) -> dict[str, Any]:
    return {
        "catalog": options["catalog"],
        "conflicts": [
            {
                "line": conflict.line,
                "base": conflict.base,
                "ours": conflict.ours,
                "theirs": conflict.theirs,
            }
            for conflict in error.conflicts
        ],
    }


def _sentence(result: ImportResult, *, is_dry: bool) -> str:
    figures = result.summary()
    head = "Would change" if is_dry else "Imported"
    if result.plan.is_empty:
        head = "Nothing to change in"
    conflicts, waiting = len(figures["conflicts"]), len(result.plan.waiting)
    clash = f", {conflicts} conflicts" if conflicts else ""
    if waiting:
        would = "would wait" if is_dry else "wait"
        clash += f" ({waiting} {would} as submissions for somebody to decide)"
    return (
        f"{head} {figures['catalog']}: {figures['sections']} sections, "
        f"{figures['entries']} entries ({figures['created']} created, "
        f"{figures['updated']} updated, {figures['moved']} moved, "
        f"{figures['moved_and_edited']} moved and edited, {figures['returned']} returned, "
        f"{figures['joined']} merged into another entry, "
        f"{figures['removed']} removed, {figures['unchanged']} unchanged), "
        f"{figures['suggested']} suggested{clash}, "
        f"{len(figures['warnings'])} findings; revision {figures['revision']}."
    )
