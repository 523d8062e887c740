"""The read-only part of /api/v1/: what is published."""
