"""Facets and their tags: how they are shown, spelled, renamed and merged."""

from __future__ import annotations

from functools import partial
from typing import Any

import taggit.models
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import CatalogFilter, OfLists, Page, Step, add_refusal, address, by, number
from catalog.editing.tags import (
    MAX_RANK,
    add_alias,
    add_tag,
    decline_alias,
    describe_facet,
    describe_tag,
    merge_tags,
    remove_alias,
    rename_tag,
    suggest_aliases,
)
from catalog.errors import CatalogError
from catalog.models import Facet, Tag, TagAlias

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

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """A facet's tags, spellings on offer, a form for a new tag, and how it is shown."""
        facet: Facet = self.find(request, key, change=request.method == "POST")
        form = NameForm(request.POST if "name" in request.POST else None)
        settings = _facet_form(request, facet)
        if request.method == "POST" and (done := self._act(request, facet, form, settings)):
            return done
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

    def _act(
        self, request: HttpRequest, facet: Facet, form: NameForm, settings: FacetForm
    ) -> HttpResponse | None:
        """Do what a button says; None where its form is to be shown again."""
        url = address("facet_change", facet.pk)
        if settings.is_bound:
            text = _("The facet was saved.")
            save = partial(describe_facet, facet=facet, by=by(request))
            if not settings.is_valid():
                return None
            return self.saved(request, settings, lambda: save(**_read(settings)), text, url, facet)
        if "suggest" in request.POST:
            count = len(suggest_aliases(facet=facet))
            message = ngettext(
                "%(count)d spelling suggestion.", "%(count)d spelling suggestions.", count
            )
            return self.done(request, message % {"count": count}, url)
        if "alias" in request.POST:
            return self._decide(request, facet)
        if not form.is_valid():
            return None
        try:
            tag = add_tag(facet=facet, name=form.cleaned_data["name"], by=by(request))
        except CatalogError as error:
            add_refusal(form, error)
            return None
        message = _("The tag %(name)s was added.") % {"name": tag.name}
        return self.done(request, message, url, tag)

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
                add_alias(tag=alias.tag, spelling=alias.spelling, by=by(request))
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


def _read(form: forms.Form) -> dict[str, Any]:
    """The values of a form with the revision that it was read at."""
    values = {**form.cleaned_data}
    return {"expected_revision": values.pop("revision"), **values}


def facets_step(facet: Facet) -> Step:
    """Return the breadcrumb to the facets of the same list."""
    return Step(_("Facets"), address("facet_changelist") + f"?catalog={facet.catalog_id}")


# Tags and their spellings


# Its tags are nobody's here: ours are of a class of their own.
admin.site.unregister(taggit.models.Tag)

_MOST = 30
"""Tags that are offered to be merged."""


class OfFacets(CatalogFilter):
    """The list of a facet's rows."""

    owner = "facet__catalog"


class FacetFilter(admin.SimpleListFilter):
    """The facets of the list that was chosen."""

    title = gettext_lazy("facet")
    parameter_name = "facet"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        catalog = request.GET.get("catalog", "")
        if not number(catalog):
            return []
        facets = admin.site.get_model_admin(Facet).get_queryset(request)
        rows = facets.filter(catalog=number(catalog)).order_by("rank", "slug")
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:200]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(facet=number(value))


