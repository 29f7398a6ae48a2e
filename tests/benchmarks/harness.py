"""How a workload is verified and timed: every side in its own fresh process, run in turn, minimum kept."""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import resource
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tests.benchmarks.engines import HAND, Engine, as_array

Array = np.ndarray[Any, Any]
Step = Callable[[], Sequence[Any]]

REPEAT_SECONDS = 0.02  # one timed repeat: long enough for the clock, short enough to interleave finely


@dataclass(frozen=True)
class Workload(ABC):
    """One computation, and how each engine runs it.

    A method named after an engine (`hand`, `tinygraph`, `compiled`, `torch`, ...) builds that engine's step:
    a function without arguments that does one training step and returns all it computed, the loss first, then
    every gradient or updated parameter, in the engine's own types, alike for all engines. An engine without a
    method does not support the workload. Adding a peer is adding a method.
    """

    name: str
    eager_bar: float | None = None
    compiled_bar: float | None = None

    tolerance: ClassVar[dict[str, float]] = {"float64": 1e-9, "float32": 2e-5}  # relative, in the 2-norm
    verified_steps: ClassVar[int] = 3  # enough to see gradients that pile up and optimizer state that is lost
    movement_tolerance: ClassVar[dict[str, float]] = {"float64": 1e-6, "float32": 2e-2}

    @abstractmethod
    def hand(self) -> Step:
        """The step a good NumPy programmer writes by hand: the reference for values and for time."""

    @abstractmethod
    def small(self) -> Workload:
        """The same workload reduced until a test can afford it."""

    def supports(self, engine: Engine) -> bool:
        """Whether there is a method that builds this engine's step."""
        return getattr(self, engine.name, None) is not None

    def build(self, engine: Engine) -> Step:
        """The engine's step, from the common initial state."""
        engine.prepare()
        step: Step = getattr(self, engine.name)()
        return step

    def steps(self, step: Step) -> list[list[Array]]:
        """The outputs of the first steps, as arrays that later steps do not overwrite."""
        return [[as_array(value) for value in step()] for _ in range(self.verified_steps)]


class MismatchError(Exception):
    """An engine's step does not compute what the reference, mostly the hand-written NumPy step, computes."""


def compare(
    workload: Workload, found: list[list[Array]], expected: list[list[Array]], reference_name: str = "NumPy"
) -> None:
    """Raise MismatchError unless every output of every step agrees, and its movement from first to last step too.

    The movement is compared by itself because a small update hides behind the size of its parameter. Messages call
    what is expected by `reference_name`.
    """
    for number, (ours, theirs) in enumerate(zip(found, expected, strict=True), start=1):
        if len(ours) != len(theirs):
            raise MismatchError(
                f"step {number} returned {len(ours)} values where {reference_name} returned {len(theirs)}"
            )
        for index, (value, reference) in enumerate(zip(ours, theirs, strict=True)):
            where = f"output {index} of step {number}"
            if value.shape != reference.shape:
                raise MismatchError(f"{where} has shape {value.shape}, {reference_name} {reference.shape}")
            _agree(where, value, reference, workload.tolerance[str(reference.dtype)], reference_name)
    for index, reference in enumerate(expected[0]):
        if reference.ndim:  # a loss, rounded to its own size, has no digits left for its movement
            moved, reference = found[-1][index] - found[0][index], expected[-1][index] - reference
            tolerance = workload.movement_tolerance[str(reference.dtype)]
            _agree(f"movement of output {index}", moved, reference, tolerance, reference_name)


def _agree(where: str, value: Array, reference: Array, tolerance: float, reference_name: str) -> None:
    error = float(np.linalg.norm((value - reference).ravel()))
    size = float(np.linalg.norm(reference.ravel()))
    if not error <= tolerance * size:  # so written, a nan is a mismatch
        relative = error / (size or 1.0)
        raise MismatchError(
            f"{where} differs from {reference_name}'s by {relative:.1e} relative (allowed {tolerance:g})"
        )


def status(key: str) -> int:
    """Bytes of resident memory of this process: "VmRSS" now, "VmHWM" at its peak."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))
    except OSError:  # not Linux: the peak is all that can be had
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def seconds(step: Step, number: int) -> float:
    """Processor time of `number` calls, the garbage collector running as it does for users.

    Everything runs on one thread, so on a quiet machine this is the time by the clock; on a busy one it leaves
    out the time that other programs took.
    """
    start = time.process_time()
    for _ in range(number):
        step()
    return time.process_time() - start


def repeats(step: Step) -> int:
    """How many calls fill one timed repeat; also warms the step up."""
    number = 1
    while (took := seconds(step, number)) < REPEAT_SECONDS / 2:
        number = max(number + 1, int(number * min(10.0, REPEAT_SECONDS / max(took, 1e-9))))
    return number


def memory(step: Step, steps: int) -> dict[str, int]:
    """Bytes resident before the steps, while the last step's outputs and graph are held, and at the peak."""
    gc.collect()
    before = status("VmRSS")
    held: object = None
    for _ in range(steps):
        held = step()
    after = status("VmRSS")
    del held
    return {"before": before, "held": after, "peak": status("VmHWM")}


