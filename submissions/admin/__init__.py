"""Moderation. Nothing here writes a row: every page calls the function that does.

`base.py` says who may see and decide what; the rule of what may happen is `workflow.TRANSITIONS`.
"""

from submissions.admin import events, policy, submissions

__all__ = ["events", "policy", "submissions"]
