"""`tinygraph train`: train models on data, say how well each predicts, and write the folder of the run."""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import sys
import time
from typing import TYPE_CHECKING

from .. import training
from ..training.settings import ACTIVATIONS, INITS, MODELS, OPTIMIZERS, Choices, plan, resolve
from .arguments import number_above, parse_widths

if TYPE_CHECKING:
    from ..training.data import Dataset
    from ..training.loop import Training
    from .arguments import Commands

EPILOG = """\
examples:
  tinygraph train                                       the notes' two models on photographs, a deep network on digits
  tinygraph train --data digits --hidden 64,32          your own layers
  tinygraph train --data houses.csv --target price      your own table; a number to predict is regression
  tinygraph train --data wine.csv --target quality --model shallow --activation tanh --optimizer adam

The column to predict holds classes if it holds texts, or at most 20 distinct whole numbers. Otherwise it is a
number: the loss is the squared error and the score R². One row in five is held out of training.
"""


def add(commands: Commands) -> argparse.ArgumentParser:
    """Declare the command and its options; return its parser."""
    parser = commands.add_parser(
        "train",
        help="train on built-in data or your own, and write a report",
        description="Check the gradient, train, and write a report. Without options: the main job, three models.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option, count = parser.add_argument, number_above(int, 0)
    option(
        "--data", metavar="DATA", help="photos, breast-cancer, digits, or a file: FILE.csv, or FILE.npz with X and y"
    )
    option("--target", metavar="COLUMN", help="the column of FILE.csv to predict")
    option("--model", choices=tuple(MODELS), help="default: logistic and shallow for photos, else deep")
    widths = "units of each hidden layer (default: 32; deep: 128,64)"
    option("--hidden", metavar="N[,N...]", type=parse_widths, help=widths)
    option("--activation", choices=tuple(ACTIVATIONS), help="of the hidden layers (default: relu)")
    option("--optimizer", choices=tuple(OPTIMIZERS), help="default: sgd, W := W - alpha dW; deep: adam")
    rate = "learning rate (default: by model and features)"
    option("--lr", metavar="ALPHA", type=number_above(float, 0), help=rate)
    option("--epochs", metavar="N", type=count, help="default: 100; deep: 30")
    option("--batch-size", metavar="N", type=count, help="samples a step (default: all; deep: 32 or more)")
    weights = "first weights (default: logistic zeros, shallow small, deep he)"
    option("--init", choices=tuple(INITS), help=weights)
    seed = "of split, weights and batches (default: 0)"
    option("--seed", metavar="N", type=number_above(int, -1), default=0, help=seed)
    option("--out", metavar="FOLDER", help="the folder to write (default: runs/<time>)")
    every = "say before training, and every K epochs (default: each quarter), what stands in its way"
    option("--diagnose", metavar="K", type=count, nargs="?", const=0, help=every)
    return parser


def run(options: argparse.Namespace) -> int:
    """Train what the options ask for, and write the run folder; return 0, or 130 after Ctrl-C.

    Nothing is written before the last model is trained, so that bad input leaves no trace. Ctrl-C keeps the
    finished models and, if it has done an epoch, the one in training.
    """
    began = time.perf_counter()
    choices = Choices(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Choices)})
    folder = training.report.choose_folder(options.out)
    datasets: dict[str, Dataset] = {}
    done: list[Training] = []
    interrupted = False
    try:
        for source, model in plan(options.data, options.model):
            if source not in datasets:
                datasets[source] = training.data.load(source, options.target, options.seed)
            current = training.loop.prepare(resolve(choices, model, datasets[source]), datasets[source])
            _announce(current)
            training.loop.run(current, options.diagnose)
            interrupted = current.interrupted
            if current.history:
                done.append(current)
                _conclude(current)
            if interrupted:
                break
    except KeyboardInterrupt:  # while loading or checking, between two trainings
        interrupted = True
    if not done:
        print("Stopped before the first epoch was done: there is nothing to keep.", file=sys.stderr)
        return 130
    training.report.write_folder(folder, done, shlex.join(["tinygraph", *options.words]))
    print(f"\n{'Stopped; what was trained so far is' if interrupted else 'Report'} in {folder / 'report.html'}")
    print(f"{time.perf_counter() - began:.1f} s in all")
    return 130 if interrupted else 0


def _announce(current: Training) -> None:
    print(f"\n{current.title}: {training.report.architecture_line(current)}")
    print(f"  {current.dataset.about}")
    print(f"  {current.check.text}")
    if current.settings.init == "zeros" and current.settings.model != "logistic":
        print("  Note: hidden units that begin at zero stay alike or dead for ever; see --init.")
    sys.stdout.flush()


def _conclude(current: Training) -> None:
    last = current.history[-1]
    print(
        f"  held-out {current.score_name} {last.test_score:.4f}; {training.report.baseline(current)}; training "
        f"{last.train_score:.4f}, {last.seconds:.1f} s"
    )
