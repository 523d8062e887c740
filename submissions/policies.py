"""Maintainers' decisions on contributions: the only writes of these rows.

All raise `NotAllowed` for whoever does not maintain the catalog, and `InvalidField`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.forms import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.errors import InvalidField, NotFound
from catalog.models import Catalog, Column
from submissions.choices import Challenge, Effect, WhoMaySubmit
from submissions.errors import NotAllowed
from submissions.findings import RULES, Level
from submissions.models import BlockRule, ContributionPolicy, DecisionReason, TrustPin
from submissions.people import Actor
from submissions.proposal import checked_text


def refuse_unless_maintainer(actor: Actor, catalog: Catalog | None) -> None:
    """Raise `NotAllowed`; what is for the whole site is for superusers alone."""
    user = actor.user
    if user is not None and user.is_active:
        is_theirs = user.is_superuser if catalog is None else user.maintains(catalog.pk)
        if is_theirs:
            return
    raise NotAllowed(_("Only maintainers of the list may change this."))


def change_policy(
    *,
    catalog: Catalog,
    actor: Actor,
    who_may_submit: WhoMaySubmit,
    may_decide_own: bool,
    challenge: Challenge,
    required_columns: Iterable[str],
    profile: Mapping[str, str],
    contact_email: str = "",
) -> ContributionPolicy:
    """Set who may contribute, and how; rules that `profile` leaves out keep their default."""
    refuse_unless_maintainer(actor, catalog)
    keys = set(Column.objects.filter(catalog=catalog).values_list("key", flat=True))
    columns = sorted(set(required_columns))
    if not keys.issuperset(columns):
        raise InvalidField("required_columns", _("This list has no such column."))
    if not set(profile) <= set(RULES) or not set(profile.values()) <= set(Level.values):
        raise InvalidField("profile", _("There is no such rule."))
    policy, _is_new = ContributionPolicy.objects.update_or_create(
        catalog=catalog,
        defaults={
            "who_may_submit": WhoMaySubmit(who_may_submit),
            "may_decide_own": may_decide_own,
            "challenge": Challenge(challenge),
            "required_columns": columns,
            "profile": dict(profile),
            "contact_email": contact_email,
        },
    )
    return policy


def ensure_reasons(catalog: Catalog) -> None:
    """Create the standard reasons for rejections, unless the catalog has some."""
    if DecisionReason.objects.filter(catalog=catalog).exists():
        return
    DecisionReason.objects.bulk_create(
        [
            DecisionReason(catalog=catalog, code=code, effect=effect, rank=rank)
            for rank, (code, (_text, effect)) in enumerate(DecisionReason.STANDARD.items())
        ],
        ignore_conflicts=True,
    )


def reasons_of(catalog: Catalog) -> list[DecisionReason]:
    """All reasons of a catalog in their order; it gets the standard ones if it has none."""
    ensure_reasons(catalog)
    return list(DecisionReason.objects.filter(catalog=catalog).order_by("rank", "code"))


def set_reason(
    *,
    catalog: Catalog,
    actor: Actor,
    code: str,
    text: str = "",
    effect: Effect = Effect.NONE,
    rank: int = 0,
    is_active: bool = True,
) -> DecisionReason:
    """Add a reason, or change the one with this code. A code stays, since decisions name it."""
    refuse_unless_maintainer(actor, catalog)
    try:
        validate_slug(code)
    except ValidationError:
        raise InvalidField("code", _("A code is made of a-z, 0-9, - and _.")) from None
    if not checked_text("text", text, 500).strip() and code not in DecisionReason.STANDARD:
        raise InvalidField("text", _("Say what it means."))
    reason, _is_new = DecisionReason.objects.update_or_create(
        catalog=catalog,
        code=checked_text("code", code, 40),
        defaults={
            "text": text.strip(),
            "effect": Effect(effect),
            "rank": rank,
            "is_active": is_active,
        },
    )
    return reason


def add_block_rule(
    *,
    catalog: Catalog | None,
    actor: Actor,
    kind: BlockRule.Kind,
    value: str,
    reason: str = "",
    expires_at: datetime | None = None,
) -> BlockRule:
    """Refuse something in a catalog, or with None in all of the site."""
    refuse_unless_maintainer(actor, catalog)
    value = " ".join(checked_text("value", value, 300).split())
    if not value:
        raise InvalidField("value", _("Enter what should be refused."))
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidField("expires_at", _("This time has already passed."))
    try:
        with transaction.atomic():
            return BlockRule.objects.create(
                catalog=catalog,
                kind=BlockRule.Kind(kind),
                value=value,
                reason=checked_text("reason", reason, 500).strip(),
                expires_at=expires_at,
                created_by=actor.user,
            )
    except IntegrityError:
        raise InvalidField("value", _("This rule already exists.")) from None


def remove_block_rule(*, rule: BlockRule, actor: Actor) -> None:
    """Delete a block rule."""
    refuse_unless_maintainer(actor, rule.catalog)
    rule.delete()


def pin_trust(
    *, catalog: Catalog, user: User, actor: Actor, is_trusted: bool, reason: str = ""
) -> TrustPin:
    """Pin somebody's trust, whatever their record says; nobody can pin their own."""
    refuse_unless_maintainer(actor, catalog)
    if user == actor.user:
        raise NotAllowed(_("You cannot pin your own trust; ask another maintainer."))
    if not catalog.submissions.filter(submitter=user).exists():
        raise NotFound(_("This person has not submitted anything to this list."))
    pin, _is_new = TrustPin.objects.update_or_create(
        catalog=catalog,
        user=user,
        defaults={
            "is_trusted": is_trusted,
            "reason": checked_text("reason", reason, 500).strip(),
            "created_by": actor.user,
        },
    )
    return pin


def unpin_trust(*, catalog: Catalog, user: User, actor: Actor) -> None:
    """Remove the pin; the record decides again."""
    refuse_unless_maintainer(actor, catalog)
    TrustPin.objects.filter(catalog=catalog, user=user).delete()
