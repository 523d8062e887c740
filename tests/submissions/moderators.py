"""Moderators at work, in this process or in others: `python -m tests.submissions.moderators`."""

import os
import random
import subprocess
import sys
from collections import Counter

import django
from django.conf import settings


def decide_all(username: str, seed: int) -> Counter[str]:
    """Decide every waiting submission in an order of one's own; what came of each attempt.

    One in four is rejected. Somebody else is always faster sooner or later, and a conflict is
    left to wait.
    """
    from accounts.models import User
    from submissions import workflow
    from submissions.errors import EditConflict, StaleSubmission
    from submissions.models import Submission
    from submissions.people import Actor

    actor, chance = Actor(user=User.objects.get(username=username)), random.Random(seed)
    rows = list(Submission.objects.waiting())
    chance.shuffle(rows)
    outcomes: Counter[str] = Counter()
    for row in rows:
        try:
            if chance.random() < 0.25:
                workflow.reject(
                    submission=row, actor=actor, reason="quality", expected_revision=row.revision
                )
            else:
                workflow.approve(submission=row, actor=actor, expected_revision=row.revision)
            outcomes["decided"] += 1
        except StaleSubmission:
            outcomes["stale"] += 1
        except EditConflict:
            outcomes["conflict"] += 1
    return outcomes


def start(username: str, seed: int, database: str) -> subprocess.Popen[str]:
    """A process that decides all, and prints how often it could."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.submissions.moderators", username, str(seed)],
        env=os.environ | {"DATABASE_URL": database, "DATABASE_POOL_SIZE": "0"},
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    results = decide_all(sys.argv[1], int(sys.argv[2]))
    sys.stdout.write(f"{results['decided']}\n")
