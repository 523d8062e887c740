"""The base of all pages of the administration: permissions, and how a page is made.

Superusers may do everything. A member of staff sees the lists that a `Membership` names, and
changes those where it says maintainer. Rights that Django's own tables give are not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import ListRole, User
from catalog.errors import CatalogError, InvalidField, RevisionConflict
from catalog.history.revisions import Author
from catalog.models import Catalog, Change, Entry, Listing, Section, Tag

type Text = str | Promise


class Page(NamedTuple):
    """A page of a model: its route below the model's, the view, the last part of its name."""

    route: str
    view: Callable[..., HttpResponseBase]
    name: str


class Step(NamedTuple):
    """A step on the way to a page; the last one has no address."""

    label: Text
    url: str = ""


def person(request: HttpRequest) -> User:
    """Return the signed-in user."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def roles(request: HttpRequest) -> dict[int, ListRole]:
    """The person's role in each list, by the list's key; none for who is not signed in."""
    return getattr(request.user, "roles", {})


def titles(request: HttpRequest) -> list[tuple[int, str]]:
    """The lists this person may see, by title."""
    if is_superuser(request):
        return list(Catalog.objects.order_by("title").values_list("pk", "title")[:200])
    known = [(key, one.title) for key, one in roles(request).items()]
    return sorted(known, key=lambda pair: pair[1])


def is_superuser(request: HttpRequest) -> bool:
    """Whether this person runs the site."""
    return request.user.is_active and bool(getattr(request.user, "is_superuser", False))


def by(request: HttpRequest, note: str = "") -> Author:
    """The person who is signed in, as the author of a change."""
    return Author(actor=person(request), note=note)


def address(name: str, *args: Any) -> str:
    """An address of this administration: `address("catalog_change", 3)`."""
    return reverse(f"admin:catalog_{name}", args=[quote(arg) for arg in args])


def add_refusal(form: BaseForm, error: CatalogError) -> None:
    """Show why nothing was saved, at the field it is about if that is on the form.

    Where somebody else was faster, the form goes on from what stands now, and shows it beside what
    was typed: sent once more, it is saved.
    """
    field = error.field if isinstance(error, InvalidField) else None
    form.add_error(field if field in form.fields else None, error.message)
    now = form.initial.get("revision") if "revision" in form.fields else None
    if isinstance(error, RevisionConflict) and now is not None:
        data: Any = form.data.copy()  # type: ignore[attr-defined]
        data[form.add_prefix("revision")] = now
        form.data = data
        for name in form.fields:
            if form[name].field.has_changed(form.initial.get(name), form[name].data):
                text = _("Current value: %(value)s") % {"value": form.initial.get(name) or "–"}
                form.add_error(name, text)


def minute(moment: datetime) -> str:
    """A time to the minute, in few characters and the same in every language."""
    return date_format(timezone.localtime(moment), "Y-m-d H:i")


def number(text: str) -> int:
    """The key that somebody sent; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


