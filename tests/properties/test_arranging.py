"""NumPy's functions that arrange, join, pad and select: its values, and gradients that agree with differences."""

import inspect
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.test_composites import agree, distinct


def drawn(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.asarray(np.random.default_rng(seed).standard_normal(shape))


V, M, T = drawn(4), drawn(3, 4, seed=1), drawn(2, 3, 4, seed=2)
S = drawn(4, 4, seed=3)
E = np.zeros((0, 3))
MASK = np.array([True, False, True, True])
GRID = distinct((3, 4)) > 0

# Each is written once, and run with tinygraph's functions and with NumPy's in the place of `f`.
CASES = {
    # ------------------------------------------------------------------------------------------ arranging
    "reshape F": (lambda f, x: f.reshape(x, (4, 3), order="F"), M),
    "reshape C": (lambda f, x: f.reshape(x, (2, -1)), M),
    "ravel": (lambda f, x: f.ravel(x), M),
    "ravel F": (lambda f, x: f.ravel(x, "F"), T),
    "ravel 0-d": (lambda f, x: f.ravel(x), np.array(2.0)),
    "rollaxis 2": (lambda f, x: f.rollaxis(x, 2), T),
    "rollaxis 0 to 2": (lambda f, x: f.rollaxis(x, 0, 2), T),
    "rollaxis to the end": (lambda f, x: f.rollaxis(x, -2, 3), T),
    "rollaxis from the back": (lambda f, x: f.rollaxis(x, 1, -1), T),
    "permute_dims": (lambda f, x: f.permute_dims(x, (1, 2, 0)), T),
    "permute_dims all": (lambda f, x: f.permute_dims(x), T),
    "matrix_transpose": (lambda f, x: f.matrix_transpose(x), T),
    "flipud": (lambda f, x: f.flipud(x), M),
    "flipud vector": (lambda f, x: f.flipud(x), V),
    "fliplr": (lambda f, x: f.fliplr(x), T),
    **{f"rot90 {k}": (lambda f, x, k=k: f.rot90(x, k), T) for k in range(-1, 5)},
    "rot90 axes": (lambda f, x: f.rot90(x, 3, axes=(2, 0)), T),
    "rot90 axes back": (lambda f, x: f.rot90(x, 1, (-1, -2)), T),
    **{f"atleast_{n}d of {x.ndim}": (lambda f, x, n=n: getattr(f, f"atleast_{n}d")(x), x)
       for n in (1, 2, 3) for x in (np.array(1.5), V, M, T)},
    "atleast_2d of several": (lambda f, x, y: f.concatenate(f.atleast_2d(x, y), axis=None), V, T),
    "broadcast_arrays": (lambda f, x, y: f.stack(f.broadcast_arrays(x, y)), V, drawn(3, 1)),
    **{f"meshgrid {i} {s} {c}": (
        lambda f, x, y, z, i=i, s=s, c=c: f.concatenate([
            f.ravel(g) for g in f.meshgrid(x, y, z, indexing=i, sparse=s, copy=c)]), drawn(2), drawn(3), drawn(1))
       for i in ("xy", "ij") for s in (True, False) for c in (True, False)},
    "meshgrid of one": (lambda f, x: f.meshgrid(x)[0], V),
    "meshgrid shapes": (lambda f, x, y: f.meshgrid(x, y)[1], drawn(2), drawn(3)),
    "copy": (lambda f, x: f.copy(x), M),
    "resize larger": (lambda f, x: f.resize(x, (3, 5)), M[:2, :2]),
    "resize smaller": (lambda f, x: f.resize(x, 3), M),
    "resize to nothing": (lambda f, x: f.resize(x, (0, 2)), M),
    "resize nothing": (lambda f, x: f.resize(x, (0,)), E),
    "tile": (lambda f, x: f.tile(x, (2, 1, 2)), M),
    "repeat": (lambda f, x: f.repeat(x, [1, 0, 2], axis=0), M),
    "squeeze": (lambda f, x: f.squeeze(x, -1), drawn(2, 1)),
    "expand_dims": (lambda f, x: f.expand_dims(x, (0, -1)), V),
    # -------------------------------------------------------------------------------------------- joining
    "concat": (lambda f, x, y: f.concat((x, y), axis=-1), M, M[:, :1]),
    "concatenate float32": (lambda f, x: f.concatenate((x, x), dtype=np.longdouble, casting="safe"), V),
    "stack": (lambda f, x, y: f.stack((x, y), -2), M, M),
    "stack dtype": (lambda f, x: f.stack((x, x), dtype=np.longdouble), V),
    **{f"{name} {x.ndim}": (lambda f, x, name=name: getattr(f, name)([x, 2 * x]), x)
       for name in ("vstack", "hstack", "dstack", "column_stack") for x in (V, M, T)},
    "vstack 0-d": (lambda f, x: f.vstack((x, x)), np.array(1.5)),
    "hstack 0-d": (lambda f, x: f.hstack((x, x)), np.array(1.5)),
    "hstack dtype": (lambda f, x: f.hstack((x, x), dtype=np.longdouble), V),
    "column_stack of both": (lambda f, x, y: f.column_stack((x, y)), V, S),
    "block": (lambda f, x, y: f.block([[x, y], [y, x]]), M, M),
    "block ragged": (lambda f, x, y: f.block([[x, 2 * x], [y]]), S, drawn(2, 8)),
    "block of vectors": (lambda f, x: f.block([x, x]), V),
    "block of numbers": (lambda f, x: f.block([[x, 1.0], [0.0, x]]), np.array(1.5)),
    "block of one": (lambda f, x: f.block(x), M),
    "block deep": (lambda f, x: f.block([[[x], [x]]]), V),
    "block of different ranks": (lambda f, x, y: f.block([[x], [y]]), M, V),
    "array_split": (lambda f, x: f.array_split(x, 3)[0], drawn(5)),
    "array_split last": (lambda f, x: f.array_split(x, 3, axis=1)[-1], T),
    "array_split at": (lambda f, x: f.array_split(x, [1, 9], axis=-1)[1], M),
    "hsplit": (lambda f, x: f.hsplit(x, 2)[1], M),
    "hsplit vector": (lambda f, x: f.hsplit(x, [1])[1], V),
    "vsplit": (lambda f, x: f.vsplit(x, 3)[1], M),
    "dsplit": (lambda f, x: f.dsplit(x, 2)[1], T),
    "unstack": (lambda f, x: f.unstack(x, axis=-1)[2], T),
    "append": (lambda f, x, y: f.append(x, y), M, V),
    "append axis": (lambda f, x, y: f.append(x, y, axis=1), M, M),
    "append number": (lambda f, x: f.append(x, 2.0), V),
    "insert": (lambda f, x, y: f.insert(x, 1, y), V, np.array(2.5)),
    "insert negative": (lambda f, x: f.insert(x, -1, 2.5), V),
    "insert several": (lambda f, x, y: f.insert(x, [0, 2, 2], y), V, drawn(3)),
    "insert one of a list": (lambda f, x, y: f.insert(x, [1], y), V, drawn(3)),
    "insert row": (lambda f, x, y: f.insert(x, 1, y, axis=0), M, V),
    "insert column": (lambda f, x, y: f.insert(x, 1, y, axis=1), M, drawn(3)),
    "insert columns": (lambda f, x, y: f.insert(x, [1, 3], y, axis=-1), M, drawn(3, 2)),
    "insert column list": (lambda f, x, y: f.insert(x, [1], y, axis=1), M, drawn(3, 1)),
    "insert many at one place": (lambda f, x, y: f.insert(x, 1, y), V, drawn(2)),
    "insert flattened": (lambda f, x: f.insert(x, 2, 9.0), M),
    "insert slice": (lambda f, x, y: f.insert(x, slice(0, 3, 2), y), V, drawn(2)),
    "insert mask": (lambda f, x: f.insert(x, MASK, 9.0), V),
    "delete": (lambda f, x: f.delete(x, 1), V),
    "delete row": (lambda f, x: f.delete(x, -1, axis=0), M),
    "delete several": (lambda f, x: f.delete(x, [0, 2], axis=1), M),
    "delete slice": (lambda f, x: f.delete(x, slice(None, None, 2)), M),
    "delete mask": (lambda f, x: f.delete(x, MASK, axis=1), M),
    "split": (lambda f, x: f.split(x, 2, axis=1)[1], M),
    # -------------------------------------------------------------------------------- diagonals, triangles
    **{f"{name} {k} {x.ndim}": (lambda f, x, name=name, k=k: getattr(f, name)(x, k), x)
       for name in ("tril", "triu") for k in (-1, 0, 2) for x in (V, M, T)},
    **{f"diag {k} {x.shape}": (lambda f, x, k=k: f.diag(x, k), x) for k in (-2, 0, 1, 9) for x in (V, M)},
    "diag of nothing": (lambda f, x: f.diag(x), np.zeros(0)),
    **{f"diagonal {k}": (lambda f, x, k=k: f.diagonal(x, k, 2, 0), T) for k in (-3, -1, 0, 1)},
    "diagonal of axes": (lambda f, x: f.diagonal(x, axis1=-1, axis2=-2), T),
    "diagflat": (lambda f, x: f.diagflat(x, -1), M[:2, :2]),
    "diagflat number": (lambda f, x: f.diagflat(x), np.array(2.5)),
    "vander": (lambda f, x: f.vander(x), V),
    "vander N": (lambda f, x: f.vander(x, 3, increasing=True), np.array([0.0, -1.5, 2.0])),
    "vander none": (lambda f, x: f.vander(x, 0), V),
    # --------------------------------------------------------------------------------------------- padding
    **{f"pad {mode} {more}": (lambda f, x, mode=mode, more=more: f.pad(x, ((2, 1), (0, 3)), mode, **more), M)
       for mode, more in [
           ("constant", {"constant_values": 2.5}), ("constant", {"constant_values": ((1.0, 2.0), (3.0, 4.0))}),
           ("linear_ramp", {}), ("linear_ramp", {"end_values": (1.5, -2.0)}),
           ("linear_ramp", {"end_values": ((1.0, 2.0), (3.0, 4.0))}),
           ("maximum", {}), ("minimum", {"stat_length": 2}), ("mean", {"stat_length": ((1, 2), (3, 9))}), ("mean", {}),
           ("reflect", {"reflect_type": "odd"}), ("symmetric", {"reflect_type": "odd"}),
           ("reflect", {"reflect_type": "even"}), ("wrap", {}), ("edge", {}),
       ]},
    "pad dict": (lambda f, x: f.pad(x, {-1: (1, 2)}), M),
    "pad dict edge": (lambda f, x: f.pad(x, {0: 1}, mode="edge"), M),
    # ------------------------------------------------------------------------------------------- selection
    "take": (lambda f, x: f.take(x, [[0, 1], [3, -1]], 1), M),
    "take out": (lambda f, x: f.take(x, [5, -7], None, None, "wrap"), V),
    "take clip": (lambda f, x: f.take(x, [5, -7], mode="clip"), V),
    "compress": (lambda f, x: f.compress([True, False, True], x, axis=1), M),
    "compress flat": (lambda f, x: f.compress([0, 1, 1], x), M),
    "extract": (lambda f, x: f.extract(GRID, x), M),
    "choose": (lambda f, x, y: f.choose(np.array([[0], [2], [1]]), [x, y, x * y]), V, M),
    "choose wrap": (lambda f, x, y: f.choose(np.array([0, -1, 3, 2]), (x, y), mode="wrap"), V, 2 * V),
    "choose clip": (lambda f, x, y: f.choose(np.array([0, -1, 3, 2]), (x, y), mode="clip"), V, 2 * V),
    "choose one": (lambda f, x: f.choose(np.array([0, 0]), [x]), np.array(1.5)),
    "select": (lambda f, x, y: f.select([GRID, ~GRID & (distinct((3, 4)) < -0.5)], [x, y], 2.0), M, V),
    "select default": (lambda f, x: f.select([GRID], [x]), M),
    "select tensor default": (lambda f, x, y: f.select([GRID, GRID], [x, 2 * x], y), M, V),
    "piecewise": (lambda f, x: f.piecewise(x, [x < 0, x >= 0.5], [np.square, np.exp]), M),
    "piecewise otherwise": (lambda f, x: f.piecewise(x, [x < 0], [-1.0, lambda x, a, b=1: a * x**b], 2.0, b=3), M),
    "piecewise one condition": (lambda f, x: f.piecewise(x, x < 0, [np.sin, np.cos]), V),
    "piecewise list": (lambda f, x: f.piecewise(x, [True, False, True, False], [np.sin]), V),
    "piecewise overlap": (lambda f, x: f.piecewise(x, [x < 0.5, x < 0], [np.sin, np.exp]), M),
    "unwrap": (lambda f, x: f.unwrap(x), np.array([0.0, 3.0, -2.5, 5.0, -6.0, 0.1])),
    "unwrap axis": (lambda f, x: f.unwrap(x, 1.0, 0, period=2.5), 3 * M),
    "apply_along_axis": (lambda f, x: f.apply_along_axis(lambda v: v[0] * v[1:], 1, x), T),
    "apply_along_axis number": (lambda f, x: f.apply_along_axis(lambda v, p: (v**p).sum(), 0, x, 3), M),
    "apply_along_axis matrix": (lambda f, x: f.apply_along_axis(lambda v: np.outer(v, v), -1, x), M),
    "apply_over_axes": (lambda f, x: f.apply_over_axes(np.sum, x * x, [0, -1]), T),
    "apply_over_axes keeping": (lambda f, x: f.apply_over_axes(lambda a, k: np.cumsum(a, axis=k), x, [0, 1]), M),
    # ---------------------------------------------------------------------------------------- interpolation
    "interp": (lambda f, x, xp, fp: f.interp(x, xp, fp), np.array([[-1.0, 0.3], [1.7, 9.0]]),
               np.array([0.0, 1, 1.5, 3]), V),
    "interp ends": (lambda f, x, xp, fp: f.interp(x, xp, fp, left=-1.0, right=7.0), np.array([-1.0, 0.3, 9.0]),
                    np.array([0.0, 1, 1.5, 3]), V),
    "interp period": (lambda f, x, xp, fp: f.interp(x, xp, fp, period=-4.0), np.array([-1.2, 0.3, 3.9, 9.1]),
                      np.array([6.2, 1, 1.5, 3]), V),
    "interp number": (lambda f, x, xp, fp: f.interp(x, xp, fp), np.array(0.25), np.array([0.0, 1.0]), drawn(2)),
    "interp one point": (lambda f, x, xp, fp: f.interp(x, xp, fp), np.array([0.0, 2.0]), np.array([1.0]), drawn(1)),
}  # fmt: skip
SCALARS = {
    "trace": (lambda f, x: f.diagonal(x).sum(), M),
    "trace offset": (lambda f, x: np.trace(x, 1, 2, 0), T),
    "trace dtype": (lambda f, x: np.trace(x, dtype=np.longdouble), M),
}


LATE = {"unstack": AttributeError, "insert mask": FutureWarning, "pad dict": TypeError, "pad dict edge": TypeError}
"""What NumPy 2.0 cannot do, and how it says so."""


def known(name):
    """The case of this name; skipped where NumPy cannot do it."""
    function, *inputs = (CASES | SCALARS)[name]
    if name in LATE:
        try:
            function(np, *inputs)
        except LATE[name] as error:
            pytest.skip(f"not in NumPy {np.__version__}: {error}")
    return function, *inputs


@pytest.mark.parametrize("name", [*CASES, *SCALARS])
def test_values_and_gradients(name):
    function, *inputs = known(name)
    agree(lambda *xs: function(tg, *xs), lambda *xs: function(np, *xs), *inputs)


@pytest.mark.parametrize("name", [*CASES, *SCALARS])
def test_numpys_functions_record_and_keep_float32(name):
    function, *inputs = known(name)
    if "dtype" in name or "float32" in name:
        inputs = [x.astype(np.float32) for x in inputs]
    ours = function(np, *[tg.tensor(x, requires_grad=True) for x in inputs])
    assert isinstance(ours, tg.Tensor)
    single = [tg.tensor(x.astype(np.float32), requires_grad=True) for x in inputs]
    y = function(np, *single)
    expected = function(np, *[x.astype(np.float32) for x in inputs])
    assert y.dtype == np.asarray(expected).dtype  # of interp and vander NumPy makes float64
    if y.requires_grad:
        y.backward(np.ones(y.shape))
        assert {x.grad.dtype for x in single if x.grad is not None} <= {np.dtype(np.float32)}


SECOND = ["rot90 1", "meshgrid xy False True", "hstack 2", "block ragged", "insert columns", "delete row", "tril 0 3",
          "diag 1 (4,)", "diagonal 1", "vander N", "pad linear_ramp {}", "pad reflect {'reflect_type': 'odd'}",
          "choose", "select", "piecewise", "unwrap", "interp", "interp period", "apply_along_axis"]  # fmt: skip


@pytest.mark.parametrize("name", SECOND)
def test_second_order(name):
    function, *inputs = CASES[name]
    assert tg.check_gradients(lambda *xs: np.sin(function(tg, *xs)), *inputs, order=2).ok


# ------------------------------------------------------------- what differences or one-to-one tests cannot show


@pytest.mark.parametrize("trim", ["f", "b", "fb", "B"])
@pytest.mark.parametrize(
    "x", [[0, 0, 1.5, 0, 2.5, 0], [0.0, 0.0], [1.0], [[0, 0, 0], [0, 1.5, 0]], [[0.0, 0.0]]], ids=str
)
def test_trim_zeros(trim, x):
    if "axis" not in inspect.signature(np.trim_zeros).parameters:
        pytest.skip(f"np.trim_zeros of NumPy {np.__version__} takes no axis")
    t = tg.tensor(np.array(x), requires_grad=True)
    for axis in (None, 0, -1):
        y = np.trim_zeros(t, trim, axis)
        np.testing.assert_array_equal(y.numpy(), np.trim_zeros(np.array(x), trim, axis))
    y = np.trim_zeros(t)
    y.sum().backward()
    assert t.grad.numpy().sum() == y.size


def test_row_stack_is_vstack():
    assert tg.row_stack([V, V]).shape == (2, 4)


def test_where_of_a_condition_alone():
    t = tg.tensor(M, requires_grad=True)
    for mine, theirs in zip(np.where(t > 0), np.where(M > 0), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for name in ("nonzero", "flatnonzero", "argwhere", "count_nonzero"):
        theirs = getattr(np, name)(M > 0.2)
        np.testing.assert_array_equal(np.asarray(getattr(np, name)(t > 0.2)), theirs)


PUTS = {
    "put": lambda x, v: np.put(x, [0, -1, 5], v),
    "put wrapped": lambda x, v: np.put(x, [13, -30], v, mode="wrap"),
    "put clipped": lambda x, v: np.put(x, [99], v[:1], "clip"),
    "put nothing": lambda x, v: np.put(x, [], v),
    "putmask": lambda x, v: np.putmask(x, GRID, v),
    "place": lambda x, v: np.place(x, GRID, v[:2]),
    "copyto": lambda x, v: np.copyto(x, v[None]),
    "copyto where": lambda x, v: np.copyto(x, v, where=GRID),
    "copyto number": lambda x, v: np.copyto(x, 2, where=GRID[:, :1]),
    "put_along_axis": lambda x, v: np.put_along_axis(x, np.array([[1], [0], [3]]), v[:3, None], axis=1),
    "put_along_axis flat": lambda x, v: np.put_along_axis(x, np.array([1, 7, 3, 9]), v, axis=None),
    "fill_diagonal": lambda x, v: np.fill_diagonal(x, v[:2]),
    "fill_diagonal number": lambda x, v: np.fill_diagonal(x, 2.5),
}


@pytest.mark.parametrize("name", PUTS)
def test_writing_into_a_tensor_gives_its_handle_a_new_value(name):
    def ours(x, v):
        y = x * 1.0
        PUTS[name](y, v)
        return y

    agree(ours, ours, M, V)
    x = tg.tensor(M, requires_grad=True)
    y = x * 1.0
    before = y.node
    PUTS[name](y, V)
    assert y.node is not None
    assert (y.node is before) == (name == "put nothing")


@pytest.mark.parametrize("shape", [(5, 2), (3, 3, 3), (2, 4)])
@pytest.mark.parametrize("wrap", [False, True])
def test_fill_diagonal(shape, wrap):
    expected = np.zeros(shape)
    np.fill_diagonal(expected, [1.0, 2.0], wrap)
    t = tg.tensor(np.zeros(shape))
    np.fill_diagonal(t, np.array([1.0, 2.0]), wrap)
    np.testing.assert_array_equal(t.numpy(), expected)


def test_an_array_does_not_hold_a_recorded_value():
    with pytest.raises(tg.NotDifferentiable, match="would leave the graph"):
        np.copyto(np.zeros(3), tg.tensor(np.ones(3), requires_grad=True))


def test_interp_at_points_that_fall_together():
    x, xp, fp = np.array([0.5, 1.0, 1.5]), np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 1.0, 5.0, 6.0])
    np.testing.assert_array_equal(tg.interp(x, xp, fp), np.interp(x, xp, fp))
    xp = np.array([0.0, 1.0, 1.0])
    np.testing.assert_array_equal(tg.interp(np.array([1.0]), xp, fp[:3]), np.interp([1.0], xp, fp[:3]))


