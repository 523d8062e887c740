"""`python -m config COMMAND`, the same as `listwright COMMAND`."""

from config.command_line import run

if __name__ == "__main__":
    run()
