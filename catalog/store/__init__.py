"""Storing of a document: only the rows that differ are written.

The write half of imports and edits. Runs inside the caller's transaction, after the plan;
`document.py` is the way through it, and each table has a module of its own.
"""
