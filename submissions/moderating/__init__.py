"""What moderators see of submissions, and what they can do with them, for pages and API alike."""
