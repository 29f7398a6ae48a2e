"""einops on Tensors: values and gradients as on arrays, whatever is imported first."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import tinygraph as tg

einops = pytest.importorskip("einops")
A = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    "f", [lambda e, x: e.rearrange(x, "a b c -> c (b a)"), lambda e, x: e.rearrange(x, "a b (c d) -> (a c) b d", d=2),
          lambda e, x: e.reduce(x, "a b c -> b", "mean"), lambda e, x: e.reduce(x, "a b (c 2) -> a c", "max"),
          lambda e, x: e.reduce(x, "a b c -> 1 b 1", "prod"), lambda e, x: e.reduce(x, "a b c ->", "sum"),
          lambda e, x: e.reduce(x, "a b c -> c", "min"), lambda e, x: e.repeat(x, "a b c -> a k b (c m)", k=2, m=3),
          lambda e, x: e.einsum(x, x, "a b c, a d c -> b d"),
          lambda e, x: e.rearrange([x, x * 2], "k a b c -> a b c k"),
          lambda e, x: e.pack([x, x[:, 0]], "a * c")[0], lambda e, x: e.unpack(x, [[1], [2]], "a * c")[1]],
)  # fmt: skip
def test_values_and_gradients(f):
    value = f(einops, A)
    np.testing.assert_allclose(f(einops, tg.tensor(A)).numpy(), value)
    assert tg.check_gradients(lambda x: f(einops, x), A / 7 + 0.1).ok


def test_its_other_questions():
    backend = einops._backends.get_backend(tg.tensor(A))
    np.testing.assert_array_equal(einops.asnumpy(tg.tensor(A)), A)
    assert isinstance(backend.from_numpy(A), tg.Tensor)
    assert einops.parse_shape(tg.tensor(A), "a b _") == {"a": 2, "b": 3}
    with pytest.raises(NotImplementedError, match="not available"):
        einops.reduce(tg.tensor([1, 2]), "a ->", "mean")


@pytest.mark.parametrize(
    "imports", ["import einops, tinygraph as tg; t = tg.tensor(1.0)",
                "import tinygraph as tg, einops; t = tg.tensor(1.0)",
                "import tinygraph as tg; t = tg.tensor(1.0); import einops"],
)  # fmt: skip
def test_the_order_of_imports_does_not_matter(imports):
    code = (
        f"import sys; before = list(sys.meta_path); {imports}\n"
        f"print(einops.repeat(t, ' -> k', k=2).shape, sys.meta_path == before)"
    )
    out = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split("\n")[0] == "(2,) True"
