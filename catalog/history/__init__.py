"""What was changed, by whom and when: revisions, past texts, differences, the feed of changes."""
