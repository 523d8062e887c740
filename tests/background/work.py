"""Tasks for the tests of the queue."""

from typing import Any

from django.tasks import task

from background.queue import GiveUp

done: list[Any] = []
"""What the tasks of this process did."""
broken = False


@task
def note(value: Any) -> Any:
    """Remember a value, or fail while `broken`."""
    if broken:
        raise ConnectionRefusedError("nobody listens")
    done.append(value)
    return value


@task
def give_up() -> None:
    raise GiveUp("no such mailbox")


@task
def leave() -> None:
    raise SystemExit(1)
