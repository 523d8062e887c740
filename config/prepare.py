"""What ``make run`` does before it serves, in one process: each start of Django takes a second.

Everything here may be done again at any time, and then changes nothing.
"""

import os
import sys
from io import StringIO

import django
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.command_line import database_problems_in_a_sentence


def prepare() -> None:
    """Bring the database up to date, and make sure of the sample list and of a moderator."""
    is_behind = _is_behind()
    call_command("migrate", verbosity=0)
    call_command("build_index", stdout=StringIO())
    if is_behind:
        # A newer release may derive more of the same text.
        call_command("rebuild_projection", stdout=StringIO())
    call_command("load_sample")
    call_command("ensure_moderator")


def _is_behind() -> bool:
    """Whether there are migrations that the database has not seen."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        with database_problems_in_a_sentence():
            prepare()
    except CommandError as error:
        sys.exit(str(error))
