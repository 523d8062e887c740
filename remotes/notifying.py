"""The one letter to a list's maintainers when its repository stops working."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.mail.delivery import post
from accounts.mail.letter import Button, Letter, one_line
from accounts.models import Membership, User
from remotes.models import Remote
from remotes.problems import OF_HOST, sentence_of


def notify_maintainers(remote: Remote) -> None:
    """Write to the maintainers; to superusers where a list has none."""
    active = User.objects.filter(is_active=True).exclude(email="")
    role = Membership.Role.MAINTAINER
    people = active.filter(memberships__catalog=remote.catalog_id, memberships__role=role)
    for user in (people.distinct() or active.filter(Q(is_superuser=True))).order_by("pk"):
        with override(settings.LANGUAGE_CODE):
            post(_letter(remote), user.email)


def _letter(remote: Remote) -> Letter:
    title = one_line(remote.catalog.title, 80)
    subject = _("“%(list)s” is no longer in step with its repository")
    if remote.problem in OF_HOST:
        subject = _("Pull requests of “%(list)s” do not get through")
    return Letter(
        subject=subject % {"list": title},
        paragraphs=(
            sentence_of(remote.problem, one_line(remote.detail)),
            _("The list keeps working. This e-mail is sent once until the problem is solved."),
        ),
        button=Button(
            _("View the repository settings"),
            settings.SITE_URL + reverse("admin:remotes_remote_change", args=[remote.pk]),
        ),
    )
