"""The list that a new site starts with."""
