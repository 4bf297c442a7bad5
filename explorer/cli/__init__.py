"""The command line: parses, calls, prints."""

from explorer.cli.app import main

__all__ = ["main"]
