"""Properties of an operation's derivatives: right, of every order, in both modes, for every layout and dtype."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from ..check import check_gradients
from ..engine import symbol
from ..engine.node import Array
from ..engine.op import Op
from ..errors import GradientError
from ..tensors.tensor import Tensor, tensor
from ..transforms import grad, hvp, jacobian, jvp, vjp
from .cases import Case, cast, is_complex, is_float, random

DTYPES = (np.float16, np.float32, np.float64, np.longdouble)


def demand(held: Any, op: Op, case: Case | None, what: str) -> None:
    """Raise GradientError that says which property of `op` did not hold on which case."""
    if not held:
        raise GradientError(f"check_op: {op.name}{case or ''}: {what}")


def positions(op: Op, case: Case) -> tuple[int, ...]:
    """Which inputs have a derivative: those with a rule that are floating-point arrays."""
    rules = op.rules if op.arity is not None else op.rules * len(case.inputs)
    return tuple(k for k, x in enumerate(case.inputs) if is_float(x) and rules[k] is not None)


class CaseFunction:
    """An op on one case as a function of its differentiable inputs alone."""

    def __init__(self, op: Op, case: Case, wrt: Sequence[int] | None = None) -> None:
        self.op, self.case = op, case
        self.wrt = positions(op, case) if wrt is None else tuple(wrt)
        self.at = [case.inputs[k] for k in self.wrt]
        self.__name__ = op.name

    def __call__(self, *moving: Any) -> Any:
        inputs = list(self.case.inputs)
        for k, x in zip(self.wrt, moving, strict=True):
            inputs[k] = x
        return self.op.function(*inputs, **self.case.attrs)

    def cotangent(self, rng: np.random.Generator) -> Array:
        """Random weights of the output's shape and dtype."""
        y = self(*self.at)
        return random(rng, np.shape(y), getattr(y, "dtype", np.float64))

    def tangents(self, rng: np.random.Generator) -> list[Array]:
        """Random directions, one per input."""
        return [random(rng, x.shape, x.dtype) for x in self.at]

    @property
    def real(self) -> bool:
        """Whether neither the inputs nor the output are complex."""
        return not any(np.iscomplexobj(x) for x in (*self.at, self(*self.at)))


def close(a: Any, b: Any, size: Any = None, digits: float = 1e-9) -> bool:
    """Whether two numbers or arrays agree, relative to the largest of them (or to `size`)."""
    wide = np.clongdouble if np.iscomplexobj(a) or np.iscomplexobj(b) else np.longdouble
    a, b = np.asarray(a, wide), np.asarray(b, wide)
    if a.shape != b.shape:
        return False
    scale = np.max(np.abs(b), initial=0) if size is None else size
    return bool(np.all(np.abs(a - b) <= digits * scale + 1e-300))


def inner_terms(a: Any, b: Any) -> Any:
    """The real products of elements whose sum is the inner product: of complex numbers, those of their parts."""
    return np.real(np.conj(a) * b) if a.dtype.kind == "c" or b.dtype.kind == "c" else a * b


