"""The API as it describes itself, and whether that is so."""
