"""The reasons that a catalog's moderators can give, for the forms that ask for one."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Catalog
from submissions.choices import Effect
from submissions.models import DecisionReason

type Choices = list[tuple[str, str]]


def active_reasons(catalog: Catalog | int) -> list[DecisionReason]:
    """The reasons of one catalog in their order."""
    reasons = DecisionReason.objects.filter(catalog=catalog, is_active=True)
    return list(reasons.order_by("rank", "code"))


def choices_of(catalogs: Iterable[Catalog]) -> Choices:
    """Codes and texts over several catalogs, each code once, those without an effect first."""
    reasons = DecisionReason.objects.filter(catalog__in=catalogs, is_active=True)
    texts: dict[str, str] = {}
    for reason in reasons.exclude(effect=Effect.DUPLICATE).order_by("rank", "code", "pk"):
        texts.setdefault(reason.code, reason.shown_text)
    return list(texts.items())


def with_effect(reasons: Iterable[DecisionReason], effect: Effect) -> Choices:
    """The choices among these that have an effect."""
    return [(reason.code, reason.shown_text) for reason in reasons if reason.effect == effect]
