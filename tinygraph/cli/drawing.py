"""What `tinygraph draw MODULE:FUNCTION` does: run the function once, and write or print the picture of its graph."""

from __future__ import annotations

import argparse

from ..pictures import draw as picture
from .target import TargetError, load, told


def draw(options: argparse.Namespace) -> int:
    """Draw the function that `options.target` names, into `options.out` or as text; return 0.

    Raises TargetError where there is no such function or no inputs for it, and where it, or a setting, fails.
    """
    target = load(options.target)
    with told(target.name):
        view = picture(
            target.function,
            *target.inputs,
            direction=options.direction,
            mode=options.mode,
            level=options.level,
            open=options.open,
            fold=options.fold,
            heat=options.heat,
        )
    try:
        if options.path is not None:
            view = view.path(*options.path)
        if options.around is not None:
            view = view.around(options.around, options.radius)
        if options.out is None:
            print(view.text(colour=None))
        else:
            view.save(options.out)
            print(f"{options.out}: {view!r}")
    except (ValueError, OSError) as error:
        raise TargetError(str(error)) from error
    return 0
