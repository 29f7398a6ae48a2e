"""The recorders: an op as a function that notes the node, specialised by the number of inputs, for speed.

They do what `apply` does, for the default mode and the operands of most calls; everything else is left to it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .apply import PLAIN, apply, apply_to_any
from .half import in_float32
from .mode import NO_GRAD, in_force
from .node import SMALL, Node, Recorded, clock
from .op import OPERATORS, Op
from .settings import PLAIN as SETTINGS
from .settings import settle
from .views import link

_new = object.__new__
_no_attrs: dict[str, Any] = {}
_mode = in_force.get
_no_grad = NO_GRAD
_clock = clock
_ndarray = np.ndarray
_plain = PLAIN
_settings = SETTINGS
_python = frozenset([bool, int, float, complex])
_float_or_array: frozenset[Any] = frozenset([float, np.ndarray])
_results = frozenset([np.ndarray, *np.sctypeDict.values()])
"""What kernels return; anything else is made an array."""
_float64, _double = np.float64, np.dtype(np.float64)
_usual = "fdg"
"""The types of real numbers, as characters of dtypes, whose rules compute in them."""


def recorder(op: Op) -> Callable[..., Any]:
    """A function that runs `op`, and records it when given a Tensor."""
    if op.differentiable and op.arity == 1:
        return _unary(op)
    if op.differentiable and op.arity == 2 and not op.defaults:
        return _binary(op)
    return _general(op)


def _unary(op: Op) -> Callable[..., Any]:
    """A recorder for one input."""
    kernel = OPERATORS.get(op.kernel, op.kernel)
    keep: Any = None
    attributes, complete = op.defaults or _no_attrs, _completer(op)
    required = inspect.Parameter.empty in attributes.values()
    general, complex_too, wary, views = _general(op), op.complex, _wary(op), op.views

    def record(x: Any, *args: Any, **attrs: Any) -> Any:
        nonlocal keep
        mode = _mode()
        if not isinstance(x, Recorded) or (mode is not None and mode is not _no_grad):
            return general(x, *args, **attrs)
        data = x._array
        if wary and data.dtype.kind == "c":
            return general(x, *args, **attrs)
        if attrs or args or required:
            attrs = complete(args, attrs)
            y = kernel(data, **attrs)
        else:
            attrs = attributes
            y = kernel(data)
        out = _new(x.__class__)
        noted, source = op, x.node
        node = _new(Node) if source is not None and mode is None else None
        out.node = node
        if y.__class__ is _float64:  # a number, as in scalar graphs: what follows is known
            out._array = y
            if node is None:
                return out
            node.dtype, node.shape, node.value = _double, (), y
        else:
            if y.__class__ not in _results:
                y = np.asarray(y)
            out._array = y
            if views and (y.base is not None or y is data):
                link(out, x, op, attrs)
            if node is None:
                return out
            node.dtype = dtype = y.dtype
            if dtype.char not in _usual and not (complex_too and dtype.kind == "c"):
                if dtype.char != "e":
                    return apply(op, (x,), attrs)
                noted = in_float32(op)
            node.shape = y.shape
            node.value = y if y.size <= SMALL else None
        node.op = noted
        node.inputs = inputs = (source,)
        node.attrs = attrs
        if keep is None:
            keep = [use == "value" for use in op.needs((True,))]
        keep_y, keep_x = keep
        node.saved = (data,) if keep_x else inputs
        if keep_y:
            node.value = y
        node.epoch = _clock.now
        node.meta = None
        return out

    return record


def _wary(op: Op) -> bool:
    """Whether the kernel may take complex numbers and give real ones, by rules that were not written for them."""
    return not op.complex and not isinstance(op.kernel, np.ufunc)


def _completer(op: Op) -> Callable[[tuple[Any, ...], dict[str, Any]], dict[str, Any]]:
    """A function that makes all attributes of a call out of those given by position and by keyword."""
    defaults, names = op.defaults, tuple(op.defaults)
    required = [n for n, v in defaults.items() if v is inspect.Parameter.empty]
    takes_no_tensors = "index" not in names  # the elements that a Tensor selects are looked up by the kernel

    def complete(args: tuple[Any, ...], attrs: dict[str, Any]) -> dict[str, Any]:
        if args:
            if len(args) > len(names) or not attrs.keys().isdisjoint(names[: len(args)]):
                raise TypeError(
                    f"{op.name}: takes inputs {op.inputs} and attributes {names}, got {len(args)} attributes by "
                    f"position and {sorted(attrs)} by keyword; give each once"
                )
            attrs.update(zip(names, args))
        complete = {**defaults, **attrs}
        if len(complete) != len(defaults):
            wrong = ", ".join(sorted(attrs.keys() - defaults.keys()))
            raise TypeError(f"{op.name}: unknown argument {wrong}; it takes {', '.join(names) or 'none'}")
        if takes_no_tensors:
            for name, value in attrs.items():
                if value is None or value is False:
                    continue
                kind = value.__class__
                if kind not in _settings and not (kind is tuple and _settings.issuperset(map(type, value))):
                    complete[name] = settle(op.name, name, value, traced=True)
        for name in required:
            if complete[name] is inspect.Parameter.empty:
                raise TypeError(f"{op.name}: missing argument {name}; give it by keyword")
        return complete

    return complete


def _mixed(a: Any, b: Any, z: Any) -> bool:
    """Whether an operand, `a` or `b`, may be of another precision than the result `z`; a Python number is not."""
    kind: Any = z.__class__
    dtype: Any = None
    if kind is _ndarray:
        dtype = z.dtype
        if a.__class__ is _ndarray and a.dtype is dtype and b.__class__ in _float_or_array:
            return b.__class__ is not float and b.dtype is not dtype
        kind = dtype.type
    for x in (a, b):
        if x.__class__ is _ndarray:
            if x.dtype is not dtype:
                return True
        elif x.__class__ is not kind and x.__class__ not in _python:
            return True
    return False


def _binary(op: Op) -> Callable[..., Any]:
    """A recorder for two inputs without attributes."""
    kernel = OPERATORS.get(op.kernel, op.kernel)
    if None in op.rules or _wary(op):  # one of the inputs has no derivative, or complex ones: rare, no need for speed
        return _general(op)
    complex_too, blends = op.complex, op.blends
    keeps: list[Any] = [None] * 4

    def record(x: Any, y: Any) -> Any:
        p: Any
        q: Any
        tracked = 0
        if isinstance(x, Recorded):
            a = x._array
            p = x.node
            cls = x.__class__
            if p is None:
                p = a
            else:
                tracked = 1
            if isinstance(y, Recorded):
                b = y._array
                q = y.node
                if q is None:
                    q = b
                else:
                    tracked += 2
            elif y.__class__ in _plain:
                b = q = y
            else:
                return apply_to_any(op, (x, y), _no_attrs)
        elif isinstance(y, Recorded) and x.__class__ in _plain:
            a = p = x
            b = y._array
            q = y.node
            cls = y.__class__
            if q is None:
                q = b
            else:
                tracked = 2
        else:
            return apply_to_any(op, (x, y), _no_attrs)
        mode = _mode()
        if mode is not None:
            if mode is not _no_grad:
                return apply(op, (x, y), _no_attrs)
            tracked = 0
        z = kernel(a, b)
        if blends and tracked:
            kind = z.__class__
            if (a.__class__ is not kind or b.__class__ is not kind or kind is _ndarray) and _mixed(a, b, z):
                return apply(op, (x, y), _no_attrs)
        out, noted = _new(cls), op
        out.node = node = _new(Node) if tracked else None
        if z.__class__ is _float64:  # a number, as in scalar graphs: what follows is known
            out._array = z
            if node is None:
                return out
            node.dtype, node.shape, node.value = _double, (), z
        else:
            if z.__class__ not in _results:
                z = np.asarray(z)
            out._array = z
            dtype = z.dtype
            if node is None:
                return out if dtype.kind in "biufc" else apply(op, (x, y), _no_attrs)
            node.dtype = dtype
            if dtype.char not in _usual and not (complex_too and dtype.kind == "c"):
                if dtype.char != "e":
                    return apply(op, (x, y), _no_attrs)
                noted = in_float32(op)
            node.shape = z.shape
            node.value = z if z.size <= SMALL else None
        node.op = noted
        node.inputs = inputs = (p, q)
        node.attrs = _no_attrs
        keep = keeps[tracked]
        if keep is None:
            keep = keeps[tracked] = [use == "value" for use in op.needs((tracked & 1 == 1, tracked & 2 == 2))]
        keep_z, keep_a, keep_b = keep
        node.saved = (a if keep_a else p, b if keep_b else q) if keep_a or keep_b else inputs
        if keep_z:
            node.value = z
        node.epoch = _clock.now
        node.meta = None
        return out

    return record


def _general(op: Op) -> Callable[..., Any]:
    """A recorder for any number of inputs, by position, and attributes."""
    kernel, arity, complete, attributes = op.kernel, op.arity, _completer(op), op.defaults
    required = inspect.Parameter.empty in attributes.values()
    fixed = arity is not None and op.differentiable
    wanted = [rule is not None for rule in op.rules]
    complex_too, wary, blends = op.complex, _wary(op), op.blends
    keeps: dict[tuple[bool, ...], tuple[Any, ...]] = {}

    def record(*args: Any, **attrs: Any) -> Any:
        if arity is None:
            inputs, rest = args, ()
        elif len(args) < arity:
            raise TypeError(f"{op.name}: takes {arity} inputs {op.inputs}, got {len(args)}; see help(tg.{op.name})")
        else:
            inputs, rest = args[:arity], args[arity:]
        attrs = complete(rest, attrs) if rest or attrs or required else attributes
        if not fixed or _mode() is not None:
            return apply_to_any(op, inputs, attrs)
        cls: Any = None
        values: list[Any] = []
        sources: list[Any] = []
        tracked: list[bool] = []
        for x, differentiable in zip(inputs, wanted):
            if isinstance(x, Recorded):
                cls = x.__class__
                source = x.node
                x = x._array
                if source is not None and differentiable:
                    if wary and x.dtype.kind == "c":
                        return apply_to_any(op, inputs, attrs)
                    sources.append(source)
                    tracked.append(True)
                    values.append(x)
                    continue
            elif x.__class__ not in _plain:
                return apply_to_any(op, inputs, attrs)
            sources.append(x)
            tracked.append(False)
            values.append(x)
        if True not in tracked:
            return apply_to_any(op, inputs, attrs)
        y = kernel(*values, **attrs)
        if blends and any(_mixed(x, 0.0, y) for x in values):
            return apply(op, inputs, attrs)
        if type(y) is not _ndarray or (y.dtype.char not in _usual and not (complex_too and y.dtype.kind == "c")):
            return apply(op, inputs, attrs)
        key = tuple(tracked)
        keep = keeps.get(key)
        if keep is None:
            keep = keeps[key] = op.needs(key)
        out = _new(cls)
        out._array = y
        out.node = node = _new(Node)
        node.op = op
        node.inputs = tuple(sources)
        node.attrs = attrs
        node.saved = tuple([v if k == "value" else s for k, v, s in zip(keep[1:], values, sources)])
        node.value = y if keep[0] or y.size <= SMALL else None
        node.shape = y.shape
        node.dtype = y.dtype
        node.epoch = _clock.now
        node.meta = None
        return out

    return record
