"""Rendering: from a document back to its text."""

from __future__ import annotations

from catalog.markdown.nodes import Document


def render(document: Document) -> str:
    """The text of a document: the sources of its blocks, joined. The inverse of `parse`."""
    return document.text
