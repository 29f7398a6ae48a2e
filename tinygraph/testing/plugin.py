"""pytest's side of gradient checks: the fixture and the marker `gradcheck`. pytest loads it at every start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..check import EFFORTS, check_gradients
from ..errors import GradientError


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that set what no call or marker does."""
    group = parser.getgroup("tinygraph", "gradient checks")
    group.addoption(
        "--tg-effort",
        choices=tuple(EFFORTS),
        default="normal",
        help="how thorough the fixture gradcheck is, unless the test says (default: normal)",
    )
    group.addoption(
        "--tg-seed",
        type=int,
        default=0,
        metavar="N",
        help="of its random directions, unless the test says (default: 0)",
    )


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is in force."""
    return f"gradcheck: effort={config.option.tg_effort}, seed={config.option.tg_seed}"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, for `--strict-markers` and `pytest --markers`."""
    config.addinivalue_line(
        "markers", "gradcheck(order=1, seed=0, ...): settings of tg.check_gradients for the fixture gradcheck"
    )


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`gradcheck(f, *inputs, **settings)` is `tg.check_gradients`, and a wrong gradient fails the test.

    The failure says what is wrong and the call that repeats it; the report is a section of its own. Settings come
    from the call, else from the nearest marker, `@pytest.mark.gradcheck(order=2)` on a test, a class or, as
    `pytestmark`, on a module, else from the options `--tg-effort` and `--tg-seed`.
    """
    marker = request.node.get_closest_marker("gradcheck")
    if marker is not None and marker.args:
        pytest.fail(f"gradcheck: the marker has {marker.args!r}; give settings by name, such as order=2", pytrace=False)
    marked = dict(marker.kwargs) if marker is not None else {}

    options = request.config.option
    general = {"seed": options.tg_seed, "effort": options.tg_effort}

    def check(f: Callable[..., Any], *inputs: Any, **settings: Any) -> Any:
        __tracebackhide__ = True
        settings = {**general, **marked, **settings}
        try:
            return check_gradients(f, *inputs, **settings)
        except GradientError as error:
            again = ", ".join(f"{name}={value!r:.40}" for name, value in settings.items())
            request.node.add_report_section("call", "gradient check", str(error))
            message = f"{str(error).splitlines()[0]}\n  again with gradcheck(..., {again})"
        return pytest.fail(message)

    return check
