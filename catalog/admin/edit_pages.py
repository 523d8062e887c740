"""Pages that change lines of a list: what is typed, the diff it makes, the word to save it.

Nothing is kept between the steps but what the page itself carries, as it was typed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import OfLists, Step, Text, add_refusal, by
from catalog.editing.lines import preview_edit, typable, with_own_endings
from catalog.editing.settings import SETTINGS
from catalog.errors import CatalogError
from catalog.history.diffs import Diff
from catalog.history.revisions import Author
from catalog.importing.about import about
from catalog.importing.applying import check_slug, decode_text
from catalog.markdown import parse
from catalog.models import Catalog, Revision
from catalog.slugs import RESERVED_SLUGS, slugify, unique_segment

# Forms. None saves: views hand the values to the function that does


_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


class TextFileField(forms.FileField):
    """A file of markdown; cleaned it is `(name, text)`, every character as it is in the file."""

    widget = forms.ClearableFileInput(attrs={"accept": ".md,.markdown,.mdown,.txt,text/*"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file: UploadedFile = super().clean(data, initial)
        name = file.name or "README.md"
        try:
            return name, decode_text(file.read(), name)
        except CatalogError as error:
            raise forms.ValidationError(error.message, code=error.code) from None


class HttpsField(forms.URLField):
    """An address; what is typed without a scheme means https."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "assume_scheme": "https"})


class UploadForm(forms.Form):
    """A newer README of a list."""

    file = TextFileField(
        label=gettext_lazy("README"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "Upload the file itself, so that not a byte is lost. You will see "
            "every change before anything is saved."
        ),
    )


class NewListForm(UploadForm):
    """The first README of a list, and what the list is called."""

    title = forms.CharField(
        label=gettext_lazy("title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Leave empty to use the README's own title."),
    )
    slug = forms.CharField(
        label=gettext_lazy("address"),
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "The first part of every address of this list: a-z, 0-9 and -. "
            "Leave empty to make it from the title."
        ),
    )
    source_url = HttpsField(
        label=gettext_lazy("source"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "The address of the README. Relative links and images are resolved against it."
        ),
    )
    field_order = ("file", "slug", "title", "source_url")

    def clean_slug(self) -> str:
        """Refuse at once what could not be applied later; an empty address is made up."""
        slug: str = self.cleaned_data["slug"] or self._proposed_slug()
        try:
            check_slug(slug)
        except CatalogError as error:
            raise forms.ValidationError(error.message) from None
        if Catalog.objects.filter(slug=slug, is_unfinished=False).exists():
            raise forms.ValidationError(_("Another list has this address."))
        return slug

    def _proposed_slug(self) -> str:
        """Return a free address made from the title, typed or the README's, else from the file."""
        if "file" not in self.cleaned_data:
            raise forms.ValidationError(_("Enter an address, or choose the file first."))
        name, text = self.cleaned_data["file"]
        title = self.data.get("title") or about(parse(text)).title
        taken = set(Catalog.objects.filter(is_unfinished=False).values_list("slug", flat=True))
        for words in (title, name.rpartition(".")[0]):
            if base := _NOT_IN_A_SLUG.sub("-", slugify(words)).strip("-"):
                return unique_segment(base, taken, fallback="list", reserved=RESERVED_SLUGS)
        return unique_segment("list", taken, fallback="list", reserved=RESERVED_SLUGS)


