"""Checking each op of a recorded graph by itself, on the values it had: which one is wrong, and where it is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine import origins
from ..engine.node import Node
from ..engine.op import Op
from ..engine.watch import checksum
from .compare import NORMAL, SIDES, Effort
from .evidence import Evidence, gather
from .hints import pattern
from .orders import FAILED, UNLINEAR, check
from .report import WRONG, Culprit, Finding, Report
from .shapes import misfit
from .subject import Subject
from .trace import Trace

Array = np.ndarray[Any, Any]


class Applied(Subject):
    """The op of one node as a function of the inputs that have a gradient, on the values they had."""

    def __init__(self, node: Node, inputs: tuple[Any, ...]) -> None:
        op, attrs = _op(node), node.attrs
        self.node, self.tracked = node, [k for k, source in enumerate(node.inputs) if type(source) is Node]
        super().__init__(lambda *xs: op.function(*xs, **attrs), inputs, self.tracked)

    def check(self, order: int, seed: int, effort: Effort = NORMAL) -> list[Finding]:
        """The findings on the rules of the tracked inputs."""
        with np.errstate(all="ignore"):
            return check(self, order, np.random.default_rng(seed), effort)[0]


class Examined:
    """Every op of a trace checked by itself: `wrong` lists those that are, in reverse topological order.

    `whole` is what the trace is of, with the findings on it: where it is one op, they are the findings on the op.
    """

    def __init__(
        self,
        trace: Trace,
        order: int,
        seed: int,
        *,
        blame: bool,
        whole: tuple[Subject, Sequence[Finding]] | None = None,
    ) -> None:
        self.trace, self.order, self.seed, self.whole = trace, order, seed, whole
        self.findings: list[Finding] = []
        self.wrong: list[tuple[Applied, int, Finding]] = []
        known: set[Any] = set()
        skipped = []
        for node in reversed(trace.order):
            key = _key(node, trace.inputs[node])
            if key in known:
                skipped.append(node)
                continue
            if self._check(node):
                known.add(key)
        if blame and not self.wrong:  # the same op may be wrong on other values only
            for node in skipped:
                self._check(node)

    def _check(self, node: Node) -> bool:
        applied = Applied(node, self.trace.inputs[node])
        if not applied.tracked:
            return True
        if self.whole is not None and _is_all_of(self.whole[0], applied, self.trace):
            findings = list(self.whole[1])
        else:
            findings = applied.check(self.order, self.seed)
        self.findings += findings
        if any(FAILED in finding.note for finding in findings) and (found := misfit(applied)):
            k, note = found
            finding = dataclasses.replace(findings[applied.tracked.index(k)], note=note)
            self.wrong.append((applied, k, finding))
            return False
        for k, finding in zip(applied.tracked * self.order, findings, strict=False):
            if finding.verdict == WRONG:
                self.wrong.append((applied, k, finding))
                return False
        return True

    @property
    def ops(self) -> int:
        """How many ops were applied."""
        return len(self.trace.order)

    def culprit(self) -> Culprit | None:
        """The first wrong op in reverse topological order, with what it looks like; None if all are right."""
        if not self.wrong:
            return None
        applied, position, finding = self.wrong[0]
        node = applied.node
        op = _op(node)
        evidence: Evidence | None = None
        hint = finding.note if finding.note.startswith(("the rule", FAILED)) else ""
        if finding.note.startswith("in float"):
            hint = "right in float64: a constant of another precision, or overflow, in the rule"
        elif finding.note.startswith(UNLINEAR):
            hint = "the rule is not linear in g: it may multiply g, not add to it, clip it or look at its sign"
        elif finding.note.startswith(SIDES):
            hint = f"outside of the slopes at a kink: {finding.note}"
        elif finding.order > 1:
            hint = "its first derivative is right: the rule takes something out of the graph (.data, .numpy(), float())"
        elif not hint and not any(block.complex for block in applied.blocks):
            with np.errstate(all="ignore"):
                evidence = gather(applied, applied.tracked.index(position), finding, self.seed)
                hint = pattern(evidence)
        place = node.fact("origin") or ""
        declared, rule = origins.declared(op, position)
        name = op.inputs[position] if op.arity is not None else f"{op.inputs[0]}[{position}]"
        return Culprit(
            op=op.name, input=name, position=position, name=node.fact("name") or "", shape=node.shape,
            dtype=str(node.dtype), origin=origins.short(place), function=origins.enclosing(place)[0],
            source=origins.text(place), declared=declared, rule=rule, finding=finding, pattern=hint,
            wrong=int(evidence.wrong.sum()) if evidence else 0,
            measured=int(evidence.measured.sum()) if evidence else 0,
            rank=len(self.wrong), ops=self.ops, check=_again(applied, self.order, self.seed),
        )  # fmt: skip


def _is_all_of(subject: Subject, applied: Applied, trace: Trace) -> bool:
    """Whether `subject` is one op of its inputs: nothing else is in its graph, and it has the op's values elsewhere."""
    node = applied.node
    if trace.roots != [node] or len(trace.outputs) != 1 or [*map(id, node.inputs)] != [*map(id, trace.leaves)]:
        return False
    if any(n.fact("hooks") for n in (node, *trace.leaves)):
        return False
    moved = [(b.value * 1.001 + 1e-4).astype(b.value.dtype) for b in subject.blocks]
    return bool(np.array_equal(subject.values(moved)[0], applied.values(moved)[0], equal_nan=True))


def _again(applied: Applied, order: int, seed: int) -> Callable[[], Report]:
    return lambda: Report(_op(applied.node).name, tuple(applied.check(order, seed)))


def _op(node: Node) -> Op:
    op = node.op
    if op is None:
        raise TypeError("check_gradients: a leaf has no op; check the nodes made by one")
    return op


def _key(node: Node, inputs: tuple[Any, ...]) -> Any:
    """Two nodes with the same key are checked once."""
    layout = tuple([(np.shape(x), str(np.asarray(x).dtype), type(s) is Node) for x, s in zip(inputs, node.inputs)])
    return node.op, layout, _frozen(node.attrs)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple([(k, _frozen(v)) for k, v in value.items()])
    if isinstance(value, list | tuple):
        return tuple([_frozen(v) for v in value])
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype), checksum(value)
    return repr(value)
