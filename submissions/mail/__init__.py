"""Emails about submissions: recipients and texts."""
