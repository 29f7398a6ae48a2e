"""`tinygraph draw MODULE:FUNCTION`: run the function once, and write or print the picture of its graph."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import tinygraph as tg

from .arguments import INPUTS_OF_A_FUNCTION, add_target, number_above
from .target import TargetError, load_function, translate_errors

if TYPE_CHECKING:
    from .arguments import Commands


def add(commands: Commands) -> argparse.ArgumentParser:
    """Declare the command and its options; return its parser."""
    parser = commands.add_parser(
        "draw",
        help="draw the computation graph of a function of yours",
        description="Run a function once and draw its graph, with values, gradients and local derivatives.",
        epilog=INPUTS_OF_A_FUNCTION,
    )
    add_target(parser)
    option = parser.add_argument
    option("--out", metavar="FILE", help="the picture, in the format that its suffix names (default: print it as text)")
    option("--direction", choices=("right", "down"), default="right", help="where the computation flows")
    option(
        "--mode", choices=("forward", "backward", "both", "double"), default="forward", help="which sweeps are drawn"
    )
    option("--level", choices=("op", "module", "all"), default="op", help="module: fold modules; all: fold nothing")
    option("--open", metavar="GLOB", action="append", default=[], help="groups that are to be open, such as 'layers.0'")
    option("--fold", metavar="GLOB", action="append", default=[], help="groups that are to be one box each")
    option("--around", metavar="NAME", help="only what is near this value")
    option("--radius", metavar="N", type=number_above(int, -1), default=2, help="how many arrows near is (default: 2)")
    option("--path", metavar=("FROM", "TO"), nargs=2, help="only the ways from one value to another")
    option("--heat", action="store_true", help="show how large gradients are, and raise alarms")
    return parser


def run(options: argparse.Namespace) -> int:
    """Draw the function that the options name, into `options.out` or as text; return 0.

    Raises TargetError where there is no such function or no inputs for it, and where it, or a setting, fails.
    """
    target = load_function(options.target)
    with translate_errors(target.name):
        view = tg.draw(
            target.function,
            *target.inputs,
            direction=options.direction,
            mode=options.mode,
            level=options.level,
            open=options.open,
            fold=options.fold,
            heat=options.heat,
        )
    try:
        if options.path is not None:
            view = view.path(*options.path)
        if options.around is not None:
            view = view.around(options.around, options.radius)
        if options.out is None:
            print(view.text(colour=None))
        else:
            view.save(options.out)
            print(f"{options.out}: {view!r}")
    except (ValueError, OSError) as error:
        raise TargetError(str(error)) from error
    return 0
