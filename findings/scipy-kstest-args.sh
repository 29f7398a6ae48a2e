#!/usr/bin/env bash
# SciPy 1.18.1 (with NumPy 2.5.5, CPython 3.12 and 3.13): scipy.stats.kstest(x, "norm", args=(mean, deviation)), the call
# of its own documentation for a distribution given by name with its parameters, raises
#     TypeError: ndtr() takes from 1 to 2 positional arguments but 3 were given
# because "norm" now stands for a function of the standard normal distribution alone, to which args are handed on.
# SciPy 1.17.1 gives KstestResult(statistic=0.0358, pvalue=0.9517); so do, in 1.18.1, scipy.stats.ks_1samp(x, norm.cdf,
# args=...) and kstest(x, lambda v: norm.cdf(v, ...)). "norm" without args works, and tests against the standard normal.
# Who is hurt: everybody who tests whether draws (of a random generator, a sampler, an initialiser of weights) follow a
# normal distribution of other mean and deviation. Name the function in place of the distribution.
# This script fails when that changes.
set -euo pipefail
for python in python3.13 python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[23].*/bin/python; do
  "$python" -c "import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 14))" 2> /dev/null && break
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/env"
"$folder/env/bin/pip" install -q numpy==2.5.5 scipy==1.18.1
"$folder/env/bin/python" - << 'PY'
import numpy as np
from scipy import stats

x = np.random.default_rng(0).normal(2.0, 3.0, 200)
try:
    found = stats.kstest(x, "norm", args=(2.0, 3.0))
except TypeError as error:
    print(f"kstest(x, 'norm', args=(2.0, 3.0)): TypeError: {error}")
    assert "ndtr() takes from 1 to 2 positional arguments but 3 were given" in str(error)
else:
    raise SystemExit(f"this has changed: {found}")
other = stats.ks_1samp(x, stats.norm.cdf, args=(2.0, 3.0))
print(f"ks_1samp(x, norm.cdf, args=(2.0, 3.0)): statistic {other.statistic:.4f}, p {other.pvalue:.4f}")
assert round(other.statistic, 4) == 0.0358
PY
