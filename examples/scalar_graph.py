"""A graph of ten numbers: values forward, gradients backward, and the picture micrograd made famous.

Run: python examples/scalar_graph.py [PICTURE.svg]
"""

import sys

import tinygraph as tg


def main(picture: str | None = None) -> None:
    """Build one neuron out of numbers, walk back through it, and draw it."""
    x1 = tg.tensor(2.0, requires_grad=True, name="x1")
    x2 = tg.tensor(0.0, requires_grad=True, name="x2")
    w1 = tg.tensor(-3.0, requires_grad=True, name="w1")
    w2 = tg.tensor(1.0, requires_grad=True, name="w2")
    b = tg.tensor(6.8813735870195432, requires_grad=True, name="b")

    n = x1 * w1 + x2 * w2 + b
    o = tg.tanh(n)
    o.backward()

    print(f"o = {o.item():.4f}")
    for t in (x1, x2, w1, w2, b):
        print(f"do/d{t.name} = {t.grad.item():+.4f}")

    # tanh'(n) = 1 - o² = 0.5 here, and each product passes on the other factor
    assert abs(o.item() - 0.5**0.5) < 1e-12
    for t, expected in ((x1, -1.5), (x2, 0.5), (w1, 1.0), (w2, 0.0), (b, 0.5)):
        assert abs(t.grad.item() - expected) < 1e-9, t.name

    if picture is not None:
        tg.draw(o).save(picture)
        print(f"picture in {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
