"""Template tags for the repositories of lists."""
