"""Names of PyTorch, JAX and autograd: each error says what to write here, and that works."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn
from tinygraph.ops import habits


def works(instead):
    """Run what an error says to write, of the tensors t and u, or a layer m and its input x."""
    if instead != habits._AS_IT_IS:
        t = tg.tensor(np.arange(1.0, 7.0).reshape(2, 3) / 8, requires_grad=True)
        exec(instead, {"t": t, "u": t * 1.1, "m": nn.Linear(3, 2, rng=0), "x": np.ones((1, 3)), "np": np, "tg": tg})


@pytest.mark.parametrize("name", sorted(habits.OF_TENSORS))
def test_an_attribute_of_tensors_elsewhere_says_what_it_is_here(name):
    works(habits.OF_TENSORS[name])
    with pytest.raises(AttributeError) as error:
        getattr(tg.tensor(1.0), name)
    assert str(error.value) == f"Tensor has no attribute {name!r}; write {habits.OF_TENSORS[name]}"


@pytest.mark.parametrize("name", ["log1p", "arctan", "floor", "expm1", "exp_", "sin_", "log1p_"])
def test_a_function_of_numpy_is_named(name):
    with pytest.raises(
        AttributeError, match=r"Tensor has no attribute '\w+'; write (t\[\.\.\.\] = )?np\.\w+\(t\)$"
    ) as error:
        getattr(tg.tensor(0.5), name)
    works(str(error.value).partition("write ")[2])


def test_an_attribute_that_nobody_has_is_not_there():
    t = tg.tensor(1.0)
    for name in ("shapes", "_data_", "__array_struct__", "float64"):
        assert not hasattr(t, name)
    with pytest.raises(AttributeError, match=r"^'Tensor' object has no attribute 'shapes'$"):
        t.shapes
    assert not {"unsqueeze", "exp_", "log1p"} & set(dir(t))
    assert {"shape", "exp", "backward", "T", "grad", "reshape"} <= set(dir(t))


@pytest.mark.parametrize("name", sorted(habits.OF_TG))
def test_a_name_of_other_packages_says_what_it_is_here(name):
    works(habits.OF_TG[name])
    with pytest.raises(AttributeError) as error:
        getattr(tg, name)
    assert str(error.value) == f"module 'tinygraph' has no attribute {name!r}; write {habits.OF_TG[name]}"


@pytest.mark.parametrize("name", sorted(habits.OF_LAYERS))
def test_an_attribute_of_layers_elsewhere_says_what_it_is_here(name):
    works(habits.OF_LAYERS[name])
    with pytest.raises(AttributeError) as error:
        getattr(nn.Linear(2, 1, rng=0), name)
    assert str(error.value) == f"Linear has no attribute {name!r}; write {habits.OF_LAYERS[name]}"


def test_other_attributes_of_layers_and_of_the_package_are_not_there():
    assert not hasattr(nn.Linear(2, 1, rng=0), "weights")
    with pytest.raises(AttributeError, match=r"^module 'tinygraph' has no attribute 'shout'$"):
        tg.shout


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "var", "std", "argmax", "any", "cumsum"])
def test_dim_and_keepdim_are_told_to_be_axis_and_keepdims(name):
    t = tg.tensor(np.ones((2, 3)))
    for f in (getattr(t, name), lambda **k: getattr(tg, name)(t, **k)):
        with pytest.raises(
            TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'dim'; write axis for dim"
        ):
            f(dim=0)
    with pytest.raises(TypeError, match=r"'dim', 'keepdim'; write axis for dim, keepdims for keepdim"):
        tg.sum(t, dim=0, keepdim=True)
    with pytest.raises(TypeError, match=r"sum\(\) got an unexpected keyword argument 'colour'$"):
        tg.sum(t, colour=0)
    with pytest.raises(TypeError, match="colour"):
        tg.var(t, colour=0)
    with pytest.raises(TypeError, match="axis"):
        tg.softmax(t, dim=0)


def test_the_signature_is_shown_without_what_is_refused():
    assert "other" not in str(tg.sum.__signature__)
