"""Findings about what block rules name: domains, owners on code hosts, phrases.

Rules about people are for `submissions.protection.abuse`, which also counts what they hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q
from django.utils import timezone

from catalog.markdown.links import host_of, repository_of
from catalog.markdown.linting import Finding
from catalog.models import Catalog
from submissions.checks.profile import finding
from submissions.checks.subject import Subject
from submissions.models import BlockRule

_ABOUT_CONTENT = (BlockRule.Kind.DOMAIN, BlockRule.Kind.OWNER, BlockRule.Kind.PHRASE)


def rules_in_force(catalog: Catalog, kinds: Iterable[str] = _ABOUT_CONTENT) -> list[BlockRule]:
    """The rules of a list and of the whole site that have not expired."""
    here = Q(catalog=catalog) | Q(catalog=None)
    lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return list(BlockRule.objects.filter(here, lasting, kind__in=list(kinds)).order_by("pk"))


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
