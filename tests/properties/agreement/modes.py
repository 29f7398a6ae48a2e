"""What must agree on every program: ways to run it, ways to differentiate it, orders, and what is left behind."""

from __future__ import annotations

import gc
import itertools
import pickle
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygraph as tg

from .mixture import Mixture
from .subject import ULPS, Subject, array, eps, largest, wide

Mode = Callable[[Subject], None]


def leaves(s: Subject) -> list[Any]:
    return [tg.tensor(x, requires_grad=True) for x in s.xs]


def after_backward(s: Subject, loss: Any, given: list[Any], **how: Any) -> list[Any]:
    if getattr(loss, "requires_grad", False):
        loss.backward(**how)
    return [np.zeros(x.shape, x.dtype) if x.grad is None else x.grad.numpy() for x in given]


# ------------------------------------------------------------------------------------------------------- values


def value_like_numpy(s: Subject) -> None:
    """Tensors give what NumPy gives for arrays, in dtype and shape, and in value as far as rounding reaches."""
    found = s.f(*map(tg.tensor, s.xs))
    s.same("value of tensors", found, s.plain, s.value_reach)


def values_in_every_mode(s: Subject) -> None:
    """Recorded or not, checkpointed, drawn, in a thread, with leaves from a pickle: bit for bit the same values."""
    expected = s.f(*map(tg.tensor, s.xs))
    s.same("value of leaves", s.f(*leaves(s)), expected)
    with tg.no_grad():
        s.same("value under no_grad", s.f(*leaves(s)), expected)
    with tg.keep_values(), tg.origins():
        s.same("value under keep_values", s.f(*leaves(s)), expected)
    s.same("value of leaves from a pickle", s.f(*pickle.loads(pickle.dumps(leaves(s)))), expected)
    s.same("value in a thread", in_thread(lambda: s.f(*leaves(s))), expected)
    s.same("value again", s.f(*leaves(s)), expected)


def in_thread(f: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(f()))
    thread.start()
    thread.join()
    return found[0]


# ------------------------------------------------------------------------------------------------- first order


def gradients_fit(s: Subject) -> None:
    """A gradient has its input's dtype and shape, and is the same when asked for again."""
    for k, (g, x) in enumerate(zip(s.gradient, s.xs, strict=True)):
        if np.shape(g) != x.shape or np.asarray(g).dtype != x.dtype:
            s.fail("grad", f"gradient {k} is {np.asarray(g).dtype}{np.shape(g)}, the input {x.dtype}{x.shape}")
    s.same("grad again", tg.grad(s.loss, s.every)(*s.xs), s.gradient)


def backward_is_grad(s: Subject) -> None:
    """backward(), with and without a graph kept or made, and after a pickle, in a thread, drawn, checkpointed."""
    given = leaves(s)
    s.same("backward", after_backward(s, s.loss(*given), given), s.gradient)
    given = leaves(s)
    loss = s.loss(*given)
    s.same("backward with retain_graph", after_backward(s, loss, given, retain_graph=True), s.gradient)
    twice = [g + g for g in map(np.asarray, s.gradient)]
    s.same("backward twice", after_backward(s, loss, given), twice)
    given = leaves(s)
    created = after_backward(s, s.loss(*given), given, create_graph=True)
    s.same("backward with create_graph", created, s.gradient, s.gradient_reach)
    given = pickle.loads(pickle.dumps(leaves(s)))
    s.same("backward from a pickle", after_backward(s, s.loss(*given), given), s.gradient)
    given = leaves(s)
    s.same("backward in a thread", in_thread(lambda: after_backward(s, s.loss(*given), given)), s.gradient)
    with tg.keep_values(), tg.detect_anomaly():
        given = leaves(s)
        s.same("backward under detect_anomaly", after_backward(s, s.loss(*given), given), s.gradient)
    given = leaves(s)
    s.same("checkpoint", after_backward(s, tg.checkpoint(s.loss)(*given), given), s.gradient, s.gradient_reach)


