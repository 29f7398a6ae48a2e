"""Sorting, partitioning and sets: NumPy's values, and gradients that go back to where each element was."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.numpy_twins import everywhere, twins
from tests.properties.test_composites import distinct

V, M, T = distinct((5,)), distinct((3, 4), 1), distinct((2, 3, 4), 2)
TIED = np.array([2.0, 1.0, 2.0, 3.0, 1.0, 2.0])
NAN = np.array([2.0, np.nan, 1.0, np.nan, 3.0])

# Each is written once, and run with tinygraph's functions and with NumPy's in the place of `f`.
CASES: dict[str, tuple[Any, ...]] = {
    "sort": (lambda f, x: f.sort(x), V),
    "sort rows": (lambda f, x: f.sort(x), M),
    "sort columns": (lambda f, x: f.sort(x, 0), M),
    "sort middle": (lambda f, x: f.sort(x, axis=-2, kind="stable"), T),
    "sort flat": (lambda f, x: f.sort(x, None), T),
    "sort stable": (lambda f, x: f.sort(x * x, stable=True), V),
    "sort one": (lambda f, x: f.sort(x), np.array([2.0])),
    "partition sorted": (lambda f, x: f.sort(f.partition(x, 2)[:2]), V),
    "partition place": (lambda f, x: f.partition(x, 2)[2], V),
    "partition places": (lambda f, x: f.partition(x, [0, -1], axis=0)[[0, -1]], M),
    "partition flat": (lambda f, x: f.partition(x, (3, 7), None)[[3, 7]], M),
    "unique": (lambda f, x: f.unique(x), M),
    "unique repeated": (lambda f, x: f.unique(x[[0, 1, 0, 2, 2]] * 2), V),
    "unique rows": (lambda f, x: f.unique(x[[2, 0, 2, 1]], axis=0), M),
    "unique columns": (lambda f, x: f.unique(x, axis=-1), M),
    "unique_values": (lambda f, x: f.unique_values(x), M),
    "unique_all": (lambda f, x: f.unique_all(x).values, M),
    "unique_counts": (lambda f, x: f.unique_counts(x).values, M),
    "unique_inverse": (lambda f, x: f.unique_inverse(x).values, M),
    "union1d": (lambda f, x, y: f.union1d(x, y), V, M + 0.05),
    "intersect1d": (lambda f, x: f.intersect1d(x, x[[3, 1]]), V),
    "setdiff1d": (lambda f, x: f.setdiff1d(x, x[[3, 1]]), V),
    "setdiff1d unique": (lambda f, x: f.setdiff1d(x, x[0, :1], assume_unique=True), M),
    "setxor1d": (lambda f, x, y: f.setxor1d(f.concatenate([x[:2], y]), x), V, V[:2] + 0.05),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name):
    function, *inputs = CASES[name]
    twins(lambda f, *xs: f.square(function(f, *xs)), *inputs)


def same(ours: Any, theirs: Any) -> None:
    assert type(ours) is type(theirs) or not isinstance(theirs, tuple)
    for a, b in zip(*[y if isinstance(y, tuple) else (y,) for y in (ours, theirs)], strict=True):
        np.testing.assert_array_equal(a.numpy() if isinstance(a, tg.Tensor) else a, b)
        assert a.dtype == b.dtype


VALUES: dict[str, tuple[Any, ...]] = {
    "sort nan": (lambda f, x: f.sort(x), NAN),
    "sort nothing": (lambda f, x: f.sort(x), np.zeros((0, 3))),
    "sort nothing flat": (lambda f, x: f.sort(x, None), np.zeros((0, 3))),
    "sort numbers": (lambda f, x: f.sort(x, axis=None), np.array(2.0)),
    "sort integers": (lambda f, x: f.sort(x), np.array([3, 1, 2])),
    "sort complex": (lambda f, x: f.sort(x), np.array([1 + 1j, 1 - 1j, 0.5, np.nan])),
    "sort_complex": (lambda f, x: f.sort_complex(x), M),
    "sort_complex small": (lambda f, x: f.sort_complex(x), np.array([3, 1], np.int8)),
    "sort_complex complex": (lambda f, x: f.sort_complex(x), np.array([1j, -1j, -1.0])),
    "argsort": (lambda f, x: f.argsort(x, 0), M),
    "argsort ties": (lambda f, x: f.argsort(x, stable=True), TIED),
    "argpartition": (lambda f, x: f.argpartition(x, [0, -1])[..., [0, -1]], M),
    "lexsort": (lambda f, x: f.lexsort((M[0, [0, 1, 0, 1, 0, 0]], x)), TIED),
    "lexsort rows": (lambda f, x: f.lexsort(x), M),
    "lexsort axis": (lambda f, x: f.lexsort((x, x > 0), axis=0), M),
    "searchsorted": (lambda f, x: f.searchsorted(f.sort(x), [1.0, -0.2], "right"), V),
    "searchsorted sorter": (lambda f, x: f.searchsorted(x, 0.5, sorter=np.argsort(V)), V),
    "digitize": (lambda f, x: f.digitize(x, np.array([2.0, 0.0, -1.0]), True), M),
    "isin": (lambda f, x: f.isin(x, [2.0, 3.0], invert=True), TIED),
    "unique everything": (lambda f, x: f.unique(x, True, True, True), TIED),
    "unique rows": (lambda f, x: f.unique(x, return_counts=True, axis=0), np.array([[1.0, 2], [0, 2], [1, 2]])),
    "unique nan": (lambda f, x: f.unique(x), NAN),
    "unique every nan": (lambda f, x: f.unique(x, return_index=True, equal_nan=False), NAN),
    "unique nothing": (lambda f, x: f.unique(x, return_inverse=True), np.zeros((0, 2))),
    "unique_all": (lambda f, x: f.unique_all(x), TIED),
    "unique_counts": (lambda f, x: f.unique_counts(x), NAN),
    "unique_inverse": (lambda f, x: f.unique_inverse(x), TIED),
    "intersect1d": (lambda f, x: f.intersect1d(np.array([3, 1], np.float32), x, return_indices=True), TIED),
    "intersect1d types": (lambda f, x: f.intersect1d(x, TIED), np.array([3, 1], np.float32)),
    "setxor1d": (lambda f, x: f.setxor1d(x, [2.0, 5.0, np.nan]), TIED),
    "setxor1d unique": (lambda f, x: f.setxor1d(x, [2.0, 5.0], assume_unique=True), V),
    "union1d nan": (lambda f, x: f.union1d(x, x), NAN),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    function, x = VALUES[name]
    expected = function(np, x)
    for result in everywhere(function, x):
        same(result, expected)


def test_equal_elements_keep_their_gradients_in_a_stable_order():
    x = tg.tensor(TIED, requires_grad=True)
    y = np.sort(x, stable=True)
    y.backward(np.arange(6.0))
    np.testing.assert_array_equal(x.grad.numpy(), [2.0, 0.0, 3.0, 5.0, 1.0, 4.0])
    x.grad = None
    np.unique(x).backward(np.array([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(x.grad.numpy(), [10.0, 1.0, 0.0, 100.0, 0.0, 0.0])


DESCENDING = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.5.0", reason="NumPy sorts with descending= since 2.5"
)


@DESCENDING
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_the_largest_first(axis):
    twins(lambda m, x: m.sort(x, axis, descending=True), M)
    for result in everywhere(lambda f, x: f.argsort(x, axis=axis, descending=True), M):
        np.testing.assert_array_equal(np.asarray(result), np.argsort(M, axis=axis, descending=True))
    np.testing.assert_array_equal(np.sort(tg.tensor(NAN), descending=False).numpy(), np.sort(NAN))
    np.testing.assert_array_equal(np.sort(tg.tensor(NAN), descending=True).numpy(), np.sort(NAN, descending=True))


@DESCENDING
def test_a_tensor_sorts_itself_the_largest_first():
    t = tg.tensor(V, requires_grad=True)
    y = t * 1.0
    y.sort(descending=True)
    y.backward(np.arange(5.0))
    np.testing.assert_array_equal(y.numpy(), np.sort(V)[::-1])
    np.testing.assert_array_equal(t.grad.numpy()[np.argsort(V)[::-1]], np.arange(5.0))


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="NumPy knows descending= since 2.5")
def test_descending_is_refused_as_by_numpy():
    for sort in (tg.sort, tg.argsort):
        with pytest.raises(TypeError, match="unexpected keyword argument 'descending'"):
            sort(tg.tensor(V), descending=True)


def test_the_checker_says_that_ties_are_in_the_way():
    report = tg.check_gradients(lambda x: tg.sort(x) * np.arange(3), np.array([1.0, 1.0, 2.0]))
    assert [kink.reason for kink in report.kinks] == ["2 of 3 elements of gather's input are tied"]
    assert not tg.check_gradients(lambda x: tg.partition(x, 2)[2], np.array([1.0, 1.0, 2.0])).kinks


def test_a_tensor_sorts_itself_as_item_assignment_does():
    x = tg.tensor(M, requires_grad=True)
    y = x * 2.0
    before = y.node
    assert y.sort(axis=0) is None
    np.testing.assert_array_equal(y.numpy(), 2 * np.sort(M, axis=0))
    y.partition(2)
    np.testing.assert_array_equal(y.numpy(), np.sort(2 * np.sort(M, axis=0), axis=1))
    assert y.node is not before
    (y * y).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 8 * M)
    np.testing.assert_array_equal(x.argsort().numpy(), M.argsort())
    np.testing.assert_array_equal(x.argpartition(1, axis=0)[1].numpy(), M.argsort(0)[1])
    assert tg.tensor([1.0, 2.0]).searchsorted(1.5).item() == 1


def test_a_compiled_step_sorts_anew():
    weights = np.arange(5.0)

    def total(x):
        places = np.lexsort((x, x > 0)) + np.searchsorted(np.sort(x), x) + np.digitize(x, weights) + np.isin(x, [0.1])
        y = x * 2.0
        y.sort()
        return (y * weights).sum() + np.partition(x, 1)[1] + places @ weights

    step = tg.compile(total)
    for seed in (1, 2, 3):
        x = distinct((5,), seed)
        assert step(tg.tensor(x)).item() == pytest.approx(total(x))


def test_numpys_errors_are_passed_on():
    x = tg.tensor(M, requires_grad=True)
    with pytest.raises(np.exceptions.AxisError):
        np.sort(x, axis=2)
    with pytest.raises(np.exceptions.AxisError):
        np.sort(tg.tensor(1.0))
    with pytest.raises(ValueError, match="kth"):
        np.partition(x, 9)
    with pytest.raises(ValueError, match="order"):
        np.sort(x, order="name")
    with pytest.raises(ValueError, match="sort kind must be"):
        np.sort(x, kind="bogo")
    with pytest.raises(ValueError, match="monotonic"):
        np.digitize(x, np.array([0.0, 2.0, 1.0]))


def test_complex_numbers_sort_with_their_gradients():
    z = np.array([1 + 1j, 1 - 1j, 0.5 + 0j])
    assert tg.check_gradients(lambda z: tg.absolute(tg.sort(z) * np.array([1.0, 2, 3])).sum(), z).ok
