"""Examples for differences and the derivatives they estimate, and for their adjoints."""

from typing import Any

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(33)


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape))


_first, _second = {"step": 1.0, "edge_order": 1}, {"step": 0.5, "edge_order": 2}

ROWS: dict[str, list[Case]] = {
    "diff": [
        Case(x(5), axis=0), Case(x(2, 3), axis=1), Case(x(3, 2, 2), axis=0), Case(x(1), axis=0), Case(x(0), axis=0),
        Case(x(0, 3), axis=1), Case(x(3, 0), axis=0), Case(x(2), axis=0),
    ],
    "undiff": [
        Case(x(4), axis=0, n=5), Case(x(2, 2), axis=1, n=3), Case(x(2, 2, 2), axis=0, n=3), Case(x(0), axis=0, n=1),
        Case(x(0), axis=0, n=0), Case(x(1), axis=0, n=2),
    ],
    **{
        name: [
            *[Case(x(n), axis=0, **how) for n in (3, 4, 5, 6) for how in (_first, _second)],
            Case(x(2), axis=0, **_first), Case(x(2, 3), axis=1, **_first), Case(x(3, 2, 2), axis=0, **_second),
            Case(x(0, 3), axis=1, **_second),
        ]
        for name in ("slopes", "unslopes")
    },
}  # fmt: skip
