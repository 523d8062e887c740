"""Pages of a catalog's contribution policy: settings, reasons, block rules and pinned trust.

For maintainers of the catalog; block rules of the whole site are for superusers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.admin.base import Page, Step, is_superuser, number
from catalog.admin.entries import Tab
from catalog.markdown.linting import Severity
from catalog.models import Catalog, Column
from submissions import policies
from submissions.admin.base import MinuteField, OfMaintainers, actor, address, catalogs_of
from submissions.choices import Challenge, Effect, WhoMaySubmit
from submissions.findings import RULES, Level
from submissions.models import BlockRule, ContributionPolicy, DecisionReason, TrustPin

# Forms. None saves: `policies.py` does


_RULE = "rule-"


class PolicyForm(forms.Form):
    """The settings of contributions."""

    who_may_submit = forms.ChoiceField(
        label=gettext_lazy("who may submit"), choices=WhoMaySubmit.choices
    )
    challenge = forms.ChoiceField(
        label=gettext_lazy("proof of work"),
        choices=Challenge.choices,
        help_text=gettext_lazy(
            "The browser computes for about a second: nobody notices, but mass submissions "
            "are slowed down."
        ),
    )
    may_decide_own = forms.BooleanField(
        label=gettext_lazy("moderators may decide on their own submissions"), required=False
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("contact address"),
        required=False,
        help_text=gettext_lazy(
            "Replies to letters about submissions go there, never to a person's own."
        ),
    )
    required_columns = forms.MultipleChoiceField(
        label=gettext_lazy("columns that must not be empty"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, catalog: Catalog, policy: ContributionPolicy, data: Any = None) -> None:
        names = (
            "who_may_submit",
            "challenge",
            "may_decide_own",
            "contact_email",
            "required_columns",
        )
        super().__init__(data, initial={name: getattr(policy, name) for name in names})
        columns = Column.objects.filter(catalog=catalog).order_by("header")
        choices = list(columns.values_list("key", "header"))
        self.fields["required_columns"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["required_columns"]
        for name, rule in RULES.items():
            usual = gettext_lazy("default: %(level)s") % {"level": _usual(rule.severity)}
            self.fields[f"{_RULE}{name}"] = forms.ChoiceField(
                label=str(rule.title),
                required=False,
                choices=[("", usual), *Level.choices],
                initial=policy.profile.get(name, ""),
            )

    def plain_fields(self) -> list[forms.BoundField]:
        """The fields that are no rule."""
        return [field for field in self if not field.name.startswith(_RULE)]

    def rules(self) -> list[forms.BoundField]:
        """A field for each rule."""
        return [field for field in self if field.name.startswith(_RULE)]

    def profile(self) -> dict[str, str]:
        """The rules that are not as usual."""
        return {
            name.removeprefix(_RULE): level
            for name, level in self.cleaned_data.items()
            if name.startswith(_RULE) and level
        }


def _usual(severity: Severity) -> Any:
    levels = {Severity.BLOCK: Level.BLOCK.label, Severity.WARN: Level.WARN.label}
    return levels.get(severity, gettext_lazy("notes"))


class ReasonForm(forms.Form):
    """A reason for rejections."""

    code = forms.SlugField(label=gettext_lazy("code"), max_length=40)
    text = forms.CharField(
        label=gettext_lazy("text"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Shown to the submitter and publicly."),
    )
    effect = forms.ChoiceField(label=gettext_lazy("effect"), choices=Effect.choices)
    rank = forms.IntegerField(label=gettext_lazy("rank"), min_value=0, max_value=10_000, initial=0)
    is_active = forms.BooleanField(label=gettext_lazy("available"), required=False, initial=True)

    def __init__(self, reason: DecisionReason | None = None, data: Any = None) -> None:
        names = ("code", "text", "effect", "rank", "is_active")
        super().__init__(
            data,
            initial={name: getattr(reason, name) for name in names} if reason else None,
            auto_id=f"id_{reason.code}_%s" if reason else "id_%s",
        )
        if reason is not None:
            self.fields["code"].widget = forms.HiddenInput()
            if not reason.text:
                self.fields["text"].widget.attrs["placeholder"] = reason.shown_text


class BlockRuleForm(forms.Form):
    """The form of one block rule."""

    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=BlockRule.Kind.choices)
    value = forms.CharField(
        label=gettext_lazy("value"),
        max_length=300,
        help_text=gettext_lazy(
            "example.org, github.com/owner, a phrase, a user name or an e-mail address."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Shown to the person who is refused."),
    )
    expires_at = MinuteField(
        label=gettext_lazy("until"),
        required=False,
    )


class TrustForm(forms.Form):
    """A word on somebody who has submitted to the catalog."""

    user = forms.ModelChoiceField(label=gettext_lazy("person"), queryset=User.objects.none())
    is_trusted = forms.TypedChoiceField(
        label=gettext_lazy("trust"),
        choices=[("yes", gettext_lazy("trusted")), ("no", gettext_lazy("not trusted"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=gettext_lazy("reason"), required=False, max_length=500)

    def __init__(self, catalog: Catalog, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["user"]
        rows = User.objects.filter(submissions__catalog=catalog).distinct().order_by("username")
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = User.get_full_name  # type: ignore[attr-defined]


@admin.register(ContributionPolicy)
class ContributionPolicyAdmin(OfMaintainers):
    """The settings of every catalog that the person maintains."""

    def own_pages(self) -> list[Page]:
        return [
            Page("site/blocks/", self.site_blocks_view, "site_blocks"),
            Page("<str:key>/settings/", self.settings_view, "settings"),
            Page("<str:key>/reasons/", self.reasons_view, "reasons"),
            Page("<str:key>/blocks/", self.blocks_view, "blocks"),
            Page("<str:key>/trust/", self.trust_view, "trust"),
        ]

    def top(self) -> Step:
        return Step(_("Contributing"), address("contributionpolicy_changelist"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The catalogs that the person maintains; each has settings, stored or not."""
        catalogs = list(catalogs_of(request, maintained=True)[:500])
        if not catalogs and not is_superuser(request):
            raise Http404
        if len(catalogs) == 1 and not is_superuser(request):
            return HttpResponseRedirect(address("contributionpolicy_settings", catalogs[0].pk))
        return self.page(
            request,
            "policies.html",
            title=_("Contributing"),
            catalogs=catalogs,
            is_superuser=is_superuser(request),
        )

    def settings_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show and change the settings."""
        catalog = self._catalog(request, key)
        form = PolicyForm(catalog, ContributionPolicy.of(catalog), request.POST or None)

        def save(**values: Any) -> Any:
            own = {name: value for name, value in values.items() if not name.startswith(_RULE)}
            own.setdefault("required_columns", ())
            return policies.change_policy(**own, profile=form.profile())

        saved = self._saved(request, form, save, _("The settings were saved."), catalog)
        return saved or self._page(request, catalog, "policy.html", form=form)

    def reasons_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Reasons for rejections: their texts, effects and order."""
        catalog = self._catalog(request, key)
        reasons = policies.reasons_of(catalog)
        code = request.POST.get("code", "")
        known = next((reason for reason in reasons if reason.code == code), None)
        typed = ReasonForm(known, request.POST) if request.method == "POST" else None
        if typed is not None:
            text = _("The reason was saved.")
            if saved := self._saved(request, typed, policies.set_reason, text, catalog):
                return saved
        forms = [
            (reason, typed if typed and reason == known else ReasonForm(reason))
            for reason in reasons
        ]
        fresh = typed if typed and known is None else ReasonForm()
        return self._page(request, catalog, "reasons.html", forms=forms, form=fresh)

    def blocks_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show and change the block rules of this catalog."""
        return self._blocks(request, self._catalog(request, key))

    def site_blocks_view(self, request: HttpRequest) -> HttpResponse:
        """Show and change the block rules of all catalogs."""
        self.require_superuser(request)
        return self._blocks(request, None)

    def _blocks(self, request: HttpRequest, catalog: Catalog | None) -> HttpResponse:
        rules = BlockRule.objects.filter(catalog=catalog).order_by("kind", "value", "pk")
        url = request.path
        given = {name: request.GET[name] for name in ("kind", "value") if name in request.GET}
        form = BlockRuleForm(initial=given)
        if request.method == "POST" and "remove" in request.POST:
            rule = rules.filter(pk=number(request.POST["remove"])).first()
            if rule is None:
                raise Http404
            policies.remove_block_rule(rule=rule, actor=actor(request))
            return self.done(request, _("The rule was removed."), url, catalog)
        if request.method == "POST":
            form = BlockRuleForm(request.POST)
            text = _("The rule was added.")
            if saved := self._saved(request, form, policies.add_block_rule, text, catalog):
                return saved
        shown = rules.select_related("created_by")[:500]
        return self._page(request, catalog, "blocks.html", form=form, rules=shown)

    def trust_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show and change whose trust is pinned."""
        catalog = self._catalog(request, key)
        url = address("contributionpolicy_trust", catalog.pk)
        pins = TrustPin.objects.filter(catalog=catalog).select_related("user", "created_by")
        form = TrustForm(catalog)
        if request.method == "POST" and "unpin" in request.POST:
            pin = pins.filter(pk=number(request.POST["unpin"])).first()
            if pin is None:
                raise Http404
            policies.unpin_trust(catalog=catalog, user=pin.user, actor=actor(request))
            return self.done(request, _("Trust is based on the record again."), url, catalog)
        if request.method == "POST":
            form = TrustForm(catalog, request.POST)
            text = _("The trust was pinned.")
            if saved := self._saved(request, form, policies.pin_trust, text, catalog):
                return saved
        return self._page(request, catalog, "trust.html", form=form, pins=pins.order_by("pk")[:500])

    def _saved(
        self,
        request: HttpRequest,
        form: Form,
        save: Callable[..., Any],
        message: str,
        catalog: Catalog | None,
    ) -> HttpResponse | None:
        """Save what a valid form says, and show the page again; None where there is nothing to."""
        if request.method != "POST" or not form.is_valid():
            return None
        act = partial(save, catalog=catalog, actor=actor(request), **form.cleaned_data)
        return self.saved(request, form, act, message, request.path, catalog)

    def _catalog(self, request: HttpRequest, key: str) -> Catalog:
        """The catalog, if this person maintains it."""
        match = catalogs_of(request, maintained=True).filter(pk=number(key)).first()
        if match is None:
            raise Http404
        return match

    def _page(
        self, request: HttpRequest, catalog: Catalog | None, template: str, **context: Any
    ) -> HttpResponse:
        form: Form = context["form"]
        return self.page(
            request,
            template,
            title=catalog.title if catalog else _("Block rules of the site"),
            status=400 if form.is_bound and form.errors else 200,
            catalog=catalog,
            tabs=_tabs(catalog, request.path) if catalog else [],
            **context,
        )


def _tabs(catalog: Catalog, current: str) -> list[Tab]:
    labels = {
        "settings": _("Settings"),
        "reasons": _("Reasons"),
        "blocks": _("Block rules"),
        "trust": _("Trust"),
    }
    urls = {name: address(f"contributionpolicy_{name}", catalog.pk) for name in labels}
    return [Tab(label, urls[name], urls[name] == current) for name, label in labels.items()]
