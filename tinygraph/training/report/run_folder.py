"""The folder of one run: its name, and its files, written aside and then put in place as a whole."""

from __future__ import annotations

import csv
import dataclasses
import os
import pathlib
import shutil
import tempfile
import time
from collections.abc import Sequence

from .. import saved
from ..loop import Epoch, Training
from ..settings import OptionError
from .graph import file_name, loss_picture, sheet
from .page import page


def choose_folder(out: str | None) -> pathlib.Path:
    """Return the folder to write: `out`, which must be new or empty, or else a new `runs/<time>`.

    Raises OptionError where it is taken or cannot be made. Nothing is created yet.
    """
    if out is None:
        stem = pathlib.Path("runs") / time.strftime("%Y-%m-%d_%H-%M-%S")
        folder, number = stem, 1
        while folder.exists():
            number += 1
            folder = stem.with_name(f"{stem.name}-{number}")
    else:
        folder = pathlib.Path(out)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OptionError(f"--out {out} is there already and not an empty folder; choose a new name or remove it")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise OptionError(
            f"--out {folder} cannot be made: {above} is not a folder that can be written to; choose another"
        )
    return folder


def write_folder(folder: pathlib.Path, trainings: Sequence[Training], command: str) -> None:
    """Write report.html, graph.html, graph.svg, graph.dot, metrics.csv and model.npz of the trainings.

    Of several, each has a graph page of its own: graph.html, graph-2.html, ... The files are made in a temporary
    folder beside `folder`, which takes its name at the end: at no time is there
    a half-written one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        pictures = [loss_picture(training) for training in trainings]
        (aside / "graph.dot").write_text("\n".join(picture.dot for picture in pictures), encoding="utf-8")
        (aside / "graph.svg").write_text(sheet(pictures), encoding="utf-8")
        for number, picture in enumerate(pictures, 1):
            (aside / file_name(number)).write_text(picture.page, encoding="utf-8")
        _write_metrics(aside / "metrics.csv", trainings)
        saved.save(aside / "model.npz", trainings)
        when = time.strftime("%d %B %Y, %H:%M")
        (aside / "report.html").write_text(page(trainings, pictures, when, command), encoding="utf-8")
        aside.chmod(0o777 & ~_umask())
        if folder.is_dir():
            folder.rmdir()  # empty, as `choose_folder` has seen to: not every system renames onto an empty folder
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _write_metrics(path: pathlib.Path, trainings: Sequence[Training]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["model", "data", "score", *(field.name for field in dataclasses.fields(Epoch))])
        for training in trainings:
            for row in training.history:
                values = (f"{value:.6g}" for value in dataclasses.astuple(row))
                writer.writerow([training.settings.model, training.settings.data, training.score_name, *values])


def _umask() -> int:
    """What the user keeps from others; there is no way to read it but to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
