"""How much a run tries: enough for every commit, or everything with LISTWRIGHT_TESTS_LONG=1."""

import os

IS_LONG = os.environ.get("LISTWRIGHT_TESTS_LONG") == "1"
