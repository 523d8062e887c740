"""What a link leads to, and whether two links lead to the same place.

Addresses are stored as people wrote them; everything here is for comparing, grouping and
reporting only.
"""

from __future__ import annotations

from catalog.markdown.bare_urls import find_bare_urls

__all__ = ["find_bare_urls"]
