"""grad, value_and_grad, vjp, jvp, jacobian, hessian, hvp: values, structures, nesting, closures, errors."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError, NotDifferentiable

A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def cubes(x):
    return (x**3).sum()


# ------------------------------------------------------------------------------------------- what comes back


def test_numbers_give_numbers_and_arrays_give_arrays():
    assert tg.grad(cubes)(2.0) == 12
    assert isinstance(tg.grad(cubes)(2.0), float)
    g = tg.grad(cubes)(np.array([1.0, 2.0]))
    assert type(g) is np.ndarray
    assert g.tolist() == [3, 12]
    assert tg.grad(cubes)(np.float32(2)).dtype == np.float32


def test_tensors_give_tensors():
    g = tg.grad(cubes)(tg.tensor([1.0, 2.0]))
    assert isinstance(g, tg.Tensor)
    assert not g.requires_grad
    assert g.tolist() == [3, 12]
    value, g = tg.value_and_grad(cubes)(tg.tensor(2.0))
    assert isinstance(value, tg.Tensor)
    assert value.item() == 8
    assert isinstance(tg.jacobian(lambda x: x * x)(tg.tensor([1.0])), tg.Tensor)
    assert isinstance(tg.hvp(cubes, tg.tensor([1.0]), tg.tensor([1.0])), tg.Tensor)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtypes_are_kept(dtype):
    x = np.array([1.0, 2.0], dtype)
    assert tg.grad(cubes)(x).dtype == dtype
    assert tg.jacobian(lambda x: x * x)(x).dtype == dtype
    assert tg.hessian(cubes)(x).dtype == dtype
    assert tg.hvp(cubes, x, x).dtype == dtype
    assert tg.jvp(lambda x: x * x, (x,), (np.ones(2),))[1].dtype == dtype
    assert tg.vjp(lambda x: x * x, x)[1](np.ones(2))[0].dtype == dtype


def test_results_share_no_memory():
    x, y = np.ones(3), np.ones(3)
    gx, gy = tg.grad(lambda x, y: (x + y).sum(), (0, 1))(x, y)
    v = np.ones(3)
    (px,) = tg.vjp(lambda x: x, x)[1](v)
    assert not any(np.shares_memory(a, b) for a, b in [(gx, gy), (gx, x), (px, v), (px, x)])
    gx[0] = 7
    assert gy.tolist() == x.tolist() == [1, 1, 1]


# -------------------------------------------------------------------------------------- arguments, structures


def test_argnums():
    def f(x, y, z):
        return x * y**2 + z

    assert tg.grad(f)(2.0, 3.0, 4.0) == 9
    assert tg.grad(f, 1)(2.0, 3.0, 4.0) == 12
    assert tg.grad(f, -1)(2.0, 3.0, 4.0) == 1
    assert tg.grad(f, (0, 1))(2.0, 3.0, 4.0) == (9, 12)
    assert tg.grad(f, [2, 0])(2.0, 3.0, 4.0) == (1, 9)
    assert tg.grad(f)(2.0, y=3.0, z=4) == 9
    with pytest.raises(TypeError, match="grad: argnums 3 asks for an argument that is not there; 2 given"):
        tg.grad(f, 3)(1.0, 2.0)
    with pytest.raises(TypeError, match="grad: argnums 0 asks for an argument that is not there; 0 given"):
        tg.grad(f)(x=1.0, y=2.0, z=3.0)


def test_has_aux():
    def f(x):
        return (x**2).sum(), {"double": x * 2, "text": "a"}

    x = np.array([1.0, 2.0])
    g, aux = tg.grad(f, has_aux=True)(x)
    assert g.tolist() == [2, 4]
    assert type(aux["double"]) is np.ndarray
    assert aux["text"] == "a"
    (value, aux), g = tg.value_and_grad(f, has_aux=True)(x)
    assert value == 5
    _, aux = tg.grad(f, has_aux=True)(tg.tensor(x))
    assert isinstance(aux["double"], tg.Tensor)
    with pytest.raises(GraphError, match=r"grad: with has_aux f returns \(value, aux\), not Tensor"):
        tg.grad(cubes, has_aux=True)(x)


def test_nested_structures():
    def f(p):
        return (p["w"] * p["layers"][0]).sum() + p["layers"][1] ** 2

    p = {"w": A, "layers": [np.ones(3), 3.0]}
    g = tg.grad(f)(p)
    np.testing.assert_array_equal(g["w"], np.ones((2, 3)))
    assert g["layers"][0].tolist() == [5, 7, 9]
    assert g["layers"][1] == 6
    assert p["layers"][1] == 3.0
    jacobian = tg.jacobian(lambda p: p["a"] * p["b"][0])({"a": np.ones(2), "b": (2.0,)})
    np.testing.assert_array_equal(jacobian["a"], 2 * np.eye(2))
    np.testing.assert_array_equal(jacobian["b"][0], [1, 1])


def test_tangents_are_matched_by_key():
    def f(p):
        return p["a"] * 2 + p["b"] * 3

    _, t = tg.jvp(f, ({"a": 1.0, "b": 1.0},), ({"b": 1.0, "a": 0.0},))
    assert t == 3
    for wrong in ({"a": 1.0}, [1.0, 0.0], {"a": 1.0, "c": 1.0}):
        with pytest.raises(ValueError, match=r"jvp: the tangent .* is not built like its argument .*same"):
            tg.jvp(f, ({"a": 1.0, "b": 1.0},), (wrong,))


def test_an_argument_that_is_not_used_has_gradient_zero():
    g = tg.grad(lambda x, y: (x * 1).sum(), (0, 1))(np.ones(2), np.ones((3,), np.float32))
    assert g[1].tolist() == [0, 0, 0]
    assert g[1].dtype == np.float32
    assert tg.grad(lambda x: 3.0)(1.0) == 0
    assert tg.jacobian(lambda x: np.ones(2))(1.0).tolist() == [0, 0]
    assert tg.jvp(lambda x: np.ones(2), (1.0,), (1.0,))[1].tolist() == [0, 0]


@pytest.mark.parametrize("x", [np.int64(1), True, np.array([1, 2]), np.array([True]), "a", None, tg.tensor([1, 2])])
def test_arguments_without_gradient(x):
    for transform in (tg.grad, tg.value_and_grad, tg.jacobian):
        with pytest.raises(NotDifferentiable, match=f"{transform.__name__}: argument 1 is .* no gradient; pass"):
            transform(lambda x, y: y, 1)(0.0, x)
    with pytest.raises(NotDifferentiable, match="vjp: argument 0"):
        tg.vjp(cubes, x)
    with pytest.raises(NotDifferentiable, match="jvp: argument 0"):
        tg.jvp(cubes, (x,), (x,))


def test_integer_arguments_elsewhere_are_fine():
    assert tg.grad(lambda x, n: x**n)(2.0, 3) == 12


@pytest.mark.parametrize(
    ("output", "text"),
    [(lambda x: x, r"f returned shape \(2,\), not one number; reduce it, or use tg\.jacobian"),
     (lambda x: np.ones(2), "f returned ndarray .*return one number"),
     (lambda x: [x.sum()], "f returned list .*return one number"), (lambda x: None, "f returned NoneType None")],
)  # fmt: skip
def test_outputs_that_are_not_one_number(output, text):
    for transform in (tg.grad, tg.value_and_grad):
        with pytest.raises(GraphError, match=f"{transform.__name__}: {text}"):
            transform(output)(np.ones(2))
    with pytest.raises(GraphError, match=f"hvp: {text}"):
        tg.hvp(output, np.ones(2), np.ones(2))


def test_wrong_shapes_of_tangents_and_cotangents():
    with pytest.raises(ValueError, match=r"vjp: the cotangent has shape \(3,\), the output \(2,\)"):
        tg.vjp(lambda x: x, np.ones(2))[1](np.ones(3))
    with pytest.raises(ValueError, match=r"jvp: a tangent has shape \(3,\), its argument \(2,\)"):
        tg.jvp(lambda x: x, (np.ones(2),), (np.ones(3),))
    with pytest.raises(ValueError, match="jvp: 1 primals and 2 tangents; give one for each"):
        tg.jvp(lambda x: x, (np.ones(2),), (np.ones(2), np.ones(2)))
    with pytest.raises(ValueError, match=r"hvp: a tangent has shape \(\), its argument \(2,\)"):
        tg.hvp(cubes, np.ones(2), 1.0)


# ---------------------------------------------------------------------------------------------- first order


def test_vjp_may_be_pulled_any_number_of_times():
    y, pull = tg.vjp(lambda x, w: tg.exp(x) * w, np.zeros(2), np.array([2.0, 3.0]))
    assert y.tolist() == [2, 3]
    v = np.ones(2)
    assert [g.tolist() for g in pull(v)] == [[2, 3], [1, 1]]
    v[:] = 10
    assert [g.tolist() for g in pull(v)] == [[20, 30], [10, 10]]
    assert [g.tolist() for g in pull([1, 0])] == [[2, 0], [1, 0]]


def test_jvp_agrees_with_vjp(rng):
    def f(x, w):
        h = tg.tanh(x @ w)
        return tg.softmax(h * h) / (1 + tg.max(h, axis=0)) + tg.cumsum(h, axis=0)

    x, w = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
    dx, dw, v = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    y, t = tg.jvp(f, (x, w), (dx, dw))
    z, pull = tg.vjp(f, x, w)
    gx, gw = pull(v)
    np.testing.assert_array_equal(y, z)
    assert np.sum(v * t) == pytest.approx(np.sum(gx * dx) + np.sum(gw * dw), rel=1e-12)


def test_jacobian_by_rows_and_by_columns():
    def wide(x):
        return tg.sin(A @ x)

    def tall(x):
        return tg.sin(A.T @ x)

    for f, x in [(wide, np.ones(3)), (tall, np.ones(2))]:
        matrix = A if f is wide else A.T
        np.testing.assert_allclose(tg.jacobian(f)(x), np.cos(matrix @ x)[:, None] * matrix, rtol=1e-14)


def test_jacobian_shapes():
    assert tg.jacobian(lambda x: tg.sum(x, axis=0))(A).shape == (3, 2, 3)
    assert tg.jacobian(lambda x: tg.stack([x, x]))(A).shape == (2, 2, 3, 2, 3)
    assert tg.jacobian(lambda x: x * x)(3.0) == 6
    first, second = tg.jacobian(lambda x, y: x * y, (0, 1))(np.ones(2), 3.0)
    assert first.tolist() == [[3, 0], [0, 3]]
    assert second.tolist() == [1, 1]
    assert tg.jacobian(lambda x: x[:0])(np.ones(2, np.float32)).shape == (0, 2)
    assert tg.jacobian(lambda x: x * 2)(np.zeros(0, np.float32)).dtype == np.float32


# --------------------------------------------------------------------------------------------- higher order


def test_any_order():
    f, expected = tg.sin, [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin, np.cos]
    for derivative in expected:
        assert float(f(0.7)) == pytest.approx(derivative(0.7), rel=1e-12)
        f = tg.grad(f)


def test_hessian_and_hvp(rng):
    def f(x):
        return tg.sum(tg.exp(A @ x)) + tg.prod(x)

    x, v = rng.normal(size=3), rng.normal(size=3)
    hessian = (A.T * np.exp(A @ x)) @ A + np.array([[0, x[2], x[1]], [x[2], 0, x[0]], [x[1], x[0], 0]])
    np.testing.assert_allclose(tg.hessian(f)(x), hessian, rtol=1e-12)
    np.testing.assert_allclose(tg.hvp(f, x, v), hessian @ v, rtol=1e-12)
    np.testing.assert_allclose(tg.jacobian(tg.grad(f))(x), hessian, rtol=1e-12)


def test_hvp_of_several_arguments():
    gx, gy = tg.hvp(lambda x, y: (x * x * y).sum(), (np.ones(2), np.full(2, 3.0)), (np.ones(2), np.ones(2)))
    assert gx.tolist() == [8, 8]
    assert gy.tolist() == [2, 2]


@pytest.mark.parametrize("outer", ["grad", "jvp", "vjp", "jacobian", "hvp"])
@pytest.mark.parametrize("inner", ["grad", "jvp", "vjp", "jacobian", "hvp", "hessian"])
def test_transforms_nest(outer, inner):
    def apply(transform, f, x):
        return {
            "grad": lambda: tg.grad(f)(x),
            "jvp": lambda: tg.jvp(f, (x,), (1.0,))[1],
            "vjp": lambda: tg.vjp(f, x)[1](1.0)[0],
            "jacobian": lambda: tg.jacobian(f)(x),
            "hvp": lambda: tg.hvp(f, x, 1.0),
            "hessian": lambda: tg.hessian(f)(x),
        }[transform]()

    order = sum(2 if name in ("hvp", "hessian") else 1 for name in (outer, inner))
    result = apply(outer, lambda x: apply(inner, lambda y: tg.exp(2 * y), x), 0.3)
    assert float(result) == pytest.approx(2**order * np.exp(0.6), rel=1e-12)


def test_no_perturbation_confusion():
    assert tg.grad(lambda x: x * tg.grad(lambda y: x + y)(1.0))(1.0) == 1
    assert tg.grad(lambda x: x * tg.grad(lambda y: x * y)(2.0))(3.0) == 6
    assert tg.jvp(lambda x: x * tg.jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1
    assert tg.grad(lambda x: x * tg.jvp(lambda y: x * y * y, (x,), (1.0,))[1])(2.0) == 24
    assert tg.hvp(lambda x: x * tg.grad(lambda y: x * y**3)(x), 2.0, 1.0) == pytest.approx(3 * 4 * 3 * 4)


# --------------------------------------------------------------------------- closures and recorded arguments


def test_the_gradient_of_recorded_tensors_is_recorded():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    g = tg.grad(cubes)(x)
    (g * g).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * 3 * np.array([1, 4]) * 6 * np.array([1, 2]))


def test_closures_over_parameters_are_differentiated_when_tensors_are_given():
    w = tg.tensor(2.0, requires_grad=True)
    slope = tg.grad(lambda x: w * x * x)(tg.tensor(3.0))  # 2 w x, as in physics-informed networks
    slope.backward()
    assert w.grad.item() == 6
    assert tg.grad(lambda x: w * x * x)(3.0) == 12  # arrays in, arrays out
    with tg.no_grad():
        assert not tg.grad(lambda x: w * x * x)(tg.tensor(3.0)).requires_grad


@pytest.mark.parametrize("given", [3.0, tg.tensor(3.0)], ids=["number", "tensor"])
def test_a_transform_leaves_the_graph_around_it_alone(given):
    w = tg.tensor(2.0, requires_grad=True)
    outer = tg.exp(w)
    tg.grad(lambda x: outer * tg.exp(x))(given)
    assert w.grad is None
    outer.backward()
    assert w.grad.item() == pytest.approx(np.exp(2))
    assert tg.grad(lambda x: outer * x)(3.0) == pytest.approx(np.exp(2))  # freed, but not needed


def test_functions_may_call_backward_inside():
    w = tg.tensor(2.0, requires_grad=True)

    def f(x):
        (w * w).backward()
        return x * w.grad

    assert tg.grad(f)(3.0) == 4


def test_no_grad_inside_and_outside():
    def f(x):
        with tg.no_grad():
            scale = x * 2
        return scale * x

    assert tg.grad(f)(3.0) == 6
    with tg.no_grad():
        assert tg.grad(lambda x: x * x)(3.0) == 6
        assert tg.hessian(lambda x: x * x)(3.0) == 2


def test_an_error_inside_leaves_no_trace():
    def fails(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        tg.grad(fails)(1.0)
    assert isinstance(tg.grad(cubes)(2.0), float)


def test_wrapped_functions_keep_their_names():
    for transform in (tg.grad, tg.value_and_grad, tg.jacobian, tg.hessian, tg.checkpoint):
        assert transform(cubes).__name__ == "cubes"


def test_control_flow_is_python():
    def f(x):
        y = x
        while y < 100:
            y = y * y if y > 1 else y + x
        return y

    assert tg.grad(f)(3.0) == 8 * 3.0**7


@pytest.mark.parametrize("transform", [tg.grad, tg.value_and_grad, tg.jacobian, tg.hessian])
def test_a_tensor_in_the_place_of_a_function_is_told_of_backward(transform):
    t = tg.tensor(2.0, requires_grad=True)
    name = transform.__name__
    with pytest.raises(TypeError, match=rf"{name}: got Tensor .*; write tg\.{name}\(f\)\(x\) .* y\.backward\(\) and"):
        transform(t * t, t)
