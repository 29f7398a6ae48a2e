"""`tinygraph predict`: apply a trained model to new rows."""

from __future__ import annotations

import argparse
import csv
import sys
from typing import TYPE_CHECKING

from .. import training
from ..training.settings import MODELS

if TYPE_CHECKING:
    from .arguments import Commands


def add(commands: Commands) -> argparse.ArgumentParser:
    """Declare the command and its options; return its parser."""
    parser = commands.add_parser(
        "predict",
        help="apply a trained model to new rows",
        description="Print, as CSV, what a trained model predicts for each row of a file.",
    )
    parser.add_argument("model_file", metavar="MODEL.npz", help="model.npz of a run folder")
    parser.add_argument("data_file", metavar="FILE", help="a .csv with the training columns, or a .npz with X")
    parser.add_argument("--model", choices=tuple(MODELS), help="which model, where the file holds several")
    return parser


def run(options: argparse.Namespace) -> int:
    """Print, as CSV, the prediction for each row of a file, with the probability of every class; return 0."""
    model = training.load_model(options.model_file, options.model)
    outputs = model.outputs(model.read(options.data_file))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    classes = model.target.classes
    writer.writerow([model.target.name, *(f"probability of {name}" for name in classes)])
    if classes:
        for name, row in zip(model.target.decode(outputs.argmax(axis=1)), outputs):
            writer.writerow([name, *(f"{p:.6g}" for p in row)])
    else:
        writer.writerows([f"{value:.10g}"] for value in outputs)
    return 0
