"""Facets and tags: derived from cells and sections, decided by maintainers.

`tagger.py` derives, `editing.py` and `aliases.py` are the decisions.
"""
