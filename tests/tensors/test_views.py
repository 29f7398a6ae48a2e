"""Tensors that look at the memory of others: a write into either is seen by both, with its gradient, as in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tests.properties import test_arranging, test_linalg
from tinygraph.engine.views import live_views, origin

START = np.random.default_rng(12).standard_normal((3, 4))

VIEWS = [
    lambda v: v[0],
    lambda v: v[-1:],
    lambda v: v[::-1],
    lambda v: v[:2],
    lambda v: v[..., 1:],
    lambda v: v[..., None],
    lambda v: v[1, ...],
    lambda v: v.T,
    lambda v: v.reshape(-1),
    lambda v: v.ravel(),
    lambda v: np.flip(v),
    lambda v: np.moveaxis(v, 0, -1),
    lambda v: np.expand_dims(v, 0),
    lambda v: np.squeeze(v),
    lambda v: np.atleast_2d(v),
    lambda v: np.atleast_3d(v),
    lambda v: np.split(v, [1])[1],
    lambda v: np.rot90(v),
    lambda v: np.rot90(v, 4),
    lambda v: np.einsum("ij->ji", v),
    lambda v: np.einsum("ii->i", v[:2, :2]),
    lambda v: list(v)[-1],
    lambda v: np.swapaxes(v, 0, -1),
    lambda v: np.rollaxis(v, v.ndim - 1),
    lambda v: np.array_split(v, 2)[0],
    lambda v: v.flatten(),
    lambda v: v.copy(),
    lambda v: v * 1.5,
    lambda v: v[[0, -1]],
    lambda v: np.take(v, 0, axis=0),
]
"""The last are copies: writes into them reach nothing else."""


def _swap(v, w):
    v[0], v[-1] = v[-1], v[0]


def _add(v, w):
    v += w


def _times(v, w):
    v *= 1.5


def _minus_first(v, w):
    v -= v[:1]


def _each(v, w):
    for row in v:
        row *= 0.5


def _fill(v, w):
    v[:] = w


def _nested(v, w):
    v[0][...] = 0.25
    v[-1] += 1.0


WRITES = [
    _swap,
    _add,
    _times,
    _minus_first,
    _each,
    _fill,
    _nested,
    lambda v, w: np.copyto(v, w),
    lambda v, w: np.multiply(v, 0.5, out=v),
    lambda v, w: np.put(v, [0, -1], [2.0, 0.5]),
    lambda v, w: np.add.at(v, 0, 0.5),
    lambda v, w: v.__setitem__(slice(None, None, 2), -0.75),
    lambda v, w: v.sort(0),
    lambda v, w: np.fill_diagonal(v, 0.125),
    lambda v, w: v.__setitem__(Ellipsis, v * v),
    lambda v, w: v.__isub__(w * w),
    lambda v, w: np.place(v, np.ones(v.shape, bool), [1.0, 0.5]),
    lambda v, w: np.putmask(v, np.eye(*v.shape) > 0, 0.5),
]

programs = st.lists(
    st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=9
)


def run(program, x):
    """Everything that the steps of `program` hold: `x * 1`, and views of it, which they write into."""
    held = [x * 1.0]
    for write, what, first, second in program:
        v, w = held[first % len(held)], held[second % len(held)]
        if write:
            WRITES[what % len(WRITES)](v, w)
        else:
            held.append(VIEWS[what % len(VIEWS)](v))
            if not np.ndim(held[-1]) or not held[-1].size:
                raise IndexError("nothing to write into")
    return held


def possible(program):
    """The steps that NumPy takes."""
    taken = []
    for step in program:
        try:
            run([*taken, step], START)
        except (ValueError, IndexError, TypeError, AttributeError):
            continue
        taken.append(step)
    return taken


def loss(held):
    return sum([np.sum((k + 1.0) * v * np.cos(np.arange(v.size)).reshape(v.shape)) for k, v in enumerate(held)])


def slopes(program):
    """The gradient of the loss by complex steps in NumPy; sorting goes by the real part, so the programs stay exact."""
    found = np.zeros_like(START)
    for index in np.ndindex(START.shape):
        point = START.astype(complex)
        point[index] += 1e-30j
        found[index] = loss(run(program, point)).imag / 1e-30
    return found


@given(programs)
@settings(max_examples=100, deadline=None)
def test_programs_of_views_and_writes_agree_with_numpy(program):
    program = possible(program)
    expected = run(program, START)
    for x in (tg.tensor(START), tg.tensor(START, requires_grad=True)):
        for ours, theirs in zip(run(program, x), expected, strict=True):
            np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-12)
    right = slopes(program)
    np.testing.assert_allclose(tg.grad(lambda x: loss(run(program, x)))(START), right, rtol=1e-9, atol=1e-12)
    move = np.sin(np.arange(12.0)).reshape(3, 4)
    value, slope = tg.jvp(lambda x: loss(run(program, x)), (START,), (move,))
    np.testing.assert_allclose((value, slope), (loss(expected), np.sum(right * move)), rtol=1e-9, atol=1e-12)


@given(programs)
@settings(max_examples=25, deadline=None)
def test_programs_of_views_and_writes_are_the_same_compiled_and_checkpointed(program):
    program = possible(program)
    step = tg.compile(lambda x: [v for v in run(program, x) if v.shape])
    step(np.ones_like(START))
    assert step.traces == 1
    for ours, theirs in zip(step(START), run(program, START), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-12)
    plain = tg.grad(lambda x: loss(run(program, x)))(START)
    again = tg.grad(tg.checkpoint(lambda x: loss(run(program, x))))(START)
    np.testing.assert_allclose(again, plain, rtol=1e-12)


def reaches(y, x):
    """Whether `y` is a view of `x`, or of a view of it."""
    while y is not x:
        if not isinstance(y, tg.Tensor) or origin(y) is None:
            return False
        y = origin(y)[0]
    return True


TABLES = {**test_arranging.CASES, **{f"linalg {k}": v for k, v in test_linalg.CALLS.items()}}
MORE = {
    "take a row": lambda x: np.take(x, 1, axis=0),
    "tile once": lambda x: np.tile(x, 1),
    "repeat": lambda x: x.repeat(1),
    "real": lambda x: x.real,
    "imag": lambda x: x.imag,
    "conj": lambda x: x.conj(),
    "np.conj": lambda x: np.conj(x),
    "windows": lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=0),
    "rows": lambda x: [*x][1],
    "roll": lambda x: np.roll(x, 0),
    "sort": lambda x: np.sort(x),
    "mask": lambda x: x[x == x],
    "choice": lambda x: x[[0]],
    "diagonal": lambda x: x.diagonal(),
    "einsum": lambda x: np.einsum("ii->i", x[:3, :3]),
    "trim": lambda x: x[0][1:],
    "meshgrid": lambda x: np.meshgrid(x[0], x[1], copy=False)[0],
    "copy": lambda x: x.copy(),
    "ravel": lambda x: x.T.ravel(),
    "flatten": lambda x: x.flatten(),
    "choose": lambda x: np.choose(np.zeros(x.shape, int), [x]),
    "None": lambda x: x[None],
    "sum of nothing": lambda x: np.sum(x, axis=()),
    "real of": lambda x: np.real(x),
    "first": lambda x: next(iter(x)),
}


@pytest.mark.parametrize("name", [*TABLES, *MORE])
def test_what_shares_memory_in_numpy_is_a_view_and_nothing_else(name):
    """NumPy's own answer, for every function that arranges, joins, takes or pads, and some methods."""
    if np.lib.NumpyVersion(np.__version__) < "2.3.0" and name in (
        "unstack",
        "insert mask",
        "pad dict",
        "pad dict edge",
    ):
        pytest.skip("NumPy computes it since 2.3 or earlier, not in 2.0")
    f, *arrays = TABLES.get(name, (None, START))
    for kind in (float, complex) if f is None else (None,):
        arrays = [np.array(x) if kind is None else x.astype(kind) for x in arrays]
        tensors = [tg.asarray(np.array(x)) for x in arrays]
        theirs = MORE[name](*arrays) if f is None else f(np, *arrays)
        ours = MORE[name](*tensors) if f is None else f(tg, *tensors)
        for x, t in zip(arrays, tensors, strict=True):
            if isinstance(theirs, np.ndarray) and x.size and theirs.size:
                assert reaches(ours, t) == np.shares_memory(theirs, x)


