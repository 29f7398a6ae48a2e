"""Layers of convolutional networks: their functions, starting values, PyTorch's shapes, and messages."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn

CONVOLUTIONS = [(nn.Conv1d, 1), (nn.Conv2d, 2), (nn.Conv3d, 3)]
TRANSPOSED = [(nn.ConvTranspose1d, 1), (nn.ConvTranspose2d, 2), (nn.ConvTranspose3d, 3)]
POOLS = [nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d, nn.AdaptiveAvgPool1d,
         nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d,
         nn.AdaptiveMaxPool3d]  # fmt: skip


@pytest.mark.parametrize(("layer", "rank"), CONVOLUTIONS + TRANSPOSED)
@pytest.mark.parametrize("bias", [True, False])
def test_convolution_layers_are_their_functions(layer, rank, bias):
    made = layer(4, 6, 3, stride=2, padding=1, groups=2, bias=bias, rng=0)
    x = np.random.default_rng(1).standard_normal((2, 4, *[5] * rank))
    expected = layer.function(x, made.weight, made.bias, stride=2, padding=1, groups=2)
    np.testing.assert_array_equal(made(x).numpy(), expected.numpy())
    assert made.weight.shape == ((4, 3) if made.transposed else (6, 2)) + (3,) * rank
    assert [p.name for p in made.parameters()] == ["weight", "bias"][: 1 + bias]
    made(x).sum().backward()
    assert made.weight.grad.shape == made.weight.shape
    size = str((3,) * rank)
    assert (
        repr(made) == f"{layer.__name__}(4, 6, {size}, stride=2, padding=1, groups=2{'' if bias else ', bias=False'})"
    )


@pytest.mark.parametrize(("layer", "rank"), CONVOLUTIONS + TRANSPOSED)
def test_shapes_and_ranges_of_starting_values_are_pytorchs(layer, rank):
    torch = pytest.importorskip("torch")
    ours = layer(4, 6, 3, groups=2, rng=0, dtype=np.float32)
    theirs = getattr(torch.nn, layer.__name__)(4, 6, 3, groups=2)
    for mine, peer in ((ours.weight, theirs.weight), (ours.bias, theirs.bias)):
        assert mine.shape == tuple(peer.shape)
        assert mine.dtype == np.float32
    assert np.abs(theirs.weight.detach().numpy()).max() <= 1 / np.sqrt(np.prod(ours.weight.shape[1:]))
    assert np.abs(ours.weight.numpy()).max() <= 1 / np.sqrt(np.prod(ours.weight.shape[1:]))


def test_output_padding_of_a_layer():
    layer = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1, rng=0)
    assert layer(np.ones((1, 1, 4, 4))).shape == (1, 1, 8, 8)
    assert repr(layer) == "ConvTranspose2d(1, 1, (3, 3), stride=2, padding=1, output_padding=1)"
    assert not nn.Conv2d(1, 1, 3, weight_init=nn.init.he_normal).bias.numpy().any()


def test_convolution_layers_say_what_is_wrong():
    with pytest.raises(
        ValueError, match="Conv2d: channels in=3, out=6 and groups=2 must be at least 1, and groups div"
    ):
        nn.Conv2d(3, 6, 3, groups=2)
    with pytest.raises(ValueError, match=r"Conv2d: kernel_size=\(3, 3, 3\) does not suit 2 axes; give an int, or 2"):
        nn.Conv2d(2, 6, (3, 3, 3))
    with pytest.raises(ValueError, match=r"conv2d: input of shape \(5, 4, 8, 8\) has 4 channels, weight of shape"):
        nn.Conv2d(3, 6, 3)(np.ones((5, 4, 8, 8)))


@pytest.mark.parametrize("layer", POOLS)
def test_pooling_layers_are_their_functions(layer):
    x = np.random.default_rng(1).standard_normal((2, 3, *[4] * int(layer.__name__[-2])))
    np.testing.assert_array_equal(layer(2)(x), layer.function(x, 2))
    with pytest.raises(TypeError, match=f"{layer.__name__}: .*colour.*; it takes "):
        layer(2, colour=1)


def test_pooling_layers_show_their_settings():
    assert repr(nn.MaxPool2d(2, stride=1)) == "MaxPool2d(kernel_size=2, stride=1)"
    assert repr(nn.Flatten()) == "Flatten()"


def test_a_small_network_learns():
    """Whether a bar stands or lies: found by one convolution."""
    rng = np.random.default_rng(0)
    x, labels = np.zeros((40, 1, 8, 8)), np.arange(40) % 2
    for image, lies in zip(x, labels, strict=True):
        row, column = rng.integers(0, 5, 2)
        image[0, row, column : column + 4] = lies
        image[0, row : row + 4, column] = 1 - lies if not lies else image[0, row : row + 4, column]
    net = nn.Sequential(nn.Conv2d(1, 4, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                        nn.Linear(4, 2, rng=1))  # fmt: skip
    optimizer = tg.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        nn.cross_entropy(net(x), labels).backward()
        optimizer.step()
    assert np.mean(np.argmax(net(x).numpy(), axis=1) == labels) == 1


def test_a_compiled_network_computes_the_same():
    net = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1, rng=0), nn.ReLU(), nn.MaxPool2d(2),
                        nn.AvgPool2d(2, padding=1), nn.ConvTranspose2d(3, 2, 2, stride=2, rng=1), nn.Flatten(),
                        nn.Linear(72, 3, rng=2))  # fmt: skip
    x, labels = np.random.default_rng(0).standard_normal((5, 2, 8, 8)), np.arange(5) % 3

    def step(x, labels):
        net.zero_grad()
        loss = nn.cross_entropy(net(x), labels)
        loss.backward()
        return loss

    eager = step(tg.tensor(x), labels).item()
    expected = [p.grad.numpy().copy() for p in net.parameters()]
    compiled = tg.compile(step)
    for _ in range(2):
        assert compiled(tg.tensor(x), labels).item() == pytest.approx(eager, rel=1e-12)
    for p, gradient in zip(net.parameters(), expected, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), gradient, rtol=1e-10, atol=1e-13)
