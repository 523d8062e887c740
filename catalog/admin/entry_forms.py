"""Forms of an entry, built from the columns of the listing that it stands in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.edit_pages import LinesField, NoteForm
from catalog.editing.fields import Field, headers_of
from catalog.editing.lines import with_own_endings
from catalog.models import Entry, Listing

_PLACE = "place-"
_MAX_LENGTH = 20_000


class EntryForm(NoteForm):
    """An entry field by field; what was not typed in is not written.

    Each field carries the value that it was opened with, so that it is known what was changed,
    and what others have changed meanwhile.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, fields: list[Field], data: Any = None) -> None:
        super().__init__(data, initial={field.name: field.value for field in fields})
        self.own = {field.name: field.value for field in fields}
        for field in fields:
            rows = min(8, field.value.count("\n") + len(field.value) // 90 + 1)
            self.fields[field.name] = LinesField(
                label=field.label,
                rows=rows,
                max_length=_MAX_LENGTH,
                show_hidden_initial=True,
            )
        self.order_fields([*self.own, "note"])

    def opened_with(self, name: str) -> str:
        """The value that the field had when the page was opened."""
        value: str = self[name].initial if not self.is_bound else self._hidden_initial(name)
        return value

    def _hidden_initial(self, name: str) -> str:
        field = self.fields[name]
        value = field.hidden_widget().value_from_datadict(
            self.data, self.files, self.add_initial_prefix(name)
        )
        return with_own_endings(value or "", self.own[name])

    def typed(self) -> dict[str, str]:
        """The fields that somebody changed, by name."""
        values = {
            name: with_own_endings(self.cleaned_data[name], value)
            for name, value in self.own.items()
        }
        return {name: value for name, value in values.items() if value != self.opened_with(name)}

    def overtaken(self) -> dict[str, str]:
        """Return the present values of fields that somebody else changed since the page was
        opened."""
        return {name: value for name, value in self.own.items() if value != self.opened_with(name)}

    def rebased(self) -> QueryDict:
        """The data on what stands there now: what was typed stays, the rest is as it is now."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        typed = self.typed()
        for name, value in self.own.items():
            data[self.add_initial_prefix(name)] = value
            if name not in typed:
                data[self.add_prefix(name)] = value
        return data


class NewEntryForm(NoteForm):
    """The fields of an entry that is to be added to a listing."""

    def __init__(self, fields: list[Field], data: Any = None) -> None:
        super().__init__(data)
        self.names = [field.name for field in fields]
        for field in fields:
            is_name = field.name == "name"
            self.fields[field.name] = LinesField(
                label=field.label, required=is_name, max_length=_MAX_LENGTH
            )
        self.order_fields([*self.names, "note"])

    def typed(self) -> dict[str, str]:
        """The fields that are not empty, by name."""
        values = {name: self.cleaned_data[name] for name in self.names}
        return {name: value for name, value in values.items() if value}


class _ChildrenForm(forms.Form):
    """Asks what becomes of what stands below an item, if anything does."""

    with_children = forms.BooleanField(
        label=gettext_lazy("and everything below it"), required=False
    )

    def __init__(self, entry: Entry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if entry.block is None or not entry.block.children.exists():
            del self.fields["with_children"]


class RemovalForm(_ChildrenForm):
    """The form to remove an entry: the reason."""

    note = forms.CharField(label=gettext_lazy("reason"), max_length=500)


class MoveForm(_ChildrenForm, NoteForm):
    """The form to move an entry to another listing of its list.

    Once a place is chosen that has other columns, it asks of each value what becomes of it.
    """

    listing = forms.IntegerField(
        error_messages={"required": gettext_lazy("Choose where the entry goes.")}
    )

    def __init__(self, entry: Entry, data: Any = None) -> None:
        super().__init__(entry, data)
        self.entry = entry
        self.chosen = self._chosen()
        self.values = _values(entry) if self.chosen else []
        for value in self.values:
            self.fields[f"{_PLACE}{value.name}"] = forms.ChoiceField(
                label=value.label,
                required=False,
                help_text=value.value,
                choices=[
                    ("", _("where it fits best")),
                    ("drop", _("leave it out")),
                    *self._columns(),
                ],
            )

    def _chosen(self) -> Listing | None:
        key = str(self.data.get("listing", ""))
        if not key.isdecimal() or len(key) > 18:
            return None
        return Listing.objects.filter(catalog=self.entry.catalog_id, pk=key).first()

    def _columns(self) -> list[tuple[str, str]]:
        """The columns of the chosen table."""
        headers = headers_of(self.chosen) if self.chosen else []
        return [(str(number), header) for number, header in enumerate(headers)]

    def places(self) -> list[forms.BoundField]:
        """The fields that ask what becomes of a value."""
        return [self[f"{_PLACE}{value.name}"] for value in self.values]

    def clean_listing(self) -> Listing:
        """Only a place in the same list will do."""
        if self.chosen is None:
            raise forms.ValidationError(_("There is no such listing in this list."))
        return self.chosen

    def placing(self) -> dict[int, int | None]:
        """Return the chosen place as `editing.entries.move_entry` takes it."""
        values = {
            int(value.name): self.cleaned_data[f"{_PLACE}{value.name}"] for value in self.values
        }
        return {
            number: None if place == "drop" else int(place)
            for number, place in values.items()
            if place
        }


def _values(entry: Entry) -> list[Field]:
    """Return an entry's values beside its name, by column from 0; a list's description is 0."""
    listing = entry.listing
    if listing is None or listing.kind != Listing.Kind.TABLE:
        return [Field("0", _("description"), entry.description)] if entry.description else []
    cells = zip(headers_of(listing), entry.cells, strict=False)
    return [
        Field(str(number), header, cell["text"])
        for number, (header, cell) in enumerate(cells)
        if number != listing.name_column and cell["text"]
    ]
