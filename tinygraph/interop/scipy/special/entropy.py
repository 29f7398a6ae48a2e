"""Entropies, divergences and what they are made of: x log y, with 0 log 0 = 0. Also Huber's losses."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from .declare import declare

__all__ = ["entr", "huber", "kl_div", "pseudo_huber", "rel_entr", "xlog1py", "xlogy"]


def _ratio(x: Any, y: Any) -> Any:
    """x / y, and 0 where x is 0, whatever y."""
    return x / np.where(np.equal(x, 0), 1, y)


xlogy = declare(
    special.xlogy, lambda z, x, y: np.log(y), lambda z, x, y: _ratio(x, y), domain=(0, np.inf), holomorphic=True
)
xlog1py = declare(
    special.xlog1py,
    lambda z, x, y: np.log1p(y),
    lambda z, x, y: _ratio(x, 1 + y),
    domain=(-1, np.inf),
    holomorphic=True,
)
entr = declare(special.entr, lambda y, x: -np.log(x) - 1, domain=(0, np.inf))
rel_entr = declare(
    special.rel_entr, lambda z, x, y: np.log(x / y) + 1, lambda z, x, y: -_ratio(x, y), domain=(0, np.inf)
)
kl_div = declare(special.kl_div, lambda z, x, y: np.log(x / y), lambda z, x, y: 1 - _ratio(x, y), domain=(0, np.inf))
huber = declare(
    special.huber,
    lambda z, delta, r: np.maximum(np.abs(r) - delta, 0),
    lambda z, delta, r: np.minimum(np.maximum(r, -delta), delta),
    domain=(0, np.inf),
)


def _pseudo_huber_delta(z: Any, delta: Any, r: Any) -> Any:
    """2 delta (s - 1) - r² / (delta s) with s = sqrt(1 + (r / delta)²), in terms that do not cancel."""
    s = np.hypot(1, r / delta)
    return delta * (s - 1) ** 2 / s


pseudo_huber = declare(
    special.pseudo_huber, _pseudo_huber_delta, lambda z, delta, r: r / np.hypot(1, r / delta), domain=(0, np.inf)
)
