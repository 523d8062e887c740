"""A list as one file, back again, and gone."""
