"""The linter of lists; start with `lint.py`."""