def test_a_compiled_step_interpolates_anew():
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, -2.0])
    step = tg.compile(lambda x: np.interp(x, xp, fp).sum())
    for at in ([0.5, 2.0], [2.5, 0.1]):
        assert step(tg.tensor(np.array(at))).item() == pytest.approx(np.interp(at, xp, fp).sum())


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.longdouble, np.complex64, np.complex128, np.int64])
@pytest.mark.parametrize("index", [np.array([0, 2, -1, 2]), (np.array([0, 2, 2, 2]), np.array([1, -1, 1, 1]))], ids=str)
def test_scatter_adds_repeats_in_every_dtype(dtype, index):
    x = (np.arange(12).reshape(4, 3) if isinstance(index, np.ndarray) else np.arange(4)).astype(dtype)
    expected = np.zeros((3, 3), dtype)
    np.add.at(expected, index, x)
    found = tg.scatter(x, index=index, shape=(3, 3))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tg.ravel(M, "K"), "ravel: order='K' depends on how the elements lie in memory; give 'C' or 'F'"),
        (lambda: tg.rollaxis(M, 2), r"rollaxis: axis=2, start=0 are not there in shape \(3, 4\)"),
        (lambda: tg.rot90(M, 1, (0, -2)), r"rot90: axes \(0, -2\) of shape \(3, 4\) are one; give two different ones"),
        (lambda: tg.matrix_transpose(V), r"matrix_transpose: shape \(4,\) has no matrix; give at least two axes"),
        (lambda: tg.meshgrid(V, V, indexing="ab"), "meshgrid: indexing='ab' is not known; give 'xy' or 'ij'"),
        (lambda: tg.trim_zeros(V, "x"), "trim_zeros: trim='x' is not known; give 'f', 'b' or 'fb'"),
        (lambda: tg.block([[V], V]), "block: lists of different depths, or an empty one, among 2; nest all alike"),
        (lambda: tg.block([[V], []]), "block: lists of different depths, or an empty one"),
        (lambda: tg.array_split(V, 0), "array_split: 0 sections cannot be; give at least 1, or the indices where to c"),
        (lambda: tg.vsplit(V, 2), r"vsplit: shape \(4,\) has too few axes; give at least 2"),
        (lambda: tg.unstack(np.array(1.0)), "unstack: a single number has no axis to take apart; give an array"),
        (lambda: tg.diag(T), r"diag: shape \(2, 3, 4\) is neither a vector nor a matrix; use diagonal or diagflat"),
        (lambda: tg.diagonal(V), r"diagonal: axes 0 and 1 of shape \(4,\) make no matrix; give two different"),
        (lambda: tg.fill_diagonal(T, 1), r"fill_diagonal: shape \(2, 3, 4\) has no diagonal; give two axes, or more o"),
        (lambda: tg.vander(M), r"vander: shape \(3, 4\) is no vector; flatten it first"),
        (lambda: tg.compress(GRID, M), r"compress: condition of shape \(3, 4\) is no vector; use extract or x\[mask\]"),
        (lambda: tg.choose(np.array([2]), [V, V]), "choose: numbers from 2 to 2 for 2 choices; give 0 to 1"),
        (lambda: tg.select([GRID], []), "select: 1 conditions for 0 choices; give one for each, at least 1"),
        (lambda: tg.piecewise(V, [V < 0], [1, 2, 3]), "piecewise: 3 functions for 1 conditions; give as many, or one"),
        (lambda: tg.interp(V, V, V[1:]), r"interp: xp of shape \(4,\) and fp of shape \(3,\) must be vectors of one l"),
        (lambda: tg.interp(V, V, V, period=0), "interp: period=0 cannot be; give another, or None"),
        (lambda: tg.apply_along_axis(np.sum, 1, E), r"apply_along_axis: shape \(0, 3\) has no vectors along axis 1; g"),
        (lambda: tg.apply_over_axes(lambda a, k: a.sum(), T, 0), r"apply_over_axes: func gave shape \(\); it may take"),
        (lambda: tg.place(V.copy(), MASK, []), "place: no values to place where the mask holds; give at least one"),
        (lambda: tg.copyto(V.copy(), M), r"copyto: a source of shape \(3, 4\) does not fit into one of shape \(4,\)"),
    ],
)  # fmt: skip
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_casts_that_lose_say_so():
    with pytest.raises(TypeError, match="copyto: float64 cannot be cast to float32 as casting='safe'; cast it first"):
        tg.copyto(tg.tensor(V.astype(np.float32)), V, "safe")
    with pytest.raises(
        TypeError, match="concatenate: float64 cannot be cast to int64 as casting='same_kind'; allow it"
    ):
        tg.concatenate([V, V], dtype=np.int64)
    for call in (
        lambda: tg.take(V, 0, out=V),
        lambda: tg.compress(MASK, V, None, V),
        lambda: tg.ops.trace(tg.tensor(M), out=V),
    ):
        with pytest.raises(
            tg.NotDifferentiable, match=r"an array cannot hold a recorded result \(out=\); write y = np\."
        ):
            call()


def test_indices_of_triangles_and_diagonals_are_those_of_the_shape():
    t = tg.tensor(S, requires_grad=True)
    for f in (np.tril_indices_from, np.triu_indices_from, np.diag_indices_from):
        np.testing.assert_array_equal(t[f(t)].numpy(), S[f(S)])


def test_pad_with_medians():
    agree(lambda x: tg.pad(x, ((2, 1), (0, 3)), "median", stat_length=3),
          lambda x: np.pad(x, ((2, 1), (0, 3)), "median", stat_length=3), M)  # fmt: skip


def test_padding_that_depends_on_a_function_says_so():
    with pytest.raises(tg.NotDifferentiable, match=r"pad: mode <function .* has no gradient; use one of const"):
        np.pad(tg.tensor(V, requires_grad=True), 1, lambda *args: None)
