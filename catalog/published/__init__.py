"""Answers about published lists: the same for everybody, and 304 for who has them already."""
