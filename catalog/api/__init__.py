"""What is published, for programs: /api/v1/ without the ways to change it."""
