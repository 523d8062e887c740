"""Others write while a long list comes in: they wait, and none of them fails.

How long they wait is measured by `make bench ARGS=waiting`.
"""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from catalog.checking import check_catalog
from catalog.models import Catalog
from tests.catalog.test_commands import database_url
from tests.effort import IS_LONG

SIZE = 20_000 if IS_LONG else 600


@pytest.mark.django_db(transaction=True)
def test_sign_ins_and_edits_go_on_while_a_long_list_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.waiting_worker", "wait", str(SIZE), "0"],
        env=os.environ | {"DATABASE_URL": database_url(), "DATABASE_POOL_SIZE": "0"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )

    figures = json.loads(done.stdout)
    assert figures["writes"] > 20
    lists = Catalog.objects.order_by("slug")
    assert [(row.slug, row.is_unfinished) for row in lists] == [("long", False), ("other", False)]
    assert [check_catalog(row) for row in lists] == [[], []]
