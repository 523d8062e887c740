"""From a document to the rows that are stored of it: only what differs is written.

The write half of imports and edits. Runs inside the caller's transaction, after the plan;
`document.py` is the way through it, and each table has a module of its own.
"""
