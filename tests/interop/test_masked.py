"""np.ma beside Tensors: the gradient, or an error; its functions read `_data` of what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

A = np.array([1.0, 2.0, 3.0])


def masked() -> Any:
    return np.ma.array(A.copy(), mask=[0, 1, 0])


@pytest.mark.parametrize(
    "f",
    [
        lambda v: np.ma.exp(v).sum(),
        lambda v: np.ma.log(v).sum(),
        lambda v: np.ma.abs(v).sum(),
        lambda v: (masked() * v).sum(),
        lambda v: (v * masked()).sum(),
        lambda v: np.ma.where([True, False, True], v, 0).sum(),
        lambda v: np.ma.median(v),
        lambda v: np.ma.concatenate((v, A)).sum(),
        lambda v: np.ma.power(v, 2).sum(),
        lambda v: np.ma.minimum(v, 2).sum(),
        lambda v: np.ma.array(v, mask=[0, 1, 0]).sum(),
        lambda v: np.ma.masked_where([False, True, False], v).sum(),
        lambda v: np.ma.mean(v),
    ],
)
def test_no_gradient_is_lost(f):
    try:
        gradient = tg.grad(f)(A)
    except (NotDifferentiable, TypeError):
        return
    differences = [(float(f(A + h)) - float(f(A - h))) / 2e-6 for h in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(gradient, differences, atol=1e-5)


def test_a_tensor_has_no_attribute_that_masked_arrays_are_known_by():
    for t in (tg.tensor(A), tg.tensor(A, requires_grad=True)):
        assert not any(hasattr(t, name) for name in ("_data", "_mask", "_fill_value", "_baseclass"))
    np.testing.assert_array_equal(np.ma.exp(tg.tensor(A)), np.exp(A))
