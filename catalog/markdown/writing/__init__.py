"""Changing a list by one entry, and nothing else by a byte.

Start with `edit.py`: it adds, changes, moves and removes an entry of a whole document.
"""
