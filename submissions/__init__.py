"""Submissions: their way through moderation, and who may decide.

`workflow.py` is the whole rule; `publishing/` is the only way from here into a list.
"""
