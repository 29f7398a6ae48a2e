"""The command line: joins the commands, runs the one that is asked for, and says what went wrong."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from ..errors import TinygraphError
from . import check, draw, predict, step, train

COMMANDS = (train, predict, check, draw, step)
"""In the order of the help. Each has `add(commands)`, which declares its options, and `run(options)`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (default: the command line) spell; return its exit code.

    0: done; 2: bad input, with the reason on standard error and nothing written; 130: stopped by Ctrl-C;
    1: a file could not be written, or the gradient that `check` looked at is wrong.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = build().parse_args(words, argparse.Namespace(words=words))
    try:
        code: int = options.run(options)
    except TinygraphError as error:
        print(f"tinygraph {options.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads, such as `head`, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"tinygraph {options.command}: cannot write: {error}; check space and permissions", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"tinygraph {options.command}: stopped; nothing was written", file=sys.stderr)
        return 130
    return code


def build() -> argparse.ArgumentParser:
    """Return the parser of `tinygraph`: that of each command sets `run` to what the command does."""
    parser = argparse.ArgumentParser(
        prog="tinygraph", description="Train models from graph primitives, and see their computation graphs."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for command in COMMANDS:
        command.add(commands).set_defaults(run=command.run)
    return parser
