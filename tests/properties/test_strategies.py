"""The strategies draw what they promise."""

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinygraph.testing.strategies import arrays, axes, broadcastable_shapes, dtypes, shapes, values, views


@given(shapes(1, 2, 2, 3))
def test_shapes_stay_in_their_limits(shape):
    assert 1 <= len(shape) <= 2
    assert all(2 <= n <= 3 for n in shape)


@given(broadcastable_shapes(3))
def test_broadcastable_shapes_broadcast(found):
    np.broadcast_shapes(*found)
    assert len(found) == 3


@given(st.data())
def test_values_lie_in_their_domain(data):
    domain = data.draw(
        st.sampled_from([(-np.inf, np.inf), (0, np.inf), (-1, 1), (-np.inf, 0), (10, np.inf), (-np.inf, -9)])
    )
    dtype = data.draw(dtypes())
    x = data.draw(values((2, 3), domain, special=True))
    assert x.shape == (2, 3)
    assert ((domain[0] < x) & (x < domain[1])).all()
    assert data.draw(values((2,), dtype=dtype)).dtype == dtype


@given(st.data())
def test_axes_are_accepted_by_numpy(data):
    shape = data.draw(shapes())
    axis = data.draw(axes(len(shape)))
    np.sum(np.zeros(shape), axis=axis)


@given(st.data())
def test_views_equal_their_array(data):
    x = data.draw(arrays())
    np.testing.assert_array_equal(data.draw(views(x)), x)
    assert data.draw(arrays((2, 3))).shape == (2, 3)


def test_without_hypothesis_the_error_says_what_to_install():
    code = """
import sys
sys.modules["hypothesis"] = None
import tinygraph.testing
try:
    import tinygraph.testing.strategies
except ModuleNotFoundError as error:
    print(error)
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "tinygraph.testing.strategies: hypothesis is not installed; pip install hypothesis" in shown


def test_importing_tinygraph_imports_neither_testing_nor_hypothesis():
    code = "import sys, tinygraph; print([m for m in ('tinygraph.testing', 'hypothesis') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
