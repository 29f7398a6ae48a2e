"""`check_gradients`: is what backward computes the derivative of what forward computes?"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine import origins
from ..engine.replayable import ReplayableStep
from ..errors import GradientError, GraphError
from ..tensors.tensor import Tensor
from .findings import (
    DEVIATES,
    KINK,
    NONDETERMINISTIC,
    NOT_FINITE,
    OK,
    OTHER_VALUE,
    UNRESOLVED,
    WRONG,
    Finding,
    Suspect,
)  # fmt: skip
from .kinks import kinks
from .nodes import Examination
from .orders import check
from .recorded import Recording, record
from .report import Report
from .slopes import EFFORTS, Effort
from .subject import Subject
from .wiring import graph_reasons, infinite_reasons, random_reasons


def check_gradients(
    f: Callable[..., Any] | Tensor,
    *inputs: Any,
    order: int = 1,
    wrt: Any = None,
    seed: int = 0,
    effort: str = "normal",
    strict: bool = False,
    raises: bool = True,
) -> Report:
    """Compare the gradients of `f(*inputs)` with differences; the report says how far they agree.

    `inputs` are numbers, arrays, Tensors, or lists and dicts of them, and are never changed: `f` is called with
    float64 Tensors in their place. It returns a tensor of any shape, or several. `wrt` says what to check: by
    default every floating-point or complex input, else positions of inputs, tensors that `f` uses
    (`model.parameters()`), or modules. Integer inputs are passed on as they are. `order` 2 also checks the
    gradient as a function in turn, and that the Hessian is symmetric. `seed` draws the weights of the outputs.

    `f` may be a module, whose parameters are then checked too, or a recorded tensor: then each op behind it is
    checked by itself, on the values it had, but not whether a path to it was cut.

    `f` may be a compiled step: what it calls backward on is then checked with respect to the tensors it leaves a
    gradient in, and a replay of its program must leave the same numbers as the step itself, bit for bit. Parameters,
    gradients and optimizers stay as they are.

    A wrong gradient is traced to the op whose rule is wrong, with its line, the line of its declaration and what
    the mistake looks like; or, if every op is right, to the place where the graph is cut or changed. `effort` is
    "quick" (projections only), "normal" or "thorough" (each op by itself in any case). With `strict`, a gradient
    that is too noisy to be resolved fails.

    Complex inputs and outputs are checked as real and imaginary parts, along a last axis of their own: the gradient is
    dL/dx + i dL/dy for every real combination L of the parts of the outputs.

    There is no step or tolerance to choose. Slopes come from central differences extrapolated to step zero,
    each with its own error bound, and the tolerance is that bound. Inputs of up to 256 elements are checked
    element by element, larger ones along random directions. At a kink, such as relu's at 0, a gradient between
    the one-sided slopes is right. Gradients in float32 and float16 are checked in float64 first, and then
    held against the result in their own precision.

    Returns a `Report`. Raises GradientError with the report if a gradient is wrong (unless `raises` is False),
    NotDifferentiable if an input to check has no gradient, TypeError if there is nothing to check, GraphError if a
    recorded tensor's graph was freed.

    >>> print(check_gradients(lambda x, y: np.sin(x) * y, 0.5, np.array([1.0, 2.0])))
    gradients of <lambda> are right: 2 inputs, 3 elements, agree to ...
    """
    if order < 1:
        raise ValueError(f"check_gradients: order is {order}; give 1 for gradients, 2 for second derivatives too")
    if effort not in EFFORTS:
        raise ValueError(f"check_gradients: effort is {effort!r}; give {', '.join(map(repr, EFFORTS))}")
    with np.errstate(all="ignore"):  # what is not finite is reported
        if isinstance(f, Tensor):
            report = _check_recorded(f, inputs, order, seed)
        elif isinstance(f, ReplayableStep):
            report = _check_step(f, inputs, wrt, order, seed, EFFORTS[effort])
        else:
            report = _check_function(f, Subject(f, inputs, wrt), order, seed, EFFORTS[effort])
    report = dataclasses.replace(report, strict=strict, seed=seed)
    if raises and not report.ok:
        raise GradientError(str(report), report)
    return report


def _check_function(f: Any, subject: Subject, order: int, seed: int, effort: Effort) -> Report:
    """The check of a function, and of its ops where that is asked for or the whole is wrong."""
    name = getattr(f, "__name__", type(f).__name__)
    other = subject.other_value()
    if other:
        block = subject.blocks[0]
        finding = Finding(block.name, block.value.shape, str(block.value.dtype), OTHER_VALUE, note=other)
        return Report(function=name, findings=(finding,), skipped=tuple(subject.skipped), evaluations=2)
    findings, evaluations = check(subject, order, np.random.default_rng(seed), effort)
    report = Report(
        function=name,
        findings=tuple(findings),
        skipped=tuple(subject.skipped),
        evaluations=evaluations,
    )
    if any(finding.verdict == KINK for finding in findings):
        report = dataclasses.replace(report, kinks=tuple(kinks(record(subject, [b.value for b in subject.blocks]))))
    verdicts = {finding.verdict for finding in report.wrong}
    if NONDETERMINISTIC in verdicts:
        return dataclasses.replace(report, suspects=tuple(random_reasons(subject)))
    if NOT_FINITE in verdicts:
        return dataclasses.replace(report, suspects=tuple(infinite_reasons(subject)))
    wrong = WRONG in verdicts
    vague = any(f.verdict == UNRESOLVED for f in findings)  # the ops may be measured where the whole cannot
    if not wrong and (verdicts or not (effort.ops or vague)):
        return report
    recording = record(subject, [block.value for block in subject.blocks])
    examined = Examination(
        recording, max(f.order for f in findings), seed, blame=wrong or vague, whole=(subject, findings)
    )
    culprit = examined.culprit()
    report = dataclasses.replace(report, culprit=culprit, ops=examined.ops)
    if not wrong or culprit is not None:
        return report
    suspects = graph_reasons(subject, recording, np.random.default_rng(seed), {f.input for f in report.wrong})
    if suspects:
        return dataclasses.replace(report, suspects=tuple(suspects))
    if any(f.verdict not in (OK, KINK) for f in examined.findings):
        return report
    bent = any(f.verdict == KINK for f in examined.findings)
    found = tuple(kinks(recording)) if bent else report.kinks
    return dataclasses.replace(report, findings=tuple([_acquit(f, bent) for f in findings]), kinks=found)


def _acquit(finding: Finding, bent: bool) -> Finding:
    """A mismatch of the whole where every op is right by itself and no path is cut: measuring it is the trouble.

    Subgradients of the parts need not make a subgradient of the whole (Clarke 1983, section 2.3), rounding grows
    on its way through f, and structure finer than the steps is not seen.
    """
    if finding.verdict != WRONG or finding.order > 1 or finding.note.endswith("the input's"):
        return finding
    note = f"backward gives {finding.analytic:.7g}, differences {finding.numeric:.7g} ± {finding.error:.0e}"
    if bent:
        note += ", but each op gives a subgradient at its own kink"
        return dataclasses.replace(finding, verdict=KINK, note=note)
    note += ", but no op by itself is wrong and no path is cut: f cannot be measured better here"
    return dataclasses.replace(finding, verdict=UNRESOLVED, note=note)


def _check_step(step: ReplayableStep, inputs: Sequence[Any], wrt: Any, order: int, seed: int, effort: Effort) -> Report:
    """The check of what a compiled step differentiates, and of its program against the step itself."""
    name = getattr(step, "__name__", "step")
    trained = step.trained(*inputs)
    if not trained:
        raise TypeError(
            f"check_gradients: the compiled step {name} leaves no gradient in any tensor; let it call backward, or "
            f"check the function that it compiles, {name}.step"
        )
    report = _check_function(step, Subject(step.losses, inputs, trained if wrt is None else wrt), order, seed, effort)
    found = step.deviation(*inputs)
    if found is None:
        return report
    finding = Finding(
        input=found.what,
        shape=found.shape,
        dtype=found.dtype,
        verdict=DEVIATES,
        element=found.element,
        analytic=found.compiled,
        numeric=found.eager,
        error=0.0,
    )
    what = "every statement of the program gives what the step gives: it changes something that is not traced"
    if found.op:
        what = f"{found.op} is the first op of the program whose value differs, {found.source}"
    suspect = Suspect(
        what,
        origins.shorten(found.origin),
        origins.enclosing_function(found.origin)[0],
        origins.source_line(found.origin),
    )
    return dataclasses.replace(report, findings=(*report.findings, finding), suspects=(*report.suspects, suspect))


def _check_recorded(result: Tensor, inputs: Sequence[Any], order: int, seed: int) -> Report:
    """The check of every op behind a recorded tensor."""
    if inputs:
        raise TypeError(
            f"check_gradients: {len(inputs)} inputs were given with a recorded tensor, which has its own; "
            f"give the tensor alone, or the function that made it"
        )
    if result.node is None or result.node.op is None:
        raise GraphError(
            "check_gradients: this tensor was not recorded; give one that depends on requires_grad tensors"
        )
    recording = Recording([result.node])
    examined = Examination(recording, order, seed, blame=True)
    findings = tuple(f for f in examined.findings if f.verdict != WRONG)
    name = f"the graph of {result.name or result.node.op.name}"
    found = kinks(recording) if any(f.verdict == KINK for f in findings) else ()
    return Report(
        function=name,
        findings=findings,
        culprit=examined.culprit(),
        ops=examined.ops,
        kinks=tuple(found),
    )
