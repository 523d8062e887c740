"""Forms of what maintainers decide about contributions. None saves: `policies.py` does."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.markdown.findings import Severity
from catalog.models import Catalog, Column
from submissions.checks.profile import RULES, Level
from submissions.choices import Challenge, Effect, WhoMaySubmit
from submissions.models import BlockRule, ContributionPolicy, DecisionReason

_RULE = "rule-"


class PolicyForm(forms.Form):
    """The settings of contributions."""

    who_may_submit = forms.ChoiceField(label=_("who may submit"), choices=WhoMaySubmit.choices)
    challenge = forms.ChoiceField(
        label=_("proof of work"),
        choices=Challenge.choices,
        help_text=_("The browser works for a second; people do not notice, mass submissions do."),
    )
    may_decide_own = forms.BooleanField(
        label=_("moderators may decide on their own submissions"), required=False
    )
    contact_email = forms.EmailField(
        label=_("contact address"),
        required=False,
        help_text=_("Replies to letters about submissions go there, never to a person's own."),
    )
    required_columns = forms.MultipleChoiceField(
        label=_("columns that must not be empty"),
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
            usual = _("default: %(level)s") % {"level": _usual(rule.severity)}
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
    return levels.get(severity, _("notes"))


class ReasonForm(forms.Form):
    """A reason for rejections."""

    code = forms.SlugField(label=_("code"), max_length=40)
    text = forms.CharField(
        label=_("text"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Shown to the submitter and publicly."),
    )
    effect = forms.ChoiceField(label=_("effect"), choices=Effect.choices)
    rank = forms.IntegerField(label=_("rank"), min_value=0, max_value=10_000, initial=0)
    is_active = forms.BooleanField(label=_("available"), required=False, initial=True)

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

    kind = forms.ChoiceField(label=_("kind"), choices=BlockRule.Kind.choices)
    value = forms.CharField(
        label=_("value"),
        max_length=300,
        help_text=_("example.org, github.com/owner, a phrase, a user name or an e-mail address."),
    )
    reason = forms.CharField(
        label=_("reason"),
        required=False,
        max_length=500,
        help_text=_("Shown to the person who is refused."),
    )
    expires_at = forms.DateTimeField(
        label=_("until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"],
    )


class TrustForm(forms.Form):
    """A word on somebody who has submitted to the catalog."""

    user = forms.ModelChoiceField(label=_("person"), queryset=User.objects.none())
    is_trusted = forms.TypedChoiceField(
        label=_("trust"),
        choices=[("yes", _("trusted")), ("no", _("not trusted"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("reason"), required=False, max_length=500)

    def __init__(self, catalog: Catalog, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["user"]
        rows = User.objects.filter(submissions__catalog=catalog).distinct().order_by("username")
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = User.get_full_name  # type: ignore[attr-defined]