def drawing_changes_nothing(s: Subject) -> None:
    """A loss that was drawn or traced has the same gradients."""
    given = leaves(s)
    loss = s.loss(*given)
    if getattr(loss, "requires_grad", False):
        str(tg.draw(loss))
        s.same("backward after draw", after_backward(s, loss, given), s.gradient)
        given = leaves(s)
        loss = s.loss(*given)
        tg.trace(loss)
        s.same("backward after trace", after_backward(s, loss, given, retain_graph=True), s.gradient)


def vjp_and_jvp(s: Subject) -> None:
    """<J v, 1> = <v, J^T 1> along v, and vjp of the loss is its gradient."""
    y, pull = tg.vjp(s.loss, *s.xs)
    s.same("vjp", pull(np.ones_like(array(y))), s.gradient)
    value, t = tg.jvp(s.loss, tuple(s.xs), tuple(s.v))
    s.same("value of jvp", [value], [y])
    s.same("jvp", [t], [inner(s.gradient, s.v).astype(np.asarray(t).dtype)], [slope_reach(s) + 8 * eps(t) * parts(s)])


def inner(g: Any, v: Any) -> Any:
    return np.asarray(sum(np.sum(np.real(np.conj(wider(a)) * wider(b))) for a, b in zip(g, v, strict=True)))


def wider(x: Any) -> Any:
    return np.asarray(x).astype(wide(np.asarray(x)))


def parts(s: Subject) -> float:
    return float(sum(np.sum(np.abs(wider(g)) * np.abs(wider(v))) for g, v in zip(s.gradient, s.v, strict=True)))


def slope_reach(s: Subject) -> Any:
    moves = [np.sum(np.abs(wider(v))) for v in s.v]
    return np.asarray(sum(r * m for r, m in zip(s.gradient_reach, moves, strict=True) if m))  # a reach may be infinite


def jacobian_is_rows(s: Subject) -> None:
    """The Jacobian of each real result has vjp's rows and jvp's columns."""
    for k, y in enumerate(s.plain):
        if np.asarray(y).dtype.kind != "f" or not s.real or not 0 < np.size(y) <= 6 or sum(x.size for x in s.xs) > 12:
            continue

        def one(*xs: Any, k: int = k) -> Any:
            return s.f(*xs)[k]

        whole = tg.jacobian(one, s.every)(*s.xs)
        _, pull = tg.vjp(one, *s.xs)
        rows = [pull(e.reshape(np.shape(y)).astype(y.dtype)) for e in np.eye(np.size(y))]
        found = [
            np.stack([r[j] for r in rows]).reshape(np.shape(y) + x.shape).astype(whole[j].dtype)
            for j, x in enumerate(s.xs)
        ]
        size = [ULPS * ULPS * eps(y) * (1 + largest(j)) + r for j, r in zip(whole, s.gradient_reach, strict=True)]
        s.same(f"jacobian of result {k} by rows", found, whole, size)
        t = np.asarray(tg.jvp(one, tuple(s.xs), tuple(s.v))[1])
        expected = sum(np.tensordot(wider(j), wider(v), v.ndim) for j, v in zip(whole, s.v, strict=True))
        s.same(
            f"jvp of result {k}",
            [t],
            [np.asarray(expected).astype(t.dtype)],
            [4 * sum(np.sum(np.abs(wider(v))) * z for v, z in zip(s.v, size, strict=True))],
        )


# ----------------------------------------------------------------------------------------------- higher orders


