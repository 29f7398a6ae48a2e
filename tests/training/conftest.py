"""The command line's fixtures: its small table, and a way to run it."""

from tests.cli.conftest import table, tinygraph

__all__ = ["table", "tinygraph"]
