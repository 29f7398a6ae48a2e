"""How often the checker is wrong: false alarms on generated right programs, misses of planted mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygraph as tg
from tests.benchmarks.gradient_check import markdown, page
from tests.benchmarks.gradient_peers import NOT_FEASIBLE, PEERS, TOO_LONG, Outcome, outcomes
from tests.benchmarks.gradient_rates import BARS, alarms, detection, mistake, right_program
from tests.check.planted import CASES
from tinygraph.check.findings import KINK, UNRESOLVED


def test_no_false_alarm_in_few_programs():
    assert [seed for seed, _, _ in alarms(range(60))] == []


@pytest.mark.slow
def test_no_false_alarm_in_many_programs():
    assert [(seed, str(report)) for seed, _, report in alarms(range(1000, 1800))] == []


def test_most_mistakes_are_noticed_in_few_programs():
    rates = detection(range(80))
    assert sum(r.total for r in rates) > 40
    assert sum(r.noticed for r in rates) >= sum(r.total for r in rates) - 1
    assert sum(r.heavy for r in rates) == 0


@pytest.mark.slow
def test_mistakes_are_noticed_in_many_programs():
    rates = detection(range(1000))
    for rate, bar in zip(rates, BARS, strict=True):
        assert rate.total > 200
        assert rate.noticed >= bar * rate.total - 1  # one of some hundreds is within the bar's own uncertainty
    assert sum(r.heavy for r in rates) == 0


def test_alarms_are_reported(monkeypatch):
    wrong = next(m for m in map(mistake, range(50)) if m is not None and m.size > 1e-2)
    monkeypatch.setattr("tests.benchmarks.gradient_rates.right_program", lambda seed: wrong.program)
    [(seed, f, report)] = alarms(range(1))
    assert (seed, f, report.ok) == (0, wrong.program, False)


def test_right_programs_are_of_both_precisions():
    assert {str(next(iter(right_program(seed).inputs.values())).dtype) for seed in range(4)} == {"float32", "float64"}


# What generated programs taught: right gradients that a measurement of the whole f cannot confirm.


def test_subgradients_of_parts_that_are_none_of_the_whole_are_no_mistake():
    report = tg.check_gradients(lambda x: tg.relu(x) - tg.relu(-x), np.array([0.0, 1.0]))
    assert report.verdict == KINK
    assert "backward gives " in report.findings[0].note
    assert report.findings[0].note.endswith("but each op gives a subgradient at its own kink")


def test_what_moves_less_than_its_last_digit_is_not_flat():
    report = tg.check_gradients(lambda x: [tg.cosh(x), tg.abs(x)], np.array([2e-8]))
    assert report.ok


def test_a_wave_too_short_for_the_steps_is_no_mistake():
    assert tg.check_gradients(lambda x: [x, tg.exp2(tg.sin(x))], np.array([-1.36072944e8, 1.99513472e8])).ok


def test_few_digits_of_backward_itself_are_no_mistake():
    assert tg.check_gradients(tg.std, 7e7 + np.array([1e-2, 0.0, 3e-2])).ok


def test_a_kink_far_closer_than_the_scale_is_no_mistake():
    report = tg.check_gradients(lambda x: tg.maximum(x, 1e-8), np.array([0.0, 1000.0, 2000.0]))
    assert report.ok


def test_noise_that_takes_over_is_no_jump():
    x = np.array([-21811452.973634005])
    assert tg.check_gradients(lambda x: tg.arccos(0.9 * tg.sin(tg.cbrt(x))), x).ok


def test_float32_may_take_another_subgradient():
    x = np.full((4, 3), -1.1921982e-08, np.float32)
    assert tg.check_gradients(lambda x: tg.std(x, axis=0), x).ok


def test_a_graph_that_is_changed_after_the_fact_is_not_acquitted():
    def f(x):
        y = tg.exp(x)
        y._array = y._array * 2
        return y

    assert not tg.check_gradients(f, np.array([0.5, 1.0]), raises=False).ok


def test_strict_does_not_accept_an_acquittal():
    def tied_in_float32(x):
        return tg.min(tg.sigmoid(tg.stack([x, -x])))

    x = np.float32(-7.6e-9)
    report = tg.check_gradients(tied_in_float32, x)
    assert report.verdict == UNRESOLVED
    assert "but no op by itself is wrong and no path is cut: f cannot be measured better here" in str(report)
    assert not tg.check_gradients(tied_in_float32, x, strict=True, raises=False).ok


# The script.


def test_a_peer_that_takes_too_long_is_stopped():
    [tinygraph] = [peer for peer in PEERS if peer.name == "tinygraph"]
    found = outcomes(tinygraph, ["smooth_ok", "bad_sign"], limit=20)
    assert {name: outcome.verdict for name, outcome in found.items()} == {"smooth_ok": "ok", "bad_sign": "caught"}


def test_the_page_counts_mistakes():
    perfect = {name: Outcome("ok" if case.truth in ("ok", "kink") else "caught", 0.5) for name, case in CASES.items()}
    poor = {**perfect, "smooth_ok": Outcome("FA", 0.001), "bad_sign": Outcome("miss", 1.0)}
    poor |= {"big1e6_one": Outcome(TOO_LONG, 20.0), "bad_one_of_1e4": Outcome(NOT_FEASIBLE, 0.0)}
    text = page({"tinygraph": perfect, "scipy.differentiate": poor}, 20.0)
    assert "| smooth_ok (ok) | ok | **FA** |" in text
    assert "| **misses** | 0 | 1 |" in text
    assert "| **not feasible** | 0 | 2 |" in text
    assert "| 1,000,000, one wrong | 0.5 | T/O |" in text
    assert markdown(["a"], [["b"]]) == "| a |\n| --- |\n| b |"


def test_the_command_counts_false_alarms():
    command = [sys.executable, "-m", "tests.benchmarks.gradient_check", "--programs", "3", "--mistakes", "4"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert ran.returncode == 0, ran.stderr
    assert "0 false alarms in 3 right programs" in ran.stdout
    assert "| relative size | mistakes | noticed | bar | op named | unresolved | silent |" in ran.stdout
