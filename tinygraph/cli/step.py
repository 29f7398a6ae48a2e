"""`tinygraph step MODULE:FUNCTION`: print the steps of forward and backward, one after another."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import tinygraph as tg

from .arguments import INPUTS_OF_A_FUNCTION, add_target
from .target import load_function, translate_errors

if TYPE_CHECKING:
    from .arguments import Commands

EPILOG = f"""\
{INPUTS_OF_A_FUNCTION} Floating-point numbers and arrays are differentiated, and the tensors that it uses.
In a terminal it waits between steps: Enter goes on, b and Enter back, q and Enter quits.
"""

_PROMPT = "Enter: next, b: back, q: quit > "


def add(commands: Commands) -> argparse.ArgumentParser:
    """Declare the command and its options; return its parser."""
    parser = commands.add_parser(
        "step",
        help="go through forward and backward of a function of yours, step by step",
        description="Print each operation with its numbers, and the chain rule at each. Exit code 2: not run.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_target(parser)
    direction = parser.add_mutually_exclusive_group()
    direction.add_argument("--forward", action="store_true", help="the steps of forward alone")
    direction.add_argument("--backward", action="store_true", help="the steps of backward alone")
    parser.add_argument("--all", action="store_true", help="do not wait between the steps")
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the steps of the function that the options name; return 0.

    Waits between them where a person reads: without `--all`, when input and output are terminals. Raises TargetError
    where there is no such function, no inputs for it, or where it fails.
    """
    target = load_function(options.target)
    with translate_errors(target.name):
        steps = tg.trace(target.function, *target.inputs)
        pages = [] if options.backward else _pages("forward", steps.forward())
        pages += [] if options.forward else _pages("backward", steps.backward())
    if not options.all and sys.stdin.isatty() and sys.stdout.isatty():
        _show_one_by_one(pages)
    else:
        print("\n\n".join(pages))
    return 0


def _pages(phase: str, steps: Iterable[object]) -> list[str]:
    """The text of each step, with its number."""
    texts = [str(step) for step in steps]
    return [f"{phase} {k} of {len(texts)}: {text}" for k, text in enumerate(texts, 1)]


def _show_one_by_one(pages: list[str]) -> None:
    """Print a page, and wait; the end of the input quits."""
    here = 0
    while here < len(pages):
        print(f"\n{pages[here]}\n")
        if here + 1 == len(pages):
            return
        try:
            answer = input(_PROMPT).strip().lower()
        except EOFError:
            print()
            return
        if answer.startswith("q"):
            return
        here = max(here - 1, 0) if answer.startswith("b") else here + 1
