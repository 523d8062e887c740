"""Asking what a proposed link answers, after it was sent: the answer joins the findings.

Only a network tells it, so it is no part of a request or a transaction: a task asks, and writes
what it was told if the submission still says the same.
"""

from __future__ import annotations

from django.conf import settings
from django.tasks import task

from catalog.markdown.links import canonical_url
from catalog.markdown.linting import Finding
from submissions.checks import linked
from submissions.checks.profile import judged
from submissions.choices import Kind, Status, Verb
from submissions.findings import stored_finding
from submissions.models import ContributionPolicy, Submission, SubmissionEvent

PROPOSED = frozenset({Verb.SUBMIT, Verb.CONFIRM, Verb.RESUBMIT})
"""Verbs that bring content which nobody has looked at."""
RULES = frozenset({"link-broken", "link-moved", "link-archived"})


def queue_question(event: SubmissionEvent) -> None:
    """Queue the check of the link if the event brings one that waits for a decision.

    Called by every verb inside its transaction; at most one row, and no other query.
    """
    if settings.ASK_LINKS and event.verb in PROPOSED and event.to_status == Status.PENDING:
        submission = event.submission
        if link_of(submission)[1]:
            check_link.enqueue(submission.pk, submission.revision)


def link_of(submission: Submission) -> tuple[str, str]:
    """The field and the address that the decision depends on; the address is '' for none.

    That of an addition, a changed or a replacing one, and of a report the one it is about.
    """
    proposal = submission.content
    if proposal.replacement_url:
        field, url = "replacement_url", proposal.replacement_url
    elif submission.kind == Kind.REPORT:
        field, url = "url", submission.url
    elif proposal.url and canonical_url(proposal.url) != canonical_url(submission.based_on.url):
        field, url = "url", proposal.url
    else:
        return "url", ""
    url = url.strip()
    return field, url if url.lower().startswith(("http://", "https://")) else ""


@task(priority=-10)
def check_link(submission_pk: int, revision: int) -> int:
    """Check a proposed link, after the emails; return the number of findings."""
    return len(write_answer(submission_pk, revision))


def write_answer(submission_pk: int, revision: int) -> list[Finding]:
    """Check the link and replace the earlier findings; return the new ones.

    Nothing is written once the submission was changed or decided.
    """
    rows = Submission.objects.filter(pk=submission_pk, revision=revision, status=Status.PENDING)
    row = rows.select_related("catalog").first()
    if row is None:
        return []
    field, url = link_of(row)
    findings = linked.findings_of(linked.look(url), field) if url else []
    # A link cannot be refused for an answer that came after it was taken in.
    findings = judged(findings, ContributionPolicy.of(row.catalog).profile, ())
    rows.update(
        findings=[
            *[old for old in row.findings if old["rule"] not in RULES],
            *[stored_finding(finding) for finding in findings],
        ]
    )
    return findings
