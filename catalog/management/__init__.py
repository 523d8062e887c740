"""Writing a file or standard output from a command: whole, or not at all."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError

PIPE_CLOSED = 128 + 13
"""The status of a program that SIGPIPE has ended, as shells report it."""


@contextmanager
def written_whole(name: str | None, *, mode: int = 0o666) -> Iterator[Callable[[bytes], object]]:
    """Yield a function that takes bytes; a named file appears only when all of them are in it.

    Without a name the bytes go to standard output as they come; who reads there may stop when he
    has seen enough. A device or pipe is written as it is. Raises `CommandError` for a file that
    cannot be written, which is then as it was before. `mode` has the permissions of a new file,
    of which the process's umask takes its own.
    """
    if not name:
        with readers_may_leave():
            yield sys.stdout.buffer.write
            sys.stdout.buffer.flush()
        return
    try:
        # A link stays one, and what it leads to is written.
        path = Path(name).resolve()
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as device:
                yield device.write
            return
        with _replacing(path, mode) as write:
            yield write
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror or error}.") from None


@contextmanager
def _replacing(path: Path, mode: int) -> Iterator[Callable[[bytes], object]]:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:200]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file.write
        Path(temporary).chmod(_mode(path, mode))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path, mode: int) -> int:
    """The permissions the file has, or a new one gets."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return mode & ~mask


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """End the command without a word when nobody reads its standard output any more."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would try again, and complain, when it closes the stream at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
