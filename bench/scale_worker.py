"""A list for `bench.bench_scale`, and what became of it: `python -m bench.scale_worker`.

`fill NUMBER` makes a list, so many suggestions for it, and two moderators; `count` says how often
each suggestion was decided and how often its entry is there. Both print JSON.
"""

import json
import os
import sys
from collections import Counter

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

from django.tasks import TaskResultStatus  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.tokens import Scope, make_token  # noqa: E402
from bench.lists import make_list  # noqa: E402
from catalog.history.revisions import Author  # noqa: E402
from catalog.importing.applying import import_text  # noqa: E402
from catalog.models import Catalog, Entry, Listing  # noqa: E402
from submissions import workflow  # noqa: E402
from submissions.models import Kind, Submission  # noqa: E402
from submissions.people import Actor  # noqa: E402
from submissions.proposal import Proposal  # noqa: E402

ENTRIES = 300


def fill(number: int) -> dict[str, object]:
    """Ids of the suggestions by the name of their entry, and tokens of the moderators."""
    catalog = import_text(
        make_list(ENTRIES), catalog=Catalog(slug="tools", title="Tools"), by=Author()
    ).catalog
    listing = Listing.objects.filter(catalog=catalog, kind=Listing.Kind.TABLE).earliest("pk")
    ids = {}
    for count in range(number):
        name = f"Suggestion{count:05}"
        ids[name] = workflow.submit(
            catalog=catalog,
            actor=Actor(name=f"Person {count}", network_hash=f"network {count}"),
            proposal=Proposal(Kind.ADD, name=name, url=f"https://s{count}.example/"),
            listing=listing,
        ).pk
    secrets = []
    for name in ("ada", "mo"):
        user = User.objects.create_superuser(name, f"{name}@people.example", "secret")
        secrets.append(make_token(user=user, name="bench", scopes=[Scope.MODERATE])[1])
    return {"ids": ids, "tokens": secrets}


def count() -> dict[str, object]:
    """How often each is decided and there, by id and name, and how many tasks wait."""
    decided = Submission.objects.filter(events__verb="approve").values_list("pk", flat=True)
    there = Entry.objects.published().filter(name__startswith="Suggestion")
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    return {
        "decided": Counter(decided),
        "there": Counter(there.values_list("name", flat=True)),
        "ready": ready.count(),
    }


if __name__ == "__main__":
    print(json.dumps(fill(int(sys.argv[2])) if sys.argv[1] == "fill" else count()))
