"""Finding entries by one index in the database; words first: `words.py`."""
