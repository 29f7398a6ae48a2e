"""The picture of backward: a value for every gradient, alone or beside the forward picture, and of second order."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...engine.mode import switch
from ...engine.node import Node, topological
from ...engine.reverse import pullback
from ...errors import GraphError
from ...tensors.tensor import Tensor
from .parts import GRADIENT, Arrow, Box, Kind, Phase
from .scene import S, Scene


def backward(scene: S) -> S:
    """The picture of the gradients alone: the output's first, and each made of those of the values that read it."""
    boxes, arrows = _gradients(scene, 0)
    return dataclasses.replace(scene, boxes=boxes, arrows=arrows)


def both(scene: S) -> S:
    """The picture with its gradients mirrored beside it: each is joined to its value by a dotted line.

    Gradients stand in the order of their values, so that their arrows run against the direction of the picture, and
    their steps go on from those of the values.
    """
    boxes, arrows = _gradients(scene, max([box.step or 0 for box in scene.boxes], default=0))
    pairs = [Arrow(box.id[1:], box.id, box.shape, pairs=True) for box in boxes]
    boxes = tuple([box._replace(group=None) for box in reversed(boxes)])
    return dataclasses.replace(scene, boxes=scene.boxes + boxes, arrows=(*scene.arrows, *arrows, *pairs))


def _gradients(scene: Scene, step: int) -> tuple[tuple[Box, ...], tuple[Arrow, ...]]:
    """A box for the gradient of every value that has one, in the order of backward, and the arrows between them.

    The first is made by the step after `step`.
    """
    flows = [arrow for arrow in scene.arrows if arrow.derivative is not None]
    reached = {a.source for a in flows} | {a.target for a in flows}
    of = {box.id: box for box in scene.boxes}
    read_by: dict[str, list[Arrow]] = {}
    for arrow in flows:
        read_by.setdefault(arrow.source, []).append(arrow)
    boxes = []
    for box in reversed(scene.boxes):
        if box.id not in reached:
            continue
        readers = read_by.get(box.id, [])
        step += bool(readers)
        parts = [_contribution(of[a.target].name, a) for a in readers]
        kind: Kind = "operation" if box.made and readers else "parameter" if readers else "input"
        boxes.append(
            Box(
                id=f"d{box.id}",
                kind=kind,
                name=f"d{box.name}",
                shape=box.shape,
                dtype=box.dtype,
                step=step if readers else None,
                formula=" + ".join(parts) if readers else None,
                value=box.grad,
                origin=box.origin,
                group=box.group,
                uses=sum(a.target == box.id for a in flows),
                phase="backward",
                alarm=box.alarm,
                first=box.first,
                op=GRADIENT,
            )
        )
    back = [a._replace(source=f"d{a.target}", target=f"d{a.source}", cast=None, local="") for a in reversed(flows)]
    return tuple(boxes), tuple(back)


def _contribution(reader: str, arrow: Arrow) -> str:
    """What one reading adds to a gradient, in the names of the picture."""
    derivative = arrow.derivative or ""
    if derivative.startswith("∂ = "):
        factor = derivative[4:]
        atom = all(c.isalnum() or c in "._" for c in factor)
        product = f"d{reader}·{factor if atom else f'({factor})'}"
        text = f"d{reader}" if factor == "1" else f"−d{reader}" if factor == "−1" else product
    elif derivative.startswith("d"):  # the whole is written: dW = dZ @ Xᵀ
        text = derivative.partition("= ")[2]
    else:
        text = f"d{reader}·{derivative or arrow.partial}"
    return f"Σ({text})" if arrow.summed else text


def second_order(root: Node) -> tuple[list[Node], Mapping[Node, Phase]]:
    """Gradients of `root`, and of their sum, recorded: the nodes to draw, and which of the three sweeps made each."""
    if root.size != 1:
        raise GraphError(
            f'draw: mode "double" starts from one number, and this has shape {root.shape}; reduce it first'
        )
    first = _record_gradients([(root, Tensor(np.ones(root.shape, root.dtype), name="seed"))])
    starts = [(g.node, Tensor(np.ones(g.shape, g.dtype), name="seed")) for g in first if g.node is not None]
    second = _record_gradients(starts) if starts else []
    forward = set(topological([root]))
    roots = [root, *[g.node for g in first if g.node is not None], *[g.node for g in second if g.node is not None]]
    made = set(topological([root, *[node for node, _ in starts]]))
    phases: dict[Node, Phase] = {}
    for node in topological(roots):
        phases[node] = "forward" if node in forward else "backward" if node in made else "double"
    return list(dict.fromkeys(roots)), phases


def _record_gradients(roots: Sequence[tuple[Any, Tensor]]) -> list[Tensor]:
    with switch(grad=True, keep=True):
        return list(pullback(roots, create_graph=True).values())