def _import_from(checkout: Path) -> None:
    """Import the tinygraph of another checkout; the workload's own code stays this checkout's."""
    sys.path.insert(0, str(checkout))
    tinygraph = importlib.import_module("tinygraph")
    if not Path(tinygraph.__file__ or "").resolve().is_relative_to(checkout.resolve()):
        raise ImportError(f"tinygraph comes from {tinygraph.__file__}; start a fresh process for {checkout}")


def _serve(connection: Connection, workload: Workload, engine: Engine, checkout: Path | None) -> None:
    """The worker process: build one side, then answer commands until told to stop."""
    try:
        if checkout is not None:
            _import_from(checkout)
        step = workload.build(engine)
        commands: dict[str, Callable[..., object]] = {
            "steps": lambda: workload.steps(step),
            "repeats": lambda: repeats(step),
            "seconds": lambda number: seconds(step, number),
            "memory": lambda: memory(step, workload.verified_steps),
        }
        for command, *arguments in iter(connection.recv, None):
            connection.send((True, commands[command](*arguments)))
    except EOFError:  # the parent is gone
        return
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        connection.send((False, f"{type(error).__name__}: {error} ({where})"))


class FailedError(Exception):
    """A side raised an error or died; the text says which."""


class TooSlowError(Exception):
    """A side did not answer in time."""


class Side:
    """One engine's step of one workload, alive in its own fresh process; with tinygraph from `checkout`, if given."""

    def __init__(self, workload: Workload, engine: Engine, checkout: Path | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, workload, engine, checkout), daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, command: str, *arguments: object, limit: float) -> Any:
        """The worker's answer; FailedError or TooSlowError where there is none within `limit` seconds."""
        try:
            with contextlib.suppress(BrokenPipeError):  # it failed to build; why waits in the pipe
                self.connection.send((command, *arguments))
            if not self.connection.poll(limit):
                raise TooSlowError(f"> {limit:.0f} s")
            worked, answer = self.connection.recv()
        except (EOFError, OSError) as error:
            self.process.join()
            raise FailedError(f"process ended with exit code {self.process.exitcode}") from error
        if not worked:
            raise FailedError(answer)
        return answer

    def close(self) -> None:
        """End the worker, busy or not."""
        self.process.kill()
        self.process.join()
        self.connection.close()


@dataclass
class Result:
    """What one workload gave: minimum seconds a step for each engine by name, or why there is no figure."""

    workload: Workload
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def ratio(self, engine: Engine) -> float | None:
        """The engine's time over the hand-written step's, or None."""
        own, hand = self.seconds.get(engine.name), self.seconds.get(HAND.name)
        return None if own is None or not hand else own / hand


def _verify(workload: Workload, side: Side, expected: list[list[Array]], limit: float) -> str:
    """Why this side cannot be timed; nothing where it computes what is expected."""
    try:
        compare(workload, side.ask("steps", limit=limit), expected)
    except MismatchError as problem:
        return f"MISMATCH: {problem}"
    except (FailedError, TooSlowError) as problem:
        return str(problem)
    return ""


def measure(workload: Workload, engines: Iterable[Engine], budget: float, limit: float) -> Result:
    """Verify each engine against the hand-written step, then time all of them in turn for `budget` seconds.

    A side that disagrees, fails, or needs over `limit` seconds for its first steps is reported, not timed.
    """
    result = Result(workload)
    sides: dict[str, Side] = {}
    numbers: dict[str, int] = {}
    try:
        for engine in (HAND, *engines):
            if workload.supports(engine):
                sides[engine.name] = Side(workload, engine)
        expected = sides[HAND.name].ask("steps", limit=limit)
        for name, side in list(sides.items()):
            problem = "" if name == HAND.name else _verify(workload, side, expected, limit)
            if problem:
                result.failures[name] = problem
                sides.pop(name).close()
            else:
                numbers[name] = side.ask("repeats", limit=10 * limit)
        stop = time.perf_counter() + budget
        rounds = 0
        while rounds < 2 or time.perf_counter() < stop:
            rounds += 1
            for name, side in sides.items():
                took = side.ask("seconds", numbers[name], limit=10 * limit) / numbers[name]
                result.seconds[name] = min(took, result.seconds.get(name, took))
    finally:
        for side in sides.values():
            side.close()
    return result
