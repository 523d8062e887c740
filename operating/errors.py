"""What can go wrong with the backup of a site."""


class BackupError(Exception):
    """The backup cannot be made or restored; the sentence says why and what to do."""
