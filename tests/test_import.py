"""`import tinygraph` is light, and its public names are there, for running programs and for type checkers alike."""

import ast
import importlib
import pathlib
import pickle
import subprocess
import sys

import pytest

import tinygraph as tg

HEAVY = ["graphviz", "pygraphviz", "scipy", "sklearn", "hypothesis", "numba", "tqdm", "matplotlib", "pytest", "asyncio"]


def test_import_loads_nothing_heavy():
    code = "import sys, tinygraph; print(*[m for m in sys.modules if '.' not in m])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(HEAVY) & set(loaded)


def test_import_without_warnings():
    subprocess.run([sys.executable, "-W", "error", "-X", "dev", "-c", "import tinygraph"], check=True)


NAMES = [
    "Tensor", "tensor", "asarray", "elementwise", "linear", "primitive", "no_grad", "enable_grad",
    "keep_values", "origins", "detect_anomaly", "grad", "value_and_grad", "vjp", "jvp", "jacobian", "hessian",
    "hvp", "checkpoint", "custom_vjp", "fixed_point", "root", "minimize_implicit", "odeint", "random",
    "nn", "optim", "errors", "GraphError", "NotDifferentiable", "AnomalyError",
    "TraceError", "GradientError", "TinygraphError", "add", "subtract", "multiply", "divide", "power", "exp",
    "log", "log1p", "expm1", "logaddexp", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh",
    "cosh", "tanh", "abs", "absolute", "sign", "sqrt", "square", "reciprocal", "maximum", "minimum", "clip",
    "where", "sigmoid", "relu", "softplus", "gelu", "silu", "leaky_relu", "elu", "softmax", "log_softmax",
    "logsumexp", "sum", "mean", "var", "std", "max", "min", "prod", "cumsum", "argmax", "argmin", "any", "all",
    "reshape", "transpose", "swapaxes", "moveaxis", "expand_dims", "squeeze", "broadcast_to", "concatenate",
    "stack", "split", "flip", "roll", "tile", "repeat", "pad", "take", "take_along_axis", "matmul", "dot",
    "einsum", "tensordot", "outer", "equal", "less", "greater", "logical_and", "logical_or", "logical_not",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_public_names(name):
    assert hasattr(tg, name)
    assert getattr(tg, name).__doc__


def test_every_error_is_one_of_ours_and_one_of_pythons():
    for error, kind in [
        (tg.GraphError, RuntimeError), (tg.NotDifferentiable, RuntimeError), (tg.TraceError, RuntimeError),
        (tg.AnomalyError, ArithmeticError), (tg.ConvergenceError, ArithmeticError), (tg.GradientError, AssertionError),
    ]:  # fmt: skip
        assert issubclass(error, tg.TinygraphError)
        assert issubclass(error, kind)


def test_the_warning_is_no_error_but_one_of_pythons():
    assert issubclass(tg.SingularPointWarning, RuntimeWarning)
    assert not issubclass(tg.SingularPointWarning, tg.TinygraphError)


def test_a_gradient_error_carries_its_report():
    assert tg.GradientError("wrong", report=3).report == 3


def test_import_loads_few_modules_of_ours():
    code = "import sys, tinygraph; print(*[m for m in sys.modules if m.partition('.')[0] == 'tinygraph'])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert len(loaded) <= 80
    rooms = {name.split(".")[1] for name in loaded if "." in name}
    assert rooms == {"_first_use", "engine", "errors", "ops", "tensor", "tensors", "transforms"}


def test_the_public_names_are_sorted_and_are_all_that_dir_shows():
    assert tg.__all__ == sorted(set(tg.__all__)) == dir(tg)
    for name in tg.__all__:
        getattr(tg, name)


def test_the_names_loaded_at_first_use_are_those_that_type_checkers_see():
    """The two lists in tinygraph/__init__: imports under TYPE_CHECKING, and the table for running programs."""
    tree = ast.parse(pathlib.Path(tg.__file__).read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    static = {alias.name: node.module for node in block.body for alias in node.names}
    table = next(n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "_NAMES")
    modules = next(n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "_MODULES")
    whole = {module.rpartition(".")[2]: module for module in ast.literal_eval(modules.value)}
    late = ast.literal_eval(table.value)
    assert static.keys() == late.keys() | whole.keys()
    for name, module in static.items():
        assert (late.get(name) or whole[name].rpartition(".")[0]) == (f".{module}" if module else "")
    theirs = {"cmath", "math", "numpy", "scipy"}  # which a star import would put in the place of others
    assert static.keys() - set(tg.__all__) == theirs


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="module 'tinygraph' has no attribute 'softsin'"):
        tg.softsin


STAR = """
import sys
sys.modules["scipy"] = None  # not installed
from tinygraph import *
import tinygraph, inspect, pydoc
inspect.getmembers(tinygraph)
print("tg.draw" in pydoc.render_doc(tinygraph) or "draw(" in pydoc.render_doc(tinygraph))
"""


def test_a_star_import_and_help_need_no_scipy():
    done = subprocess.run([sys.executable, "-c", STAR], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_paths_of_the_first_version_lead_on():
    """Deep paths that pages used, rooms without an import of their own, and pickles."""
    assert tg.op.registry is importlib.import_module("tinygraph.engine.declare").registry
    assert str(tg.symbol.derivative(tg.exp.op, 0, output="y", inputs=["x"], attrs={})) == "y"
    assert hasattr(tg.autodiff, "fit")
    assert hasattr(tg.graph, "topological")
    assert hasattr(tg.check, "EFFORTS")
    assert importlib.import_module("tinygraph.tensor").tensor is tg.tensor  # the module hides no function
    assert importlib.import_module("tinygraph.plot").curves is tg.plot.curves
    t = tg.tensor([1.0, 2.0], requires_grad=True, name="t")
    optimizer = tg.optim.Adam([t], lr=0.1)
    for thing, path, old in [
        (t, b"tinygraph.tensors.tensor", b"tinygraph.tensor"),
        (optimizer, b"tinygraph.optim.adam", b"tinygraph.optim.optimizers"),
        (tg.exp.op, b"tinygraph.engine.op", b"tinygraph.op"),
    ]:
        written = pickle.dumps(thing, protocol=0)
        assert path in written
        assert type(pickle.loads(written.replace(path, old))) is type(thing)
