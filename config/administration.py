"""The administration as a whole: how it is called, who gets in, and what comes first in it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.db.models.base import ModelBase
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

GROUPS = (
    # What waits for a decision comes first, then what is decided about.
    (_("Submissions"), ("submissions",)),
    (_("Lists"), ("catalog", "remotes")),
    (_("People"), ("accounts", "account", "socialaccount", "mfa", "auth")),
    (_("Background work"), ("background", "django_tasks_database")),
)
"""Titles of the groups of the menu, and the applications in each; others follow."""

LABELS = {
    "catalog": pgettext_lazy("catalog", "list"),
    "created_at": _("time"),
    "entry_count": _("entries"),
    "facet": _("facet"),
    "guessed_role": _("guess"),
    "header": _("column"),
    "in_step_at": _("in step"),
    "is_opaque": _("editable as source only"),
    "is_public": _("public"),
    "kind": _("kind"),
    "last_used_at": _("last used"),
    "level": _("level"),
    "name": _("name"),
    "number": _("number"),
    "path": _("address"),
    "rank": _("rank"),
    "revision": _("revision"),
    "role": _("role"),
    "section": _("section"),
    "slug": _("address"),
    "state": _("state"),
    "type": _("kind"),
    "updated_at": _("changed"),
    "url": _("address"),
    "user": _("account"),
    "verb": _("action"),
}
"""The words for fields that have none of their own, in tables and filters of every model."""


class Site(AdminSite):
    """Django's administration, behind our own way to sign in and in the order of the work."""

    site_header = site_title = settings.SITE_NAME
    index_title = _("Your lists")

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        super().register(model_or_iterable, *args, **options)
        is_one = isinstance(model_or_iterable, ModelBase)
        for model in [model_or_iterable] if is_one else model_or_iterable:
            for field in model._meta.fields:
                if field._verbose_name is None and field.name in LABELS:
                    field.verbose_name = LABELS[field.name]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead to the one way to sign in, with its limits and its second factor."""
        # Not above: it has models, and this module is read before there may be any.
        from allauth.account.decorators import secure_admin_login

        return secure_admin_login(super().login)(request, extra_context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The applications in groups, as the menu and the front page show them."""
        app_list = super().get_app_list(request, app_label)
        if app_label is not None:
            return app_list
        by_label = {app["app_label"]: app for app in app_list}
        groups = []
        for title, labels in GROUPS:
            apps = [by_label.pop(label) for label in labels if label in by_label]
            if apps:
                models = [model for app in apps for model in app["models"]]
                groups.append({**apps[0], "name": title, "models": models})
        return [*groups, *by_label.values()]


class AdministrationConfig(AdminConfig):
    """The administration's application, with our site in the place of Django's own."""

    default_site = "config.administration.Site"