class DescriptionForm(forms.Form):
    """The form for a tag's description, and the revision that was read."""

    description = forms.CharField(
        label=gettext_lazy("description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Plain text, shown on its page."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class TagForm(forms.Form):
    """A tag's name and address, and the revision they were read at."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=200)
    slug = forms.CharField(
        label=gettext_lazy("address"), max_length=200, help_text=gettext_lazy("a-z, 0-9 and -.")
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


@admin.register(Tag)
class TagAdmin(OfLists):
    """Tags: rename, merge, and the spellings that mean them."""

    owner = "facet__catalog"
    list_display = ("name", "facet", "slug", "entry_count")
    list_filter = (OfFacets, FacetFilter)
    search_fields = ("name", "slug")
    list_select_related = ("facet__catalog",)
    ordering = ("facet", "-entry_count", "slug", "pk")

    def own_pages(self) -> list[Page]:
        return [
            Page("<str:key>/merge/", self.merge_view, "merge"),
        ]

    def _trail(self, tag: Tag, *steps: Step) -> list[Step]:
        facet = tag.facet
        name = Step(facet.name, address("facet_change", facet.pk))
        return self.trail(facet.catalog, facets_step(facet), name, *steps)

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """A tag's name, address and spellings."""
        tag: Tag = self.find(request, key, change=request.method == "POST")
        action = request.POST.get("do", "")
        form = TagForm(
            request.POST if action == "rename" else None,
            initial={
                "name": tag.name,
                "slug": tag.slug,
                "revision": tag.facet.catalog.revision,
            },
        )
        spelling = NameForm(request.POST if action == "alias" else None, prefix="alias")
        about = DescriptionForm(
            request.POST if action == "describe" else None,
            initial={"description": tag.description, "revision": tag.facet.catalog.revision},
            prefix="about",
        )
        saved = partial(self.saved, request, url=address("tag_change", tag.pk), obj=tag)
        write: dict[str, Any] = {"tag": tag, "by": by(request)}
        response = None
        if action == "rename" and form.is_valid():
            text = _("The tag was renamed.")
            response = saved(form, lambda: rename_tag(**write, **_read(form)), text)
        elif action == "alias" and spelling.is_valid():
            name, text = spelling.cleaned_data["name"], _("The spelling was added.")
            response = saved(spelling, lambda: add_alias(**write, spelling=name), text)
        elif action == "remove-alias":
            response = self._remove_alias(request, tag)
        elif action == "describe" and about.is_valid():
            text = _("The description was saved.")
            response = saved(about, lambda: describe_tag(**write, **_read(about)), text)
        return response or self.page(
            request,
            "tag.html",
            title=tag.name,
            trail=self._trail(tag),
            tag=tag,
            form=form,
            spelling=spelling,
            about=about,
            may_change=self.has_change_permission(request, tag),
            aliases=tag.aliases.filter(is_confirmed=True).order_by("spelling")[:500],
            entries_url=address("entry_changelist")
            + f"?catalog={tag.facet.catalog_id}&tag={tag.pk}",
        )

    def _remove_alias(self, request: HttpRequest, tag: Tag) -> HttpResponse:
        alias = get_object_or_404(
            TagAlias.objects.select_related("tag__facet"),
            tag=tag,
            pk=number(request.POST.get("alias", "")),
        )
        url = address("tag_change", tag.pk)
        try:
            remove_alias(alias=alias, by=by(request))
        except CatalogError as error:
            return self.refused(request, error, url)
        message = _("%(spelling)s is a separate tag again.") % {"spelling": alias.spelling}
        return self.done(request, message, url, tag)

    def merge_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Make other tags of the facet this one."""
        tag: Tag = self.find(request, key, change=True)
        words = request.GET.get("q", "").strip()
        others = tag.facet.tags.exclude(pk=tag.pk).order_by("-entry_count", "slug", "pk")
        if request.method == "POST":
            keys = [number(value) for value in request.POST.getlist("others")]
            chosen = list(others.filter(pk__in=keys).select_related("facet"))
            try:
                merge_tags(into=tag, others=chosen, by=by(request))
            except CatalogError as error:
                return self.refused(request, error, request.get_full_path())
            count = len(chosen)
            message = ngettext(
                "%(count)d tag was merged into %(name)s.",
                "%(count)d tags were merged into %(name)s.",
                count,
            ) % {"count": count, "name": tag.name}
            return self.done(request, message, address("tag_change", tag.pk), tag)
        matches = others.filter(name__icontains=words) if words else others
        return self.page(
            request,
            "merge.html",
            title=_("Merge into %(name)s") % {"name": tag.name},
            trail=self._trail(tag, Step(tag.name, address("tag_change", tag.pk))),
            tag=tag,
            words=words,
            matches=matches[:_MOST],
            more=matches.count() > _MOST,
        )
