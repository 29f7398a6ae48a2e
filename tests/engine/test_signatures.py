"""Every op, function and Tensor method shows how it is really called, in help and editors."""

import inspect
import pydoc

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import registry

NUMPYS_OWN_STARS = {"pad", "apply_along_axis", "piecewise"}
"""Functions that NumPy itself declares with *args or **kwargs."""


@pytest.mark.parametrize("op", registry, ids=lambda op: op.name)
def test_a_signature_names_what_the_kernel_takes(op):
    parameters = inspect.signature(op.function).parameters
    assert list(parameters) == [*op.inputs, *op.defaults]
    for name, default in op.defaults.items():
        assert parameters[name].default is default


FUNCTIONS = {name: getattr(tg, name) for name in tg.ops.__all__ if callable(getattr(tg, name))}
METHODS = {
    f"Tensor.{name}": getattr(tg.Tensor, name)
    for name in dir(tg.Tensor)
    if not name.startswith("__") and inspect.isfunction(getattr(tg.Tensor, name))
}


@pytest.mark.parametrize("name", sorted({*FUNCTIONS, *METHODS} - NUMPYS_OWN_STARS))
def test_no_function_hides_its_arguments(name):
    parameters = inspect.signature({**FUNCTIONS, **METHODS}[name]).parameters.values()
    assert not any(p.kind is p.VAR_KEYWORD for p in parameters)
    assert [p.name for p in parameters if p.kind is p.VAR_POSITIONAL and p.name in ("args", "inputs")] == []


def test_help_shows_it():
    assert "softmax(x, /, axis=-1)" in pydoc.plain(pydoc.render_doc(tg.softmax))
    assert str(inspect.signature(tg.tensor([1.0, 2.0]).softmax)) == "(axis=-1)"
    assert str(inspect.signature(tg.exp)) == "(x, /)"


def test_a_signature_is_true_to_the_call():
    x = np.ones((2, 3))
    for args, kwargs in [((x,), {}), ((x, 0), {}), ((x,), {"axis": 0})]:
        inspect.signature(tg.softmax).bind(*args, **kwargs)
        tg.softmax(tg.tensor(x), *args[1:], **kwargs)
    with pytest.raises(TypeError):
        inspect.signature(tg.softmax).bind(x, axes=0)


def test_an_attribute_that_must_be_given_after_one_that_need_not_is_by_keyword(forget_declarations):
    @tg.linear(lambda g, y, x, *, a, b: g)
    def same(x, *, a=1, b):
        return x

    assert str(inspect.signature(same)) == "(x, /, *, a=1, b)"
