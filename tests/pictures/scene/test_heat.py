"""Gradient heat: every alarm planted, none where gradients are well, widths, the first one named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.pictures.ink.numbers import Numbers

RNG = np.random.default_rng(0)


def heat(f: Any, *inputs: Any) -> tg.GraphView:
    return tg.draw(f, *inputs, level="all", heat=True)


def alarms(view: tg.GraphView) -> dict[str, str]:
    return {box.name: box.alarm for box in view.boxes if box.alarm}


def chain(times: int, factor: float) -> Any:
    def chained(x: Any) -> Any:
        for _ in range(times):
            x = x * factor
        return x.sum()

    return chained


def test_well_behaved_gradients_give_no_alarm() -> None:
    net = tg.nn.Sequential(tg.nn.Linear(6, 6, rng=0), tg.nn.Tanh(), tg.nn.Linear(6, 1, rng=1))
    view = heat(lambda x: (net(x) ** 2).mean(), RNG.normal(size=(5, 6)))
    assert not alarms(view)
    assert view.note == ""
    assert not any(box.first for box in view.boxes)


def test_vanishing_and_where_it_begins() -> None:
    view = heat(chain(6, 0.01), np.ones(3))
    assert set(alarms(view).values()) == {"vanishing"}
    [first] = [box for box in view.boxes if box.first]
    below = [box for box in view.boxes if box.grad is not None and box.grad.rms < 1e-7]
    assert first is below[-1]
    assert view.note.startswith(f"first alarm in the order of backward: {first.name} is vanishing at ")
    assert "test_heat.py:" in view.note


def test_small_but_not_falling_is_not_vanishing() -> None:
    assert not alarms(heat(lambda x: (1e-9 * x).sum(), np.ones(3)))


def test_exploding() -> None:
    assert set(alarms(heat(chain(6, 10.0), np.ones(3))).values()) == {"exploding"}


def test_exploding_near_the_end_of_the_dtype() -> None:
    view = heat(lambda x: (x * np.float32(1e37)).sum(), np.ones(3, np.float32))
    assert alarms(view) == {"x": "exploding"}


def test_zero_dead_nan_and_infinite() -> None:
    assert "zero" in alarms(heat(lambda x: tg.relu(x - 5.0).sum(), np.zeros(4))).values()
    x = np.full(40, -1.0)
    x[0] = 1.0
    assert alarms(heat(lambda x: tg.relu(x).sum(), x)) == {"x": "dead 98 %"}
    assert alarms(heat(lambda x: tg.sqrt(x).sum(), np.array([0.0, 1.0]))) == {"x": "Inf"}
    assert alarms(heat(lambda x: (tg.sqrt(x) * x).sum(), np.array([0.0, 1.0]))) == {"x": "NaN"}


def test_a_folded_box_has_the_alarm_of_what_is_in_it() -> None:
    view = tg.draw(chain(30, 0.01), np.ones(3), heat=True)
    [repetition] = [box for box in view.shown.boxes if box.kind == "repetition"]
    assert repetition.alarm == "vanishing"
    assert "vanishing" in view.dot()
    assert "penwidth=3" in view.dot()


def test_widths_follow_the_gradient() -> None:
    view = heat(chain(3, 0.01), np.ones(3))
    widths = [a.width for a in view.arrows if a.derivative is not None]
    assert widths == sorted(widths)
    assert widths[-1] == 5.0
    assert all(1.0 <= w <= 5.0 for w in widths)
    assert "width: size of the gradient" in view.dot()


def test_before_backward_nothing_is_said() -> None:
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    view = tg.draw((x * x).sum()).heat()
    assert not alarms(view)
    assert not any(a.width for a in view.arrows)


@pytest.mark.parametrize("shape", [(3,), (5, 8)])
def test_statistics_are_those_of_the_array(shape: tuple[int, ...]) -> None:
    x = RNG.normal(size=shape)
    x.flat[1] = 0.0
    seen = Numbers.of(x)
    assert seen.rms == pytest.approx(np.sqrt(np.mean(x**2)))
    assert seen.zero_share == pytest.approx(1 / x.size)


def test_bars_of_a_histogram() -> None:
    assert Numbers.of(np.concatenate([np.zeros(70), np.ones(10)])).lines()[-1] == "█▁▁▁▁▁▁▂ zeros 87.5 %"
    assert Numbers.of(np.full(20, 2.0)).lines() == ["mean 2 · std 0", "min 2 · max 2"]
    assert Numbers.of(np.array([np.nan] * 20)).bars == ""
