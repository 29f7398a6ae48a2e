"""`tinygraph train` as a user meets it: what it prints and writes, what it refuses, and Ctrl-C."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tinygraph.training import loop

FILES = ["graph.dot", "graph.html", "graph.svg", "metrics.csv", "model.npz", "report.html"]


def metrics(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_writes_its_five_files_and_says_what_it_did(tinygraph: Callable, table: str, tmp_path: Path) -> None:
    ran = tinygraph("train", "--data", table, "--target", "wild", "--epochs", 5, "--hidden", "6,4")
    assert ran.code == 0, ran.err
    (folder,) = (tmp_path / "runs").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", folder.name)
    assert sorted(file.name for file in folder.iterdir()) == FILES
    assert "Deep network on flowers.csv: 9 inputs → 6 relu → 4 relu → 1 sigmoid" in ran.out
    assert re.search(r"Gradient check on 6 samples: gradients of cost are right", ran.out)
    assert re.search(r"held-out accuracy 0\.\d{4}; always saying yes gives 0\.667; training 0\.\d{4}", ran.out)
    assert str(folder.relative_to(tmp_path) / "report.html") in ran.out
    assert "loss" in ran.err, "the progress bar shows the loss"
    rows = metrics(folder)
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])


@pytest.mark.parametrize("model", ["logistic", "shallow", "deep"])
@pytest.mark.parametrize("target", ["wild", "species", "weight"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_every_model_learns_every_kind_of_target(
    tinygraph: Callable, table: str, tmp_path: Path, model: str, target: str, optimizer: str
) -> None:
    options = ["--model", model, "--optimizer", optimizer, "--out", "run", "--epochs", 3]
    ran = tinygraph("train", "--data", table, "--target", target, *options)
    if (model, target) == ("logistic", "weight"):
        assert ran.code == 2
        assert "--model logistic predicts classes and 'weight' is a number" in ran.err
        assert not (tmp_path / "run").exists()
        return
    assert ran.code == 0, ran.err
    rows = metrics(tmp_path / "run")
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    assert {row["score"] for row in rows} == {"R²" if target == "weight" else "accuracy"}


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "elu", "softplus"])
def test_every_activation(tinygraph: Callable, table: str, activation: str) -> None:
    options = ["--model", "shallow", "--hidden", 3, "--epochs", 1, "--activation", activation]
    ran = tinygraph("train", "--data", table, "--target", "wild", *options)
    assert ran.code == 0, ran.err
    assert f"→ 3 {activation} →" in ran.out


@pytest.mark.parametrize("init", ["small", "xavier", "he", "lecun", "zeros"])
def test_every_init(tinygraph: Callable, table: str, init: str) -> None:
    ran = tinygraph("train", "--data", table, "--target", "species", "--hidden", 3, "--epochs", 1, "--init", init)
    assert ran.code == 0, ran.err
    assert ("hidden units that begin at zero stay alike or dead" in ran.out) == (init == "zeros")


def test_diagnoses_before_and_during_training(tinygraph: Callable, table: str) -> None:
    options = ["--data", table, "--target", "species", "--hidden", 3, "--epochs", 8]
    healthy = tinygraph("train", *options, "--diagnose", "--activation", "tanh")
    assert healthy.code == 0, healthy.err
    assert "  Before training: no findings: 2 layers, " in healthy.out
    assert re.findall(r"After epoch (\d+): no findings: ", healthy.out) == ["2", "4", "6", "8"]
    symmetric = tinygraph("train", *options, "--diagnose", 5, "--activation", "sigmoid", "--init", "zeros")
    assert "Before training: 1 finding (2 layers," in symmetric.out
    assert re.findall(r"After epoch (\d+): 1 finding ", symmetric.out) == ["5"]
    assert symmetric.out.count("symmetric units: layers.0, 3 of 3 units: ") == 2
    assert "Before training" not in tinygraph("train", *options).out


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("model", ["logistic", "shallow", "deep"])
def test_the_models_offered_are_healthy(tinygraph: Callable, model: str, optimizer: str) -> None:
    options = ["--model", model, "--optimizer", optimizer, "--epochs", 4, "--diagnose", 2]
    ran = tinygraph("train", "--data", "breast-cancer", *options)
    assert ran.code == 0, ran.err
    assert ran.out.count("no findings: ") == 3


def test_the_same_seed_gives_the_same_run(tinygraph: Callable, table: str, tmp_path: Path) -> None:
    def losses(seed: int, out: str) -> list[str]:
        options = ["--epochs", 2, "--seed", seed, "--out", out, "--batch-size", 16]
        assert tinygraph("train", "--data", table, "--target", "species", *options).code == 0
        return [row["test_loss"] for row in metrics(tmp_path / out)]

    first = losses(1, "a")
    assert losses(1, "b") == first
    assert losses(2, "c") != first


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--data", "flowers.csv"], "which column of flowers.csv is to be predicted?"),
        (["--data", "flowers.csv", "--target", "specie"], "no column 'specie'; did you mean 'species'?"),
        (["--data", "none.csv", "--target", "a"], "cannot read none.csv: No such file or directory"),
        (["--data", "mnist"], "no data called 'mnist'"),
        (
            ["--data", "flowers.csv", "--target", "wild", "--model", "logistic", "--hidden", "3"],
            "--hidden is about hidden",
        ),
        (
            ["--data", "flowers.csv", "--target", "wild", "--model", "logistic", "--activation", "tanh"],
            "--activation is",
        ),
        (
            ["--data", "flowers.csv", "--target", "wild", "--model", "shallow", "--hidden", "3,2"],
            "--hidden 3,2 has 2 layers",
        ),
        (["--data", "flowers.csv", "--target", "wild", "--out", "flowers.csv"], "--out flowers.csv is there already"),
        (
            ["--data", "flowers.csv", "--target", "wild", "--out", "flowers.csv/run"],
            "is not a folder that can be written",
        ),
        (
            ["--data", "flowers.csv", "--target", "weight", "--optimizer", "sgd", "--lr", "1e6"],
            "choose a smaller --lr than 1e+06",
        ),
        (["--hidden", "3,x"], "'3,x' is no list of layer widths; write for example 64,32"),
        (["--hidden", "0"], "'0' is no list of layer widths"),
        (["--lr", "0"], "'0' is no number above 0"),
        (["--lr", "inf"], "'inf' is no number above 0"),
        (["--epochs", "2.5"], "'2.5' is no whole number above 0"),
        (["--batch-size", "0"], "'0' is no whole number above 0"),
        (["--diagnose", "0"], "'0' is no whole number above 0"),
        (["--seed", "-1"], "'-1' is no whole number above -1"),
        (["--model", "huge"], "invalid choice: 'huge'"),
        (["--activation", "step"], "invalid choice: 'step'"),
    ],
)
def test_bad_input_is_exit_code_2_and_writes_nothing(
    tinygraph: Callable, table: str, tmp_path: Path, words: list[str], message: str
) -> None:
    ran = tinygraph("train", *words)
    assert ran.code == 2
    assert message in ran.err
    assert [file.name for file in tmp_path.iterdir()] == [table]


def test_bad_cell_says_line_and_column(tinygraph: Callable, table: str, tmp_path: Path) -> None:
    with (tmp_path / table).open("a") as file:
        file.write("long,red,yes,rose,1\n")
    ran = tinygraph("train", "--data", table, "--target", "wild")
    assert ran.code == 2
    assert "tinygraph train: read_csv: flowers.csv, line 62, column 'length': 'long' is not a finite number" in ran.err


def test_out_may_be_an_empty_folder_but_no_other(tinygraph: Callable, table: str, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    words = ["train", "--data", table, "--target", "wild", "--epochs", 1, "--out", "here"]
    assert tinygraph(*words).code == 0
    again = tinygraph(*words)
    assert again.code == 2
    assert "--out here is there already and not an empty folder; choose a new name or remove it" in again.err


def test_npz_with_several_classes(tinygraph: Callable, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 20)
    np.savez(tmp_path / "blobs.npz", X=rng.normal(size=(60, 4)) + y[:, None], y=y)
    ran = tinygraph("train", "--data", "blobs.npz", "--model", "logistic", "--epochs", 5)
    assert ran.code == 0, ran.err
    assert "4 inputs → 3 softmax" in ran.out


def test_ctrl_c_keeps_what_was_trained(
    tinygraph: Callable, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(monkeypatch, measurements=2)
    ran = tinygraph("train", "--data", table, "--target", "wild", "--out", "run", "--epochs", 50)
    assert ran.code == 130
    assert "Stopped; what was trained so far is in run/report.html" in ran.out
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == FILES
    assert len(metrics(tmp_path / "run")) == 2
    assert "Stopped by Ctrl-C after 2 of 50 epochs" in (tmp_path / "run" / "report.html").read_text()


def test_ctrl_c_before_the_first_epoch_leaves_nothing(
    tinygraph: Callable, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(monkeypatch, measurements=0)
    ran = tinygraph("train", "--data", table, "--target", "wild", "--out", "run")
    assert ran.code == 130
    assert "Stopped before the first epoch was done: there is nothing to keep." in ran.err
    assert [file.name for file in tmp_path.iterdir()] == [table]


def test_ctrl_c_while_writing_leaves_nothing(
    tinygraph: Callable, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tinygraph.training.report.run_folder.page", interrupted)
    ran = tinygraph("train", "--data", table, "--target", "wild", "--out", "run", "--epochs", 1)
    assert ran.code == 130
    assert "stopped; nothing was written" in ran.err
    assert [file.name for file in tmp_path.iterdir()] == [table]


def interrupt_after(monkeypatch: pytest.MonkeyPatch, measurements: int) -> None:
    """Make Ctrl-C arrive when an epoch is measured and `measurements` were before it."""
    measure, count = loop.measure, iter(range(measurements))

    def measured(*arguments: object) -> tuple[float, float]:
        if next(count, None) is None:
            raise KeyboardInterrupt
        return measure(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "measure", measured)


def test_without_graphviz_the_pictures_come_all_the_same(
    tinygraph: Callable, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    ran = tinygraph("train", "--data", table, "--target", "wild", "--out", "run", "--epochs", 1)
    assert ran.code == 0, ran.err
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == FILES
    assert "<svg" in (tmp_path / "run" / "graph.svg").read_text()


def test_without_tqdm(tinygraph: Callable, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    ran = tinygraph("train", "--data", table, "--target", "wild")
    assert ran.code == 2
    assert "tqdm is needed here" in ran.err
    assert 'pip install "tinygraph[demo]"' in ran.err


def test_the_main_job_in_short(tinygraph: Callable, tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    ran = tinygraph("train", "--epochs", 2, "--out", "run")
    assert ran.code == 0, ran.err
    assert [row["model"] for row in metrics(tmp_path / "run")] == ["logistic"] * 2 + ["shallow"] * 2 + ["deep"] * 2
    assert "12288 inputs → 1 sigmoid" in ran.out
    assert sorted(file.name for file in (tmp_path / "run").iterdir()) == sorted(
        [*FILES, "graph-2.html", "graph-3.html"]
    )
    assert (tmp_path / "run" / "graph.dot").read_text().count("digraph") == 3


def test_a_full_disk_leaves_nothing(
    tinygraph: Callable, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tinygraph.training.saved.save", full)
    ran = tinygraph("train", "--data", table, "--target", "wild", "--out", "run", "--epochs", 1)
    assert ran.code == 1
    assert "cannot write: [Errno 28] No space left on device; check space and permissions" in ran.err
    assert [file.name for file in tmp_path.iterdir()] == [table]


def test_without_threadpoolctl(tinygraph: Callable, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert tinygraph("train", "--data", table, "--target", "wild", "--epochs", 1).code == 0
