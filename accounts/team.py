"""The team of a list: invitations by letter, roles, and leaving.

Who has a role belongs to the staff (`follow_roles`). A list that has maintainers keeps one: the
last of them cannot go or be made less by accident.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.mail import Button, Letter, one_line, post
from accounts.models import Invitation, Membership, User
from catalog.errors import CatalogError, InvalidField

VALID_FOR = timedelta(days=14)
MOST_INVITED = 50
"""Invitations of one list that wait at a time; each is a letter to anybody."""
_MAILED, _COPIED = "accounts.team.mailed", "accounts.team.copied"


class LastMaintainer(CatalogError):
    """The list would be left without a maintainer."""


def members_of(catalog: Any) -> QuerySet[Membership]:
    """The people of a list, maintainers first."""
    rows = Membership.objects.filter(catalog=catalog).select_related("user")
    # The word for maintainers comes before the one for moderators.
    return rows.order_by("role", "user__display_name", "user__username")


def invitations_of(catalog: Any) -> QuerySet[Invitation]:
    """The invitations to a list that can still be accepted, the newest first."""
    rows = Invitation.objects.filter(catalog=catalog, sent_at__gt=timezone.now() - VALID_FOR)
    return rows.select_related("invited_by").order_by("-sent_at", "pk")


def invite(*, catalog: Any, who: str, role: str, by: User) -> Invitation | Membership:
    """Invite somebody by an e-mail address or a name; who has no address gets the role at once.

    The same address invited again gets another letter, and the newer role. Raises `InvalidField`.
    """
    user, email = _find(who.strip())
    if user is not None and Membership.objects.filter(user=user, catalog=catalog).exists():
        message = _("%(name)s already has a role in this list.")
        raise InvalidField("who", message % {"name": user.get_full_name()})
    if not email:
        membership = Membership(user=user, catalog=catalog, role=role)
        membership.save()
        return membership
    if invitations_of(catalog).exclude(email=email).count() >= MOST_INVITED:
        raise InvalidField("who", _("Too many invitations are waiting; withdraw some first."))
    with transaction.atomic():
        Invitation.objects.filter(catalog=catalog, sent_at__lt=timezone.now() - VALID_FOR).delete()
        fields = {"role": role, "invited_by": by, "sent_at": timezone.now()}
        invitation, _is_new = Invitation.objects.update_or_create(
            catalog=catalog, email=email, defaults=fields
        )
        with override((user and user.language) or get_language()):
            post(_letter(invitation, by), email)
    return invitation


def _find(who: str) -> tuple[User | None, str]:
    """The account that a name or an address means, and where its letter goes."""
    if "@" in who:
        try:
            validate_email(who)
        except ValidationError as error:
            raise InvalidField("who", _("This is not an e-mail address.")) from error
        address = EmailAddress.objects.filter(email__iexact=who, verified=True).first()
        return (address.user if address else None), who.lower()
    named = User.objects.filter(is_active=True)
    users = named.filter(username__iexact=who)[:1] or named.filter(display_name__iexact=who)[:2]
    if len(users) != 1:
        raise InvalidField(
            "who",
            _("Several people have this name; enter a user name or an e-mail address.")
            if users
            else _("Nobody here has this name; enter an e-mail address."),
        )
    return users[0], users[0].email.lower()


def _letter(invitation: Invitation, by: User) -> Letter:
    names = {"name": one_line(by.get_full_name(), 80), "list": one_line(invitation.list_title, 80)}
    is_maintainer = invitation.role == Membership.Role.MAINTAINER
    return Letter(
        subject=(
            _("%(name)s invites you to maintain “%(list)s”")
            if is_maintainer
            else _("%(name)s invites you to moderate “%(list)s”")
        )
        % names,
        paragraphs=(
            _("You would decide on what people submit to this list.")
            if not is_maintainer
            else _("You would decide on submissions, edit the list and choose its people."),
            _("If you have no account yet, the link lets you create one; nothing else is needed."),
        ),
        facts=((_("List"), names["list"]), (_("Site"), settings.SITE_NAME)),
        button=Button(_("View the invitation"), link_to(invitation, is_mailed=True)),
        closing=(
            _("The link is valid for two weeks. If you do not know what this is about, ignore it."),
        ),
    )


def link_to(invitation: Invitation, *, is_mailed: bool = False) -> str:
    """The address at which an invitation is accepted.

    Only the one in the letter shows that its holder reads the letters to that address.
    """
    named = [invitation.pk, invitation.email, invitation.sent_at.timestamp()]
    token = signing.dumps(named, salt=_MAILED if is_mailed else _COPIED)
    return settings.SITE_URL + reverse("accounts:invitation", args=[token])


def invitation_of(token: str) -> tuple[Invitation | None, bool]:
    """The invitation that a link is for, None if it is over, and whether the link was mailed."""
    for salt in (_MAILED, _COPIED):
        try:
            key, email, sent_at = signing.loads(token, salt=salt, max_age=VALID_FOR)
        except signing.BadSignature:
            continue
        rows = Invitation.objects.select_related("catalog", "invited_by")
        match = rows.filter(pk=key, email=email).first()
        is_current = match is not None and match.sent_at.timestamp() == sent_at
        return (match if is_current else None), salt == _MAILED
    return None, False


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Membership:
    """Give the role to the signed-in person; it never lowers one they have. Raises
    `CatalogError`."""
    deleted, _by_model = Invitation.objects.filter(pk=invitation.pk).delete()
    if not deleted:
        raise CatalogError(_("This invitation is no longer valid."))
    membership, is_new = Membership.objects.get_or_create(
        user=user, catalog_id=invitation.catalog_id, defaults={"role": invitation.role}
    )
    if not is_new and invitation.role == Membership.Role.MAINTAINER:
        membership.role = invitation.role
        membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str) -> None:
    """Change somebody's role. Raises `LastMaintainer`, and `CatalogError` where it is gone."""
    if role != Membership.Role.MAINTAINER:
        _step_down(membership)
    if not Membership.objects.filter(pk=membership.pk).update(role=role):
        raise CatalogError(_("This person has no role in this list."))
    membership.role = role


