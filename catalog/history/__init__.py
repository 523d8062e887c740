"""History: revisions, past texts, differences, the feed of changes."""
