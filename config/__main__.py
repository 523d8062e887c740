"""`python -m config COMMAND`, the same as `listwright COMMAND`."""

from config.command_line import run

run()
