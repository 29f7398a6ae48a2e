"""Functions composed of operations: NumPy's values, and gradients that agree with differences, on drawn inputs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.testing.strategies import arrays, axes, broadcastable_shapes, shapes, values, views


def distinct(shape: tuple[int, ...], seed: int = 0) -> np.ndarray[Any, Any]:
    """Values without ties, no two closer than 0.1."""
    size = int(np.prod(shape, dtype=int))
    order = np.random.default_rng(seed).permutation(size)
    return ((order - size / 2) * 0.3 + 0.1).reshape(shape)


def agree(ours: Any, theirs: Any, *inputs: Any, order: int = 1) -> None:
    """`ours` computes what NumPy's function does, in its dtype, on arrays and on Tensors, and its gradient is right."""
    expected = np.asarray(theirs(*inputs))
    for result in (ours(*inputs), ours(*[tg.tensor(x) for x in inputs])):
        value = result.numpy() if isinstance(result, tg.Tensor) else np.asarray(result)
        assert value.shape == expected.shape
        assert value.dtype == expected.dtype
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
    report = tg.check_gradients(ours, *inputs, order=order)
    assert report.ok


# ------------------------------------------------------------------------------------------------ reductions

REDUCTIONS = ["sum", "mean", "var", "std", "max", "min", "prod"]


@pytest.mark.parametrize("name", REDUCTIONS)
@given(data=st.data())
@settings(max_examples=25)
def test_reductions_over_any_axes(name, data):
    x = distinct(data.draw(shapes(0, 3, 1, 3)), seed=data.draw(st.integers(0, 9)))
    x = data.draw(views(x))
    options = {"axis": data.draw(axes(x.ndim)), "keepdims": data.draw(st.booleans())}
    if name in ("var", "std"):
        options["ddof"] = data.draw(st.sampled_from([0, 1, 0.5]))
        over = range(x.ndim) if options["axis"] is None else np.atleast_1d(np.array(options["axis"], int))
        assume(np.prod([x.shape[a] for a in over], dtype=int) >= 2)
    agree(lambda x: getattr(tg, name)(x, **options), lambda x: getattr(np, name)(x, **options), x)


@pytest.mark.parametrize("name", REDUCTIONS)
@given(data=st.data())
@settings(max_examples=15)
def test_reductions_where_a_mask_holds(name, data):
    shape = data.draw(shapes(1, 2, 2, 3))
    x = distinct(shape)
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=x.size, max_size=x.size))).reshape(shape)
    axis = data.draw(st.sampled_from([None, 0, -1]))
    assume((mask.sum(axis=axis) >= 2).all())
    options: dict[str, Any] = {"axis": axis, "where": mask}
    if name in ("max", "min"):
        options["initial"] = 0.05
    agree(lambda x: getattr(tg, name)(x, **options), lambda x: getattr(np, name)(x, **options), x)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "prod", "cumsum"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_reductions_with_a_dtype(name, dtype):
    x = distinct((2, 3))
    ours, theirs = getattr(tg, name), getattr(np, name)
    result = ours(tg.tensor(x, requires_grad=True), axis=1, dtype=dtype)
    assert result.dtype == dtype
    np.testing.assert_allclose(result.numpy(), theirs(x, axis=1, dtype=dtype), rtol=1e-5)
    t = tg.tensor(x, requires_grad=True)
    ours(t, axis=1, dtype=dtype).sum().backward()
    reference = tg.grad(lambda x: ours(x, axis=1).sum())(x)
    assert t.grad.dtype == np.float64
    np.testing.assert_allclose(t.grad.numpy(), reference, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["max", "min"])
def test_extrema_of_nothing_are_the_initial_value(name):
    x = np.zeros((0, 3))
    agree(lambda x: getattr(tg, name)(x, axis=0, initial=1.5), lambda x: getattr(np, name)(x, axis=0, initial=1.5), x)


@pytest.mark.parametrize("name", ["max", "min"])
def test_extrema_where_nothing_is_given_for_none(name):
    with pytest.raises(ValueError, match="where= leaves positions out; give initial="):
        getattr(tg, name)(np.ones(2), where=np.array([True, False]))


