"""Finding entries: one inverted index in the database, and one way to ask it (`query.py`)."""
