"""Tests of the API, as programs see it."""