def second_order(s: Subject) -> None:
    """hvp, grad of grad along v, jvp of grad, a second backward and the Hessian are one."""
    expected, reach = s.curvature, s.curvature_reach
    g = tg.grad(s.loss, s.every)

    def along(*xs: Any) -> Any:
        return sum(np.sum(np.real(np.conj(a) * v)) for a, v in zip(g(*xs), s.v, strict=True))

    s.same("grad of grad", tg.grad(along, s.every)(*s.xs), expected, reach)
    given = leaves(s)
    loss = s.loss(*given)
    if getattr(loss, "requires_grad", False):
        loss.backward(create_graph=True)
        first = [x.grad for x in given]
        for x in given:
            x.grad = None
        total = sum(np.sum(np.real(np.conj(a) * v)) for a, v in zip(first, s.v, strict=True) if a is not None)
        s.same("second backward", after_backward(s, total, given), expected, reach)
    for k, x in enumerate(s.xs):

        def part(*xs: Any, k: int = k) -> Any:
            return g(*xs)[k]

        t = tg.jvp(part, tuple(s.xs), tuple(s.v))[1]
        s.same(f"jvp of gradient {k}", [t], [expected[k]], [reach[k]])
        if s.real and 0 < x.size <= 5 and len(s.xs) == 1:
            h = tg.hessian(s.loss)(x)
            flat = np.asarray(h).reshape(x.size, x.size)
            bound = reach[k] + ULPS * eps(h) * largest(h)
            s.same("hessian transposed", [flat.T], [flat], [bound])
            s.same("jacobian of grad", [tg.jacobian(tg.grad(s.loss))(x)], [h], [bound])
            s.same("hessian along v", [(flat @ s.v[k].ravel()).reshape(x.shape)], [expected[k]], [8 * bound])


