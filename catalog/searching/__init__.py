"""Finding entries by words, the same on both databases; start with `finding.py`."""
