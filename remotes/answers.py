"""Answers at the host of a repository: comments on others' pull requests, and the site's own.

One comment for each request, edited in place, and one status of its newest commit. The words are
the site's; what comes from a request stands in them as text that does nothing there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from catalog.markdown.linting import Severity
from catalog.models import Catalog
from catalog.sentences import finding_sentence
from remotes.commits import list_url
from remotes.connections import hold, log
from remotes.git import REFUSALS, NewCommit, RemoteProblem
from remotes.hosts import GitHub, HostRequest
from remotes.models import PullRequest, PullRequestEntry, Remote, RemoteEvent, RemoteFile
from submissions.choices import OPEN, Status
from submissions.findings import read_finding
from submissions.models import Submission

_MOST_ENTRIES = 100
_LONGEST = 300


def answer_requests(remote: Remote, host: GitHub) -> None:
    """Comment on each open request whose outcome is news; close what was published.

    One that the host refuses, such as a comment where the conversation is locked, keeps none of the
    others; the first of these refusals is raised in the end.
    """
    entries = PullRequestEntry.objects.select_related("submission")
    rows = (
        remote.pull_requests.filter(
            is_ours=False, state=PullRequest.State.OPEN, reading=PullRequest.Reading.ENTRIES
        )
        .order_by("number")
        .prefetch_related(Prefetch("entries", entries))
    )
    file = RemoteFile.objects.get(remote=remote)
    refused: RemoteProblem | None = None
    with override(settings.LANGUAGE_CODE):
        for row in rows:
            try:
                _answer(remote, host, row, file)
            except RemoteProblem as problem:
                if problem.problem not in REFUSALS:
                    raise
                refused = refused or problem
    if refused is not None:
        raise refused


def _answer(remote: Remote, host: GitHub, row: PullRequest, file: RemoteFile) -> None:
    answer = _Answer(remote, row, file.revision)
    text = answer.text()
    state, sentence = answer.status()
    digest = _digest(text, state, sentence, row.head)
    if digest != row.answer_digest:
        hold(remote)
        row.comment = host.comment(row.number, text, _mark(remote), row.comment)
        # Stored at once: whatever happens then, the comment is known to be ours.
        row.save(update_fields=["comment"])
        host.report(row.head, state, _context(remote), sentence, list_url(remote))
        row.answer_digest = digest
        row.save(update_fields=["answer_digest"])
    if answer.is_published:
        host.change_request(row.number, state="closed")
        row.state = PullRequest.State.CLOSED
        row.save(update_fields=["state"])


class _Answer:
    """The answer to one request; `landed` is up to where the list is in its branch."""

    def __init__(self, remote: Remote, row: PullRequest, landed: int) -> None:
        self.remote, self.row, self.landed = remote, row, landed
        self.entries = list(row.entries.all())
        self.submissions = [entry.submission for entry in self.entries if entry.submission]
        self.refused = [entry for entry in self.entries if entry.refusal]
        statuses = [submission.status for submission in self.submissions]
        self.waits = any(status in OPEN for status in statuses)
        self.applied = [one for one in self.submissions if one.status == Status.APPLIED]

    @property
    def is_published(self) -> bool:
        """Whether all is decided, and what was published stands in the branch."""
        return (
            bool(self.applied)
            and not self.waits
            and not self.refused
            and all((one.applied_revision or 0) <= self.landed for one in self.applied)
        )

    def status(self) -> tuple[str, str]:
        """The state of the request's commit, and one sentence."""
        declined = [one for one in self.submissions if one.status == Status.REJECTED]
        if self.refused or (declined and not self.waits):
            entry = next(iter(self.refused), self.entries[0])
            sentence = entry.refusal or _("Declined; see the comment.")
            return "failure", _line(entry.line, sentence)
        if self.waits:
            count = len(self.entries)
            waiting = ngettext(
                "%(count)d change waits for review.", "%(count)d changes wait for review.", count
            )
            return "pending", waiting % {"count": count}
        return "success", _("Published.")

    def text(self) -> str:
        """The comment."""
        parts = [
            _mark(self.remote),
            _(
                "Changes to entries are reviewed at [%(list)s](%(url)s). "
                "This comment is kept up to date."
            )
            % {"list": inert(self.remote.catalog.title), "url": list_url(self.remote)},
            "",
        ]
        for entry in self.entries[:_MOST_ENTRIES]:
            parts += self._entry(entry)
        if self.applied:
            parts += ["", _("What is published is committed with you as its author.")]
        return "\n".join(parts)

    def _entry(self, entry: PullRequestEntry) -> Iterator[str]:
        submission = entry.submission
        what = {
            "add": _("New: %(name)s"), "edit": _("Edit: %(name)s"),
            "move": _("Move: %(name)s"), "remove": _("Removal: %(name)s"),
        }[entry.kind] % {"name": f"**{inert(entry.name) or '–'}**"}  # fmt: skip
        state = (
            self._state(submission) if submission and not entry.refusal else inert(entry.refusal)
        )
        yield "- " + _line(entry.line, f"{what}. {state}")
        if submission is not None and submission.status in OPEN:
            for data in submission.findings:
                finding = read_finding(data)
                if finding.severity in {Severity.BLOCK, Severity.WARN}:
                    yield f"  - {inert(finding_sentence(finding))}"

    def _state(self, submission: Submission) -> str:
        match submission.status:
            case Status.APPLIED:
                return _("Published.")
            case Status.CHANGES_REQUESTED:
                return _("A moderator asks: %(note)s") % {"note": inert(_last_note(submission))}
            case Status.REJECTED:
                return self._declined(submission)
            case status if status in OPEN and submission.conflicts:
                return _("Waits for review: the entry has been changed meanwhile, so the two "
                         "versions conflict.")  # fmt: skip
            case status if status in OPEN:
                return _("Waits for review.")
        return f"{submission.get_status_display()}."

    def _declined(self, submission: Submission) -> str:
        reason = submission.decision_reason
        words = [str(reason) if reason else submission.reason, _last_note(submission)]
        return _("Declined: %(reason)s") % {"reason": inert(". ".join(filter(None, words)))}


