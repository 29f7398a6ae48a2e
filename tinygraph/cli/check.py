"""`tinygraph check MODULE:FUNCTION`: check the gradient of the function and print the report."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import tinygraph as tg

from .arguments import INPUTS_OF_A_FUNCTION, add_target, number_above
from .target import TargetError, UserFunction, load_function, translate_errors

if TYPE_CHECKING:
    from .arguments import Commands

EFFORTS = ("quick", "normal", "thorough")

EPILOG = f"""\
{INPUTS_OF_A_FUNCTION} A function without parameters is checked with respect to the tensors and modules that
its module holds in global names, a module with respect to its parameters.
"""


def add(commands: Commands) -> argparse.ArgumentParser:
    """Declare the command and its options; return its parser."""
    parser = commands.add_parser(
        "check",
        help="check the gradient of a function of yours",
        description="Compare the gradient of a function with differences. Exit code: 0 right, 1 wrong, 2 not run.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_target(parser)
    option = parser.add_argument
    option("--order", metavar="N", type=number_above(int, 0), default=1, help="2: second derivatives too (default: 1)")
    option("--seed", metavar="N", type=number_above(int, -1), default=0, help="of the random directions (default: 0)")
    option(
        "--effort",
        choices=EFFORTS,
        default="normal",
        help="quick: along two directions; thorough: every op as well",
    )
    option(
        "--adapt",
        metavar="PACKAGE",
        action="append",
        default=[],
        help="a package whose NumPy code the function runs, to be recorded as tg.adapt does; may be repeated",
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Check the gradient of the function that the options name; print the report; return 0 if it is right, else 1.

    Raises TargetError where there is no such function, no inputs for it, or where it fails.
    """
    target = load_function(options.target)
    with translate_errors(target.name):
        report = tg.check_gradients(
            tg.adapt(target.function, options.adapt) if options.adapt else target.function,
            *target.inputs,
            order=options.order,
            wrt=_parameters(target),
            seed=options.seed,
            effort=options.effort,
            raises=False,
        )
    print(report)
    return 0 if report.ok else 1


def _parameters(target: UserFunction) -> tg.nn.Module | list[tg.Tensor | tg.nn.Module] | None:
    """What to check besides inputs: parameters of a module, or the tensors that a function without inputs can see."""
    if isinstance(target.function, tg.nn.Module):
        return target.function
    if target.inputs:
        return None
    values = vars(target.module).values()
    leaves = [v for v in values if isinstance(v, tg.Tensor) and v.requires_grad and v.is_leaf]
    modules = [v for v in values if isinstance(v, tg.nn.Module) and v.parameters()]
    if not leaves and not modules:
        raise TargetError(
            f"{target.name} has no inputs, and its module no tensors with requires_grad in global names; "
            f"give its parameters defaults"
        )
    return [*leaves, *modules]
