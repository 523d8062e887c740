"""Tags and their spellings."""

from __future__ import annotations

from typing import Any

import taggit.models
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import CatalogFilter, OfLists, Step, address, by, number
from catalog.admin.facets import NameForm, facets_step
from catalog.admin.forms import add_refusal
from catalog.editing.tag_aliases import add_alias, remove_alias
from catalog.editing.tag_descriptions import describe_tag
from catalog.editing.tags import merge_tags, rename_tag
from catalog.errors import CatalogError
from catalog.models import Facet, Tag, TagAlias

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
    list_select_related = ("facet",)
    ordering = ("facet", "-entry_count", "slug", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).select_related("facet__catalog")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<str:key>/merge/", wrap(self.merge_view), name="catalog_tag_merge"),
            *super().get_urls(),
        ]

    def _trail(self, tag: Tag, *steps: Step) -> list[Step]:
        facet = tag.facet
        name = Step(facet.name, address("facet_change", facet.pk))
        return self.trail(facet.catalog, facets_step(facet), name, *steps)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A tag's name, address and spellings."""
        tag: Tag = self.find(request, object_id, change=request.method == "POST")
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
        if action == "rename" and form.is_valid():
            response = self._rename(request, tag, form)
        elif action == "alias" and spelling.is_valid():
            response = self._add_alias(request, tag, spelling)
        elif action == "remove-alias":
            response = self._remove_alias(request, tag)
        elif action == "describe" and about.is_valid():
            response = self._describe(request, tag, about)
        else:
            response = None
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

    def _rename(self, request: HttpRequest, tag: Tag, form: TagForm) -> HttpResponse | None:
        try:
            revision = rename_tag(
                tag=tag,
                name=form.cleaned_data["name"],
                slug=form.cleaned_data["slug"],
                by=by(request),
                expected_revision=form.cleaned_data["revision"],
            )
        except CatalogError as error:
            add_refusal(form, error)
            return None
        message = _("The tag was renamed.") if revision else _("Nothing has changed.")
        return self.done(request, message, address("tag_change", tag.pk), tag)

    def _describe(
        self, request: HttpRequest, tag: Tag, form: DescriptionForm
    ) -> HttpResponse | None:
        try:
            revision = describe_tag(
                tag=tag,
                description=form.cleaned_data["description"],
                by=by(request),
                expected_revision=form.cleaned_data["revision"],
            )
        except CatalogError as error:
            add_refusal(form, error)
            return None
        message = _("The description was saved.") if revision else _("Nothing has changed.")
        return self.done(request, message, address("tag_change", tag.pk), tag if revision else None)

    def _add_alias(self, request: HttpRequest, tag: Tag, form: NameForm) -> HttpResponse | None:
        try:
            add_alias(tag=tag, spelling=form.cleaned_data["name"], by=by(request))
        except CatalogError as error:
            form.add_error("name", error.message)
            return None
        message = _("The spelling was added.")
        return self.done(request, message, address("tag_change", tag.pk), tag)

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
