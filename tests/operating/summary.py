"""What every later release must know of a site that it restores from a backup of an earlier one."""

from __future__ import annotations

import json

from accounts.models import User
from catalog.exporting import export_markdown
from catalog.models import Catalog
from submissions.models import Submission, SubmissionEvent


def summary() -> str:
    """The texts, people, submissions and events of the site, as JSON."""
    catalogs = Catalog.objects.order_by("pk")
    events = SubmissionEvent.objects.order_by("pk")
    return json.dumps(
        {
            "texts": {catalog.slug: export_markdown(catalog) for catalog in catalogs},
            "revisions": {catalog.slug: catalog.revision for catalog in catalogs},
            "people": sorted(User.objects.values_list("username", flat=True)),
            "submissions": [*Submission.objects.order_by("pk").values_list("token", "status")],
            "events": [*events.values_list("verb", "to_status")],
        },
        ensure_ascii=False,
        indent=1,
    )
