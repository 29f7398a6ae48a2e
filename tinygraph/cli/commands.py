"""What `tinygraph train` and `tinygraph predict` do, from parsed options to files and printed lines."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import sys
import time

from ..training import data, saved
from ..training.data import Dataset
from ..training.loop import Training, prepare, run
from ..training.report import run_folder
from ..training.report.page import architecture_line, baseline
from ..training.settings import Choices, plan, resolve


def train(options: argparse.Namespace, command: str) -> int:
    """Train what the options ask for and write the run folder; return 0, or 130 after Ctrl-C.

    Nothing is written before the last model is trained, so that bad input leaves no trace. Ctrl-C keeps the
    finished models and, if it has done an epoch, the one in training.
    """
    began = time.perf_counter()
    choices = Choices(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Choices)})
    folder = run_folder.choose(options.out)
    datasets: dict[str, Dataset] = {}
    kept: list[Training] = []
    interrupted = False
    try:
        for source, model in plan(options.data, options.model):
            if source not in datasets:
                datasets[source] = data.load(source, options.target, options.seed)
            training = prepare(resolve(choices, model, datasets[source]), datasets[source])
            _announce(training)
            run(training, options.diagnose)
            interrupted = training.interrupted
            if training.history:
                kept.append(training)
                _conclude(training)
            if interrupted:
                break
    except KeyboardInterrupt:  # while loading or checking, between two trainings
        interrupted = True
    if not kept:
        print("Stopped before the first epoch was done: there is nothing to keep.", file=sys.stderr)
        return 130
    run_folder.write(folder, kept, command)
    print(f"\n{'Stopped; what was trained so far is' if interrupted else 'Report'} in {folder / 'report.html'}")
    print(f"{time.perf_counter() - began:.1f} s in all")
    return 130 if interrupted else 0


def predict(options: argparse.Namespace) -> int:
    """Print, as CSV, the prediction for each row of a file, with the probability of every class; return 0."""
    model = saved.load_model(options.model_file, options.model)
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


def _announce(training: Training) -> None:
    print(f"\n{training.title}: {architecture_line(training)}")
    print(f"  {training.dataset.about}")
    print(f"  {training.check.text}")
    if training.settings.init == "zeros" and training.settings.model != "logistic":
        print("  Note: hidden units that begin at zero stay alike or dead for ever; see --init.")
    sys.stdout.flush()


def _conclude(training: Training) -> None:
    last = training.history[-1]
    print(
        f"  held-out {training.score_name} {last.test_score:.4f}; {baseline(training)}; training "
        f"{last.train_score:.4f}, {last.seconds:.1f} s"
    )
