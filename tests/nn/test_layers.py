"""Linear, Sequential, activation layers and starting values."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 4, 3), (0, 3)])
def test_linear(shape, bias, rng, numeric):
    layer = nn.Linear(3, 2, bias=bias, rng=0)
    x = tg.tensor(rng.normal(size=shape), requires_grad=True)
    y = layer(x)
    W, b = layer.weight.numpy(), layer.bias.numpy() if bias else 0
    np.testing.assert_allclose(y.numpy(), x.numpy() @ W.T + b, rtol=1e-14)
    w = rng.normal(size=y.shape)
    (y * w).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), w @ W, rtol=1e-12)
    flat_w, flat_x = w.reshape(-1, 2), x.numpy().reshape(-1, 3)
    np.testing.assert_allclose(layer.weight.grad.numpy(), flat_w.T @ flat_x, rtol=1e-12, atol=1e-15)
    if bias:
        np.testing.assert_allclose(layer.bias.grad.numpy(), flat_w.sum(axis=0), rtol=1e-12, atol=1e-15)
    assert [p.name for p in layer.parameters()] == ["weight", "bias"][: 1 + bias]
    assert layer.weight.shape == (2, 3)


def test_linear_of_second_order_and_forward(rng):
    layer = nn.Linear(3, 2, rng=0)
    x, v = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    W, b = layer.weight.numpy(), layer.bias.numpy()

    def f(x):
        return tg.sum(layer(x) ** 3)

    np.testing.assert_allclose(tg.jvp(layer, (x,), (v,))[1], v @ W.T, rtol=1e-12)
    np.testing.assert_allclose(tg.hvp(f, x, v), 6 * ((x @ W.T + b) * (v @ W.T)) @ W, rtol=1e-12)
    x = tg.tensor(x)
    slope = tg.grad(f)(x)
    slope.sum().backward()
    assert layer.weight.grad.shape == (2, 3)


def test_linear_is_reproducible_and_keeps_dtype():
    first, second = nn.Linear(3, 2, rng=7), nn.Linear(3, 2, rng=np.random.default_rng(7))
    np.testing.assert_array_equal(first.weight.numpy(), second.weight.numpy())
    layer = nn.Linear(3, 2, dtype=np.float32)
    assert layer(np.ones((1, 3), np.float32)).dtype == np.float32


def test_linear_errors():
    with pytest.raises(ValueError, match="Linear: sizes must be at least 1, got in=0, out=2"):
        nn.Linear(0, 2)
    layer = nn.Linear(3, 2)
    with pytest.raises(ValueError, match=r"Linear: input of shape \(5, 4\) has 4 features, the layer takes 3; samples"):
        layer(np.ones((5, 4)))
    with pytest.raises(ValueError, match=r"Linear: input of shape \(\) has no features"):
        layer(tg.tensor(1.0))


def test_sequential():
    net = nn.Sequential(nn.Linear(3, 2, rng=0), tg.relu, nn.Softmax())
    assert len(net) == 3
    assert net[1] is tg.relu
    x = np.ones((4, 3))
    np.testing.assert_array_equal(net(x).numpy(), tg.softmax(tg.relu(net[0](x))).numpy())
    assert nn.Sequential()(x) is x


LAYERS = [nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Tanh, nn.Softplus, nn.Softmax, nn.LogSoftmax]


@pytest.mark.parametrize("layer", LAYERS)
def test_activation_layers_are_their_functions(layer):
    x = np.array([[-1.0, 0.0, 2.0]])
    np.testing.assert_array_equal(layer()(x), layer.function(x))
    assert repr(layer()) == f"{layer.__name__}()"
    with pytest.raises(TypeError, match=f"{layer.__name__}: unknown setting colour; it takes "):
        layer(colour=1)


def test_activation_settings():
    assert nn.LeakyReLU(slope=0.5)(np.array([-2.0])).tolist() == [-1]
    assert nn.Softmax(axis=0)(np.ones((2, 1))).tolist() == [[0.5], [0.5]]
    assert tg.grad(nn.ReLU(at_zero=0))(0.0) == 0


SHAPE = (200, 100)


@pytest.mark.parametrize(
    ("init", "std"),
    [(nn.init.zeros, 0), (nn.init.small_normal, 0.01), (nn.init.xavier_uniform, np.sqrt(2 / 300)),
     (nn.init.he_normal, np.sqrt(2 / 100)), (nn.init.lecun_normal, np.sqrt(1 / 100)),
     (nn.init.linear_default, np.sqrt(1 / 300)),
     (nn.init.orthogonal, np.sqrt(1 / 200))],
)  # fmt: skip
def test_starting_values(init, std, rng):
    W = init(rng, SHAPE)
    assert W.shape == SHAPE
    assert W.std() == pytest.approx(std, rel=0.03)
    assert abs(W.mean()) <= 0.05 * std
    layer = nn.Linear(100, 200, weight_init=init, rng=0)
    assert layer.weight.shape == SHAPE
    if init is not nn.init.linear_default:
        assert not layer.bias.numpy().any()


@pytest.mark.parametrize("shape", [(4, 7), (7, 4), (5, 5), (3, 2, 2)])
def test_orthogonal(shape, rng):
    W = nn.init.orthogonal(rng, shape).reshape(shape[0], -1)
    product = W @ W.T if W.shape[0] <= W.shape[1] else W.T @ W
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


def test_dropout_draws_while_training_alone():
    net = nn.Sequential(nn.Linear(3, 200, rng=0), nn.Dropout(0.25, rng=1))
    x = np.ones((2, 3))
    first, second = net(x).numpy(), net(x).numpy()
    assert not np.array_equal(first == 0, second == 0)
    assert 0.15 < np.mean(first == 0) < 0.35
    whole = net.eval()(x).numpy()
    np.testing.assert_allclose(first[first != 0], whole[first != 0] / 0.75)
    np.testing.assert_array_equal(whole, net[0](x).numpy())


def test_dropout_passes_gradients_where_it_passes_values():
    drop = nn.Dropout(0.5, rng=0)
    x = tg.tensor(np.ones(50, np.float32), requires_grad=True)
    y = drop(x)
    y.sum().backward()
    assert y.dtype == np.float32
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())
    assert repr(drop) == "Dropout(rate=0.5)"


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan")])
def test_a_rate_of_dropout_that_cannot_be(rate):
    with pytest.raises(ValueError, match=f"Dropout: rate is {rate}; give the share of elements to drop, from 0 to be"):
        nn.Dropout(rate)
