"""Forms of the administration. None saves: views hand the values to the function that does."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import CatalogError, InvalidField
from catalog.importing.about import about
from catalog.importing.applying import check_slug, decode_text
from catalog.markdown import parse
from catalog.models import Catalog
from catalog.slugs import RESERVED_SLUGS, slugify, unique_segment

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def add_refusal(form: forms.BaseForm, error: CatalogError) -> None:
    """Show why nothing was saved, at the field it is about if that is on the form."""
    field = error.field if isinstance(error, InvalidField) else None
    form.add_error(field if field in form.fields else None, error.message)


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
        fields = (
            "title",
            "slug",
            "description",
            "source_url",
            "license",
            "license_url",
            "language",
            "guidelines",
        )
        field_classes = {"source_url": HttpsField, "license_url": HttpsField}
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "guidelines": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["revision"] = self.instance.revision
        self.fields["slug"].help_text = _(
            "The first part of every address of this list. Links to the old "
            "address break when you change it."
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
