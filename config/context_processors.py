"""Context that every template has."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """Return the name that the operator gave this site."""
    return {"site_name": settings.SITE_NAME}