def _last_note(submission: Submission) -> str:
    """Return the moderator's last note to the submitter."""
    event = submission.events.order_by("pk").last()
    return event.note if event else ""


# The site's own


def offer(
    remote: Remote,
    host: GitHub,
    requests: Sequence[HostRequest],
    commits: Sequence[NewCommit],
) -> None:
    """Keep one pull request open for the site's own branch, while there is something to offer.

    One that was closed is not opened again until the branch is another one.
    """
    row = remote.pull_requests.filter(is_ours=True).first()
    there = next(
        (one for one in requests if one.is_local and one.branch == remote.own_branch), None
    )
    if there is None and row is not None and row.state == PullRequest.State.OPEN:
        row.state = PullRequest.State.CLOSED
        row.save(update_fields=["state"])
    if not commits or not remote.own_head:
        return
    if there is None and row is not None and row.head == remote.own_head:
        return
    with override(settings.LANGUAGE_CODE):
        title, body = _title(remote.catalog), _body(remote, commits)
    digest = _digest(title, body)
    hold(remote)
    if there is None:
        there = host.open_request(remote.own_branch, remote.branch, title, body)
        log(remote, RemoteEvent.Kind.OFFERED, detail=there.url)
    elif row is None or row.answer_digest != digest:
        host.change_request(there.number, title=title, body=body)
    PullRequest.objects.update_or_create(
        remote=remote,
        number=there.number,
        defaults={
            "is_ours": True,
            "url": there.url,
            "title": title[:300],
            "state": PullRequest.State.OPEN,
            "head": remote.own_head,
            "answer_digest": digest,
        },
    )


def _title(catalog: Catalog) -> str:
    return _("Changes from %(list)s") % {"list": " ".join(catalog.title.split())[:150]}


def _body(remote: Remote, commits: Sequence[NewCommit]) -> str:
    lines = [
        _("Changes that were reviewed and published at [%(list)s](%(url)s):")
        % {"list": inert(remote.catalog.title), "url": list_url(remote)},
        "",
    ]
    for commit in commits[-_MOST_ENTRIES:]:
        summary = inert(commit.message.partition("\n")[0])
        link = f"[{summary}]({commit.url})" if commit.url else summary
        lines.append(f"- {link} ({inert(commit.author)})")
    if (left := len(commits) - _MOST_ENTRIES) > 0:
        more = ngettext("and %(count)d more.", "and %(count)d more.", left)
        lines.append("- " + more % {"count": left})
    lines += [
        "",
        _("Each commit names its author. This branch is written anew as long as nobody else "
          "commits to it."),
    ]  # fmt: skip
    return "\n".join(lines)


# Words


def inert(text: str) -> str:
    """A text from outside as Markdown that shows it, and mentions, links and runs nothing."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", text)
    text = " ".join(text.split())
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    text = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    # What hosts make links of whatever stands before it: people, issues, addresses.
    return re.sub(r"(\\[@#!~&:$%]|www)", "\\1\u200b", text, flags=re.IGNORECASE)


def _line(number: int, sentence: str) -> str:
    return _("Line %(number)d: %(sentence)s") % {"number": number, "sentence": sentence}


def _mark(remote: Remote) -> str:
    """Return the marker by which the site's comment is recognised."""
    return f"<!-- listwright {remote.catalog.slug} -->"


def _context(remote: Remote) -> str:
    return f"listwright/{remote.catalog.slug}"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
