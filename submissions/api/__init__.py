"""Proposing and moderating, for programs: the part of /api/v1/ that writes."""
