"""Template tags of the catalog."""
