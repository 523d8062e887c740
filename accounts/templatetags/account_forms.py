"""Allauth's forms as ours look."""

from django import forms, template
from django.utils.translation import gettext

register = template.Library()


@register.filter
def labelled(form: forms.BaseForm) -> forms.BaseForm:
    """Return the form without placeholders that say again what the labels above the fields do.

    An address is called as on all our pages.
    """
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name == "email":
            field.label = gettext("E-mail")
    return form