class OfLists(admin.ModelAdmin):
    """Base of every page here. `owner` is the lookup from a row to its list.

    Django's own forms for adding, changing and deleting are out of reach: rows are derived from
    the list's text or are decisions with a function of their own, and pages call that.
    """

    owner = "catalog"
    templates = "admin/catalog"
    actions: Sequence[str] | None = None
    show_full_result_count = False
    list_per_page = 100
    list_select_related: ClassVar[Any] = ()
    delete_confirmation_template = ""

    class Media:
        css = {"all": ["admin-catalog.css"]}

    # Who may do what

    def owner_of(self, obj: Any) -> int:
        """The key of the list a row belongs to."""
        *path, last = self.owner.split("__")
        for name in path:
            obj = getattr(obj, name)
        key: int = getattr(obj, last if last == "pk" else f"{last}_id")
        return key

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the lists this person may see."""
        rows = super().get_queryset(request)
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)
        if is_superuser(request):
            return rows
        return rows.filter(**{f"{self.owner}__in": list(roles(request))})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns, without the list where all rows are of one."""
        columns = super().get_list_display(request)
        return [name for name in columns if name != "catalog" or "catalog" not in request.GET]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None:
            return is_superuser(request) or self.owner_of(obj) in roles(request)
        return is_superuser(request) or bool(roles(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None:
            return person(request).maintains(self.owner_of(obj))
        return getattr(request.user, "maintains_any", False)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Django's own form saves rows past the functions that keep them right: not here."""
        raise PermissionDenied

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self.row_view(request, object_id)

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show the page of a row; there is none unless a class has one."""
        raise PermissionDenied

    def own_pages(self) -> list[Page]:
        """Return the pages besides Django's own."""
        return []

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(page.route, self.admin_site.admin_view(page.view), name=f"{name}_{page.name}")
            for page in self.own_pages()
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's table of rows; the way to it leads through the list that they are of."""
        here = sentence(self.opts.verbose_name_plural or "")
        key = number(request.GET.get("catalog", ""))
        lists = [
            Step(title, address("catalog_change", pk))
            for pk, title in (titles(request) if key else ())
            if pk == key
        ]
        steps = [self.top(), *lists]
        trail = [_home(), *[step for step in steps if step.label != here], Step(here)]
        return super().changelist_view(request, {"trail": trail, **(extra_context or {})})

    # Finding what an address names

    def find(self, request: HttpRequest, key: str, *, change: bool = False) -> Any:
        """The row, if this person may see it; `change` asks for more."""
        obj = self.get_object(request, key)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if change:
            self.require_change(request, obj)
        return obj

    def require_change(self, request: HttpRequest, obj: Any) -> None:
        """Refuse whoever may only look."""
        if not self.has_change_permission(request, obj):
            raise PermissionDenied

    def require_superuser(self, request: HttpRequest) -> None:
        """Refuse whoever does not run the site."""
        if not is_superuser(request):
            raise PermissionDenied

    # Making pages

    def page(
        self,
        request: HttpRequest,
        template: str,
        *,
        title: Text,
        trail: Sequence[Step] = (),
        status: int = 200,
        **context: Any,
    ) -> TemplateResponse:
        """A page inside the administration's frame; `trail` leads from the list to it."""
        return TemplateResponse(
            request,
            f"{self.templates}/{template}",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "media": self.media,
                "title": title,
                "trail": [_home(), self.top(), *trail, Step(title)],
                **context,
            },
            status=status,
        )

    def top(self) -> Step:
        """Return the first step of the breadcrumbs of these pages."""
        name = sentence(Catalog._meta.verbose_name_plural or "")
        return Step(name, address("catalog_changelist"))

    def trail(self, catalog: Catalog, *steps: Step) -> list[Step]:
        """The way to a page of a list."""
        return [Step(catalog.title, address("catalog_change", catalog.pk)), *steps]

    def done(
        self, request: HttpRequest, message: Text, url: str, obj: Model | None = None
    ) -> HttpResponse:
        """Report success, and redirect to a page."""
        if obj is not None:
            self.log_change(request, obj, str(message))
        messages.success(request, str(message))
        return HttpResponseRedirect(url)

    def saved(
        self,
        request: HttpRequest,
        form: BaseForm,
        save: Callable[[], Any],
        message: Text,
        url: str,
        obj: Model | None = None,
    ) -> HttpResponse | None:
        """Save what a valid form says, and redirect; None where that is refused, as the form says.

        Nothing has changed where `save` returns None.
        """
        try:
            has_changed = save() is not None
        except CatalogError as error:
            add_refusal(form, error)
            return None
        text = message if has_changed else _("Nothing has changed.")
        return self.done(request, text, url, obj if has_changed else None)

    def refused(self, request: HttpRequest, error: CatalogError, url: str) -> HttpResponse:
        """Report the error's own sentence, and redirect back."""
        messages.error(request, error.message)
        return HttpResponseRedirect(url)


class CatalogFilter(admin.SimpleListFilter):
    """Filter by list; only those that the person may see are offered."""

    title = pgettext_lazy("catalog", "list")
    parameter_name = "catalog"
    owner = "catalog"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(str(pk), title) for pk, title in titles(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset if value is None else queryset.filter(**{self.owner: number(value)})


def _home() -> Step:
    return Step(_("Home"), reverse("admin:index"))


def sentence(text: Text) -> str:
    """Return the text with a capital at the start."""
    return capfirst(str(text))


# Filters of the tables of entries


class StateFilter(admin.SimpleListFilter):
    """Published, waiting for a decision, taken for prose, removed."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("published", gettext_lazy("published")),
            ("waiting", gettext_lazy("suggested, undecided")),
            ("prose", gettext_lazy("is text")),
            ("removed", gettext_lazy("removed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        suggested = queryset.filter(state=Entry.State.SUGGESTED)
        match self.value():
            case "published" | "removed" as state:
                return queryset.filter(state=state)
            case "waiting":
                return suggested.filter(decision=Entry.Decision.NONE)
            case "prose":
                return suggested.filter(decision=Entry.Decision.DISMISSED)
        return queryset


class _Narrowing(admin.SimpleListFilter):
    """A filter that other pages link to; it is shown while it is in use."""

    model: type[Model]
    lookup: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name or "", "")
        if not number(key):
            return []
        row = model_admin.admin_site.get_model_admin(self.model).get_object(request, key)
        return [(key, str(row or key))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{self.lookup: value}) if value else queryset


class ByTag(_Narrowing):
    """Entries that have one tag."""

    title = gettext_lazy("tag")
    parameter_name = "tag"
    model = Tag
    lookup = "entry_tags__tag"


class BySection(_Narrowing):
    """Entries that stand in one section, not below it."""

    title = gettext_lazy("section")
    parameter_name = "section"
    model = Section
    lookup = "section"


class ByListing(_Narrowing):
    """Entries of one table or list."""

    title = gettext_lazy("listing")
    parameter_name = "listing"
    model = Listing
    lookup = "listing"


class ByEntry(_Narrowing):
    """Revisions that changed the lines of one entry."""

    title = gettext_lazy("entry")
    parameter_name = "entry"
    model = Entry

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        changes = Change.objects.filter(entry_id=number(value))
        return queryset.filter(pk__in=changes.values("revision"))
