"""A text field that gives back every character that was typed, and takes only readable ones."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_LINE_END = re.compile(r"\r\n?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST = 20_000


class TypedText(forms.CharField):
    """A typed text; line endings become one kind, since browsers send CRLF.

    With `rows` it is a text area. A browser that sends bytes which are no UTF-8 is told so:
    Django puts U+FFFD in their place, and that would end in the README.
    """

    def __init__(
        self, *, rows: int = 0, attrs: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        attributes = {"autocomplete": "off", **(attrs or {})}
        widget: forms.Widget = forms.TextInput(attrs=attributes)
        if rows:
            widget = forms.Textarea(attrs={"rows": rows, **attributes})
        super().__init__(
            **{"strip": False, "required": False, "max_length": LONGEST, "widget": widget, **kwargs}
        )
        # The server says in words what is too long, and keeps it; a browser would cut it off.
        self.widget.attrs.pop("maxlength", None)

    def to_python(self, value: Any) -> str:
        """The text with `\\n` for each line end."""
        return _LINE_END.sub("\n", str(super().to_python(value) or ""))

    def validate(self, value: Any) -> None:
        """Refuse characters that no database and no README can hold."""
        super().validate(value)
        if _UNSTORABLE.search(value):
            raise ValidationError(_("This text has a character that cannot be stored."))
        if "\ufffd" in value:
            raise ValidationError(
                _(
                    "Some characters were damaged in transfer and are shown as "
                    "“�”. Please type them again."
                )
            )
