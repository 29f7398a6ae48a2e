"""`tg.draw`: the picture of recorded tensors, or of a function or module, which is run once to be looked at."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from ..engine import origins
from ..engine.mode import handed_over, switch
from ..engine.node import Array, Node, Recorded
from ..engine.reverse import pullback
from ..engine.trees import flatten, map_leaves
from ..errors import GraphError, NotDifferentiable
from ..tensors import conversions
from ..tensors.tensor import Tensor
from .scene import fold, modes
from .scene.fold import Choice
from .scene.scene import Direction, Scene
from .scene.snapshot import Snapshot
from .steps.walk import Walk
from .view import GraphView, view_of

_MODES = ("forward", "backward", "both", "double")
MOST = 150
"""Boxes of a picture: beyond, modules are folded, the innermost first."""
MOST_STEPS, MOST_NUMBERS = 300, 100_000
"""Operations and numbers in all values up to which a picture comes with the steps of backward."""


def draw(
    target: Tensor | Sequence[Tensor] | Callable[..., Any],
    *inputs: Any,
    name: str | None = None,
    direction: Direction = "right",
    mode: Literal["forward", "backward", "both", "double"] = "forward",
    level: Literal["op", "module", "all"] = "op",
    open: Choice = (),
    fold: Choice = (),
    heat: bool = False,
) -> GraphView:
    """Return the picture of the graph behind `target`: one tensor or several, or a function or module of `inputs`.

    Every operation is shown with its formula, shape, value and, after `backward()`, gradient; every arrow with
    the local derivative. Draw tensors before or after `backward()`: small values stay, and `tg.keep_values()` keeps
    all. A function or module is run once and differentiated, so that its picture has everything, modules as frames
    and lines; no tensor's `grad` changes. A value is called by its `name`, the path to it in the module, the variable
    that holds it, or by a letter and its step; a constant by its value. `name` titles the picture, `direction` is
    where the computation flows: "right" or "down".

    A transpose of a given matrix stands in the formula of the product that reads it, unless `level` is "all".
    Sub-graphs that repeat at least three times in a row are drawn once, the rest folded into one box, and modules
    are folded until at most 150 boxes are left. `level` "module" folds the outermost modules, or the parts of one
    that is all there is, "all" folds nothing. `open` and `fold` name groups that are to be open or folded, by globs
    on their paths or classes ("layers.*", "Linear") or a function of a `Group`. `heat` shows how large gradients
    are, and alarms, as `GraphView.heat` does.

    `mode` "backward" draws the gradients, each made of those of the values that read it, "both" draws them beside
    the forward picture, "double" the recorded first and second derivatives, with dashed and dotted frames.

    The view is a snapshot: later changes of the tensors do not reach it, and the same program gives the same
    text, byte for byte. Raises GraphError for a tensor that is not recorded, ValueError for nothing to draw or an
    unknown setting, TypeError for anything else.

    >>> import tinygraph as tg
    >>> x = tg.tensor(3.0, requires_grad=True, name="x")
    >>> y = x**2 + x
    >>> y.name = "y"
    >>> y.backward()
    >>> print(draw(y).text())
    x             ()  value 3  grad 7  used 2×
    ① v₁ = x²     ()  value 9  grad 1
    ② y = v₁ + x  ()  value 12  grad 1  output
    """
    if direction not in ("right", "down"):
        raise ValueError(f'draw: direction is "right" or "down", got {direction!r}')
    if level not in ("op", "module", "all"):
        raise ValueError(f'draw: level is "op", "module" or "all", got {level!r}')
    if mode not in _MODES:
        raise ValueError(f"draw: mode is {', '.join(map(repr, _MODES))}, got {mode!r}")
    if callable(target) and not isinstance(target, Recorded):
        snapshot, title = _snapshot_of_function(target, inputs)
    elif inputs:
        raise TypeError(
            f"draw: {len(inputs)} inputs were given with a tensor, which has its own; give the tensor alone"
        )
    else:
        snapshot, title = Snapshot(_nodes(target), variables=_variables()), "graph"
    if mode == "double":
        snapshot = _with_derivatives(snapshot)
    scene = snapshot.scene(title if name is None else str(name), direction, repeat=level != "all")
    steps = _steps(snapshot.roots, scene) if mode in ("forward", "both") else None
    if mode in ("backward", "both"):
        scene = modes.backward(scene) if mode == "backward" else modes.both(scene)
    brief = mode == "forward" and level != "all"
    shut = _closed_groups(scene, level, open, fold)
    view = view_of(dataclasses.replace(scene, shut=shut, steps=steps, brief=brief))
    return view.heat() if heat else view


def picture_of(t: Tensor, name: str = "graph") -> GraphView:
    """The picture of what a recorded tensor was made from, without the steps of backward."""
    scene = Snapshot(_nodes(t), variables=_variables()).scene(name, "right")
    return view_of(dataclasses.replace(scene, shut=_closed_groups(scene, "op", (), ())))


def _with_derivatives(snapshot: Snapshot) -> Snapshot:
    """The graph of the same value with its first and second derivatives."""
    if len(snapshot.roots) != 1:
        raise GraphError(f'draw: mode "double" starts from one tensor, got {len(snapshot.roots)}')
    roots, phases = modes.second_order(*snapshot.roots)
    return Snapshot(roots, variables=snapshot.variables, data=list(snapshot.data), phases=phases)


def _steps(roots: Collection[Node], scene: Scene) -> Mapping[str, Any] | None:
    """The steps of forward and backward, None where they are many, costly, or cannot be had."""
    operations = sum(box.made for box in scene.boxes)
    if len(roots) != 1 or operations > MOST_STEPS or sum(math.prod(box.shape) for box in scene.boxes) > MOST_NUMBERS:
        return None
    try:
        with np.errstate(all="ignore"):
            return Walk(next(iter(roots)), scene).json()
    except Exception:  # a rule of the user's may raise anything, and the picture of it is wanted all the more
        return None


def _closed_groups(scene: Scene, level: str, open: Choice, close: Choice) -> frozenset[str]:
    return fold.groups_to_close(scene.groups, scene.boxes, level, open, close, MOST)


def _nodes(target: Recorded | Iterable[object]) -> list[Node]:
    roots = [target] if isinstance(target, Recorded) else list(target)
    if not roots:
        raise ValueError("draw: there is nothing to draw in an empty list; give a Tensor or several")
    nodes = []
    for t in roots:
        if not isinstance(t, Recorded):
            raise TypeError(f"draw: cannot draw {type(t).__name__} {t!r:.60}; give a Tensor or several, or a function")
        if t.node is None:
            raise GraphError(
                f"draw: the tensor of shape {t._array.shape} is not recorded, so there is no graph to draw; compute it "
                f"from tensors with requires_grad=True, outside no_grad and without detach"
            )
        nodes.append(t.node)
    return nodes


def _variables() -> Mapping[Any, str]:
    """What the caller's variables call tensors and arrays: by node, or by the id of an untracked array."""
    frame = origins.caller()
    return {} if frame is None else _names_by_key(itertools.chain(frame.f_locals.items(), frame.f_globals.items()))


