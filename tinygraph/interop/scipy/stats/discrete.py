"""Distributions of integers: of each the derivatives of the log probability in the shapes, and of what sums it."""

from __future__ import annotations

import numpy as np

from .declare import Discrete, over, powers, times

__all__ = ["bernoulli", "binom", "geom", "poisson"]

poisson: Discrete = Discrete(
    "poisson",
    lambda mu: (0, np.inf),
    mu=lambda k, mu: over(k, mu) - 1,
    masses={"mu": lambda k, mu: poisson.pmf(k - 1, mu) - poisson.pmf(k, mu)},
    below={"mu": lambda k, mu: -poisson.pmf(k, mu)},
)
bernoulli = Discrete(
    "bernoulli",
    lambda p: (0, 1),
    p=lambda k, p: over(k, p) - over(1 - k, 1 - p),
    masses={"p": lambda k, p: 2 * k - 1},
    below={"p": lambda k, p: k - 1},
)
binom: Discrete = Discrete(
    "binom",
    lambda n, p: (0, n),
    n=None,
    p=lambda k, n, p: over(k, p) - over(n - k, 1 - p),
    masses={"p": lambda k, n, p: times(n, binom.pmf(k - 1, n - 1, p) - binom.pmf(k, n - 1, p))},
    below={"p": lambda k, n, p: times(-n, binom.pmf(k, n - 1, p))},
)
geom = Discrete(
    "geom",
    lambda p: (1, np.inf),
    p=lambda k, p: 1 / p - over(k - 1, 1 - p),
    masses={
        "p": lambda k, p: powers(1.0, 1 - p, 0.0, k - 1, 0.0) - times(k - 1, p * powers(1.0, 1 - p, 0.0, k - 2, 0.0))
    },
    below={"p": lambda k, p: times(k, powers(1.0, 1 - p, 0.0, k - 1, 0.0))},
)
