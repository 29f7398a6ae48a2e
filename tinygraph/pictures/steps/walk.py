"""Going through a recorded graph: forward and backward, one step after another, at the boxes of its picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.edges import Edge, left_by_backward, seed_of, values_of, visits
from ...engine.node import Array, Node
from ...engine.watch import any_watched, verify
from ...errors import GraphError
from ..scene.node_boxes import NodeBoxes
from ..scene.scene import Scene
from .step import BackwardStep, Contribution, ForwardStep, Operand, facts


class Walk:
    """The steps of forward and backward through the graph behind `root`, with the ids of the boxes of its scene.

    `forward()` and `backward()` compute the steps from the graph when they are iterated over; `json()` is both as
    plain data.
    """

    def __init__(self, root: Node, scene: Scene, held: Any = None) -> None:
        self._root = root
        self._held = held  # leaves have values as long as somebody holds them
        self._boxes = NodeBoxes(scene, root)

    def forward(self) -> Iterator[ForwardStep]:
        """The operations in the order of the picture's step numbers, with the values that are kept."""
        known: dict[Node, Array] = {}
        boxes, inputs = self._boxes, {node: values_of(node) for node in self._boxes.nodes}
        for node, values in inputs.items():
            known.update((x, v) for x, v in zip(node.inputs, values) if type(x) is Node and v is not None)
        for node, values in inputs.items():
            given = {}
            for source, x, v in zip(boxes.sources[node], node.inputs, values, strict=True):
                if source.kind != "constant":
                    v = known.get(x) if type(x) is Node else v
                    given[source.id] = Operand(source.id, source.name, _read_only(v))
            made = known.get(node) if node.value is None else node.value
            yield ForwardStep(**facts(boxes.of[node]), inputs=tuple(given.values()), value=_read_only(made))

    def backward(self) -> Iterator[BackwardStep]:
        """The operations in the order of backward: numbers are those of `loss.backward()`, to the last bit.

        Raises GraphError for a loss of more than one element, unless backward was given a gradient, and where what
        a rule needs is not kept or was changed since.
        """
        if self._root.size != 1 and left_by_backward(self._root) is None:
            raise GraphError(
                f"trace: backward starts from one number, and this has shape {self._root.shape}; reduce it, "
                f"such as by .sum()"
            )
        for node in self._boxes.nodes if any_watched() else ():
            verify(node)
        for visit in visits(self._root, seed_of(self._root)):
            contributions = tuple([self._contribution(edge) for edge in visit.edges])
            yield BackwardStep(
                **facts(self._boxes.of[visit.node]), incoming=_read_only(visit.g), contributions=contributions
            )

    def _contribution(self, edge: Edge) -> Contribution:
        if edge.total is None:
            box = self._boxes.of[edge.reader]
            raise GraphError(
                f"trace: what backward needs at {box.name} = {box.formula} is not kept any more; record under "
                f"tg.keep_values(), call backward(retain_graph=True), or give the function: tg.trace(f, x)"
            )
        arrow = self._boxes.arrows[edge.reader][edge.position]
        source = self._boxes.sources[edge.reader][edge.position]
        arrays = {
            "local": edge.slope if callable(edge.reader.op.rule(edge.position)) else None,  # type: ignore[union-attr]
            "product": edge.raw, "contribution": edge.passed, "total": edge.total,
        }  # fmt: skip
        return Contribution(
            source=source.id, name=source.name, derivative=arrow.derivative or "",
            summed=arrow.summed, arrived=edge.arrived, of=edge.of, **{k: _read_only(v) for k, v in arrays.items()},
        )  # fmt: skip

    def json(self) -> dict[str, Any]:
        """All steps as a dict that `json.dumps` takes; numbers that are not finite are None. Raises as `backward`."""
        return {"forward": [s.json() for s in self.forward()], "backward": [s.json() for s in self.backward()]}


def _read_only(x: Any) -> Any:
    """A view of an array through which nothing can be changed: the graph holds it."""
    if x is None:
        return None
    view = np.asarray(x).view()
    view.flags.writeable = False
    return view
