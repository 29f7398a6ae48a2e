"""Loading: the built-in sets, CSV and NPZ files, and every message about data that cannot be used."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygraph.training.data import DataError, MissingExtraError, load
from tinygraph.training.data.builtin import PATCH, STRIDE, patches, photos

HEADER = "area,city,price"
ROWS = [f"{i},{'north' if i % 3 else 'south'},{'high' if i > 20 else 'low'}" for i in range(40)]


def csv_file(path: Path, *lines: str) -> str:
    file = path / "houses.csv"
    file.write_text("\n".join(lines) + "\n")
    return str(file)


def npz_file(path: Path, **arrays: Any) -> str:
    file = path / "data.npz"
    np.savez(file, **arrays)
    return str(file)


def test_csv_with_numbers_categories_and_missing_values(tmp_path: Path) -> None:
    data = load(csv_file(tmp_path, HEADER, ",,low", *ROWS), "price")
    assert data.target.classes == ("high", "low")
    assert data.preparation.numeric == ("area",)
    assert data.preparation.categorical == ("city",)
    assert (len(data.y_train), len(data.y_test)) == (33, 8)
    assert data.X_train.shape[1] == data.X_test.shape[1] == data.n_features == len(data.preparation.names)
    assert (
        data.about == "41 rows of houses.csv: 1 numeric and 1 categorical columns. 20 % held out at random, every "
        "class in proportion."
    )


def test_statistics_come_from_the_training_rows_alone(tmp_path: Path) -> None:
    data = load(csv_file(tmp_path, HEADER, *ROWS), "price")
    np.testing.assert_allclose(data.X_train.mean(axis=0), 0, atol=1e-12)
    assert abs(data.X_test.mean(axis=0)).max() > 1e-3


def test_csv_with_a_number_to_predict(tmp_path: Path) -> None:
    data = load(csv_file(tmp_path, "x,y", *(f"{i},{i * 1.5}" for i in range(50))), "y")
    assert data.target.task == "regression"
    np.testing.assert_allclose([data.y_train.mean(), data.y_train.std()], [0, 1], atol=1e-12)


def test_the_seed_decides_the_split(tmp_path: Path) -> None:
    file = csv_file(tmp_path, HEADER, *ROWS)
    np.testing.assert_array_equal(load(file, "price", 1).X_test, load(file, "price", 1).X_test)
    assert not np.array_equal(load(file, "price", 1).X_test, load(file, "price", 2).X_test)


@pytest.mark.parametrize(
    ("lines", "target", "message"),
    [
        (
            [HEADER, *ROWS],
            None,
            "which column of .*houses.csv is to be predicted? name it as the target: area, city, price",
        ),
        ([HEADER, *ROWS], "prise", "has no column 'prise'; did you mean 'price'?"),
        ([HEADER, *ROWS[:9]], "price", "has 9 rows; at least 10 are needed to train and to test"),
        ([HEADER], "price", "has 0 rows; at least 10 are needed"),
        ([HEADER, *ROWS, "1,north,"], "price", "line 42, column 'price': the target is missing; fill it in or delete"),
        ([HEADER, *ROWS, "big,north,low"], "price", "line 42, column 'area': 'big' is not a finite number"),
        ([HEADER, *ROWS[:15]], "price", "'price' has one class, 'low', in all 15 rows"),
        (["price", *(["low"] * 6 + ["high"] * 6)], "price", "has no column besides the target 'price'"),
        (["a,price", *(["1,low"] * 6 + ["1,high"] * 6)], "price", "none of the 1 features varies in the training part"),
    ],
)
def test_bad_csv(tmp_path: Path, lines: list[str], target: str | None, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message).replace(r"\.\*", ".*")):
        load(csv_file(tmp_path, *lines), target)


def test_npz(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(30, 4, 4))
    X[3, 0, 0] = np.nan
    data = load(npz_file(tmp_path, X=X, y=np.array(["cat", "dog", "owl"] * 10)))
    assert data.n_features == 17
    assert data.target.classes == ("cat", "dog", "owl")
    assert load(npz_file(tmp_path, X=X, y=X[:, 1, 1])).target.task == "regression"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((3, 2)), "y": np.zeros(3)}, "has no array 'X'; it holds 'images', 'y'; save it with"),
        ({"X": np.zeros((3, 2))}, "has no array 'y'; it holds 'X'"),
        ({"X": np.zeros((12, 2)), "y": np.zeros(11)}, "has shape (11,) and X (12, 2); give one y for each row of X"),
        ({"X": np.zeros((5, 2)), "y": np.zeros(5)}, "has 5 rows; at least 10"),
        ({"X": np.zeros(12), "y": np.zeros(12)}, "has shape (12,); give (samples, features), neither of them 0"),
        ({"X": np.full((12, 2), "a"), "y": np.zeros(12)}, "is <U1; give real numbers"),
        ({"X": np.full((12, 2), np.inf), "y": np.zeros(12)}, "X[0, 0] in .* is infinite; correct it, or write NaN"),
        ({"X": np.eye(12), "y": np.full(12, np.nan)}, "y[0] in .* is not finite; correct it"),
        ({"X": np.eye(12), "y": np.full(12, 1j)}, "is complex128; give numbers or texts"),
        ({"X": np.eye(12), "y": np.array([None] * 12)}, "is no usable NPZ file (Object arrays cannot be loaded"),
    ],
)
def test_bad_npz(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message).replace(r"\.\*", ".*")):
        load(npz_file(tmp_path, **arrays))


def test_file_that_is_no_npz(tmp_path: Path) -> None:
    file = tmp_path / "text.npz"
    file.write_text("hello")
    with pytest.raises(DataError, match=r"is no usable NPZ file \(it is no archive of arrays\)"):
        load(str(file))
    with pytest.raises(DataError, match="No such file or directory; check the path"):
        load(str(tmp_path / "none.npz"))


def test_unknown_data_and_needless_target() -> None:
    with pytest.raises(DataError, match="no data called 'mnist'; choose one of photos, breast-cancer, digits, or"):
        load("mnist")
    with pytest.raises(DataError, match=r"a target column \('y'\) was given, but digits is no CSV file; leave it out"):
        load("digits", "y")


def test_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingExtraError, match=r'sklearn.datasets is needed .*run: pip install "tinygraph\[demo\]"'):
        load("digits")


def test_photographs_without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtraError, match=r'Pillow|Python Imaging.* pip install "tinygraph\[demo\]"'):
        load("photos")


@pytest.mark.parametrize(
    ("name", "train", "test", "features"), [("digits", 1438, 359, 64), ("breast-cancer", 456, 113, 30)]
)
def test_built_in_tables(name: str, train: int, test: int, features: int) -> None:
    pytest.importorskip("sklearn")
    data = load(name)
    assert data.X_train.shape == (train, features)
    assert data.X_test.shape == (test, features)
    assert data.preparation.names[0] in ("pixel_0_0", "mean radius")


def test_photographs_share_no_pixel() -> None:
    pytest.importorskip("PIL")
    parts = photos()
    assert parts.X_train.shape == (528, PATCH, PATCH, 3)
    assert parts.X_test.shape == (168, PATCH, PATCH, 3)
    assert parts.classes == ("china", "flower")
    known = {patch.tobytes() for patch in parts.X_train}
    assert not any(patch.tobytes() in known for patch in parts.X_test)


def test_patches_stay_inside_their_part() -> None:
    height, width = 427, 640
    column = np.broadcast_to(np.arange(width, dtype=np.int16)[None, :, None], (height, width, 3))
    assert patches(column[:, :384]).max() < 384
    assert patches(column[:, 384:]).min() >= 384
    assert len(patches(column)) == len(range(0, height - PATCH + 1, STRIDE)) * len(range(0, width - PATCH + 1, STRIDE))
