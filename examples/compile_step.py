"""A training step written once, then run as straight-line NumPy: same results, readable source, less time.

Run: python examples/compile_step.py
"""

import time

import numpy as np

import tinygraph as tg


def build() -> tuple[tg.nn.Sequential, tg.optim.Optimizer]:
    """A small network and its optimizer, the same each time."""
    net = tg.nn.Sequential(
        tg.nn.Linear(16, 32, rng=0), tg.nn.Tanh(), tg.nn.Linear(32, 32, rng=1), tg.nn.Tanh(), tg.nn.Linear(32, 1, rng=2)
    )
    return net, tg.optim.SGD(net.parameters(), lr=0.1)


def main() -> None:
    """Train twice from the same start, plainly and compiled; the parameters come out equal."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(32, 16))
    y = (X[:, :1] * X[:, 1:2] > 0).astype(float)

    def step_of(net: tg.nn.Sequential, optimizer: tg.optim.Optimizer):
        def step(X, y):
            loss = tg.nn.binary_cross_entropy_with_logits(net(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        return step

    plain_net, optimizer = build()
    plain = step_of(plain_net, optimizer)
    compiled_net, optimizer = build()
    compiled = tg.compile(step_of(compiled_net, optimizer))

    inputs = tg.asarray(X), tg.asarray(y)
    seconds = {}
    for name, step in (("plain", plain), ("compiled", compiled)):
        begin = time.perf_counter()
        for _ in range(500):
            loss = step(*inputs)
        seconds[name] = time.perf_counter() - begin
        print(f"{name:8s}  loss {loss.item():.6f}  {seconds[name] / 500 * 1e6:.0f} us a step")

    print(compiled.source)
    assert "np.matmul" in compiled.source
    for a, b in zip(plain_net.parameters(), compiled_net.parameters(), strict=True):
        assert np.array_equal(a.data, b.data)


if __name__ == "__main__":
    main()
