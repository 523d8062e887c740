"""Findings of spam, which make a submission wait behind others, and of block rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from catalog.markdown.links import canonical_url, host_of, repository_of
from catalog.markdown.linting import Finding
from catalog.models import Catalog
from catalog.sql.prepared import Prepared
from submissions.checks.subject import Subject
from submissions.choices import Status
from submissions.findings import finding
from submissions.models import BlockRule, Submission

MANY_LINKS = 12
"""Links in what is proposed; of a thousand real entries one has more."""
SAME_WITHIN = timedelta(days=7)
SAME_FROM = 2
"""Other people who sent the same thing in that time, from which on it is a finding."""
_MOST = 50


def spam_findings(subject: Subject) -> Iterator[Finding]:
    """Yield unusual traits of a proposal and of its sender."""
    links = len(subject.links)
    # An entry that has had as many is not unusual.
    if links > MANY_LINKS and links > 2 * subject.base.source.count("]("):
        yield finding("many-links", "", count=links)
    if subject.submission is None:
        return
    others = _others(subject, subject.submission)
    if others >= SAME_FROM:
        yield finding("same-text", "", count=others)
    host = host_of(subject.url)
    is_new = host and host not in subject.named_hosts and not repository_of(subject.url)
    if subject.is_addition and is_new and not _has_record(subject.submission):
        yield finding("unseen-domain", subject.url_field, host=host)


def _others(subject: Subject, submission: Submission) -> int:
    """Return how many other people sent the same address or the same words lately."""
    same = Q(pk=None)
    if address := canonical_url(subject.url) if subject.has_new_url else "":
        same |= Q(canonical_url=address)
    if len(subject.description) >= 30:
        same |= Q(proposal__description=subject.description)
    since = timezone.now() - SAME_WITHIN
    recent = Submission.objects.filter(catalog=submission.catalog_id, created_at__gte=since)
    rows = recent.filter(same).exclude(pk=submission.pk)
    people = {
        (submitter, email if not submitter else "", network if not (submitter or email) else "")
        for submitter, email, network in rows.order_by("-created_at").values_list(
            "submitter", "email", "network_hash"
        )[:_MOST]
    }
    people.discard(
        (
            submission.submitter_id,
            "" if submission.submitter_id else submission.email,
            "" if submission.submitter_id or submission.email else submission.network_hash,
        )
    )
    return len(people)


def _has_record(submission: Submission) -> bool:
    """Whether something of this person has been published before."""
    if submission.submitter_id is None:
        return False
    applied = Submission.objects.filter(submitter=submission.submitter_id, status=Status.APPLIED)
    return applied.exists()


# Block rules: domains, owners on code hosts, phrases. Rules about people are for
# `submissions.protection`, which also counts what they hit.


_ABOUT_CONTENT = (BlockRule.Kind.DOMAIN, BlockRule.Kind.OWNER, BlockRule.Kind.PHRASE)


_RULES = Prepared(
    lambda catalog, *kinds: BlockRule.objects.filter(
        Q(catalog=catalog) | Q(catalog=None), kind__in=kinds
    ).order_by("pk")
)


def rules_in_force(catalog: Catalog, kinds: Iterable[str] = _ABOUT_CONTENT) -> list[BlockRule]:
    """The rules of a list and of the whole site that have not expired."""
    now = timezone.now()
    rules = _RULES.rows(catalog.pk, *map(str, kinds))
    return [rule for rule in rules if rule.expires_at is None or rule.expires_at > now]


def blocked_findings(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each part of a proposal that a block rule names; one query."""
    if not subject.changed:
        return
    for rule, field in matching_rules(subject):
        variant = "reason" if rule.reason else ""
        yield finding("blocked", field, variant=variant, value=rule.value, reason=rule.reason)


def matching_rules(subject: Subject) -> Iterator[tuple[BlockRule, str]]:
    """The rules that name something in what was changed, each with the field, once."""
    urls = [(subject.url_field, subject.url)] if subject.has_new_url else []
    urls += [(place.field, place.link.url) for place in subject.links]
    texts = {field: " ".join(text.casefold().split()) for field, text in subject.changed.items()}
    for rule in rules_in_force(subject.catalog):
        for field in _fields_named(rule, urls, texts):
            yield rule, field
            break


def _fields_named(
    rule: BlockRule, urls: Iterable[tuple[str, str]], texts: dict[str, str]
) -> Iterator[str]:
    value = rule.value.casefold().strip()
    if not value:
        return
    if rule.kind == BlockRule.Kind.PHRASE:
        value = " ".join(value.split())
        yield from (field for field, text in texts.items() if value in text)
        return
    for field, url in urls:
        if rule.kind == BlockRule.Kind.DOMAIN:
            host, blocked = host_of(url), value.removeprefix("www.").strip("./")
            if host == blocked or host.endswith(f".{blocked}"):
                yield field
        elif f"{repository_of(url)}/".startswith(f"{value.strip('/')}/"):
            yield field
