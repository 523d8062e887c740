"""Errors of a site's backup."""


class BackupError(Exception):
    """The backup cannot be made or restored; the sentence says why and what to do."""
