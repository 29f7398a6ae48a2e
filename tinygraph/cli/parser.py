"""The command line: its commands, options and help."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ..check import EFFORTS
from ..training.settings import ACTIVATIONS, INITS, MODELS, OPTIMIZERS

EPILOG = """\
examples:
  tinygraph train                                       the notes' two models on photographs, a deep network on digits
  tinygraph train --data digits --hidden 64,32          your own layers
  tinygraph train --data houses.csv --target price      your own table; a number to predict is regression
  tinygraph train --data wine.csv --target quality --model shallow --activation tanh --optimizer adam

The column to predict holds classes if it holds texts, or at most 20 distinct whole numbers. Otherwise it is a
number: the loss is the squared error and the score R². One row in five is held out of training.
"""

CHECK_EPILOG = """\
The inputs are what FUNCTION_inputs() in the same module returns (a tuple, or a single input), else the defaults of
the function's parameters. A function without parameters is checked with respect to the tensors and modules that
its module holds in global names, a module with respect to its parameters.
"""

STEP_EPILOG = """\
The inputs are what FUNCTION_inputs() in the same module returns (a tuple, or a single input), else the defaults of
the function's parameters. Floating-point numbers and arrays are differentiated, and the tensors that it uses.
In a terminal it waits between steps: Enter goes on, b and Enter back, q and Enter quits.
"""


def build() -> argparse.ArgumentParser:
    """Return the parser of `tinygraph`."""
    parser = argparse.ArgumentParser(
        prog="tinygraph", description="Train models from graph primitives, and see their computation graphs."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_train(
        commands.add_parser(
            "train",
            help="train on built-in data or your own, and write a report",
            description="Check the gradient, train, and write a report. Without options: the main job, three models.",
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    _add_predict(
        commands.add_parser(
            "predict",
            help="apply a trained model to new rows",
            description="Print, as CSV, what a trained model predicts for each row of a file.",
        )
    )
    _add_check(
        commands.add_parser(
            "check",
            help="check the gradient of a function of yours",
            description="Compare the gradient of a function with differences. Exit code: 0 right, 1 wrong, 2 not run.",
            epilog=CHECK_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    _add_draw(
        commands.add_parser(
            "draw",
            help="draw the computation graph of a function of yours",
            description="Run a function once and draw its graph, with values, gradients and local derivatives.",
            epilog=CHECK_EPILOG.partition(" A function without")[0],
        )
    )
    _add_step(
        commands.add_parser(
            "step",
            help="go through forward and backward of a function of yours, step by step",
            description="Print each operation with its numbers, and the chain rule at each. Exit code 2: not run.",
            epilog=STEP_EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--data", metavar="DATA", help="photos, breast-cancer, digits, or a file: FILE.csv, or FILE.npz with X and y")
    add("--target", metavar="COLUMN", help="the column of FILE.csv to predict")
    add("--model", choices=tuple(MODELS), help="default: logistic and shallow for photos, else deep")
    add("--hidden", metavar="N[,N...]", type=_widths, help="units of each hidden layer (default: 32; deep: 128,64)")
    add("--activation", choices=tuple(ACTIVATIONS), help="of the hidden layers (default: relu)")
    add("--optimizer", choices=tuple(OPTIMIZERS), help="default: sgd, W := W - alpha dW; deep: adam")
    add("--lr", metavar="ALPHA", type=_above(float, 0), help="learning rate (default: by model and features)")
    add("--epochs", metavar="N", type=_above(int, 0), help="default: 100; deep: 30")
    add("--batch-size", metavar="N", type=_above(int, 0), help="samples a step (default: all; deep: 32 or more)")
    add("--init", choices=tuple(INITS), help="first weights (default: logistic zeros, shallow small, deep he)")
    add("--seed", metavar="N", type=_above(int, -1), default=0, help="of split, weights and batches (default: 0)")
    add("--out", metavar="FOLDER", help="the folder to write (default: runs/<time>)")
    every = "say before training, and every K epochs (default: each quarter), what stands in its way"
    add("--diagnose", metavar="K", type=_above(int, 0), nargs="?", const=0, help=every)


def _add_predict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model_file", metavar="MODEL.npz", help="model.npz of a run folder")
    parser.add_argument("data_file", metavar="FILE", help="a .csv with the training columns, or a .npz with X")
    parser.add_argument("--model", choices=tuple(MODELS), help="which model, where the file holds several")


def _add_check(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("target", metavar="MODULE:FUNCTION", help="such as mymodel.py:loss or package.module:loss")
    add("--order", metavar="N", type=_above(int, 0), default=1, help="2: second derivatives too (default: 1)")
    add("--seed", metavar="N", type=_above(int, -1), default=0, help="of the random directions (default: 0)")
    add("--effort", choices=EFFORTS, default="normal", help="quick: along two directions; thorough: every op as well")


def _add_draw(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("target", metavar="MODULE:FUNCTION", help="such as mymodel.py:loss or package.module:loss")
    add("--out", metavar="FILE", help="the picture, in the format that its suffix names (default: print it as text)")
    add("--direction", choices=("right", "down"), default="right", help="where the computation flows")
    add("--mode", choices=("forward", "backward", "both", "double"), default="forward", help="which sweeps are drawn")
    add("--level", choices=("op", "module", "all"), default="op", help="module: fold modules; all: fold nothing")
    add("--open", metavar="GLOB", action="append", default=[], help="groups that are to be open, such as 'layers.0'")
    add("--fold", metavar="GLOB", action="append", default=[], help="groups that are to be one box each")
    add("--around", metavar="NAME", help="only what is near this value")
    add("--radius", metavar="N", type=_above(int, -1), default=2, help="how many arrows near is (default: 2)")
    add("--path", metavar=("FROM", "TO"), nargs=2, help="only the ways from one value to another")
    add("--heat", action="store_true", help="show how large gradients are, and raise alarms")


def _add_step(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="MODULE:FUNCTION", help="such as mymodel.py:loss or package.module:loss")
    direction = parser.add_mutually_exclusive_group()
    direction.add_argument("--forward", action="store_true", help="the steps of forward alone")
    direction.add_argument("--backward", action="store_true", help="the steps of backward alone")
    parser.add_argument("--all", action="store_true", help="do not wait between the steps")


def _widths(text: str) -> tuple[int, ...]:
    try:
        widths = tuple(int(part) for part in text.split(","))
    except ValueError:
        widths = ()
    if not widths or min(widths) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of layer widths; write for example 64,32")
    return widths


def _above(kind: Callable[[str], float], bound: int) -> Callable[[str], float]:
    """A type for argparse: a finite number of this kind, more than `bound`."""

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
