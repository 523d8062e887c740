"""Facets: how they are shown, their tags, and spellings on offer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import CatalogFilter, OfLists, Step, address, by, number
from catalog.admin.forms import add_refusal
from catalog.editing.tag_aliases import confirm_alias, decline_alias, suggest_aliases
from catalog.editing.tag_descriptions import MAX_RANK, describe_facet
from catalog.editing.tags import add_tag
from catalog.errors import CatalogError
from catalog.models import Facet, TagAlias

_MOST_TAGS = 200
"""Tags shown on the page of their facet."""


class NameForm(forms.Form):
    """A name for a new tag or another spelling."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=200)


class FacetForm(forms.Form):
    """The settings of a facet, and the revision that was read."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Plain text, shown above its tags."),
    )
    rank = forms.IntegerField(
        label=gettext_lazy("rank"),
        min_value=0,
        max_value=MAX_RANK,
        help_text=gettext_lazy("Facets with a smaller number come first."),
    )
    is_public = forms.BooleanField(
        label=gettext_lazy("Offered to visitors as a filter"), required=False
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


@admin.register(Facet)
class FacetAdmin(OfLists):
    """Facets: the questions that entries can be filtered by."""

    list_display = ("name", "catalog", "slug", "rank", "is_public")
    list_filter = (CatalogFilter,)
    search_fields = ("name", "slug")
    list_select_related = ("catalog",)
    ordering = ("catalog", "rank", "slug", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Facet]:
        return super().get_queryset(request).select_related("catalog")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A facet's tags, spellings on offer, a form for a new tag, and how it is shown."""
        facet: Facet = self.find(request, object_id, change=request.method == "POST")
        form = NameForm(request.POST if "name" in request.POST else None)
        settings = _facet_form(request, facet)
        url = address("facet_change", facet.pk)
        if request.method == "POST" and settings.is_bound and settings.is_valid():
            try:
                revision = describe_facet(
                    facet=facet,
                    by=by(request),
                    expected_revision=settings.cleaned_data.pop("revision"),
                    **settings.cleaned_data,
                )
            except CatalogError as error:
                add_refusal(settings, error)
            else:
                message = _("The facet was saved.") if revision else _("Nothing has changed.")
                return self.done(request, message, url, facet if revision else None)
        if request.method == "POST" and "suggest" in request.POST:
            offers = suggest_aliases(facet=facet)
            count = len(offers)
            message = ngettext(
                "%(count)d spelling suggestion.", "%(count)d spelling suggestions.", count
            )
            return self.done(request, message % {"count": count}, url)
        if request.method == "POST" and "alias" in request.POST:
            return self._decide(request, facet)
        if request.method == "POST" and form.is_valid():
            try:
                tag = add_tag(facet=facet, name=form.cleaned_data["name"], by=by(request))
            except CatalogError as error:
                add_refusal(form, error)
            else:
                message = _("The tag %(name)s was added.") % {"name": tag.name}
                return self.done(request, message, url, tag)
        tags = facet.tags.order_by("-entry_count", "slug", "pk")
        aliases = facet.aliases.select_related("tag")
        return self.page(
            request,
            "facet.html",
            title=facet.name,
            trail=self.trail(facet.catalog, facets_step(facet)),
            facet=facet,
            form=form,
            settings=settings,
            may_change=self.has_change_permission(request, facet),
            tags=tags[:_MOST_TAGS],
            hidden=max(0, tags.count() - _MOST_TAGS),
            offered=aliases.filter(is_confirmed=False).order_by("tag__name", "spelling")[:200],
            spellings=aliases.filter(is_confirmed=True).count(),
            all_url=address("tag_changelist") + f"?catalog={facet.catalog_id}&facet={facet.pk}",
        )

    def _decide(self, request: HttpRequest, facet: Facet) -> HttpResponse:
        """Accept or decline a suggested spelling."""
        key = request.POST["alias"]
        alias = get_object_or_404(
            TagAlias.objects.select_related("tag__facet"), facet=facet, pk=number(key)
        )
        url = address("facet_change", facet.pk)
        names = {"spelling": alias.spelling, "tag": alias.tag.name}
        try:
            if "decline" in request.POST:
                decline_alias(alias=alias)
                message = _("%(spelling)s stays a separate tag.") % names
            else:
                confirm_alias(alias=alias, by=by(request))
                message = _("%(spelling)s now means %(tag)s.") % names
        except CatalogError as error:
            return self.refused(request, error, url)
        return self.done(request, message, url, facet)


def _facet_form(request: HttpRequest, facet: Facet) -> FacetForm:
    """The form of a facet's settings, filled in if it was sent."""
    initial: dict[str, Any] = {
        name: getattr(facet, name) for name in ("name", "description", "rank", "is_public")
    }
    initial["revision"] = facet.catalog.revision
    is_sent = request.method == "POST" and "describe" in request.POST
    return FacetForm(request.POST if is_sent else None, initial=initial, prefix="facet")


def facets_step(facet: Facet) -> Step:
    """Return the breadcrumb to the facets of the same list."""
    return Step(_("Facets"), address("facet_changelist") + f"?catalog={facet.catalog_id}")
