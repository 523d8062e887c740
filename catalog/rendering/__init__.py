"""Rendering of blocks and cells: from markdown to HTML that is safe in a page."""
