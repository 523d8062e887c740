"""Django's "view on site" of the administration, which leads from a key to an address.

The address of a submission is its secret: whoever has it is taken for its submitter. Nothing here
uses the shortcut, so it leads nowhere.
"""

from __future__ import annotations

from typing import NoReturn

from django.http import Http404, HttpRequest


def no_shortcut(request: HttpRequest, rest: str) -> NoReturn:
    """Found nothing, for everybody."""
    raise Http404