@given(data=st.data())
@settings(max_examples=20)
def test_cumsum_any_axis(data):
    x = data.draw(arrays(shapes(1, 3, 0, 3)))
    axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    agree(lambda x: tg.cumsum(x, axis=axis), lambda x: np.cumsum(x, axis=axis), x)


@pytest.mark.parametrize("zeros", [False, True])
@given(data=st.data())
@settings(max_examples=20)
def test_cumprod_any_axis(zeros, data):
    x = data.draw(arrays(shapes(1, 3, 0, 3)))
    x = np.where(np.abs(x) < 1, 0, x) if zeros else x
    axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    agree(lambda x: tg.cumprod(x, axis=axis), lambda x: np.cumprod(x, axis=axis), x, order=2)


@given(data=st.data())
@settings(max_examples=20)
def test_prod_with_zeros(data):
    x = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.0, 1.5, -2.0, 0.5]), min_size=1, max_size=6)))
    agree(tg.prod, np.prod, x)
    t = tg.tensor(x, requires_grad=True)
    tg.prod(t).backward()
    np.testing.assert_allclose(t.grad.numpy(), [np.prod(np.delete(x, k)) for k in range(x.size)])


# ------------------------------------------------------------------------------------------ shape and copies


@given(data=st.data())
@settings(max_examples=25)
def test_tile(data):
    x = data.draw(arrays(shapes(0, 2, 0, 3)))
    reps = data.draw(st.one_of(st.integers(0, 3), st.lists(st.integers(0, 2), min_size=1, max_size=3).map(tuple)))
    agree(lambda x: tg.tile(x, reps), lambda x: np.tile(x, reps), x)


@given(data=st.data())
@settings(max_examples=25)
def test_repeat(data):
    x = data.draw(arrays(shapes(1, 3, 0, 3)))
    axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    n = x.size if axis is None else x.shape[axis]
    repeats = data.draw(st.one_of(st.integers(0, 2), st.lists(st.integers(0, 2), min_size=n, max_size=n).filter(len)))
    agree(lambda x: tg.repeat(x, repeats, axis=axis), lambda x: np.repeat(x, repeats, axis=axis), x)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric", "wrap"])
@given(data=st.data())
@settings(max_examples=12)
def test_pad(mode, data):
    x = data.draw(arrays(shapes(1, 2, 1, 3)))
    pairs = st.tuples(st.integers(0, 3), st.integers(0, 3))
    width = data.draw(st.one_of(st.integers(0, 2), st.lists(pairs, min_size=x.ndim, max_size=x.ndim)))
    agree(lambda x: tg.pad(x, width, mode), lambda x: np.pad(x, width, mode), x)  # type: ignore[call-overload]


def test_pad_with_a_constant():
    x = distinct((2, 3))
    agree(
        lambda x: tg.pad(x, ((1, 0), (0, 2)), constant_values=7.0),
        lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=7.0),
        x,
    )
    with pytest.raises(tg.NotDifferentiable, match="pad: mode 'empty' has no gradient; use one of constant, edge"):
        tg.pad(tg.tensor(x), 1, "empty")
    with pytest.raises(ValueError, match="pad: mode 'edge' does not take end_values; it takes none"):
        tg.pad(tg.tensor(x), 1, "edge", end_values=1)


