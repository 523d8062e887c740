"""What can go wrong with a task beyond its own errors."""


class GiveUp(Exception):
    """Raised by a task to say that trying again cannot help."""


class WorkerLostError(Exception):
    """The worker gave no sign of life while it ran the task: killed, or its machine stopped."""
