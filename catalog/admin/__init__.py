"""The administration of lists. Nothing here writes a row: every page calls the function that does.

`base.py` says who may see and do what; there is a module for each thing that is administered.
"""

from catalog.admin import catalogs, columns, entries, facets, history, sections

__all__ = ["catalogs", "columns", "entries", "facets", "history", "sections"]