def first_order(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Reverse mode agrees with differences of the kernel."""
    f = CaseFunction(op, case)
    check_gradients(f, *f.at, seed=int(rng.integers(1 << 30)))


def second_order(op: Op, case: Case, rng: np.random.Generator) -> None:
    """The gradient, recorded and differentiated again, agrees with differences of the gradient."""
    f = CaseFunction(op, case)
    check_gradients(f, *f.at, order=2, seed=int(rng.integers(1 << 30)))


def forward_is_reverse(op: Op, case: Case, rng: np.random.Generator) -> None:
    """<g, J t> = <J^T g, t>, for all inputs together and for each alone."""
    everything = positions(op, case)
    for wrt in {everything, *[(k,) for k in everything]}:
        f = CaseFunction(op, case, wrt)
        g, t = f.cotangent(rng), f.tangents(rng)
        pushed = np.asarray(jvp(f, f.at, t)[1])
        pulled = vjp(f, *f.at)[1](g)
        ahead, back = inner_terms(g, pushed), [inner_terms(p, s) for p, s in zip(pulled, t, strict=True)]
        left, right = np.sum(ahead), sum(np.sum(p) for p in back)
        size = np.sum(np.abs(ahead)) + sum(np.sum(np.abs(p)) for p in back)
        text = f"forward and reverse mode differ for inputs {wrt}: <g, J t> is {left:.9g}, <J^T g, t> is {right:.9g}"
        demand(pushed.shape == g.shape, op, case, f"jvp has shape {pushed.shape}, the output {g.shape}")
        demand(close(left, right, size), op, case, text)


def modes_nest(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Forward over reverse, reverse over forward and reverse over reverse give the same Hessian product."""
    f = CaseFunction(op, case)
    g, t = f.cotangent(rng), f.tangents(rng)
    every = tuple(range(len(f.at)))

    def weighted_sum(*xs: Any) -> Any:
        return inner_terms(f(*xs), g).sum()

    def slope(*xs: Any) -> Any:
        return inner_terms(jvp(f, xs, t)[1], g).sum()

    def along(*xs: Any) -> Any:
        return sum(inner_terms(a, b).sum() for a, b in zip(grad(weighted_sum, every)(*xs), t, strict=True))

    expected = grad(along, every)(*f.at)
    forward_over_reverse = hvp(weighted_sum, f.at, t)
    reverse_over_forward = grad(slope, every)(*f.at)
    for name, results in (
        ("forward over reverse", forward_over_reverse),
        ("reverse over forward", reverse_over_forward),
    ):
        for k, a, b in zip(f.wrt, results, expected, strict=True):
            demand(close(a, b, max(np.max(np.abs(b), initial=0), 1e-3), 1e-8), op, case,
                   f"second derivative of input {k}: {name} gives {a}, reverse over reverse {b}")  # fmt: skip


def jacobian_is_rows(op: Op, case: Case, rng: np.random.Generator) -> None:
    """A Jacobian, however its rows are computed together, has the rows that vjp gives one by one."""
    f = CaseFunction(op, case)
    g = f.cotangent(rng)
    if not 0 < g.size <= 24 or g.dtype.kind == "c":  # a complex output has dy/dz in its rows, no gradients
        return
    _, pull = vjp(f, *f.at)
    basis = np.eye(g.size, dtype=g.dtype).reshape(g.size, *g.shape)
    rows = [pull(e) for e in basis]
    for k, whole, x in zip(range(len(f.at)), jacobian(f, tuple(range(len(f.at))))(*f.at), f.at, strict=True):
        expected = np.stack([row[k] for row in rows]).reshape((*g.shape, *x.shape))
        demand(close(whole, expected), op, case, f"jacobian of input {f.wrt[k]} is {whole}, row by row {expected}")


def linear_in_cotangent(op: Op, case: Case, rng: np.random.Generator) -> None:
    """vjp(2 g + h) = 2 vjp(g) + vjp(h)."""
    f = CaseFunction(op, case)
    g, h = f.cotangent(rng), f.cotangent(rng)
    pull = vjp(f, *f.at)[1]
    for k, a, b, c in zip(f.wrt, pull(2 * g + h), pull(g), pull(h), strict=True):
        size = np.max(np.abs(2 * b) + np.abs(c), initial=0)
        demand(close(a, 2 * b + c, size), op, case, f"the rule of input {k} is not linear in the gradient")


def _gradients(op: Op, case: Case, cotangent: Any) -> tuple[Tensor, list[Tensor]]:
    leaves: list[Any] = [
        tensor(x, requires_grad=True) if k in positions(op, case) else x for k, x in enumerate(case.inputs)
    ]
    for k in positions(op, case):  # the very array, whatever its layout
        leaves[k].data = case.inputs[k]
    y = op.function(*leaves, **case.attrs)
    y.backward(np.asarray(cotangent, y.dtype))
    return y, [leaves[k] for k in positions(op, case)]


def own_memory(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Each gradient has its tensor's shape and shares memory with nothing; inputs are not changed."""
    g = CaseFunction(op, case).cotangent(rng)
    before = [np.array(x) for x in case.inputs]
    y, leaves = _gradients(op, case, g)
    arrays = [("the output", y.numpy()), ("the gradient given", g)]
    arrays += [(f"input {k}", x) for k, x in enumerate(case.inputs) if isinstance(x, np.ndarray)]
    for k, leaf in zip(positions(op, case), leaves, strict=True):
        own = leaf.grad
        demand(own is not None, op, case, f"input {k} has a rule and got no gradient")
        value = own.numpy()  # type: ignore[union-attr]
        demand(value.shape == leaf.shape, op, case, f"gradient of shape {value.shape} for input {k} {leaf.shape}")
        for name, other in arrays:
            demand(not np.shares_memory(value, other), op, case, f"the gradient of input {k} shares memory with {name}")
        arrays.append((f"the gradient of input {k}", value))
    for k, (x, old) in enumerate(zip(case.inputs, before, strict=True)):
        demand(np.array_equal(x, old, equal_nan=old.dtype.kind in "fc"), op, case, f"input {k} was changed")


def _layouts(op: Op, x: Array) -> list[tuple[str, Array]]:
    """The same values in memory of other shapes; where any values do, as for a linear op, a broadcast view, too."""
    if x.ndim == 0:
        return []
    spread = np.repeat(x, 2, axis=-1)[..., ::2]
    back = np.flip(np.flip(x).copy())
    other = np.asfortranarray(x)
    found = [("strided", spread), ("reversed", back), ("Fortran", other)]
    return found if op.kind == "primitive" else [*found, ("broadcast", np.broadcast_to(x[:1], x.shape))]


def any_layout(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Strided, reversed, transposed and broadcast views give what their contiguous copies give."""
    for k in positions(op, case):
        for name, view in _layouts(op, case.inputs[k]):
            odd = case.with_inputs([view if j == k else x for j, x in enumerate(case.inputs)])
            copied = odd.mapped(lambda x: np.array(x, order="C"))
            g = CaseFunction(op, odd).cotangent(rng)
            y, leaves = _gradients(op, odd, g)
            z, others = _gradients(op, copied, g)
            demand(close(y.numpy(), z.numpy()), op, case, f"a {name} input {k} gives another value")
            for a, b in zip(leaves, others, strict=True):
                same = a.grad is not None and b.grad is not None and close(a.grad.numpy(), b.grad.numpy())
                demand(same, op, case, f"a {name} input {k} gives another gradient")


def keeps_dtype(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Gradients have their tensor's dtype and agree with float64's, values have NumPy's, and rules do not widen."""
    g = CaseFunction(op, case).cotangent(rng)
    _, exact = _gradients(op, case, g)
    for dtype in DTYPES:
        narrow = case.mapped(lambda x, dtype=dtype: cast(x, dtype))  # type: ignore[misc]
        eps = float(np.finfo(dtype).eps)
        with np.errstate(all="ignore"):
            try:
                value = op.kernel(*narrow.inputs, **{**op.defaults, **case.attrs})
            except TypeError:  # not every kernel takes every precision: LAPACK's take two
                continue
            y, leaves = _gradients(op, narrow, g)
        name = np.dtype(dtype).name
        demand(y.dtype == np.asarray(value).dtype, op, case, f"{name} inputs give {y.dtype}, NumPy {value.dtype}")
        for k, leaf, reference in zip(positions(op, case), leaves, exact, strict=True):
            own, truth = leaf.grad, reference.grad
            kept = own is not None and own.dtype == leaf.dtype
            demand(kept, op, case, f"gradient of {name} input {k} is {own!r:.60}")
            if own is not None and truth is not None and truth.size:
                size = float(np.max(np.abs(truth.numpy())))
                right = close(own.numpy(), truth.numpy(), max(size, 1.0), max(float(np.sqrt(eps)), 1e-9))
                demand(right, op, case, f"gradient of input {k} in {name}: {own.numpy()}, in float64 {truth.numpy()}")
    _rules_stay_narrow(op, case)


def _rules_stay_narrow(op: Op, case: Case) -> None:
    narrow = case.mapped(lambda x: cast(x, np.float32))
    attrs = {**op.defaults, **case.attrs}
    value = np.asarray(op.kernel(*narrow.inputs, **attrs))
    if value.dtype not in (np.float32, np.complex64):
        return
    for k in positions(op, case):
        result = rule_result(op, k, np.ones_like(value), value, narrow.inputs, attrs)
        if not isinstance(result, int | float):
            width = np.asarray(result).dtype
            demand(
                width in (np.float32, np.complex64, np.bool_),
                op,
                case,
                f"the rule of input {k} turns float32 into {width}",
            )


def rule_result(op: Op, k: int, g: Any, y: Any, inputs: Sequence[Any], attrs: dict[str, Any]) -> Any:
    """What the rule of input `k` gives on plain arrays: its local derivative, or its vjp of `g`."""
    rule: Any = op.rule(k)
    if not callable(rule):
        return np.asarray(rule, np.asarray(y).dtype)
    return rule(y, *inputs, **attrs) if op.kind == "elementwise" else rule(g, y, *inputs, **attrs)


def keeps_float32_with_numbers(op: Op, case: Case, rng: np.random.Generator) -> None:
    """A Python number as the other operand leaves float32 as it is, where NumPy leaves it so."""
    if op.kind != "elementwise" or op.arity != 2 or not all(np.size(x) and is_float(x) for x in case.inputs):
        return
    if any(is_complex(x) for x in case.inputs):
        return
    x, number = case.inputs[0].astype(np.float32), float(np.ravel(case.inputs[1])[0])
    for inputs in ((x, number), (number, x)):
        y, [leaf] = _gradients(op, case.with_inputs(inputs), 1 + np.zeros(x.shape))
        expected = np.asarray(op.kernel(*inputs, **{**op.defaults, **case.attrs})).dtype
        demand(y.dtype == expected, op, case, f"float32 with a Python number gives {y.dtype}, NumPy {expected}")
        right = leaf.grad is not None and leaf.grad.dtype == np.float32
        demand(right, op, case, f"float32 with a Python number has gradient {leaf.grad!r:.60}")


def broadcasts(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Broadcasting is the same as expanding the inputs first, in the value and in every gradient."""
    if op.kind != "elementwise" or not all(isinstance(x, np.ndarray) for x in case.inputs):
        return
    g = CaseFunction(op, case).cotangent(rng)
    whole = case.with_inputs([np.array(x) for x in np.broadcast_arrays(*case.inputs)])
    y, leaves = _gradients(op, case, g)
    z, expanded = _gradients(op, whole, g)
    demand(np.array_equal(y.numpy(), z.numpy(), equal_nan=True), op, case, "broadcasting changes the value")
    for k, leaf, full in zip(positions(op, case), leaves, expanded, strict=True):
        if leaf.grad is not None and full.grad is not None:
            total = full.grad.numpy()
            lead = total.ndim - leaf.ndim
            axes = [*range(lead), *[a + lead for a, n in enumerate(leaf.shape) if n == 1]]
            total = np.sum(total, axis=tuple(axes), keepdims=True).reshape(leaf.shape)
            demand(close(leaf.grad.numpy(), total), op, case, f"input {k}: broadcasting is not undone by summing")


def kinks(op: Op, case: Case, rng: np.random.Generator) -> None:
    """At the kinks that the declaration names, the derivative lies between the one-sided slopes."""
    if op.kinks and op.arity == 1:
        at = Case(np.array([*op.kinks, 0.5]), **case.attrs)
        first_order(op, at, rng)


def complex_step(op: Op, case: Case, rng: np.random.Generator) -> None:
    """A kernel declared holomorphic is the same function of complex arrays: Im f(x + ihd) / h is the rule's slope."""
    f = CaseFunction(op, case)
    if not op.holomorphic or not f.real:
        return
    g, t = f.cotangent(rng), f.tangents(rng)
    inputs = list(case.inputs)
    for k, s in zip(f.wrt, t, strict=True):
        inputs[k] = inputs[k] + 1e-30j * s
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            z = np.asarray(op.kernel(*inputs, **{**op.defaults, **case.attrs}))
    except Exception as error:
        demand(op.kind == "linear", op, case, f"it is declared holomorphic but fails on complex arrays: {error!r}")
        return  # what is linear is holomorphic by default, where it takes complex arrays at all
    y = np.asarray(f(*f.at))
    demand(
        close(z.real, y, np.max(np.abs(y), initial=1e-20), 1e-12), op, case, "the complex kernel has another real part"
    )
    parts = np.concatenate([np.ravel(p * s) for p, s in zip(vjp(f, *f.at)[1](g), t, strict=True)])
    left, right = np.sum(g * z.imag) / 1e-30, np.sum(parts)
    size = np.sum(np.abs(parts)) + np.sum(np.abs(g * z.imag)) / 1e-30 + 1e-20
    text = f"it is declared holomorphic, but a complex step gives the slope {left:.9g}, the rule {right:.9g}"
    demand(close(left, right, size, digits=1e-11), op, case, text)


def complex_numbers(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Rules that are declared to hold for complex numbers agree with differences, and forward with reverse mode."""
    if not op.complex or any(is_complex(x) for x in case.inputs):
        return
    inputs = list(case.inputs)
    for k in positions(op, case):  # off the real axis, where many functions have their branch cuts
        side = 1j * rng.choice([-1, 1])
        inputs[k] = np.asarray(inputs[k] + side * rng.uniform(0.5, 1.5, np.shape(inputs[k])))
    beside = case.with_inputs(inputs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            op.kernel(*inputs, **{**op.defaults, **case.attrs})
    except (TypeError, ComplexWarning) as error:
        demand(op.kind == "linear", op, case, f"it is declared to take complex numbers and fails: {error!r}")
        return
    first_order(op, beside, rng)
    forward_is_reverse(op, beside, rng)


EXTREMES = np.array([0.0, -0.0, 1.0, -1.0, 1e-8, -1e-8, 40.0, -40.0, 1e3, -1e3, 1e8, -1e8])


def no_nan(op: Op, case: Case, rng: np.random.Generator) -> None:
    """Where the value is finite inside the domain, no derivative is NaN, however large or small the inputs."""
    if op.kind != "elementwise" or op.arity is None:
        return
    inside = EXTREMES[(EXTREMES > op.domain[0]) & (EXTREMES < op.domain[1])]
    if op.arity > 1:
        inside = inside[inside != 0]  # functions of several variables need not have a derivative at the origin
    grid = Case(*[np.array(x) for x in np.meshgrid(*[inside] * op.arity)], **case.attrs)
    with np.errstate(all="ignore"):
        y, leaves = _gradients(op, grid, np.ones(np.broadcast_shapes(*[x.shape for x in grid.inputs])))
        for k, leaf in zip(positions(op, grid), leaves, strict=True):
            bad = np.isnan(leaf.grad.numpy()) & np.isfinite(y.numpy())  # type: ignore[union-attr]
            where = [float(x[bad][0]) for x in grid.inputs] if bad.any() else []
            demand(not bad.any(), op, None, f"the derivative of input {k} at {where} is NaN where the value is finite")


def label_is_rule(op: Op, case: Case, rng: np.random.Generator) -> None:
    """The derivative as text, evaluated, gives what the rule gives (where it can be written)."""
    if not CaseFunction(op, case).real:
        return
    attrs = {**op.defaults, **case.attrs}
    value = np.asarray(op.kernel(*case.inputs, **attrs))
    g = np.asarray(rng.standard_normal(value.shape))
    names = [f"x{k}" for k in range(len(case.inputs))]
    shapes = [value.shape, *[np.shape(x) for x in case.inputs]]
    for k in positions(op, case):
        written = symbol.derivative(op, k, output="y", inputs=names, attrs=attrs, shapes=shapes)
        if written is None:
            continue
        if isinstance(written, symbol.Symbol):
            result = written.evaluate({"y": value, "g": g, **dict(zip(names, case.inputs, strict=True))})
        else:
            result = np.asarray(written, value.dtype)
        result = np.asarray(result._array if isinstance(result, Tensor) else result)
        expected = np.asarray(rule_result(op, k, g, value, case.inputs, attrs))
        demand(close(result, expected), op, case, f"the label of input {k}, {written}, gives {result}, not {expected}")
