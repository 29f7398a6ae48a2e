"""What is said when every op is right, when f cannot be checked, and of modules, recorded tensors and efforts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.check import Report
from tinygraph.check.findings import CHANGED, NONDETERMINISTIC, NOT_FINITE, UNRESOLVED, WRONG
from tinygraph.check.recorded import record
from tinygraph.check.subject import Subject
from tinygraph.check.wiring import graph_reasons
from tinygraph.engine import origins
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

X = np.random.default_rng(0).standard_normal((4, 3))
wrong = define(Op("elementwise", np.sin, (lambda y, x: 2 * np.cos(x),), name="wrong")).function
right = define(Op("elementwise", np.sin, (lambda y, x: np.cos(x),), name="right")).function


def failed(f: Any, *inputs: Any, **options: Any) -> Report:
    report = tg.check_gradients(f, *inputs, raises=False, **options)
    assert not report.ok
    assert len(str(report).splitlines()) <= 25
    assert json.loads(json.dumps(report.json(), allow_nan=False))["ok"] is False
    return report


@pytest.mark.parametrize(
    ("f", "cut"),
    [
        (lambda x: x * x.detach(), "multiply's input y (4, 3) changes with the inputs of f but is not connected"),
        (lambda x: x * float(x.sum().item()), "multiply's input y () changes"),
        (lambda x: (x - x.mean().numpy()).sum() + x.sum(), "subtract's input y () changes"),
    ],
)
def test_a_cut_path_is_found(f, cut):
    report = failed(f, X)
    assert report.culprit is None
    assert report.suspects[0].reason.startswith("the ops are right, the graph is not: a path is cut: " + cut)
    assert "test_culprit.py" in report.suspects[0].origin


@pytest.mark.parametrize("word", ["detach()", ".numpy()", ".item()", "no_grad"])
def test_what_cut_it_is_read_from_the_source(word):
    def detached(x):
        y = x.detach()
        return x * y

    def numbers(x):
        y = x.numpy()
        return x * y

    def item(x):
        y = x[0, 0].item()
        return x * y

    def switched(x):
        with tg.no_grad():
            y = tg.exp(x)
        return x * y

    f = {"detach()": detached, ".numpy()": numbers, ".item()": item, "no_grad": switched}[word]
    [suspect] = failed(f, X).suspects
    assert suspect.reason.endswith(f"looks like {word}")
    assert suspect.function.endswith(f.__name__)
    assert word.strip(".()") in suspect.source


def test_an_output_that_is_not_recorded_and_an_input_that_is_not_used():
    assert "output 0 of f depends on the inputs but is not recorded" in str(failed(lambda x: tg.exp(x).detach(), X))


def test_a_hook_that_changes_the_gradient_is_found():
    def f(x):
        y = tg.exp(x)
        if y.node is not None:
            y.register_hook(lambda g: g * 2)
        return y.sum()

    assert "a hook on <Node exp (4, 3) float64> may change the gradient" in str(failed(f, X))


def test_a_value_changed_in_place_is_found():
    def f(x):
        y = tg.asarray(np.array([1.0, 2.0, 3.0]))
        shared = y._array
        z = x * y
        shared[0] = 5.0
        return z.sum()

    report = failed(f, X)
    assert "a value that multiply read or made was changed in place after it was recorded" in str(report)


def test_another_graph_close_by():
    def f(x):
        return x * x.detach() if float(x[0].item()) == 1.0 else tg.exp(x)

    assert "close by, f records another graph" in str(failed(f, np.array([1.0, 2.0])))


def test_a_right_graph_has_no_reasons():
    subject = Subject(right, [X], None)
    assert graph_reasons(subject, record(subject, [X]), np.random.default_rng(0), {"input 0"}) == []


def test_a_mask_that_changes_is_no_cut():
    def f(x):
        return tg.where(x > 1.0005, x, x * x.detach())

    text = str(failed(f, np.array([1.0, 2.0])))
    assert "multiply's input y" in text
    assert "condition" not in text


def test_an_input_that_is_used_outside_of_the_graph_only():
    def f(x, y):
        return x * float(y.numpy())

    assert "path is cut: multiply's input y" in str(failed(f, 2.0, 3.0))
    subject = Subject(lambda x, y: x * 2.0, [2.0, 3.0], None)
    recording = record(subject, [np.array(2.0), np.array(3.0)])
    assert graph_reasons(subject, recording, np.random.default_rng(0), {"input 0"}) == []
    [suspect] = graph_reasons(subject, recording, np.random.default_rng(0), {"input 1"})
    assert suspect.reason.endswith("input 1 is not connected to the output")


def test_no_reason_is_said_too():
    subject = Subject(right, [X], None)
    recording = record(subject, [X])
    recording.outputs[0]._array = recording.outputs[0]._array * 2
    [suspect] = graph_reasons(subject, recording, np.random.default_rng(0), {"input 0"})
    assert suspect.reason.startswith("the ops are right, the graph is not: no reason was found; look at branches")


def test_random_kernels_rules_and_inputs_are_named():
    rng = np.random.default_rng(0)
    kernel = define(Op("elementwise", lambda x: x + rng.random(), (1,), name="noisy")).function
    rule = define(Op("elementwise", np.sin, (lambda y, x: np.cos(x) * rng.random(),), name="jittery")).function
    for f, text in (
        (kernel, "noisy gives two results for the same inputs"),
        (rule, "the rule of jittery's input 0 gives two results"),
        (lambda x: x * rng.random(), "multiply's input y differs from run to run"),
    ):
        report = failed(f, X)
        assert report.verdict == NONDETERMINISTIC
        assert report.suspects[0].reason == text
        assert "test_culprit.py:" in str(report)


def test_graphs_that_differ_from_run_to_run():
    turn = iter(range(1000))
    report = failed(lambda x: tg.exp(x) if next(turn) % 2 else tg.sin(x) * 2, X)
    assert report.suspects[0].reason.startswith("two runs record different graphs")


def test_the_first_op_that_is_not_finite_is_named():
    report = failed(lambda x: tg.exp(tg.log(x) * 2), np.array([1.0, 0.0 - 1]))
    assert report.verdict == NOT_FINITE
    assert report.suspects[0].reason == "log is the first op that is not finite: nan at [1]"


def test_the_first_rule_that_is_not_finite_is_named():
    report = failed(lambda x: tg.sqrt(x) * 2.0, np.array([1.0, 0.0]))
    assert report.verdict == NOT_FINITE
    assert "the rule of sqrt's input 0 is the first that is not finite: inf at [1]" in str(report)


def test_f_must_not_write_into_its_inputs():
    def f(x):
        y = tg.exp(x)
        x._array[0] = 7.0
        return y

    report = failed(f, np.array([1.0, 2.0]))
    assert report.verdict == CHANGED
    assert "f writes into input 0; let it work on a copy" in str(report)


def test_a_rule_may_write_into_its_inputs_and_a_hook_must_not_write_into_those_of_f():
    def rule(y: Any, x: Any) -> Any:
        d = np.cos(x)
        x *= 2
        return d

    f = define(Op("elementwise", np.sin, (rule,), name="writes")).function
    assert tg.check_gradients(f, np.array([1.0, 2.0])).ok

    def hooked(x):
        y = tg.sin(x)
        if y.requires_grad:
            y.register_hook(lambda g: x._array.fill(0.0))
        return y

    report = failed(hooked, np.array([1.0, 2.0]))
    assert "backward writes into input 0; let the hook or rule work on a copy" in str(report)


def test_a_rule_of_the_wrong_shape_is_named():
    bad = define(Op("primitive", lambda x: x.T * 1.0, (lambda g, y, x: g,), name="untransposed")).function
    report = failed(bad, X)
    assert report.verdict == WRONG
    assert report.culprit is not None
    assert report.culprit.op == "untransposed"
    assert report.culprit.pattern == "the rule gives shape (3, 4) for input (4, 3): transposed"


def test_a_module_is_checked_with_its_parameters():
    class Net(tg.nn.Module):
        def __init__(self) -> None:
            self.first, self.second = tg.nn.Linear(3, 4, rng=0), tg.nn.Linear(4, 2, rng=1)

        def __call__(self, x):
            return self.second(wrong(self.first(x)))

    report = failed(Net(), X)
    assert {f.input for f in report.findings} == {
        "input 0",
        "first.weight",
        "first.bias",
        "second.weight",
        "second.bias",
    }
    assert report.culprit is not None
    assert report.culprit.function.endswith("Net.__call__")
    assert "return self.second(wrong(self.first(x)))" in str(report)
    assert "2 other checks passed" in str(report)


def test_a_recorded_tensor():
    x = tg.tensor(X, requires_grad=True)
    report = tg.check_gradients(tg.tanh(x * 2.0).sum())
    assert report.ok
    assert report.ops == 3
    assert "gradients of the graph of sum are right" in str(report)
    with tg.origins():
        loss = wrong(x * 2.0).sum()
    culprit = failed(loss).culprit
    assert culprit is not None
    assert (culprit.op, culprit.rank, culprit.ops) == ("wrong", 1, 3)
    assert "wrong(x * 2.0).sum()" in culprit.source
    loss = wrong(x).sum()
    assert "at an unknown line" in str(failed(loss))


def test_what_a_recorded_tensor_cannot_say():
    x = tg.tensor(X, requires_grad=True)
    loss = tg.exp(x).sum()
    loss.backward()
    with pytest.raises(tg.GraphError, match=r"was already used and freed; call backward\(retain_graph=True\), or give"):
        tg.check_gradients(loss)
    with pytest.raises(tg.GraphError, match="this tensor was not recorded; give one that depends on requires_grad"):
        tg.check_gradients(tg.tensor(1.0))
    with pytest.raises(TypeError, match="1 inputs were given with a recorded tensor, which has its own"):
        tg.check_gradients(tg.exp(x).sum(), X)
    lost = tg.exp(tg.tensor(np.ones(40), requires_grad=True) + 1.0)
    with pytest.raises(tg.GraphError, match=r"is gone; record under tg.keep_values\(\)"):
        tg.check_gradients(lost)


def test_a_bug_on_some_values_only_is_found_behind_a_right_application_of_the_same_op():
    picky = define(Op("elementwise", np.sin, (lambda y, x: np.cos(x) * np.where(x > 5, 2, 1),), name="picky")).function
    culprit = failed(lambda x: picky(picky(x + 8.0)), np.array([0.3, 0.6])).culprit
    assert culprit is not None
    assert culprit.op == "picky"
    assert culprit.finding.x > 5


def test_several_wrong_ops_are_counted_and_the_last_applied_is_named():
    other = define(Op("elementwise", np.exp, (lambda y, x: -y,), name="other")).function
    culprit = failed(lambda x: other(wrong(x)), X).culprit
    assert culprit is not None
    assert (culprit.op, culprit.rank) == ("other", 2)


def test_float32_and_second_order():
    rounded = define(
        Op("elementwise", np.sin, (lambda y, x: np.cos(x) * (1.1 if x.dtype == np.float32 else 1),), name="low")
    )
    culprit = failed(rounded.function, X.astype(np.float32)).culprit
    assert culprit is not None
    assert culprit.pattern.startswith("right in float64")
    constant = define(Op("elementwise", np.sin, (lambda y, x: np.cos(getattr(x, "_array", x)),), name="constant"))
    report = failed(constant.function, X[0], order=2)
    assert report.culprit is not None
    assert report.culprit.pattern.startswith("its first derivative is right")
    assert "derivative of order 2 is wrong" in str(report)


def test_efforts():
    evaluations = {}
    for effort in ("quick", "normal", "thorough"):
        report = tg.check_gradients(lambda x: right(x), np.ones(300), effort=effort)
        evaluations[effort] = report.evaluations
        assert report.ops == (1 if effort == "thorough" else 0)
        assert ("1 op each by itself" in str(report)) == (effort == "thorough")
    assert evaluations["quick"] < evaluations["normal"] < evaluations["thorough"]
    with pytest.raises(ValueError, match="check_gradients: effort is 'much'; give 'quick', 'normal', 'thorough'"):
        tg.check_gradients(tg.exp, 1.0, effort="much")


def test_thorough_finds_a_wrong_op_that_the_whole_does_not_show():
    report = failed(lambda x: tg.sum(x) + 0.0 * wrong(x).sum(), X, effort="thorough")
    assert report.culprit is not None
    assert report.verdict == WRONG
    assert "effect     none on the gradients" in str(report)


def test_strict_fails_what_is_unresolved():
    coarse = define(
        Op("elementwise", lambda x: (1e4 + np.sin(x)).astype(np.float32).astype(x.dtype), (lambda y, x: np.cos(x),))
    )
    assert tg.check_gradients(coarse.function, X).ok
    report = failed(coarse.function, X, strict=True)
    assert report.verdict == UNRESOLVED


def test_html_is_escaped_and_complete():
    def f(x):
        return wrong(x) if x.size < 100 else x

    page = failed(f, X).html()
    assert page.startswith("<section")
    assert page.endswith("</section>")
    assert "return wrong(x) if x.size &lt; 100 else x" in page
    assert "<td" in tg.check_gradients(tg.exp, 1.0).html()


def test_json_has_the_culprit():
    data = failed(wrong, X).json()
    assert data["verdict"] == WRONG
    assert data["culprit"]["op"] == "wrong"
    assert data["culprit"]["finding"]["ratio"] == pytest.approx(2)
    assert tg.check_gradients(tg.exp, 1.0).json()["culprit"] is None


def test_many_inputs_still_make_a_short_message():
    report = tg.check_gradients(lambda *xs: sum(tg.relu(x) for x in xs), *np.zeros(40))
    assert len(str(report).splitlines()) <= 25
    report = failed(lambda *xs: wrong(sum(xs)), *np.ones(40))
    assert "of 36 more" in str(report)


def test_places_without_source():
    assert origins.source_line("<stdin>:1") == ""
    assert origins.enclosing_function("<unknown>") == ("", "")
    assert origins.definition_of(np.sin) == ""
    assert origins.shorten("x.py:3") == "x.py:3"
