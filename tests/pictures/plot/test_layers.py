"""Histograms, by themselves and of the layers of a model."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.pictures.plot.axes import Axis
from tinygraph.pictures.plot.histograms import BINS, LEFT, RIGHT, ROW, WIDTH

from . import reading

RNG = np.random.default_rng(0)


def bars(chart: tg.plot.Chart) -> list[dict[int, float]]:
    """For each histogram the heights by number of bin, from 0 to 1."""
    found = []
    for path in reading.classed(chart, "path", "bar"):
        heights = {}
        for x, base, top in re.findall(r"M(\S+) (\S+?)V(\S+?)H", path.get("d", "")):
            heights[round((float(x) - LEFT) / (WIDTH - RIGHT - LEFT) * BINS)] = (float(base) - float(top)) / (ROW - 14)
        found.append(heights)
    return found


@pytest.mark.parametrize("log", [False, True])
def test_bars_are_the_counts(log: bool) -> None:
    data = {"a": RNG.normal(size=500), "b": RNG.normal(size=(20, 30)) * 3}
    chart = tg.plot.histograms(data, log=log)
    every = np.concatenate([x.reshape(-1) for x in data.values()])
    every = np.abs(every) if log else every
    axis = Axis.covering("", float(every.min()), float(every.max()), log)
    for x, heights in zip(data.values(), bars(chart), strict=True):
        values = np.log10(np.abs(x)) if log else x
        ends = np.log10([axis.ticks[0], axis.ticks[-1]]) if log else (axis.ticks[0], axis.ticks[-1])
        counts = np.histogram(values, BINS, tuple(ends))[0]
        assert counts.sum() == x.size
        expected = {int(k): max(counts[k] / counts.max(), 1 / (ROW - 14)) for k in np.flatnonzero(counts)}
        assert heights == pytest.approx(expected, abs=1e-3)


def test_facts_are_the_statistics() -> None:
    x = np.array([0.0, 0.0, 0.0, 1.0, 2.0, math.nan, math.inf])
    chart = tg.plot.histograms({"x": x, "empty": [], "zeros": np.zeros(3)}, notes={"zeros": "a note"})
    texts = reading.texts(chart)
    assert "mean 0.6 · std 0.8 · 43 % zero" in texts
    assert "2 not finite" in texts
    assert "no finite numbers" in texts
    assert "mean 0 · std 0 · 100 % zero" in texts
    assert "a note" in texts
    assert len(bars(chart)) == 1


def test_magnitudes_far_below_the_others_are_counted() -> None:
    chart = tg.plot.histograms({"g": [1.0, -0.1, 1e-30, 0.0]}, log=True)
    assert "RMS 0.502 · 25 % zero" in reading.texts(chart)
    assert "25 % below 1e−10" in reading.texts(chart)
    assert sum(map(len, bars(chart))) == 2


@pytest.mark.parametrize("values", [[], [0.0], [1.0], [-1e-300, 1e149], [math.nan], [1e-200, 1e200], [1e-140, 1e140]])
@pytest.mark.parametrize("log", [False, True])
def test_odd_data(values: list[float], log: bool) -> None:
    assert "nan" not in tg.plot.histograms({"x": values}, log=log).body


def test_histograms_errors() -> None:
    with pytest.raises(TypeError, match=r"histograms: got 3; give a dict, \{name: numbers\}"):
        tg.plot.histograms(3)
    with pytest.raises(ValueError, match=r"histograms: there is nothing to draw"):
        tg.plot.histograms({})
    with pytest.raises(TypeError, match=r"histograms: 'x' is array\(\[1\.\+0\.j\]\); give real numbers"):
        tg.plot.histograms({"x": np.array([1 + 0j])})


def test_activations_are_what_the_layers_put_out() -> None:
    net = tg.nn.Sequential(
        tg.nn.Linear(3, 6, rng=0), tg.nn.Tanh(), tg.nn.Linear(6, 5, rng=1), tg.nn.ReLU(), tg.nn.Linear(5, 2, rng=2)
    )
    net[0].weight.data = net[0].weight.numpy() * 6
    net[2].bias.data = np.array([0.0, 0.0, -99.0, 0.0, -99.0])
    x = RNG.normal(size=(40, 3))
    with tg.no_grad():
        first = net[1](net[0](tg.tensor(x))).numpy()
        second = net[3](net[2](tg.tensor(first))).numpy()
        last = net[4](tg.tensor(second)).numpy()
    saturated = f"{100 * np.mean(1 - first**2 < 0.05):.0f} % saturated"
    expected = {
        "layers.0, tanh": (first, saturated), "layers.2, relu": (second, "2 of 5 units dead"), "layers.4": (last, "")
    }  # fmt: skip
    arrays = {name: values for name, (values, _) in expected.items()}
    notes = {name: note for name, (_, note) in expected.items() if note}
    assert tg.plot.activations(net, x) == tg.plot.histograms(arrays, title="Activations", x_name="output", notes=notes)
    assert all(p.grad is None for p in net.parameters())


def test_activations_of_a_function_and_of_the_notes_layout() -> None:
    W1 = tg.tensor(RNG.normal(size=(4, 3)), requires_grad=True, name="W1")
    W2 = tg.tensor(RNG.normal(size=(1, 4)), requires_grad=True, name="W2")
    X = RNG.normal(size=(3, 50))

    def model(x: tg.Tensor) -> tg.Tensor:
        return tg.sigmoid(W2 @ tg.relu(W1 @ x))

    assert re.findall(r"(W\d, \w+):", tg.plot.activations(model, X).alt) == ["W1, relu", "W2, sigmoid"]
    named = tg.plot.activations(model, X, parameters={"first": W1, "second": W2})
    assert re.findall(r"(\w+, \w+): ", named.alt) == ["first, relu", "second, sigmoid"]


def test_a_layer_used_twice_is_shown_twice() -> None:
    W = tg.tensor(np.eye(3), requires_grad=True, name="W")
    chart = tg.plot.activations(lambda x: tg.tanh(tg.tanh(x @ W) @ W), np.ones((2, 3)))
    assert re.findall(r"(W[^:]*):", chart.alt) == ["W, tanh", "W, tanh (2)"]


def test_activations_leave_buffers_alone() -> None:
    class Counting(tg.nn.Module):
        def __init__(self) -> None:
            self.layer = tg.nn.Linear(2, 2, rng=0)
            self.calls = tg.tensor(0.0)

        def __call__(self, x: tg.Tensor) -> tg.Tensor:
            self.calls.data = self.calls.numpy() + 1
            return self.layer(x)

    model = Counting()
    tg.plot.activations(model, np.ones((3, 2)))
    assert model.calls.item() == 0


def test_activations_error() -> None:
    with pytest.raises(tg.GraphError, match=r"activations: .* depends on no parameter, so there are no layers to see"):
        tg.plot.activations(lambda x: x * 2, np.ones(3))


def test_gradients_are_those_of_the_parameters() -> None:
    net = tg.nn.Sequential(tg.nn.Linear(3, 6, rng=0), tg.nn.Tanh(), tg.nn.Linear(6, 1, rng=1))
    with pytest.raises(ValueError, match=r"gradients: no parameter has a gradient; call backward\(\) before"):
        tg.plot.gradients(net)
    tg.sum(net(RNG.normal(size=(5, 3)))).backward()
    given = {name: p.grad.numpy() for name, p in net.named_parameters()}
    expected = tg.plot.histograms(given, title="Gradients", x_name="magnitude of the gradient", log=True)
    assert tg.plot.gradients(net) == expected
    net[2].bias.grad = None
    assert "magnitude of the gradient (1 parameter without)" in reading.texts(tg.plot.gradients(net))
    w = tg.tensor([1.0], requires_grad=True)
    (w * 3).sum().backward()
    assert "w" in reading.texts(tg.plot.gradients({"w": w}))
