"""The page of a list's repository: where it is, how it stands, and what to do about it."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import OfLists, Page, add_refusal, by, person
from catalog.errors import CatalogError
from catalog.models import Catalog
from remotes.connections import (
    add_remote,
    change_remote,
    make_deploy_key,
    make_webhook_secret,
    remove_remote,
)
from remotes.git import RemoteProblem, sentence_of
from remotes.models import PullRequest, Remote
from remotes.syncing import decide_rewritten, look, sync, waiting_conflicts
from remotes.tasks import queue

_SHOWN = 30


class RemoteForm(forms.ModelForm[Remote]):
    """The form of a list's remote: address, mode and credentials. The token is never shown
    again."""

    path = forms.CharField(label=gettext_lazy("path"), max_length=400, initial="README.md")
    token = forms.CharField(
        label=gettext_lazy("token"),
        required=False,
        max_length=2000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "For https: with read access to contents, and write access to push. It is stored "
            "encrypted and not shown again; empty leaves it as it is."
        ),
    )

    class Meta:
        model = Remote
        fields = (
            "url", "branch", "host", "app_id", "mode", "takes_requests", "interval", "message",
            "asks_sign_off",
        )  # fmt: skip
        widgets = {"message": forms.Textarea(attrs={"rows": 3})}

    field_order = ("url", "branch", "path", "token", "app_id", "host", "mode")


@admin.register(Remote)
class RemoteAdmin(OfLists):
    """Repositories of the lists that a person maintains."""

    templates = "admin/remotes"
    list_display = ("catalog", "url", "branch", "mode", "in_step_at", "state")
    list_display_links = ("catalog",)
    list_select_related = ("catalog",)
    ordering = ("catalog__title",)

    @admin.display(description=gettext_lazy("state"))
    def state(self, remote: Remote) -> str:
        """Return the problem that keeps it from being in step."""
        return sentence_of(remote.problem, remote.detail) or "–"

    def own_pages(self) -> list[Page]:
        return [
            Page("of/<int:key>/", self.of_view, "of"),
            Page("<int:key>/do/", self.do_view, "do"),
        ]

    def of_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The page of a list's repository; where it has none yet, the form for one."""
        catalog = Catalog.objects.filter(pk=key).first()
        if catalog is None or not person(request).maintains(key):
            raise Http404
        known = Remote.objects.filter(catalog=catalog).first()
        if known is not None:
            return HttpResponseRedirect(_address(known))
        form = RemoteForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                remote = add_remote(catalog, **form.cleaned_data)
            except CatalogError as error:
                add_refusal(form, error)
            else:
                message = _("Connected. Test the connection before the first synchronisation.")
                return self.done(request, message, _address(remote), remote)
        return self.page(
            request,
            "remote.html",
            title=_("Connect a repository"),
            trail=self.trail(catalog),
            form=form,
        )

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show the remote's state, its log, and the form that changes it."""
        remote: Remote = self.find(request, key, change=True)
        initial = {"path": remote.file.path}
        form = RemoteForm(
            request.POST or None, instance=self.get_object(request, key), initial=initial
        )
        if request.method == "POST" and form.is_valid():
            try:
                change_remote(remote, **form.cleaned_data)
            except CatalogError as error:
                add_refusal(form, error)
                remote = self.find(request, key)
            else:
                return self.done(request, _("Saved."), _address(remote), remote)
        return self.page(
            request,
            "remote.html",
            title=_("Repository"),
            trail=self.trail(remote.catalog),
            form=form,
            remote=remote,
            problem=sentence_of(remote.problem, remote.detail),
            conflicts=waiting_conflicts(remote.catalog),
            requests=remote.pull_requests.filter(state=PullRequest.State.OPEN)[:_SHOWN],
            events=remote.events.all()[:_SHOWN],
        )

    def do_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """One of the buttons."""
        remote: Remote = self.find(request, str(key), change=True)
        if request.method != "POST":
            return HttpResponseRedirect(_address(remote))
        try:
            message = self._do(request, remote, request.POST.get("do", ""))
        except CatalogError as error:
            return self.refused(request, error, _address(remote))
        if request.POST.get("do") == "remove":
            url = reverse("admin:catalog_catalog_change", args=[remote.catalog_id])
            return self.done(request, message, url)
        # A secret is told, and not written into the log.
        logged = None if request.POST.get("do") == "webhook" else remote
        return self.done(request, message, _address(remote), logged)

    def _do(self, request: HttpRequest, remote: Remote, what: str) -> str:
        match what:
            case "test":
                look(remote)
                pushing = " " + _("Pushing is allowed as well.") if remote.writes else ""
                return _("Connected: the branch and the file can be read.") + pushing
            case "sync":
                return _synced(remote)
            case "key":
                make_deploy_key(remote)
                return _("A new key was created; add its public half to the host.")
            case "webhook":
                secret = make_webhook_secret(remote)
                return _(
                    "Add this at the host; it is not shown again. Address: "
                    "%(address)s, content type: application/json, secret: %(secret)s"
                ) % {"address": webhook_url(remote), "secret": secret}
            case "theirs" | "ours":
                decide_rewritten(remote, what, by(request))
                queue(remote.pk)
                return _("Decided; the list and the repository are being synchronised.")
            case "remove":
                remove_remote(remote)
                return _("The list is no longer connected to the repository.")
        raise Http404


def _synced(remote: Remote) -> str:
    result = sync(remote, wait=10)
    if result is None:
        raise RemoteProblem("moved")
    if result.problem is not None:
        raise result.problem
    return _("%(fetched)d commits were pulled, %(pushed)d pushed.") % {
        "fetched": result.fetched,
        "pushed": result.pushed,
    }


def webhook_url(remote: Remote) -> str:
    """Return the address to which a host sends its webhooks."""
    return settings.SITE_URL + reverse("git_webhook", args=[remote.pk])


def _address(remote: Remote) -> str:
    return reverse("admin:remotes_remote_change", args=[remote.pk])
