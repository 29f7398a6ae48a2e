"""Checking each op of a recorded graph by itself, on the values it had: which one is wrong, and where it is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine import origins
from ..engine.node import Node
from ..engine.watch import checksum
from .evidence import Evidence, gather
from .findings import WRONG, Finding
from .hints import pattern
from .orders import FAILED, UNLINEAR, check
from .recorded import Recording
from .report import Culprit, Report
from .shapes import misfit
from .slopes import SIDES
from .subject import OpOf, Subject, input_name


class Examination:
    """Every op of a recording checked by itself: `wrong` lists those that are, in reverse topological order.

    `whole` is what the recording is of, with the findings on it: where it is one op, they are the findings on the op.
    """

    def __init__(
        self,
        recording: Recording,
        order: int,
        seed: int,
        *,
        blame: bool,
        whole: tuple[Subject, Sequence[Finding]] | None = None,
    ) -> None:
        self.recording, self.order, self.seed, self.whole = recording, order, seed, whole
        self.findings: list[Finding] = []
        self.wrong: list[tuple[OpOf, int, Finding]] = []
        known: set[Any] = set()
        skipped = []
        for node in reversed(recording.order):
            key = _key(node, recording.inputs[node])
            if key in known:
                skipped.append(node)
                continue
            if self._check(node):
                known.add(key)
        if blame and not self.wrong:  # the same op may be wrong on other values only
            for node in skipped:
                self._check(node)

    def _check(self, node: Node) -> bool:
        single = OpOf(node, self.recording.inputs[node])
        if not single.tracked:
            return True
        if self.whole is not None and _is_all_of(self.whole[0], single, self.recording):
            findings = list(self.whole[1])
        else:
            findings = _check(single, self.order, self.seed)
        self.findings += findings
        if any(FAILED in finding.note for finding in findings) and (found := misfit(single)):
            k, note = found
            finding = dataclasses.replace(findings[single.tracked.index(k)], note=note)
            self.wrong.append((single, k, finding))
            return False
        for k, finding in zip(single.tracked * self.order, findings, strict=False):
            if finding.verdict == WRONG:
                self.wrong.append((single, k, finding))
                return False
        return True

    @property
    def ops(self) -> int:
        """How many ops were applied."""
        return len(self.recording.order)

    def culprit(self) -> Culprit | None:
        """The first wrong op in reverse topological order, with what it looks like; None if all are right."""
        if not self.wrong:
            return None
        single, position, finding = self.wrong[0]
        node, op = single.node, single.op
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
        elif not hint and not any(block.complex for block in single.blocks):
            with np.errstate(all="ignore"):
                evidence = gather(single, single.tracked.index(position), finding, self.seed)
                hint = pattern(evidence)
        place = node.fact("origin") or ""
        declared, rule = origins.declaration_of(op, position)
        return Culprit(
            op=op.name,
            input=input_name(op, position),
            position=position,
            name=node.fact("name") or "",
            shape=node.shape,
            dtype=str(node.dtype),
            origin=origins.shorten(place),
            function=origins.enclosing_function(place)[0],
            source=origins.source_line(place),
            declared=declared,
            rule=rule,
            finding=finding,
            pattern=hint,
            wrong=int(evidence.wrong.sum()) if evidence else 0,
            measured=int(evidence.measured.sum()) if evidence else 0,
            rank=len(self.wrong),
            ops=self.ops,
            check=_repetition(single, self.order, self.seed),
        )


def _is_all_of(subject: Subject, single: OpOf, recording: Recording) -> bool:
    """Whether `subject` is one op of its inputs: nothing else is in its graph, and it has the op's values elsewhere."""
    node = single.node
    if (
        recording.roots != [node]
        or len(recording.outputs) != 1
        or [*map(id, node.inputs)] != [*map(id, recording.leaves)]
    ):
        return False
    if any(n.fact("hooks") for n in (node, *recording.leaves)):
        return False
    moved = [(b.value * 1.001 + 1e-4).astype(b.value.dtype) for b in subject.blocks]
    return bool(np.array_equal(subject.values(moved)[0], single.values(moved)[0], equal_nan=True))


def _repetition(single: OpOf, order: int, seed: int) -> Callable[[], Report]:
    return lambda: Report(function=single.op.name, findings=tuple(_check(single, order, seed)))


def _check(single: OpOf, order: int, seed: int) -> list[Finding]:
    """Check one op by itself: the findings on its rules, one for each input that has a gradient."""
    with np.errstate(all="ignore"):
        return check(single, order, np.random.default_rng(seed))[0]


def _key(node: Node, inputs: tuple[Any, ...]) -> Any:
    """Two nodes with the same key are checked once."""
    layout = tuple([(np.shape(x), str(np.asarray(x).dtype), type(s) is Node) for x, s in zip(inputs, node.inputs)])
    return node.op, layout, _hashable(node.attrs)


def _hashable(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple([(k, _hashable(v)) for k, v in value.items()])
    if isinstance(value, list | tuple):
        return tuple([_hashable(v) for v in value])
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype), checksum(value)
    return repr(value)
