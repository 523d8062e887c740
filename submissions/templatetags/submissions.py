"""Fields of a contribution, together with what was noticed about them."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from catalog.rendering import lang_of
from submissions.views.form_preview import FormPreview, Remark

register = template.Library()


@register.filter
def remarks_on(preview: FormPreview | None, field: str) -> list[Remark]:
    """Return the remarks on a field."""
    return preview.remarks.get(field, []) if preview else []


@register.filter
def described(field: BoundField, remarks: Sequence[Remark]) -> SafeString:
    """The field's control, tied to its hint, its errors and the place of its remarks."""
    described_by = f"{field.aria_describedby or ''} {field.auto_id}_remarks".strip()
    attrs: dict[str, str | bool] = {"aria-describedby": described_by}
    if any(remark.severity == "block" for remark in remarks):
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.filter
def is_foreign(text: object) -> str:
    """The language of a text that is not in that of the page; '' if its script does not tell."""
    return lang_of(str(text))