class SettingsForm(forms.ModelForm):
    """The settings of a list, and the revision at which they were read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Catalog
        fields = SETTINGS
        field_classes = {"source_url": HttpsField, "license_url": HttpsField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "guidelines": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["revision"] = self.instance.revision
        self.fields["slug"].help_text = _(
            "The first part of every address of this list. Its old address leads to the new one."
        )


class RestoreForm(forms.Form):
    """A backup, and where it goes."""

    file = forms.FileField(label=gettext_lazy("backup"))
    slug = forms.CharField(
        label=gettext_lazy("address"),
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "Leave empty to keep its address. An address that is in use is refused."
        ),
    )


class DeletionForm(forms.Form):
    """The name of a list, typed by whoever wants it deleted."""

    name = forms.CharField(label=gettext_lazy("address of the list"), required=False)

    def __init__(self, slug: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug
        self.fields["name"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean_name(self) -> str:
        """Only the very name will do."""
        if self.cleaned_data["name"] != self.slug:
            raise forms.ValidationError(
                _("Type %(slug)s to delete this list.") % {"slug": self.slug}
            )
        return self.slug


_NOT_CARRIED = {"csrfmiddlewaretoken", "do"}


def fingerprint(source: str) -> str:
    """Return a hash by which changed lines are noticed since a page was opened."""
    return hashlib.sha256(source.encode("utf-8")).hexdigest()


class LinesField(forms.CharField):
    """Lines as they are: nothing is stripped, and empty is a value."""

    def __init__(self, *, rows: int = 1, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "class": "source", "spellcheck": "false"})
        super().__init__(**{"strip": False, "required": False, "widget": widget, **kwargs})


class NoteForm(forms.Form):
    """A form with a note for the history."""

    note = forms.CharField(
        label=gettext_lazy("note for the history"), max_length=500, required=False
    )


class SourceForm(NoteForm):
    """The raw source of a block. `base` is the fingerprint of what it was when it was opened."""

    source = LinesField(label=gettext_lazy("source"))
    base = forms.CharField(widget=forms.HiddenInput)
    field_order = ("source", "note")

    def __init__(self, source: str, data: Any = None) -> None:
        self.own = source
        shown = typable(source)
        super().__init__(data, initial={"source": shown, "base": fingerprint(source)})
        self.fields["source"].widget.attrs["rows"] = min(20, shown.count("\n") + 4)

    def typed(self) -> str:
        """Return the typed text with the block's line endings; '' when all is gone."""
        source: str = self.cleaned_data["source"]
        return with_own_endings(source, self.own) if source else ""

    def is_based_on_this(self) -> bool:
        """Whether the block is still what it was when it was opened."""
        return bool(self.cleaned_data["base"] == fingerprint(self.own))

    def again_after_conflict(self) -> SourceForm:
        """The form as it was typed, on what stands there now, saying so."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["base"] = fingerprint(self.own)
        again = SourceForm(self.own, data)
        again.add_error(
            None,
            _(
                "Someone else has changed these lines since you opened the page. "
                "Your text is kept: compare it with the current lines and preview again."
            ),
        )
        return again


class EditPages(OfLists):
    """Base of the pages that change lines."""

    def edit_page(
        self,
        request: HttpRequest,
        form: forms.BaseForm,
        edit: Callable[[Author], Revision | None],
        *,
        catalog: Catalog,
        title: Text,
        message: Text,
        trail: list[Step],
        cancel_url: str,
        url: str = "",
        template: str = "edit.html",
        **context: Any,
    ) -> HttpResponse:
        """A form, then the difference it makes, then the page that `message` is shown on.

        `edit` does it, on rows that it reads itself: the preview calls it and takes it back. `url`
        is where it leads, else to what the form is left for.
        """
        do = request.POST.get("do", "preview")
        if request.method == "POST" and form.is_valid() and do != "edit":
            author = by(request, form.cleaned_data["note"])
            try:
                if do == "save":
                    revision = edit(author)
                    text = message if revision else _("Nothing has changed.")
                    return self.done(
                        request, text, url or cancel_url, catalog if revision else None
                    )
                diff = preview_edit(catalog, lambda: edit(author))
            except CatalogError as error:
                add_refusal(form, error)
            else:
                return self._confirm(
                    request, diff, trail=[*trail, Step(title, request.path)], url=cancel_url
                )
        return self.page(
            request, template, title=title, trail=trail, form=form, cancel_url=cancel_url, **context
        )

    def source_page(
        self,
        request: HttpRequest,
        source: str,
        edit: Callable[[str, Author], Revision | None],
        **page: Any,
    ) -> HttpResponse:
        """An `edit_page` of lines as they are written."""
        form, stands = SourceForm(source, request.POST or None), ""
        if request.method == "POST" and form.is_valid() and not form.is_based_on_this():
            form, stands = form.again_after_conflict(), source
        return self.edit_page(
            request,
            form,
            lambda author: edit(form.typed(), author),
            stands=stands,
            is_wide=True,
            **page,
        )

    def _confirm(
        self, request: HttpRequest, diff: Diff, *, trail: list[Step], url: str
    ) -> HttpResponse:
        if diff.is_empty:
            self.message_user(request, _("Nothing has changed."))
            return HttpResponseRedirect(url)
        carried = [
            (name, value)
            for name, values in request.POST.lists()
            if name not in _NOT_CARRIED
            for value in values
        ]
        return self.page(
            request,
            "confirm.html",
            title=_("What changes in the README"),
            trail=trail,
            diff=diff,
            carried=carried,
            cancel_url=url,
        )
