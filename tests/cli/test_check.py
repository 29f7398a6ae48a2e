"""`tinygraph check` as a user meets it: right and wrong gradients, where inputs come from, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tinygraph.engine.declare import registry

MODEL = """
import numpy as np
import tinygraph as tg
from shapes import SIZE

@tg.elementwise(lambda y, x: 2 * y)
def slope_doubled(x):
    return np.exp(x)

def loss(x=np.linspace(0.1, 1, SIZE), power=2):
    return np.sum(np.sin(x) ** power)

def wrong(x=np.array([0.5, 1.0])):
    return slope_doubled(x).sum()

def product(x, y):
    return x @ y

def product_inputs():
    return np.ones((2, 3)), np.arange(6.0).reshape(3, 2)

def single(x):
    return x * x

single_inputs = 0.5

def bare(x, y):
    return x * y

def fails(x=1.0):
    return x @ np.ones(3)

def whole(n=3):
    return n * 2.0

def keyword(x=0.5, *, power=3.0):
    return x ** power

w = tg.tensor([1.0, 2.0], requires_grad=True, name="w")
net = tg.nn.Linear(2, 1, rng=0)
net_inputs = (np.ones((4, 2)),)

def cost():
    return tg.mean(tg.tanh(net(w * np.ones((3, 2)))))

class Space:
    @staticmethod
    def inside(x=0.3):
        return np.cos(x)
"""


@pytest.fixture(autouse=True)
def _model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """mymodel.py and the package `lab` in the test's folder; what importing them leaves behind is undone."""
    for name in ("mymodel.py", "lab/model.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(MODEL)
    (tmp_path / "lab" / "__init__.py").write_text("")
    (tmp_path / "shapes.py").write_text("SIZE = 5\n")
    (tmp_path / "broken.py").write_text("import numpy\n\nvalue = 1 / 0\n")
    (tmp_path / "script.py").write_text("import sys\nsys.exit(3)\n")
    (tmp_path / "empty.py").write_text("def lonely():\n    return 1.0\n")
    (tmp_path / "nothing.py").write_text("")
    ops, modules = len(registry), set(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    del registry[ops:]
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.mark.parametrize("module", ["mymodel.py", "./mymodel.py", "lab.model", "lab/model.py"])
def test_a_right_gradient_is_0(tinygraph: Callable, module: str) -> None:
    ran = tinygraph("check", f"{module}:loss")
    assert (ran.code, ran.err) == (0, "")
    assert "right" in ran.out
    assert "5 elements" in ran.out


def test_a_wrong_gradient_is_1(tinygraph: Callable) -> None:
    ran = tinygraph("check", "mymodel.py:wrong")
    assert (ran.code, ran.err) == (1, "")
    assert "wrong" in ran.out


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("product", "2 inputs, 12 elements"),
        ("single", "1 input, 1 element"),
        ("cost", "3 inputs, 5 elements"),
        ("net", "2 inputs, 3 elements"),
        ("Space.inside", "1 input, 1 element"),
        ("keyword", "1 input, 1 element"),
    ],
)
def test_where_inputs_come_from(tinygraph: Callable, name: str, says: str) -> None:
    ran = tinygraph("check", f"mymodel.py:{name}")
    assert ran.code == 0, ran.err
    assert says in ran.out


def test_second_order_and_seed(tinygraph: Callable) -> None:
    ran = tinygraph("check", "mymodel.py:loss", "--order", 2, "--seed", 7)
    assert ran.code == 0
    assert "order 2" in ran.out


def test_effort(tinygraph: Callable) -> None:
    assert " ops each by itself" not in tinygraph("check", "mymodel.py:loss").out
    assert " ops each by itself" in tinygraph("check", "mymodel.py:loss", "--effort", "thorough").out
    refused = tinygraph("check", "mymodel.py:loss", "--effort", "much")
    assert refused.code == 2
    assert "invalid choice: 'much'" in refused.err


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mymodel.py", "'mymodel.py' names no function; write MODULE:FUNCTION, such as mymodel.py:loss"),
        ("mymodel.py:", "names no function"),
        ("none.py:loss", "there is no file none.py; write MODULE:FUNCTION"),
        ("none:loss", "there is no module none here; write MODULE:FUNCTION"),
        ("none.at.all:loss", "there is no module none.at.all here"),
        ("lab/model:loss", "lab/model is no module; write its file as lab/model.py, or its name with dots"),
        ("mymodel.py:los", "mymodel.py has no 'los'; it has slope_doubled, loss, wrong, product, "),
        ("nothing.py:loss", "nothing.py has no 'loss', nor any other function"),
        ("mymodel.py:single_inputs", "mymodel.py:single_inputs is float 0.5; name a function"),
        (
            "mymodel.py:bare",
            "bare needs a value for x, y; write defaults in its signature, or a function bare_inputs()",
        ),
        ("mymodel.py:fails", "fails failed at "),
        ("mymodel.py:whole", "input 0 of int has no gradient; pass floating-point numbers"),
        ("empty.py:lonely", "lonely has no inputs, and its module no tensors with requires_grad in global names"),
        ("broken.py:loss", "broken.py:3: ZeroDivisionError: division by zero; make it run first"),
        ("script.py:loss", "script.py:2: SystemExit: 3; make it run first"),
    ],
)
def test_what_cannot_be_checked_is_2(tinygraph: Callable, target: str, message: str) -> None:
    ran = tinygraph("check", target)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("tinygraph check: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tinygraph", "check", "mymodel.py:wrong"]
    source = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": source}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "wrong" in done.stdout
