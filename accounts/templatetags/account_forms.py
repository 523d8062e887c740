"""Allauth's forms as ours look."""

from django import forms, template

register = template.Library()


@register.filter
def labelled(form: forms.BaseForm) -> forms.BaseForm:
    """Return the form without placeholders that say again what the labels above the fields do."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    return form