def orders_along_a_line(s: Subject) -> None:
    """The derivatives of s -> loss(x + s v) of orders 1 to 3: reverse nested, forward nested, and by differences."""
    if not all(x.dtype.name in ("float64", "complex128") for x in s.xs):
        return
    if any(np.asarray(y).dtype.name not in ("float64", "complex128") for y in s.plain):
        return

    def phi(t: Any) -> Any:
        return s.loss(*[x + t * v for x, v in zip(s.xs, s.v, strict=True)])

    def forward(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda t: tg.jvp(f, (t,), (np.float64(1.0),))[1]

    backward = tg.grad
    zero = np.float64(0.0)
    lower: Callable[..., Any] = phi
    for order in (1, 2, 3):
        d = np.asarray(backward(lower)(zero))
        found = differences(lambda t: float(array(lower(t))))  # noqa: B023
        if found is not None:
            slope, error = found
            if abs(slope - d) > 10 * error + 1e-7 * (abs(slope) + abs(d)):
                s.fail(f"order {order} along a line", f"is {d}, by differences {slope} (error {error})")
            t = np.asarray(forward(lower)(zero))
            if abs(t - d) > 1e-2 * error + 1e-9 * (abs(t) + abs(d) + 1):
                s.fail(f"order {order} forward", f"is {t}, reverse {d}")
        lower = backward(lower)


def differences(f: Callable[[float], float]) -> tuple[float, float] | None:
    """The slope at 0 by central differences, extrapolated, and what two steps differ by; None at a kink."""
    estimates = []
    for h in (1e-3, 2.5e-4, 6e-5, 1.5e-5):
        try:
            a, b, c = f(np.float64(h)), f(np.float64(-h)), f(np.float64(0.0))
            wide_a, wide_b = f(np.float64(2 * h)), f(np.float64(-2 * h))
        except (ArithmeticError, ValueError, np.linalg.LinAlgError, RuntimeWarning):
            return None
        if not np.isfinite([a, b, c, wide_a, wide_b]).all():
            return None
        left, right = (c - b) / h, (a - c) / h
        bend = abs(left - right)
        estimates.append(((8 * (a - b) - (wide_a - wide_b)) / (12 * h), bend))
    steps = [abs(x[0] - y[0]) for x, y in itertools.pairwise(estimates)]
    k = int(np.argmin(steps))
    slope = estimates[k + 1][0]
    if estimates[3][1] > 0.3 * estimates[1][1] + 1e-4 * (1 + abs(slope)) or steps[k] > 1e-3 * (1 + abs(slope)):
        return None  # the slope jumps, or nothing can be said
    return slope, max(steps[k], 1e-9 * (1 + abs(slope)))


def lower_precision_is_near(s: Subject) -> None:
    """float16, float32 and complex64 give what float64 gives, as far as their rounding reaches."""
    if all(x.dtype.name in ("float64", "complex128") for x in s.xs):
        return
    wide_xs = [wider(x) for x in s.xs]
    for k, (g, exact) in enumerate(zip(s.gradient, tg.grad(s.loss, s.every)(*wide_xs), strict=True)):
        bound = s.gradient_reach[k]
        off = np.abs(wider(g) - exact)
        if np.isfinite(bound) and not np.all(off <= 4 * bound + ULPS * s.worst * largest(exact)):
            s.fail("precision", f"gradient {k} is {g!r}, of float64 {exact!r}, within {bound}")


def differences_agree(s: Subject) -> None:
    """check_gradients finds nothing wrong."""
    if s.worst < 1e-15 and all(x.dtype.name == "float64" for x in s.xs) and sum(x.size for x in s.xs) <= 100:
        report = tg.check_gradients(s.loss, *s.xs, raises=False)
        if not report.ok and "f jumps there" not in str(report):
            s.fail("check_gradients", str(report))


# -------------------------------------------------------------------------------------------------- compiled

ROUNDED = ("linalg", "pinv", "checkpoint", "'solve'", "'inv'")
"""What BLAS and LAPACK round by the layout of memory, and checkpoints add up in another order, in a compiled step."""


def compiled_is_eager(s: Subject) -> None:
    """A compiled step gives values and gradients bit for bit, at its first call and at the next."""
    given = leaves(s)

    def step() -> Any:
        loss = s.loss(*given)
        loss.backward()
        return loss

    eager = leaves(s)
    if "default_rng" in repr(s.f):  # a generator made in a step goes on from call to call
        return
    if not getattr(s.loss(*eager), "requires_grad", False):
        return
    value = s.loss(*eager)
    loosely = any(name in repr(s.f) for name in ROUNDED) or None
    try:
        compiled = tg.compile(step)
        first = compiled()
    except tg.TraceError:
        return
    for call, got in (("first", first), ("second", None)):
        if got is None:
            for x in given:
                x.grad = None
            got = compiled()
        s.same(f"value of the {call} compiled call", [got], [value], loosely and s.loss_reach)
        found = [np.zeros(x.shape, x.dtype) if x.grad is None else x.grad.numpy() for x in given]
        s.same(f"gradient of the {call} compiled call", found, s.gradient, loosely and s.gradient_reach)


# --------------------------------------------------------------------------------------------- what is left


def nothing_is_left(s: Subject) -> None:
    """Nothing that only the collector of cycles could free."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        given = leaves(s)
        after_backward(s, s.loss(*given), given)
        tg.grad(s.loss, s.every)(*s.xs)
        del given
        left = gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    if left:
        s.fail("garbage", f"{left} objects in cycles")


MODES: tuple[Mode, ...] = (
    values_in_every_mode, gradients_fit, backward_is_grad, vjp_and_jvp, jacobian_is_rows, lower_precision_is_near,
    second_order, orders_along_a_line, compiled_is_eager, nothing_is_left, drawing_changes_nothing, differences_agree,
)  # fmt: skip


LATER = (second_order, orders_along_a_line, differences_agree)
"""Where another point, or another order at this one, may be singular or out of range, of which NumPy warns."""


def agree(f: Mixture, modes: tuple[Mode, ...] = MODES) -> None:
    """Demand that all modes agree on a program, without a warning, and leave its inputs as they are."""
    s = Subject(f)
    before = [x.tobytes() for x in s.xs]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value_like_numpy(s)
        for mode in modes:
            try:
                mode(s)
            except AssertionError:
                raise
            except tg.NotDifferentiable:
                if mode in (values_in_every_mode, gradients_fit):
                    raise
            except RuntimeWarning as warning:  # beyond what float16 holds, or singular in second order only
                if not (mode in LATER or ("overflow" in str(warning) and s.worst > 1e-4)):
                    raise
            if [x.tobytes() for x in s.xs] != before:
                s.fail(mode.__name__, "an input was changed")
