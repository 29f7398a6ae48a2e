"""`model.npz` and `tinygraph predict`: what was trained is what is loaded."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.training import load_model
from tinygraph.training.data import DataError, load


@pytest.mark.parametrize("target", ["wild", "species", "weight"])
@pytest.mark.parametrize("model", ["shallow", "deep"])
def test_a_loaded_model_says_what_the_trained_one_did(
    tinygraph: Callable, table: str, tmp_path: Path, target: str, model: str
) -> None:
    words = ["--data", table, "--target", target, "--model", model, "--epochs", 3, "--out", "run"]
    assert tinygraph("train", *words).code == 0
    saved = load_model(tmp_path / "run" / "model.npz")
    said = tinygraph("predict", "run/model.npz", table)
    assert said.code == 0, said.err
    rows = list(csv.reader(io.StringIO(said.out)))
    outputs = saved.outputs(saved.read(table))
    assert len(rows) == 61
    if target == "weight":
        assert rows[0] == ["weight"]
        np.testing.assert_allclose([float(row[0]) for row in rows[1:]], outputs, rtol=1e-8)
    else:
        assert rows[0] == [target, *(f"probability of {name}" for name in saved.target.classes)]
        np.testing.assert_allclose([[float(p) for p in row[1:]] for row in rows[1:]], outputs, atol=1e-5)
        assert [row[0] for row in rows[1:]] == [saved.target.classes[i] for i in outputs.argmax(axis=1)]
    last = list(csv.DictReader(io.StringIO((tmp_path / "run" / "metrics.csv").read_text())))[-1]
    data = load(table, target)
    held_out = saved.learner.loss(saved.learner.forward(data.X_test), data.y_test).item()
    assert f"{held_out:.6g}" == last["test_loss"]


def test_rows_to_predict_need_the_columns_but_not_the_target(tinygraph: Callable, table: str, tmp_path: Path) -> None:
    words = ["--data", table, "--target", "species", "--epochs", 1, "--out", "run"]
    assert tinygraph("train", *words).code == 0
    (tmp_path / "new.csv").write_text("wild,extra,weight,colour,length\nyes,1,2.5,blue,\nno,2,,,3\n")
    said = tinygraph("predict", "run/model.npz", "new.csv")
    assert said.code == 0, said.err
    assert len(said.out.splitlines()) == 3
    (tmp_path / "short.csv").write_text("wild,weight\nyes,1\n")
    said = tinygraph("predict", "run/model.npz", "short.csv")
    assert said.code == 2
    assert "tinygraph predict: read_csv: short.csv has no column 'length'; its columns are wild, weight" in said.err


def test_arrays(tinygraph: Callable, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", X=rng.normal(size=(40, 3, 2)), y=np.arange(40) % 2)
    np.savez(tmp_path / "odd.npz", X=np.zeros((4, 7)))
    assert tinygraph("train", "--data", "data.npz", "--epochs", 1, "--out", "run").code == 0
    assert len(tinygraph("predict", "run/model.npz", "data.npz").out.splitlines()) == 41
    for file, message in (
        ("odd.npz", "X in odd.npz has 7 features and the model 6 numeric and 0 categorical ones; give the same"),
        ("x.csv", "this model knows its features by position, not by name; give x.csv as .npz"),
        ("x.txt", "x.txt is neither .csv nor .npz; give one of these"),
    ):
        said = tinygraph("predict", "run/model.npz", file)
        assert said.code == 2
        assert message in said.err


def test_files_that_hold_no_or_several_models(tinygraph: Callable, tmp_path: Path, table: str) -> None:
    np.savez(tmp_path / "other.npz", X=np.zeros(3))
    with pytest.raises(DataError, match=r"other\.npz holds no model; give the model\.npz of a run folder"):
        load_model(tmp_path / "other.npz")
    for model in ("logistic", "deep"):
        words = ["--data", table, "--target", "wild", "--epochs", 1, "--model", model, "--out", model]
        assert tinygraph("train", *words).code == 0
    entries = {**np.load("logistic/model.npz"), **np.load("deep/model.npz")}
    np.savez(tmp_path / "both.npz", **entries)
    with pytest.raises(DataError, match=r"both\.npz holds logistic, deep; choose one of them by name"):
        load_model(tmp_path / "both.npz")
    with pytest.raises(DataError, match=r"both\.npz holds no model 'shallow'; it holds logistic, deep"):
        load_model(tmp_path / "both.npz", "shallow")
    assert load_model(tmp_path / "both.npz", "deep").learner.architecture.model == "deep"
    about = str(entries["deep/about"]).replace('"format": 1', '"format": 99')
    np.savez(tmp_path / "future.npz", **{**entries, "deep/about": np.array(about)})
    with pytest.raises(DataError, match="is of format 99 and this version reads 1; use the tinygraph that wrote it"):
        load_model(tmp_path / "future.npz", "deep")


def test_a_reader_that_stops_early_is_no_error(tinygraph: Callable, tmp_path: Path, table: str) -> None:
    assert tinygraph("train", "--data", table, "--target", "wild", "--epochs", 1, "--out", "run").code == 0
    rows = (tmp_path / table).read_text().splitlines()
    (tmp_path / "long.csv").write_text("\n".join([rows[0], *rows[1:] * 200]) + "\n")
    words = [sys.executable, "-m", "tinygraph", "predict", "run/model.npz", "long.csv"]
    root = Path(tg.__file__).parents[1]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"wild,")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
