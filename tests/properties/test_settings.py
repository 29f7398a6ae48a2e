"""A tensor given as a setting of any operation: it stands for its value, is differentiated, or is refused clearly."""

import contextlib
import inspect
import warnings
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.settings import CALLS, SIBLINGS
from tinygraph.engine.settings import settle

ROWS = [(name, *call) for name, calls in CALLS.items() for call in calls]
IDS = [f"{name}-{'-'.join(settings)}" for name, _, settings in ROWS]
FREE = {"out", "dtype", "order", "kind", "mode", "method", "norm", "casting", "subok", "copy", "device", "UPLO",
        "interpolation", "optimize", "stable", "descending", "weights", "mean", "side", "trim",
        "indexing", "density", "bias", "y"}  # fmt: skip
"""Settings that are no numbers: names, dtypes, functions; and inputs that other tests differentiate."""

SAME = {"rcond": "rtol"}
"""Another name that a setting has further in."""


def lookup(library: Any, name: str) -> Any:
    """The function of that name; where windows lie in NumPy is its own matter."""
    if library is np and name == "sliding_window_view":
        return np.lib.stride_tricks.sliding_window_view
    for part in name.split("."):
        library = getattr(library, part, None)
    return library


def leaves(result: Any) -> list[Any]:
    """The arrays of a result, which may be a nest of them."""
    if isinstance(result, tuple | list):
        return [leaf for part in result for leaf in leaves(part)]
    return [result.numpy() if isinstance(result, tg.Tensor) else np.asarray(result)]


def tensors(x: Any) -> Any:
    """The same nest with a Tensor for each array."""
    if isinstance(x, tuple | list):
        return type(x)([tensors(part) for part in x])
    return tg.tensor(x) if isinstance(x, np.ndarray) else x


def in_tensors(x: Any) -> Any:
    """The same nest with a 0-d Tensor for each number."""
    if isinstance(x, tuple | list):
        return type(x)([in_tensors(part) for part in x])
    return tg.tensor(x)


def declared() -> list[tuple[str, str]]:
    """Every operation with each of its settings that may be a number."""
    found = []
    for room, path in ((tg.ops, ""), (tg.ops.fft, "fft."), (tg.ops.linalg, "linalg.")):
        for name in room.__all__:
            function = getattr(room, name)
            if inspect.isfunction(function) and not name.endswith("freq"):
                public = f"{path}{name}" if getattr(tg, name, None) is function or path else f"ops.{name}"
                for p in inspect.signature(function).parameters.values():
                    number = not any(p.default is no for no in (p.empty, True, False, "C")) or p.annotation in (
                        "int",
                        "Setting",
                    )
                    if number and p.name not in FREE:
                        found.append((SIBLINGS.get(public, public), p.name))
    return found


@pytest.mark.parametrize(("name", "setting"), sorted(set(declared())))
def test_every_setting_has_a_row(name, setting):
    if name in ("getitem", "setitem", "scatter", "apply_along_axis", "empty_like"):  # selected, a user's, of no value
        return
    assert any(setting in settings for _, settings in CALLS.get(name, [])), f"give {name} a row with {setting}"


# what NumPy 2.0 has not
NUMPY = np.lib.NumpyVersion(np.__version__)
NEWER = {("clip", "min", "max"), ("reshape", "shape"), ("trim_zeros", "axis")}


@pytest.mark.parametrize(("name", "inputs", "settings"), ROWS, ids=IDS)
def test_a_tensor_stands_for_its_value(name, inputs, settings):
    for library in (tg, np):
        function = lookup(library, name)
        if function is None or (library is np and (name, *settings) in NEWER and NUMPY < "2.3.0"):
            continue
        given = tensors(inputs)
        expected = leaves(function(*given, **settings))
        for setting, value in settings.items():
            found = leaves(function(*given, **{**settings, setting: in_tensors(value)}))
            for a, b in zip(found, expected, strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("name", "inputs", "settings"), ROWS, ids=IDS)
def test_a_recorded_tensor_is_an_input_or_refused(name, inputs, settings):
    function = lookup(tg, name) or lookup(np, name)
    for setting, value in settings.items():
        array = np.asarray(value)
        if array.dtype.kind != "f":
            continue

        def total(v, setting=setting):
            result = function(*tensors(inputs), **{**settings, setting: v})
            parts = result if isinstance(result, tuple | list) else [result]
            return sum(np.sum(np.real(part)) * 1.0 for part in parts)  # also of truth values

        slope = np.zeros(array.shape)
        with contextlib.suppress(tg.GraphError), _Refused(setting) as refused:
            slope = tg.vjp(total, array)[1](1.0)
        if refused.said:
            continue
        np.testing.assert_allclose(
            slope[0] if isinstance(slope, tuple) else slope, _differences(total, array), atol=1e-6
        )


class _Refused(contextlib.AbstractContextManager[Any]):
    """Catches NotDifferentiable, which has to name the setting."""

    def __init__(self, setting: str) -> None:
        self.names, self.said = {setting, SAME.get(setting, setting)}, False

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        self.said = isinstance(error, tg.NotDifferentiable)
        assert not self.said or any(name in str(error) for name in self.names)
        return self.said


def _differences(f: Any, x: Any) -> Any:
    found, step = np.zeros(x.shape), 1e-6
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for place in np.ndindex(x.shape):
            e = np.zeros(x.shape)
            e[place] = step
            found[place] = (float(np.asarray(f(x + e))) - float(np.asarray(f(x - e)))) / (2 * step)
    return found


def test_what_is_refused_says_why_and_what_to_give():
    t = tg.tensor([2.0, 3.0], requires_grad=True)
    with pytest.raises(
        tg.NotDifferentiable,
        match=r"elu: alpha is a recorded tensor, and elu has no gradient with respect to alpha; give alpha=t\.item\(\)",
    ):
        tg.elu(np.ones(2), alpha=t[0])
    with tg.no_grad():
        assert settle("f", "axis", (t, 2))[0].tolist() == [2.0, 3.0]
    assert settle("f", "axis", {"k": [t.detach()[0]]}) == {"k": [2.0]}


def test_a_compiled_step_does_not_depend_on_a_setting():
    with pytest.raises(tg.TraceError, match="the value of a traced tensor was asked for"):
        tg.compile(lambda x: np.tile(x, np.argmax(x)))(np.array([1.0, 3.0, 2.0]))


def test_paddings_are_differentiated_beside_an_array_too():
    fill = tg.tensor([1.5, 2.5], requires_grad=True)
    padded = tg.pad(np.zeros((2, 2)), 1, constant_values=((fill[0], 0.0), (0.0, fill[1])))
    assert padded[0].tolist() == [0.0, 1.5, 1.5, 2.5]
    padded.sum().backward()
    assert fill.grad.tolist() == [2.0, 4.0]
