"""Load the sample list, once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

import catalog.samples
from catalog.editing.tags import load_aliases
from catalog.history.revisions import Author
from catalog.importing.applying import decode_text, import_text
from catalog.models import Catalog

SAMPLE = "open-source-chatgpt"


class Command(BaseCommand):
    """`load_sample`: the list that a new site starts with; nothing if it is there already."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the sample and its aliases."""
        if Catalog.objects.filter(slug=SAMPLE).exists():
            return
        folder = Path(catalog.samples.__file__).parent
        about = tomllib.loads((folder / f"{SAMPLE}.toml").read_text(encoding="utf-8"))
        aliases = about.pop("aliases", {})
        path = folder / f"{SAMPLE}.md"
        text = decode_text(path.read_bytes(), path.name)
        with transaction.atomic():
            row = Catalog.objects.create(**about)
            # First, because they say which columns hold values that are worth a filter.
            load_aliases(catalog=row, mapping=aliases, by=Author(note="Known spellings"))
            result = import_text(text, catalog=row, by=Author(note="The sample list"))
        self.stdout.write(f"Loaded the sample list, {result.summary()['entries']} entries.")