def _names_around(f: Callable[..., Any]) -> dict[Any, str]:
    """What the variables around a function, of those that it reads, call tensors and arrays."""
    f = inspect.unwrap(f)
    if not inspect.isfunction(f):
        return {}
    known = inspect.getclosurevars(f)
    return _names_by_key(itertools.chain(known.nonlocals.items(), known.globals.items()))


def _names_by_key(variables: Iterable[tuple[str, Any]]) -> dict[Any, str]:
    found: dict[Any, str] = {}
    for name, value in variables:
        key: Any = None
        if isinstance(value, Recorded):
            key = value.node if value.node is not None else id(value._array)
        elif isinstance(value, np.ndarray) and value.ndim:
            key = id(value)
        if key is not None and not name.startswith("_"):
            found.setdefault(key, name)
    return found


def _snapshot_of_function(f: Callable[..., Any], inputs: tuple[Any, ...]) -> tuple[Snapshot, str]:
    """`f` run on `inputs` with every value, line and module noted, and its gradient if it returns one number."""
    title = getattr(f, "__name__", type(f).__name__)
    names = argument_names(f, len(inputs))
    leaves, outputs = _run(f, inputs, names, tracked=False)
    if not any(y.node is not None for y in outputs):  # no parameters: it is differentiated by its inputs
        leaves, outputs = _run(f, inputs, names, tracked=True)
    roots = [y for y in outputs if y.node is not None]
    if not roots:
        if outputs and outputs[0].dtype.kind not in "fc":
            raise NotDifferentiable(f"draw: {title} returned {conversions.jumps(outputs[0].dtype)}")
        raise GraphError(
            f"draw: what {title} returns does not depend on its inputs or on tensors with requires_grad; return "
            f"tensors made from them"
        )
    grads: Mapping[Node, Array] = {}
    if len(roots) == 1 and roots[0].size == 1:
        seed = np.ones(roots[0].node.shape, roots[0].node.dtype)
        with np.errstate(all="ignore"):
            grads = pullback([(roots[0].node, seed)], retain_graph=True)
    data = [t.node for t in leaves if t.node is not None]
    variables = _names_around(f) | {id(t._array): t.name for t in leaves if t.node is None and t.name}
    return Snapshot([t.node for t in roots], grads=grads, data=data, variables=variables), title


def _run(f: Callable[..., Any], inputs: tuple[Any, ...], names: Sequence[str | None], tracked: bool) -> Any:
    """The tensors given for `inputs`, and those that `f` returned."""
    leaves: list[Tensor] = []

    def as_leaf(x: Any, name: str | None) -> Any:
        data = x._array if isinstance(x, Tensor) else x
        if not isinstance(data, float | np.ndarray | np.generic) or (isinstance(x, Tensor) and x.node is not None):
            return x
        floating = np.asarray(data).dtype.kind == "f"
        leaves.append(Tensor(np.array(data), requires_grad=tracked and floating, name=getattr(x, "name", None) or name))
        return leaves[-1]

    arguments = [map_leaves(x, lambda leaf, n=n: as_leaf(leaf, n)) for x, n in zip(inputs, names, strict=True)]  # type: ignore[misc]
    with switch(grad=True, keep=True, origins=True):
        outputs = flatten(handed_over(f)(*arguments))
    return leaves, [y for y in outputs if isinstance(y, Tensor)]


def argument_names(f: Callable[..., Any], count: int) -> list[str | None]:
    """What `f` calls its positional arguments, None where that cannot be told."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return [None] * count
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names[:count], *[None] * (count - len(names))]
