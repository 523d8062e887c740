"""Who calls the API, what they may do there, and how often."""
