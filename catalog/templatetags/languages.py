"""Marks text that is not in the language of the page."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from catalog.rendering.languages import lang_attribute

register = template.Library()


@register.filter
def lang(text: object) -> SafeString:
    """The `lang` attribute for an element around the text: `<a{{ name|lang }}>{{ name }}</a>`."""
    # Made of constants alone.
    return mark_safe(lang_attribute(str(text)))  # noqa: S308