def test_a_view_sees_what_is_written_by_an_optimizer_by_data_and_by_a_replay():
    w = tg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    column = w.detach().T  # of another tensor
    row, turned = w[0], w.T
    (w * w).sum().backward()
    tg.optim.SGD([w], lr=0.25).step()
    assert row.tolist() == [0.5, 1.0]
    w.data = np.ones((2, 2))
    assert turned.tolist() == [[1, 1], [1, 1]]
    assert column.tolist() == [[1, 3], [2, 4]]

    v = tg.tensor([[1.0, 2.0], [3.0, 4.0]])

    @tg.compile
    def double():
        part = v[0]
        part *= 2

    double()
    later = v[0]
    double()
    assert later.tolist() == v[0].tolist() == [4, 8]


def test_writing_through_a_view_of_a_leaf_is_writing_into_the_leaf():
    x = tg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    row = x[0]
    row *= 3
    (x * x).sum().backward()
    assert x.grad.tolist() == [[18, 36], [6, 8]]
    y = tg.tensor([1.0, 2.0], requires_grad=True)
    part = y[:1]
    y.sum().backward()
    with pytest.raises(tg.GraphError, match=r"\*=: this leaf has a gradient, so the change looks like"):
        part *= 2
    with tg.no_grad():
        part *= 2
    assert y.tolist() == [2, 2]
    assert y.is_leaf


