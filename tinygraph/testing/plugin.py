"""pytest's side of gradient checks: the fixture and the marker `gradcheck`. pytest loads it at every start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..check import check_gradients
from ..errors import GradientError


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, for `--strict-markers` and `pytest --markers`."""
    config.addinivalue_line(
        "markers", "gradcheck(order=1, seed=0, ...): settings of tg.check_gradients for the fixture gradcheck"
    )


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`gradcheck(f, *inputs, **settings)` is `tg.check_gradients`, and a wrong gradient fails the test.

    The failure shows the report and the call that repeats it. Settings come from the call, else from the nearest
    marker: `@pytest.mark.gradcheck(order=2)` on a test, a class or, as `pytestmark`, on a module.
    """
    marker = request.node.get_closest_marker("gradcheck")
    if marker is not None and marker.args:
        pytest.fail(f"gradcheck: the marker has {marker.args!r}; give settings by name, such as order=2", pytrace=False)
    marked = dict(marker.kwargs) if marker is not None else {}

    def check(f: Callable[..., Any], *inputs: Any, **settings: Any) -> Any:
        __tracebackhide__ = True
        settings = {"seed": 0, **marked, **settings}
        try:
            return check_gradients(f, *inputs, **settings)
        except GradientError as error:
            again = ", ".join(f"{name}={value!r:.40}" for name, value in settings.items())
            message = f"{error}\n  again with gradcheck(..., {again})"
        return pytest.fail(message)

    return check
