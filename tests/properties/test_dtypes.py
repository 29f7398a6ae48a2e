"""Values and dtypes are NumPy's, whatever the dtype and shape of the tensors, by np.f, by tg.f and by the method."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.settings import CALLS
from tests.properties.test_settings import leaves, tensors

DTYPES = ["bool", "int8", "uint8", "int16", "int32", "int64", "uint64", "float16", "float32", "float64", "complex64"]
SHAPES = [(3,), (2, 3), (2, 2), (), (0,), (1,)]
OURS = {
    "empty_like": "memory as it was", "frombuffer": "no tensor", "unique_values": "sorted; NumPy's order is free",
    "cumulative_sum": "of 0-d tensors: says to give an axis", "cumulative_prod": "of 0-d tensors: says to give an axis",
    "trim_zeros": "of 0-d tensors", "poly": "of conjugate pairs: see its page", "geomspace": "of bools",
    "unwrap": "of bools", "polydiv": "keeps the zeros before the remainder",
}  # fmt: skip
"""What differs, and how: documented where it is."""
NAMES = [
    (path + name, getattr(numpys, name), getattr(ours, name))
    for path, numpys, ours in (("", np, tg.ops), ("linalg.", np.linalg, tg.ops.linalg), ("fft.", np.fft, tg.ops.fft))
    for name in sorted(ours.__all__)
    if callable(getattr(numpys, name, None)) and callable(getattr(ours, name)) and not name.endswith("freq")
]


def sample(dtype: str, shape: tuple[int, ...]) -> Any:
    """Small numbers, some of them halves where they can be."""
    x = (np.arange(np.prod(shape)) * 7 % 5 + 1).reshape(shape)
    return np.asarray(x / 2 if np.dtype(dtype).kind in "fc" else x, dtype)


def check(found: Any, expected: Any) -> None:
    """Equal in number, dtype, shape and value."""
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        eps = float(np.finfo(b.dtype).eps) if b.dtype.kind in "fc" else 0.0
        np.testing.assert_allclose(a, b, rtol=50 * eps, atol=50 * eps)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "numpys", "ours"), NAMES, ids=[name for name, *_ in NAMES])
def test_a_function_of_one_tensor(name, numpys, ours):
    if name in OURS or isinstance(numpys, type):
        return
    with np.errstate(all="ignore"):
        for dtype in DTYPES[:-1] if name == "interp" else DTYPES:  # which drops the imaginary part of x with a warning
            calls = [((sample(dtype, shape),), {}) for shape in SHAPES]
            for inputs, settings in CALLS.get(name, []):
                if isinstance(inputs[0], np.ndarray) and inputs[0].dtype == float and np.all(np.isfinite(inputs[0])):
                    calls.append(((inputs[0].astype(dtype), *inputs[1:]), settings))
            for inputs, settings in calls:
                try:
                    expected = leaves(numpys(*inputs, **settings))
                except Exception:  # NumPy does not take it
                    continue
                if any(y.dtype.kind not in "biufc" for y in expected) or any(y.dtype == object for y in expected):
                    continue
                check(leaves(numpys(*tensors(inputs), **settings)), expected)
                check(leaves(ours(*tensors(inputs), **settings)), expected)
                method = getattr(tg.Tensor, name, None)
                if method is ours:
                    check(leaves(getattr(tensors(inputs)[0], name)(*tensors(inputs)[1:], **settings)), expected)


@pytest.mark.parametrize("f", [
    lambda x: np.clip(x, 0, None), lambda x: np.clip(x, None, 2**60), lambda x: x.clip(0), lambda x: x.clip(max=2**60),
])  # fmt: skip
def test_an_open_side_of_clip_leaves_whole_numbers_whole(f):
    x = np.array([2**53 + 1, -3])
    check(leaves(f(tg.tensor(x))), leaves(f(x)))


@pytest.mark.parametrize("dtype", ["int8", "float32", "complex64"])
@pytest.mark.parametrize("f", [np.dot, np.inner])
def test_products_with_a_number(f, dtype):
    x = sample(dtype, (3,))
    check(leaves(f(tg.tensor(x), 2)), leaves(f(x, 2)))


def test_polynomials_are_fitted_to_lists():
    y = tg.tensor([1.0, 3.0, 5.0], requires_grad=True)
    assert np.polyfit([0, 1, 2], y, 1).numpy() == pytest.approx([2.0, 1.0])
    assert tg.polyfit([0, 1, 2], [1.0, 3.0, 5.0], 1, w=[1, 1, 1]) == pytest.approx([2.0, 1.0])
