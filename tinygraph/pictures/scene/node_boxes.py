"""Which box of a picture stands for which node of the graph, and for each input of an operation."""

from __future__ import annotations

from ...engine.node import Node
from .order import program_order
from .parts import Arrow, Box
from .scene import Scene


class NodeBoxes:
    """The box of each node behind `root` in its picture, `of`.

    `nodes` are the operations in the order of the picture's step numbers.
    """

    def __init__(self, scene: Scene, root: Node) -> None:
        self.order = program_order([root])
        self.nodes = [node for node in self.order if node.op is not None]
        steps = {box.step: box for box in scene.boxes if box.step is not None}
        boxes = {box.id: box for box in scene.boxes}
        self.of: dict[Node, Box] = {node: steps[n] for n, node in enumerate(self.nodes, 1)}
        self.arrows: dict[Node, list[Arrow]] = {node: [] for node in self.nodes}
        """One for each input of an operation, in their order."""
        of_box = {box.id: self.arrows[node] for node, box in self.of.items()}
        for arrow in scene.arrows:
            of_box[arrow.target].append(arrow)
        self.sources: dict[Node, list[Box]] = {n: [boxes[a.source] for a in self.arrows[n]] for n in self.nodes}
        """The boxes of those inputs."""
        if root.op is None:
            self.of[root] = scene.boxes[0]
        for node in self.nodes:
            self.of.update((x, b) for x, b in zip(node.inputs, self.sources[node], strict=True) if type(x) is Node)
