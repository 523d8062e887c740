"""Facets and tags: derived from cells and sections, decided by maintainers.

`tagger.py` derives; the decisions are in `catalog/editing/tags.py`.
"""
