"""Outline, selection and news of a list, for pages, feeds and the API."""
