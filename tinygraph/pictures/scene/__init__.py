"""From a recorded graph to a scene: everything that is drawn of it, as plain data.

`snapshot` takes it, with the names of `naming`, the mathematics of `labels` and `patterns`, and the `repetitions`
that it finds; `parts` are the boxes, arrows and groups that it consists of. `fold`, `inline` and `frames` say what is
to be seen of a scene, `select`, `heat` and `modes` make another of it, and `words` says what stands in each place.
"""

from .parts import Arrow, Box, Group
from .scene import Scene

__all__ = ["Arrow", "Box", "Group", "Scene"]
