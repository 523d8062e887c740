"""Take a README in: create a catalog, or bring one up to date."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.errors import CatalogError, MergeConflict, UnreadableText
from catalog.history import By
from catalog.importing import (
    ImportPlan,
    ImportResult,
    check_slug,
    import_text,
    new_snapshot,
    plan_import,
    take_snapshot,
)
from catalog.models import Catalog
from catalog.texts import decode_text, title_of


class Command(BaseCommand):
    """`import_markdown FILE|- --catalog SLUG`; see docs/commands.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The arguments of contract.md."""
        parser.add_argument("file", metavar="FILE", help="a markdown file, - for standard input")
        parser.add_argument("--catalog", required=True, metavar="SLUG", help="address of the list")
        parser.add_argument("--title", default="", help="default: the first heading")
        parser.add_argument("--source-url", default="", help="where the README lives")
        parser.add_argument("--dry-run", action="store_true", help="say what would change")
        parser.add_argument(
            "--theirs", action="store_true", help="let the file win where both sides changed"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument("--actor", metavar="USERNAME", help="who the history names")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, plan, apply, and print what came of it."""
        try:
            text = decode_text(read_file(options["file"]), options["file"])
            catalog = _catalog(options, text)
            by = By(actor=_actor(options["actor"]))
            if options["dry_run"]:
                plan = _plan(catalog, text)
                result = ImportResult(catalog, plan, plan.snapshot.revision, catalog.pk is None)
            else:
                result = import_text(text, catalog=catalog, by=by, theirs=options["theirs"])
        except MergeConflict as error:
            if options["json"]:
                self.stdout.write(json.dumps(_conflicts(options, error), ensure_ascii=False))
            raise CommandError(f"{options['file']}: {error}") from None
        except CatalogError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(result.summary(), ensure_ascii=False))
        else:
            self.stdout.write(_sentence(result, is_dry=options["dry_run"]))
            for warning in result.plan.warnings:
                self.stdout.write(f"  line {warning.line}: {warning.message} [{warning.code}]")


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


def _catalog(options: dict[str, Any], text: str) -> Catalog:
    slug, title, source = options["catalog"], options["title"], options["source_url"]
    catalog = Catalog.objects.filter(slug=slug).first()
    if catalog is None:
        check_slug(slug)
        catalog = Catalog(slug=slug, title=title or title_of(text) or slug, source_url=source)
        catalog.clean_fields(exclude=["license", "license_url"])
        return catalog
    if title:
        catalog.title = title
    if source:
        catalog.source_url = source
    return catalog


def _actor(username: str | None) -> Any:
    if not username:
        return None
    user = get_user_model().objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no account {username}; check --actor.")
    return user


def _plan(catalog: Catalog, text: str) -> ImportPlan:
    snapshot = new_snapshot(catalog) if catalog._state.adding else take_snapshot(catalog)
    return plan_import(text, snapshot)


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
    conflicts = len(figures["conflicts"])
    clash = f", {conflicts} conflicts" if conflicts else ""
    return (
        f"{head} {figures['catalog']}: {figures['sections']} sections, "
        f"{figures['entries']} entries ({figures['created']} created, "
        f"{figures['updated']} updated, {figures['moved']} moved, {figures['removed']} removed, "
        f"{figures['unchanged']} unchanged), {figures['suggested']} suggested{clash}, "
        f"{len(figures['warnings'])} findings; revision {figures['revision']}."
    )