@given(data=st.data())
@settings(max_examples=20)
def test_split(data):
    x = data.draw(arrays(shapes(1, 3, 0, 4)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    n = x.shape[axis]
    where = data.draw(st.lists(st.integers(0, n + 1), max_size=3).map(sorted))
    if data.draw(st.booleans()):
        where = data.draw(st.sampled_from([k for k in range(1, n + 2) if n % k == 0]))
    ours, theirs = tg.split(tg.tensor(x), where, axis), np.split(x, where, axis)
    assert [t.shape for t in ours] == [t.shape for t in theirs]
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)
    tg.check_gradients(lambda x: tg.split(x, where, axis), x)


def test_split_into_unequal_sections():
    with pytest.raises(ValueError, match="split: axis 0 of length 5 cannot be cut into 2 equal sections; give the ind"):
        tg.split(np.ones(5), 2)


@given(data=st.data())
@settings(max_examples=20)
def test_concatenate_and_stack(data):
    shape = data.draw(shapes(1, 3, 0, 3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x, y, z = (data.draw(arrays(shape)) for _ in range(3))
    agree(
        lambda x, y, z: tg.concatenate([x, y, z], axis=axis),
        lambda x, y, z: np.concatenate([x, y, z], axis=axis),
        x,
        y,
        z,
    )
    agree(lambda x, y, z: tg.stack([x, y, z], axis=axis), lambda x, y, z: np.stack([x, y, z], axis=axis), x, y, z)
    agree(lambda x, y: tg.concatenate([x, y], axis=None), lambda x, y: np.concatenate([x, y], axis=None), x, y)
    agree(lambda x: tg.stack([x, 2 * x]), lambda x: np.stack([x, 2 * x]), x)


# ---------------------------------------------------------------------------------------------- indexing


@st.composite
def indices(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """A basic index: ints, slices of any step, an ellipsis, new axes."""
    parts: list[Any] = []
    for n in shape[: draw(st.integers(0, len(shape)))]:
        kinds = ["slice", "new"] + (["int"] if n else [])
        kind = draw(st.sampled_from(kinds))
        if kind == "new":
            parts.append(None)
        if kind == "int":
            parts.append(draw(st.integers(-n, n - 1)))
        else:
            parts.append(draw(st.slices(n)))
    if draw(st.booleans()):
        parts.append(Ellipsis)
    return tuple(parts) if len(parts) != 1 or draw(st.booleans()) else parts[0]


@st.composite
def advanced(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """A mask, or integer arrays with repeats for some axes, slices for others."""
    if draw(st.booleans()):
        size = int(np.prod(shape, dtype=int))
        return np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool).reshape(shape)
    common = draw(st.sampled_from([(2,), (3,), (1, 2), (2, 1), ()]))
    size = int(np.prod(common, dtype=int))
    parts: list[Any] = []
    for n in shape:
        if draw(st.booleans()):
            whole = draw(st.lists(st.integers(-n, n - 1), min_size=size, max_size=size))
            parts.append(np.array(whole, int).reshape(common))
        else:
            parts.append(draw(st.sampled_from([slice(None), slice(1, None), slice(None, None, -1)])))
    return tuple(parts)


@given(data=st.data())
@settings(max_examples=60)
def test_getitem_with_basic_indices(data):
    x = data.draw(arrays(shapes(1, 3, 0, 3)))
    index = data.draw(indices(x.shape))
    agree(lambda x: tg.asarray(x)[index], lambda x: x[index], x)


@given(data=st.data())
@settings(max_examples=60)
def test_getitem_with_masks_and_integer_arrays(data):
    x = data.draw(arrays(shapes(1, 3, 1, 3)))
    index = data.draw(advanced(x.shape))
    agree(lambda x: tg.asarray(x)[index], lambda x: x[index], x)


def assigned(x: Any, v: Any, index: Any) -> Any:
    """x with v assigned, by item assignment on a Tensor or an array."""
    y = x.copy()
    y[index] = v
    return y


@given(data=st.data())
@settings(max_examples=60)
def test_setitem(data):
    x = data.draw(values(data.draw(shapes(1, 3, 1, 3))))
    index = data.draw(st.one_of(indices(x.shape), advanced(x.shape)))
    target = x[index].shape
    shape = target[data.draw(st.integers(0, len(target))) :]
    v = data.draw(values(tuple(1 if data.draw(st.booleans()) else n for n in shape)))
    expected = assigned(x, v, index)
    result = assigned(tg.tensor(x), tg.tensor(v), index)
    np.testing.assert_array_equal(result.numpy(), expected)
    tg.check_gradients(lambda x, v: assigned(x, v, index), x, v)


def test_setitem_with_repeats_counts_the_last():
    index = np.array([1, 1, 0])
    x, v = tg.tensor(np.zeros(3), requires_grad=True), tg.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = assigned(x, v, index)
    np.testing.assert_array_equal(y.numpy(), [3.0, 2.0, 0.0])
    (y * tg.tensor([1.0, 10.0, 100.0])).sum().backward()
    np.testing.assert_array_equal(v.grad.numpy(), [0.0, 10.0, 1.0])
    np.testing.assert_array_equal(x.grad.numpy(), [0.0, 0.0, 100.0])


@given(data=st.data())
@settings(max_examples=30)
def test_take(data):
    x = data.draw(arrays(shapes(1, 3, 1, 3)))
    axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    n = x.size if axis is None else x.shape[axis]
    mode = data.draw(st.sampled_from(["raise", "wrap", "clip"]))
    low, high = (-n, n - 1) if mode == "raise" else (-2 * n, 2 * n)
    index = data.draw(
        st.one_of(
            st.integers(low, high),
            st.lists(st.integers(low, high), min_size=1, max_size=4).map(np.array),
            st.lists(st.integers(low, high), min_size=4, max_size=4).map(lambda i: np.array(i).reshape(2, 2)),
        )
    )
    agree(lambda x: tg.take(x, index, axis=axis, mode=mode), lambda x: np.take(x, index, axis=axis, mode=mode), x)


@given(data=st.data())
@settings(max_examples=30)
def test_take_along_axis(data):
    x = data.draw(arrays(shapes(1, 3, 1, 3)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    n = x.shape[axis]
    shape = list(x.shape)
    shape[axis] = data.draw(st.integers(1, 4))
    size = int(np.prod(shape))
    index = np.array(data.draw(st.lists(st.integers(-n, n - 1), min_size=size, max_size=size))).reshape(shape)
    agree(lambda x: tg.take_along_axis(x, index, axis=axis), lambda x: np.take_along_axis(x, index, axis=axis), x)
    flat = index.reshape(-1) % x.size
    agree(lambda x: tg.take_along_axis(x, flat, axis=None), lambda x: np.take_along_axis(x, flat, axis=None), x)


# ----------------------------------------------------------------------------------------------- products

EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ij->ji", (2, 3)),
    ("ji", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("ij,ij->i", (2, 3), (2, 3)),
    ("i,j->ij", (2,), (3,)),
    ("i,i", (3,), (3,)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("...ij,...jk->...ik", (5, 2, 3), (5, 3, 2)),
    ("...ij,jk", (5, 2, 3), (3, 2)),
    ("i...->...", (2, 3, 4)),
    ("...i->i...", (2, 3, 4)),
    ("...,...->...", (2, 3), (3,)),
    ("iij->j", (2, 2, 3)),
    ("iji->j", (2, 3, 2)),
    ("iij,jk->ik", (2, 2, 3), (3, 2)),
    ("bij,bjk,bkl->bil", (2, 2, 3), (2, 3, 2), (2, 2, 2)),
    ("a,b,c->cab", (2,), (3,), (2,)),
    ("ii,jj->ij", (2, 2), (3, 3)),
    (" i j , j k -> i k ", (2, 3), (3, 2)),
    ("i...i->...", (2, 3, 2)),
    ("...ii->...i", (2, 3, 3)),
    ("ijk,k->", (2, 3, 2), (2,)),
    ("BA,A->B", (2, 3), (3,)),
    (",i->i", (), (3,)),
    ("iii->i", (2, 2, 2)),
    ("ij,ji->", (2, 3), (3, 2)),
]


@pytest.mark.parametrize("example", EINSUMS, ids=lambda e: e[0].replace(" ", "_"))
def test_einsum(example):
    text, *dims = example
    rng = np.random.default_rng(3)
    operands = [rng.standard_normal(s) for s in dims]
    agree(lambda *xs: tg.einsum(text, *xs), lambda *xs: np.einsum(text, *xs), *operands, order=2)


def test_einsum_keeps_float32_with_repeated_letters():
    x = np.eye(3, dtype=np.float32)
    t = tg.tensor(x, requires_grad=True)
    tg.einsum("ii", t).backward()
    assert t.grad.dtype == np.float32


def test_einsum_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"einsum: 'i,j' has 2 operands, got 1; give one for each"):
        tg.einsum("i,j", np.ones(2))
    with pytest.raises(TypeError, match=r"einsum: got ndarray, ndarray; give subscripts such as 'ij,jk->ik' first, or"):
        tg.einsum(np.ones(2), np.ones(2))


@pytest.mark.parametrize(
    ("left", "right", "over"),
    [
        ((2, 3), (3, 4), 1),
        ((2, 3), (2, 3), 2),
        ((2,), (3,), 0),
        ((2, 3, 4), (4, 3), ([1, 2], [1, 0])),
        ((2, 3), (3,), (1, 0)),
        ((2, 3, 4), (3, 5), (-2, 0)),
        ((2, 3, 4), (3, 2, 5), ((0, 1), (1, 0))),
        ((0, 2), (2, 3), 1),
    ],
)
def test_tensordot(left, right, over):
    rng = np.random.default_rng(0)
    agree(
        lambda x, y: tg.tensordot(x, y, axes=over),
        lambda x, y: np.tensordot(x, y, axes=over),
        rng.standard_normal(left),
        rng.standard_normal(right),
    )


def test_tensordot_of_unequal_axes():
    with pytest.raises(
        ValueError, match=r"tensordot: axes \[1\] of shape \(2, 3\) do not match axes \[0\] of shape \(2, 3\)"
    ):
        tg.tensordot(np.ones((2, 3)), np.ones((2, 3)), axes=1)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((), ()),
        ((), (3,)),
        ((2, 2), ()),
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((4, 2, 3), (3,)),
        ((4, 2, 3), (3, 2)),
        ((2, 3), (4, 3, 2)),
        ((5, 2, 3), (4, 3, 2)),
        ((3,), (4, 3, 2)),
    ],
)
def test_dot(left, right):
    rng = np.random.default_rng(0)
    agree(tg.dot, np.dot, rng.standard_normal(left), rng.standard_normal(right))


@given(data=st.data())
@settings(max_examples=15)
def test_outer(data):
    agree(tg.outer, np.outer, data.draw(arrays(shapes(0, 2, 0, 3))), data.draw(arrays(shapes(0, 2, 0, 3))))


# --------------------------------------------------------------------------------- broadcasting arithmetic


@pytest.mark.parametrize(
    "name", ["add", "subtract", "multiply", "divide", "power", "maximum", "arctan2", "hypot", "logaddexp"]
)
@given(data=st.data())
@settings(max_examples=15)
def test_broadcasting_of_two_operands(name, data):
    first, second = data.draw(broadcastable_shapes(2))
    x, y = data.draw(values(first, (0.25, 4.0))), data.draw(values(second, (0.3, 4.1)))
    agree(getattr(tg, name), getattr(np, name), x, y)


@given(data=st.data())
@settings(max_examples=15)
def test_where_and_clip_broadcast(data):
    a, b, c = data.draw(broadcastable_shapes(3))
    x, y, mask = distinct(a, 1), distinct(b, 2), distinct(c, 3) > 0
    agree(lambda x, y: tg.where(mask, x, y), lambda x, y: np.where(mask, x, y), x, y)
    agree(lambda x: tg.clip(x, -0.33, 0.47), lambda x: np.clip(x, -0.33, 0.47), x)
    agree(lambda x: tg.clip(x, None, 0.47), lambda x: np.clip(x, None, 0.47), x)
    agree(lambda x: tg.clip(x, None, None), lambda x: +x, x)


def test_clip_with_crossed_limits_gives_the_upper():
    agree(tg.clip, np.clip, np.array([-2.0, 0.5, 3.0]), np.array([1.0, 1.0, 1.0]), np.array([-1.0, -1.0, -1.0]))
