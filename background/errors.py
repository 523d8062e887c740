"""Errors of the queue besides those of the tasks themselves."""


class GiveUp(Exception):
    """Raised by a task to say that trying again cannot help."""


class WorkerLostError(Exception):
    """The worker gave no sign of life while it ran the task: killed, or its machine stopped."""