@transaction.atomic
def remove(*, membership: Membership) -> None:
    """Remove somebody's role, or let them leave. Raises `LastMaintainer`."""
    _step_down(membership)
    membership.delete()


def _step_down(membership: Membership) -> None:
    """Refuse it to the last maintainer; else take back the invitations of who steps down.

    They could come back by one of them.
    """
    # Locked: two who leave at the same moment would else each count the other.
    rows = Membership.objects.select_for_update().filter(
        catalog=membership.catalog_id, role=Membership.Role.MAINTAINER
    )
    if [row.pk for row in rows.order_by("pk")] == [membership.pk]:
        raise LastMaintainer(
            _("%(name)s is the only maintainer of this list; make someone else a maintainer first.")
            % {"name": membership.user.get_full_name()}
        )
    own = {"catalog": membership.catalog_id, "invited_by": membership.user_id}
    Invitation.objects.filter(**own).delete()


def maintained_alone(user: User) -> list[str]:
    """The titles of the lists that would have no maintainer without this person."""
    maintainer = Membership.Role.MAINTAINER
    others = Membership.objects.filter(role=maintainer).exclude(user=user).values("catalog")
    own = user.memberships.filter(role=maintainer).exclude(catalog__in=others)
    return list(own.order_by("catalog__title").values_list("catalog__title", flat=True))


def follow_roles(people: Q) -> None:
    """Set staff for those of these people who have a role; superusers stay."""
    rows = User.objects.filter(people, is_superuser=False)
    with_role = Q(pk__in=Membership.objects.values("user"))
    rows.filter(with_role, is_staff=False).update(is_staff=True)
    rows.filter(~with_role, is_staff=True).update(is_staff=False)
