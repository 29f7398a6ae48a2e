"""`python -m tests.properties.agreement`: try many programs in all modes, and print those that disagree."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter

import numpy as np

from .modes import agree
from .writing import mixture


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.properties.agreement", description=__doc__)
    parser.add_argument("--programs", type=int, default=20000, help="how many programs (default: 20000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; program k has seed + k (default: 0)")
    parser.add_argument("--max-lines", type=int, default=8, help="lines of a program (default: 8)")
    parser.add_argument("--most", type=int, default=20, help="stop after so many failures (default: 20)")
    asked = parser.parse_args()
    start, failures = time.perf_counter(), Counter()
    for seed in range(asked.seed, asked.seed + asked.programs):
        rng = np.random.default_rng(seed)
        f = mixture(lambda n: int(rng.integers(n)), asked.max_lines)  # noqa: B023
        try:
            agree(f)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = (
                str(error)
                if isinstance(error, AssertionError)
                else f"{type(error).__name__}: {error} at {where}\n{f!r}"
            )
            print(f"--- seed {seed}: {said}\n", flush=True)
            failures[said.split(":")[0]] += 1
            if failures.total() >= asked.most:
                break
    print(f"{seed + 1 - asked.seed} programs in {time.perf_counter() - start:.0f} s, {failures.total()} disagree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
