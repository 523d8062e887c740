"""The administration as a whole: how it is called, who gets in, and what comes first in it."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

GROUPS = (
    # What waits for a decision comes first, then what is decided about.
    (_("Submissions"), ("submissions",)),
    (_("Lists"), ("catalog", "remotes")),
    (_("People"), ("accounts", "account", "socialaccount", "mfa", "auth")),
    (_("Background work"), ("background", "django_tasks_database")),
)
"""Titles of the groups of the menu, and the applications in each; others follow."""


class Site(AdminSite):
    """Django's administration, behind our own way to sign in and in the order of the work."""

    site_header = site_title = settings.SITE_NAME
    index_title = _("Your lists")

    # One way to sign in, with its limits and its second factor.
    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Never reached by who is not signed in: allauth's page asks."""
        return super().login(request, extra_context)

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
