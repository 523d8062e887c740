"""Pages that change lines of a list: what is typed, the diff it makes, the word to save it.

Nothing is kept between the steps but what the page itself carries, as it was typed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import OfLists, Step, Text
from catalog.admin.forms import add_refusal
from catalog.editing.line_endings import typable, with_own_endings
from catalog.editing.previewing import preview_edit
from catalog.errors import CatalogError
from catalog.history.diffs import Diff
from catalog.models import Catalog, Revision

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

    def edited(
        self,
        request: HttpRequest,
        *,
        catalog: Catalog,
        form: forms.BaseForm,
        edit: Callable[[], Revision | None],
        url: str,
        message: Text,
        title: Text,
        trail: list[Step],
    ) -> HttpResponse | None:
        """Preview or save what a valid form says; None when the form is to be shown again.

        `edit` does it, on rows that it reads itself: the preview calls it and takes it back.
        """
        do = request.POST.get("do", "preview")
        if do == "edit":
            return None
        try:
            if do == "save":
                revision = edit()
                text = message if revision else _("Nothing has changed.")
                return self.done(request, text, url, catalog if revision else None)
            diff = preview_edit(catalog, edit)
        except CatalogError as error:
            add_refusal(form, error)
            return None
        if diff.is_empty:
            self.message_user(request, _("Nothing has changed."))
            return HttpResponseRedirect(url)
        return self._confirm(request, diff, title=title, trail=trail, url=url)

    def _confirm(
        self, request: HttpRequest, diff: Diff, *, title: Text, trail: list[Step], url: str
    ) -> HttpResponse:
        carried = [
            (name, value)
            for name, values in request.POST.lists()
            if name not in _NOT_CARRIED
            for value in values
        ]
        return self.page(
            request,
            "confirm.html",
            title=title,
            trail=trail,
            diff=diff,
            carried=carried,
            cancel_url=url,
        )
