"""`tinygraph step` as a user meets it: all at once where it is piped, one by one in a terminal, and what it refuses."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

MODEL = """
import numpy as np
import tinygraph as tg

def loss(x=3.0, n=2):
    return x**n + x

def pair(x=np.array([1.0, 2.0])):
    return x * 2

def number(x=1.0):
    return 1.0

def fails(x=1.0):
    return x @ np.ones(3)

w = tg.tensor([1.0, 2.0], requires_grad=True, name="w")

def cost():
    return tg.sum(w * w)
"""

FIRST = "forward 1 of 2: ① v₁ = x²   ()   mymodel.py:6"
LAST = "         dx = 7\n         2 of 2 have arrived\n"
PROMPT = "Enter: next, b: back, q: quit > "


pytestmark = pytest.mark.usefixtures("mymodel")


def test_both_directions_without_waiting_where_nobody_sits(tinygraph: Callable) -> None:
    ran = tinygraph("step", "mymodel.py:loss")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(FIRST)
    assert "\n\nbackward 1 of 2: ② v₂ = v₁ + x   ()" in ran.out
    assert ran.out.endswith(LAST)
    assert PROMPT not in ran.out


@pytest.mark.parametrize(("option", "there", "absent"), [("--forward", "forward 1", "backward"),
                                                         ("--backward", "backward 1", "forward")])  # fmt: skip
def test_one_direction(tinygraph: Callable, option: str, there: str, absent: str) -> None:
    ran = tinygraph("step", "mymodel.py:loss", option)
    assert there in ran.out
    assert absent not in ran.out


def test_a_function_without_inputs_uses_the_tensors_it_sees(tinygraph: Callable) -> None:
    assert "dw = [2, 4]" in tinygraph("step", "mymodel.py:cost").out


def test_forward_of_an_array(tinygraph: Callable) -> None:
    assert "v₁ = [2, 4]" in tinygraph("step", "mymodel.py:pair", "--forward").out


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("mymodel.py", "'mymodel.py' names no function; write MODULE:FUNCTION, such as mymodel.py:loss"),
        ("none.py:loss", "there is no file none.py"),
        ("mymodel.py:pair", "trace: backward starts from one number, and this has shape (2,); reduce it"),
        ("mymodel.py:number", "trace: f returned float 1.0; return one tensor"),
        ("mymodel.py:fails", "fails failed at "),
    ],
)
def test_what_cannot_be_run_is_2(tinygraph: Callable, target: str, message: str) -> None:
    ran = tinygraph("step", target)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("tinygraph step: ")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_two_directions_at_once_are_refused(tinygraph: Callable) -> None:
    assert tinygraph("step", "mymodel.py:loss", "--forward", "--backward").code == 2


# ------------------------------------------------------------------------------------------ in a terminal


def seen(tmp_path: Path, keys: str, *options: str) -> str:
    """What a terminal shows when `keys` are typed, each after a prompt; \x04 ends the input."""
    pty = pytest.importorskip("pty")
    inside, outside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tinygraph", "step", "mymodel.py:loss", *options], cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONUTF8": "1", "TERM": "dumb"},
        stdin=outside, stdout=outside, stderr=outside,
    )  # fmt: skip
    os.close(outside)
    text, waiting, deadline = "", list(keys), time.monotonic() + 30
    while time.monotonic() < deadline:
        if not select.select([inside], [], [], 0.2)[0]:
            if process.poll() is not None:
                break
            continue
        try:
            chunk = os.read(inside, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not chunk:
            break
        text += chunk.decode()
        if text.endswith(PROMPT) and waiting:
            key = waiting.pop(0)
            os.write(inside, (key if key in "\n\x04" else key + "\n").encode())
    process.kill()
    process.wait()
    os.close(inside)
    return text.replace("\r\n", "\n")


def pages(text: str) -> list[str]:
    return [line.partition(":")[0] for line in text.splitlines() if line.startswith(("forward", "backward"))]


def test_enter_goes_on_to_the_end(tmp_path: Path) -> None:
    text = seen(tmp_path, "\n\n\n")
    assert pages(text) == ["forward 1 of 2", "forward 2 of 2", "backward 1 of 2", "backward 2 of 2"]
    assert text.rstrip("\n").endswith(LAST.rstrip("\n"))


def test_b_goes_back_and_q_quits(tmp_path: Path) -> None:
    text = seen(tmp_path, "b\nbq", "--forward")
    assert pages(text) == ["forward 1 of 2", "forward 1 of 2", "forward 2 of 2"]
    assert pages(seen(tmp_path, "q")) == ["forward 1 of 2"]


def test_the_end_of_the_input_quits(tmp_path: Path) -> None:
    assert pages(seen(tmp_path, "\x04")) == ["forward 1 of 2"]


def test_all_does_not_wait(tmp_path: Path) -> None:
    text = seen(tmp_path, "", "--all")
    assert len(pages(text)) == 4
    assert PROMPT not in text
