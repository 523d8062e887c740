"""Preparation for ``make run`` in one process: each start of Django takes a second.

Everything here may be done again at any time, and then changes nothing.
"""

import os
import sys

import django
from django.core.management import CommandError, call_command

from config.command_line import database_problems_in_a_sentence
from config.upgrading import bring_up_to_date


def prepare() -> None:
    """Migrate, and create the sample list and a moderator where they are missing.

    `upgrade_lists` runs beside the server afterwards.
    """
    bring_up_to_date()
    call_command("load_sample")
    call_command("ensure_moderator")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        with database_problems_in_a_sentence():
            prepare()
    except CommandError as error:
        sys.exit(str(error))
