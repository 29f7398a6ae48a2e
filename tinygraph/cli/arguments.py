"""Kinds of arguments that several commands take: numbers above a bound, lists of widths, and functions of a user's."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    """What `add_subparsers` returns: argparse gives it no public name."""

INPUTS_OF_A_FUNCTION = """\
The inputs are what FUNCTION_inputs() in the same module returns (a tuple, or a single input), else the defaults of
the function's parameters."""
"""What the help of a command says of a function's inputs."""


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a function of the user's."""
    parser.add_argument("target", metavar="MODULE:FUNCTION", help="such as mymodel.py:loss or package.module:loss")


def number_above(kind: Callable[[str], float], bound: int) -> Callable[[str], float]:
    """Return a type for argparse: a finite number of this kind, more than `bound`.

    >>> number_above(int, 0)("3")
    3
    """

    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = float("nan")
        if not bound < value < float("inf"):
            name = "whole number" if kind is int else "number"
            raise argparse.ArgumentTypeError(f"{text!r} is no {name} above {bound}")
        return value

    return parse


def parse_widths(text: str) -> tuple[int, ...]:
    """Return the widths of layers that `text` lists.

    >>> parse_widths("64,32")
    (64, 32)
    """
    try:
        widths = tuple(int(part) for part in text.split(","))
    except ValueError:
        widths = ()
    if not widths or min(widths) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of layer widths; write for example 64,32")
    return widths
