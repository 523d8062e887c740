"""Template tags of the contributors' pages."""
