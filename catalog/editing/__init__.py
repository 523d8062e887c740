"""Changing a list on the site: one entry at a time, or its sections and text.

`entries.py` and `sections.py` hold the functions that everybody calls; the other modules are how
an edit keeps to its own lines, and costs the same in a list of any length.
"""
