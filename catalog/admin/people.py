"""The people of a list: invited, given another role, removed; and leaving it oneself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import team
from accounts.models import Invitation, Membership
from catalog.admin.base import OfLists, address, by, may_change, number
from catalog.admin.forms import add_refusal
from catalog.errors import CatalogError
from catalog.models import Catalog


class InviteForm(forms.Form):
    """The form of an invitation: the person and the role."""

    who = forms.CharField(
        label=gettext_lazy("e-mail address or name"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy(
            "They get a letter with a link that leads to an account, if they have none, and "
            "to this list."
        ),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("role in the list"),
        choices=[
            ("moderator", gettext_lazy("moderator: decides on submissions")),
            ("maintainer", gettext_lazy("maintainer: edits the list, invites people")),
        ],
    )


class People(OfLists):
    """The page of a list's people."""

    def people_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show who has which role; maintainers change that, and everybody may leave."""
        catalog: Catalog = self.find(request, key)
        form = InviteForm(request.POST if request.POST.get("do") == "invite" else None)
        if request.method == "POST":
            try:
                message = self._act(request, catalog, form)
            except CatalogError as error:
                if not form.is_bound:
                    return self.refused(request, error, address("catalog_people", catalog.pk))
                add_refusal(form, error)
            else:
                if message:
                    has_left = request.POST.get("do") == "leave"
                    # Who has left may see none of this any more.
                    own = reverse("accounts:profile")
                    url = own if has_left else address("catalog_people", catalog.pk)
                    return self.done(request, message, url, catalog)
        return self.page(
            request,
            "people.html",
            title=_("People"),
            trail=self.trail(catalog),
            status=400 if form.errors else 200,
            catalog=catalog,
            form=form,
            members=team.members_of(catalog),
            invitations=[(one, team.link_to(one)) for one in team.invitations_of(catalog)],
            roles=Membership.Role.choices,
            may_change=may_change(request, catalog.pk),
        )

    def _act(self, request: HttpRequest, catalog: Catalog, form: InviteForm) -> str:
        """Perform the button's action; return '' where the form is to be shown again. Raises
        `CatalogError`."""
        do = request.POST.get("do", "")
        if do == "leave":
            own = self._member(catalog, user=request.user.pk)
            team.remove(membership=own)
            return _("You have left “%(list)s”.") % {"list": catalog.title}
        self.require_change(request, catalog)
        if do == "invite":
            return self._invite(request, catalog, form) if form.is_valid() else ""
        key = number(request.POST.get("key", ""))
        if do == "withdraw":
            invitation = Invitation.objects.filter(catalog=catalog, pk=key).first()
            if invitation is None:
                raise CatalogError(_("This invitation is no longer valid."))
            invitation.delete()
            return _("The invitation to %(email)s was withdrawn.") % {"email": invitation.email}
        member = self._member(catalog, pk=key)
        names = {"name": member.user.get_full_name()}
        if do == "remove":
            team.remove(membership=member)
            return _("%(name)s was removed.") % names
        role = request.POST.get("role", "")
        if do != "role" or role not in Membership.Role:
            raise CatalogError(_("This action does not exist."))
        team.change_role(membership=member, role=role)
        return _("%(name)s is now %(role)s.") % {**names, "role": member.get_role_display()}

    def _invite(self, request: HttpRequest, catalog: Catalog, form: InviteForm) -> str:
        inviter = by(request).actor
        if inviter is None:
            raise CatalogError(_("You do not have permission to do this."))
        given: dict[str, Any] = form.cleaned_data
        invited = team.invite(catalog=catalog, who=given["who"], role=given["role"], by=inviter)
        if isinstance(invited, Invitation):
            return _("An invitation was sent to %(email)s.") % {"email": invited.email}
        message = _("%(name)s has no e-mail address, and was given the role at once.")
        return message % {"name": invited.user.get_full_name()}

    def _member(self, catalog: Catalog, **by_key: Any) -> Membership:
        rows = Membership.objects.filter(catalog=catalog, **by_key).select_related("user")
        if (member := rows.first()) is None:
            raise CatalogError(_("This person has no role in this list."))
        return member
