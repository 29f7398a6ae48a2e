"""`tinygraph draw` as a user meets it: text where nothing is named, files by suffix, parts, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

MODEL = """
import numpy as np
import tinygraph as tg

def loss(x=np.array([0.5, -1.0])):
    h = np.tanh(x * 2.0)
    total = (h * h).sum()
    return total

def number(x=1.0):
    return 1.0

net = tg.nn.Sequential(tg.nn.Linear(2, 3, rng=0), tg.nn.Tanh(), tg.nn.Linear(3, 1, rng=1))
net_inputs = (np.ones((4, 2)),)
"""


pytestmark = pytest.mark.usefixtures("mymodel")


def test_text_by_default(tinygraph: Callable) -> None:
    ran = tinygraph("draw", "mymodel.py:loss")
    assert (ran.code, ran.err) == (0, "")
    assert "② h = tanh(v₁)" in ran.out
    assert "total = Σ(v₃)" in ran.out


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", "<?xml"), ("dot", "digraph"), ("mmd", "flowchart"), ("json", "{"), ("txt", "x")]
)
def test_a_file_by_its_suffix(tinygraph: Callable, tmp_path: Path, suffix: str, start: str) -> None:
    ran = tinygraph("draw", "mymodel.py:loss", "--out", f"picture.{suffix}")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"picture.{suffix}: <GraphView 'loss': 4 operations, 1 input")
    assert (tmp_path / f"picture.{suffix}").read_text().startswith(start)


def test_json_can_be_read(tinygraph: Callable, tmp_path: Path) -> None:
    tinygraph("draw", "mymodel.py:loss", "--out", "picture.json")
    read = json.loads((tmp_path / "picture.json").read_text())
    assert [box["name"] for box in read["boxes"] if box["step"]] == ["v₁", "h", "v₃", "total"]


def test_modules_and_what_is_folded(tinygraph: Callable) -> None:
    assert "layers.0 : Linear   9 params · 1 op" in tinygraph("draw", "mymodel.py:net").out
    folded = tinygraph("draw", "mymodel.py:net", "--level", "module").out
    assert "weight" not in folded
    assert "weight" in tinygraph("draw", "mymodel.py:net", "--level", "module", "--open", "layers.0").out
    assert (
        tinygraph("draw", "mymodel.py:net", "--fold", "layers.0").out.count("weight")
        == tinygraph("draw", "mymodel.py:net").out.count("weight") - 2
    )


def test_parts_and_modes(tinygraph: Callable) -> None:
    near = tinygraph("draw", "mymodel.py:loss", "--around", "h", "--radius", "1").out
    assert "total" not in near.splitlines()[-2]
    assert "within 1 of h" in near
    assert "from x to h" in tinygraph("draw", "mymodel.py:loss", "--path", "x", "h").out
    assert "dh = " in tinygraph("draw", "mymodel.py:loss", "--mode", "backward").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mymodel.py:gone"], "mymodel.py has no 'gone'; it has loss, number"),
        (["mymodel.py:number"], "what number returns does not depend on its inputs"),
        (["mymodel.py:loss", "--around", "z"], "around: no value is called 'z'; there are x, v₁, h, v₃, total"),
        (
            ["mymodel.py:loss", "--path", "total", "x"],
            "path: no way leads from total to x; values flow along the arrows",
        ),
        (["mymodel.py:loss", "--out", "x.jpg"], "save: the suffix of 'x.jpg' names no format"),
        (["mymodel.py:loss", "--out", "no/x.svg"], "No such file or directory"),
    ],
)
def test_what_cannot_be_drawn(tinygraph: Callable, words: list[str], message: str) -> None:
    ran = tinygraph("draw", *words)
    assert ran.code == 2
    assert message in ran.err