def test_a_view_taken_under_no_grad_is_no_way_around_the_graph():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    with tg.no_grad():
        part = y[:1]
    y[0] = 5.0
    assert part.tolist() == [5]
    assert not part.requires_grad
    with pytest.raises(tg.GraphError, match=r"setitem: this view of shape \(1,\) was taken where nothing was recorded"):
        part[:] = 2.0


def test_what_only_reads_in_numpy_only_reads():
    y = tg.tensor([1.0, 2.0])
    with pytest.raises(ValueError, match=r"broadcast_to: its result of shape \(2, 2\) is a view that only reads"):
        np.broadcast_to(y, (2, 2))[0] = 1.0
    wide = np.broadcast_to(y, (2, 2))
    y[0] = 7.0
    assert wide.tolist() == [[7, 2], [7, 2]]


def test_real_and_imaginary_parts_are_views():
    z = tg.tensor([1 + 2j, 3 + 4j], requires_grad=True)
    y = z * 1.0
    y.imag[0] = 5.0
    y.real[1] *= 2
    assert y.tolist() == [1 + 5j, 6 + 4j]
    np.sum(np.abs(y) ** 2).backward()
    np.testing.assert_allclose(z.grad.numpy(), [2, 24 + 8j])


def test_detached_tensors_and_arguments_of_transforms_are_values_of_their_own():
    x = tg.tensor([1.0, 2.0])
    d = x.detach()
    d[0] = 5.0
    assert x.tolist() == [1, 2]

    def outer(x):
        tg.grad(lambda z: (z[:1].__imul__(2) * z).sum())(x)
        return (x * x).sum()

    assert tg.grad(outer)(np.array([1.0, 2.0])).tolist() == [2, 4]


def test_views_die_with_their_handles_and_leave_little_behind(no_collector):
    w = tg.tensor(np.ones((3, 3)), requires_grad=True)
    kept = w[0]
    for _ in range(1000):
        assert w.T.shape == (3, 3)
    assert [id(v) for v in live_views(w)] == [id(kept)]
    assert len(w._views) < 40
    many = [w[1:] for _ in range(100)]
    assert len(live_views(w)) == 101
    del many
    w[0] = 2.0
    assert kept.tolist() == [2, 2, 2]


def test_a_long_chain_of_views_is_written_through_without_recursion():
    y = tg.tensor(np.arange(3000.0))
    v = y
    for _ in range(2000):
        v = v[1:]
    v[0] = -1.0
    assert y[2000].item() == -1


def test_a_write_into_a_view_is_drawn_as_one():
    x = tg.tensor(np.ones((2, 2)), requires_grad=True, name="x")
    y = x * 1.0
    y.T[0] = 3.0
    text = tg.draw(y).text()
    assert "v₁ᵀ ← v₃" in text
    assert str(tg.derive((y * y).sum(), x)).count("v₁ᵀ ←") == 1


def halved_in_place(x):
    """Half of the square, by writing into the argument."""
    for row in x:
        row *= 0.5 * row
    return x


@pytest.mark.parametrize("transform", [lambda f: f, tg.checkpoint])
def test_a_function_that_writes_into_its_argument_has_the_right_gradient_inside_of_transforms(transform):
    f = transform(halved_in_place)
    np.testing.assert_allclose(tg.grad(lambda x: (f(x * 1.0) ** 2).sum())(START), START**3, rtol=1e-12)
    np.testing.assert_allclose(tg.grad(lambda x: (f(x * 1.0)).sum())(START), START, rtol=1e-12)


def test_equations_that_write_into_their_argument_have_the_right_gradient():
    def equation(x, p):
        part = x[:]
        part *= x
        return part - p

    root = tg.grad(lambda p: tg.root(equation, np.array([1.0, 1.5]), p).sum())(np.array([2.0, 3.0]))
    np.testing.assert_allclose(root, 0.5 / np.sqrt([2.0, 3.0]), rtol=1e-6)

    def slope(y, t, p):
        y *= p
        return y

    p = np.array([0.5])
    end = tg.grad(lambda p: tg.odeint(slope, np.array([2.0]), np.array([0.0, 1.0]), p)[-1].sum())(p)
    np.testing.assert_allclose(end, 2 * np.exp(0.5), rtol=1e-5)
