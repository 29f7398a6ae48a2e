"""`python -m tinygraph`, and the console script `tinygraph`: both call the command line."""

from __future__ import annotations

from .cli import main

__all__ = ["main"]

if __name__ == "__main__":
    raise SystemExit(main())
