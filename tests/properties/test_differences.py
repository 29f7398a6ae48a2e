"""Differences, and derivatives estimated by them: NumPy's values, and right gradients, in spacings too."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.numpy_twins import everywhere, twins
from tests.properties.test_composites import distinct

V, M, T = distinct((5,)), distinct((3, 4), 1), distinct((2, 3, 4), 2)
UNEVEN = np.array([0.0, 0.5, 0.75, 1.75, 2.0])
EVEN = np.array([1.0, 1.5, 2.0, 2.5, 3.0])


def diff(f: Any, *args: Any, **kw: Any) -> Any:
    """That of NumPy and ours, which is np.diff alone: tg.diff compares graphs."""
    return (tg.ops.diff if f is tg else f.diff)(*args, **kw)


# Each is written once, and run with tinygraph's functions and with NumPy's in the place of `f`.
CASES: dict[str, tuple[Any, ...]] = {
    "diff": (lambda f, x: diff(f, x), V),
    "diff twice": (lambda f, x: diff(f, x, 2), M),
    "diff more than there are": (lambda f, x: f.concatenate([diff(f, x, 9), x]), V),
    "diff never": (lambda f, x: diff(f, x, 0, prepend=1.0), M),
    "diff columns": (lambda f, x: diff(f, x, axis=0), M),
    "diff middle": (lambda f, x: diff(f, x, n=2, axis=-2), T),
    "diff prepend number": (lambda f, x: diff(f, x, prepend=x.dtype.type(2)), M),
    "diff prepend": (lambda f, x, y: diff(f, x, axis=0, prepend=y), M, M[:2]),
    "diff append": (lambda f, x, y: diff(f, x, n=2, append=y), M, M[:, :1]),
    "diff both": (lambda f, x, y: diff(f, x, axis=0, prepend=y, append=y), V, np.array(1.5)),
    "ediff1d": (lambda f, x: f.ediff1d(x), M),
    "ediff1d ends": (lambda f, x, y: f.ediff1d(x, to_end=y, to_begin=[1.0, 2.0]), V, M),
    "ediff1d one": (lambda f, x: f.ediff1d(x, x[0]), V[:1]),
    "gradient": (lambda f, x: f.gradient(x), V),
    "gradient two": (lambda f, x: f.gradient(x), V[:2]),
    "gradient edge": (lambda f, x: f.gradient(x, edge_order=2), V),
    "gradient edge three": (lambda f, x: f.gradient(x, edge_order=2), V[:3]),
    "gradient step": (lambda f, x: f.gradient(x, 0.25, edge_order=2), V),
    "gradient axes": (lambda f, x: f.gradient(x, 0.25), M),
    "gradient of each step": (lambda f, x: f.gradient(x, 0.25, 2, np.array(0.5)), np.stack([T, T * T])[:, 0]),
    "gradient some axes": (lambda f, x: f.gradient(x, 0.25, 2, axis=(2, -2)), T),
    "gradient one axis": (lambda f, x: f.gradient(x, axis=0), M),
    "gradient no axis": (lambda f, x: (*f.gradient(x, axis=()), x), M),
    "gradient even": (lambda f, x: f.gradient(x, EVEN), V),
    "gradient uneven": (lambda f, x: f.gradient(x, UNEVEN), V),
    "gradient uneven edge": (lambda f, x: f.gradient(x, UNEVEN, edge_order=2), V),
    "gradient uneven rows": (lambda f, x: f.gradient(x, UNEVEN[:3], 2.0, edge_order=2), M),
    "gradient uneven last": (lambda f, x: f.gradient(x, UNEVEN[:4], axis=-1), T),
    "gradient of a tracked step": (lambda f, x, h: f.gradient(x, h), M, np.array(0.3)),
    "gradient of tracked coordinates": (lambda f, x, h: f.gradient(x, h, edge_order=2), V, UNEVEN),
    "gradient of both": (lambda f, x, h: f.gradient(x, h, 0.5), M, UNEVEN[:3]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name):
    function, *inputs = CASES[name]

    def squares(f, *xs):
        y = function(f, *xs)
        return tuple([f.square(part) for part in y]) if isinstance(y, tuple) else f.square(y)

    twins(squares, *inputs)


VALUES: dict[str, tuple[Any, ...]] = {
    "diff bool": (lambda f, x: diff(f, x), np.array([True, False, False])),
    "diff integers": (lambda f, x: diff(f, x), np.array([3, 1, 2])),
    "diff nothing": (lambda f, x: diff(f, x), np.zeros((2, 0))),
    "diff float32 and a number": (lambda f, x: diff(f, x, append=0.5), np.ones(3, np.float32)),
    "ediff1d nothing": (lambda f, x: f.ediff1d(x, 1.0), np.zeros(0)),
    "ediff1d integers": (lambda f, x: f.ediff1d(x, 1), np.array([3, 1, 2])),
    "gradient integers": (lambda f, x: f.gradient(x), np.array([3, 1, 2])),
    "gradient uneven integers": (lambda f, x: f.gradient(x, UNEVEN[:3]), np.array([3, 1, 2])),
    "gradient uneven float32": (lambda f, x: f.gradient(x, UNEVEN), V.astype(np.float32)),
    "gradient beside infinity": (lambda f, x: f.gradient(x), np.array([1.0, 2.0, np.inf, 3.0, 5.0])),
    "gradient complex": (lambda f, x: f.gradient(x, UNEVEN), V + 1j),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    function, x = VALUES[name]
    expected = function(np, x)
    for result in everywhere(function, x):
        found = result.numpy() if isinstance(result, tg.Tensor) else result
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6 if found.dtype == np.float32 else 1e-12)


def test_complex_samples():
    z = V * (1 + 0.5j)
    assert tg.check_gradients(lambda z: tg.absolute(tg.gradient(np.diff(z), UNEVEN[:4])).sum(), z).ok


def test_a_compiled_step_differs_anew():
    step = tg.compile(lambda x, at: (np.gradient(x, at) ** 2).sum() + np.diff(x, n=2, prepend=0.0).max())
    for seed in (1, 2):
        x = distinct((5,), seed)
        expected = (np.gradient(x, UNEVEN * seed) ** 2).sum() + np.diff(x, n=2, prepend=0.0).max()
        assert step(tg.tensor(x), tg.tensor(UNEVEN * seed)).item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.diff(x, -1), ValueError, r"diff: n=-1 of shape \(3, 4\); give n of at least 0 and at least"),
        (lambda x: np.diff(x[0, 0]), ValueError, r"diff: n=1 of shape \(\); give n of at least 0 and at least"),
        (lambda x: np.diff(x, axis=2), np.exceptions.AxisError, "out of bounds"),
        (lambda x: np.ediff1d(x, 1j), TypeError, "concatenate: complex128 cannot be cast to float64"),
        (lambda x: np.gradient(x, 1, 2, 3), TypeError, "gradient: 3 spacings for 2 axes; give one for all, or one for"),
        (lambda x: np.gradient(x, [1, 2, 3]), TypeError, "gradient: 1 spacings for 2 axes; give one for all, or one"),
        (lambda x: np.gradient(x, edge_order=3), ValueError, "gradient: edge_order=3 is not known; give 1 or 2"),
        (lambda x: np.gradient(x[:1]), ValueError, "gradient: axis 0 has 1 elements; edge_order=1 needs 2"),
        (lambda x: np.gradient(x[:2], edge_order=2), ValueError, "gradient: axis 0 has 2 elements; edge_order=2 needs"),
        (lambda x: np.gradient(x, [1, 2], 1.0), ValueError, r"gradient: coordinates of shape \(2,\) for axis 0 of len"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(tg.tensor(M, requires_grad=True))
