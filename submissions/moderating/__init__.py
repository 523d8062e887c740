"""Moderators' view of submissions, and their possible actions, for pages and API alike."""
