"""What a server imports before it forks, and what a command leaves out."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.catalog.test_commands import database_url

PRELOADED = """
import gc, json, sys, threading
from config.preloaded import application
from django.db import connections
from django.template import engines
from django.urls import get_resolver, resolve
before = set(sys.modules)
for address in ("/", "/search/", "/api/v1/entries/", "/tools/", "/admin/", "/accounts/login/"):
    resolve(address)
print(json.dumps({
    "threads": threading.active_count(),
    "connections": sum(each.connection is not None for each in connections.all(True)),
    "is_frozen": gc.get_freeze_count() > 100_000,
    "imported later": sorted(set(sys.modules) - before),
    "languages": len(get_resolver()._app_dict),
    "compiled": sorted(
        name
        for name in ("account/menu.html", "base.html", "catalog/browse.html")
        if name in engines["django"].engine.template_loaders[0].get_template_cache
    ),
    "has caches": "config.caches" in before,
}))
"""
COMMAND = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from config.command_line import main
main(["manage.py", "build_index"])
print(json.dumps([name for name in ("config.urls", "catalog.views") if name in sys.modules]))
"""


def printed(program: str, **environment: str) -> object:
    """Return what a program of its own prints last, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_all_is_imported_before_workers_are_forked() -> None:
    assert printed(PRELOADED) == {
        "threads": 1,
        "connections": 0,
        "is_frozen": True,
        "imported later": [],
        "languages": len(settings.LANGUAGES),
        "compiled": ["account/menu.html", "base.html", "catalog/browse.html"],
        "has caches": True,
    }


@pytest.mark.django_db(transaction=True)
def test_command_imports_no_pages() -> None:
    assert printed(COMMAND, DATABASE_URL=database_url(), DATABASE_POOL_SIZE="0") == []
