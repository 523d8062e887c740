"""Statements that Django's ORM does not write, or writes too slowly, on both databases."""
