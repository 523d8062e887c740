"""What of a list is held in memory, and how it is narrowed down: for pages, feeds and the API."""
