"""What is worth a look in a list; start with `lint.py`."""
