"""The `tinygraph` command."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence

from ..errors import TinygraphError
from . import checking, commands, drawing, parser, stepping


__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (default: the command line) spell; return its exit code.

    0: done; 2: bad input, with the reason on standard error and nothing written; 130: stopped by Ctrl-C;
    1: a file could not be written, or the gradient that `check` looked at is wrong.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = parser.build().parse_args(words)
    try:
        if options.command == "check":
            return checking.check(options.target, options.order, options.seed, options.effort)
        if options.command == "draw":
            return drawing.draw(options)
        if options.command == "step":
            both = not (options.forward or options.backward)
            return stepping.step(
                options.target,
                forward=both or options.forward,
                backward=both or options.backward,
                wait=not options.all,
            )
        if options.command == "predict":
            return commands.predict(options)
        return commands.train(options, shlex.join(["tinygraph", *words]))
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
