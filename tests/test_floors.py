"""The house is as docs/decisions/the-house.md says: imports go down, nothing in circles, and no room is too full."""

from __future__ import annotations

import ast
import importlib
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE, DOCS = ROOT / "tinygraph", ROOT / "docs"
MOST_AT_THE_TOP, MOST_IN_PICTURES = 20, 14
LONGEST, LONGEST_TEST = 400, 500
BY_STRING = {"tinygraph/__init__.py", "tinygraph/_first_use.py"}
"""The table of what is imported at first use, and the function that does it."""


@pytest.fixture(scope="module")
def floors() -> Iterator[ModuleType]:
    """docs/floors.py."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("floors")
    sys.path.remove(str(DOCS))


@pytest.fixture
def built(tmp_path: pathlib.Path) -> pathlib.Path:
    """A package with one mistake of each kind."""
    package = tmp_path / "tinygraph"
    for name, text in {
        "__init__.py": "from .ops import plus\n",
        "errors.py": "",
        "op.py": '"""Leads on."""\nfrom .engine.op import Op\n',
        "hall.py": "from . import errors\nimport importlib\nimportlib.import_module('.ops', __package__)\n",
        "engine/__init__.py": "",
        "engine/op.py": "import typing\nif typing.TYPE_CHECKING:\n    from .node import Node\nclass Op: ...\n",
        "engine/node.py": "import tinygraph.engine.op\nfrom ..errors import GraphError\n",
        "engine/late.py": "def f():\n    from ..ops.sums import total\n    import scipy\n",
        "ops/__init__.py": "from .sums import total as plus\n",
        "ops/sums.py": "from ..engine import op\nfrom .. import tensors\n",
        "tensors/__init__.py": "from ..random import draw\n",
        "random.py": "def draw():\n    __import__('tinygraph.ops')\n",
    }.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


def test_mistakes_are_found(floors: ModuleType, built: pathlib.Path) -> None:
    graph = floors.imports(built)
    assert graph["tinygraph.engine.op"] == {"tinygraph.engine.node"}  # for a type only
    assert graph["tinygraph.engine.node"] == {"tinygraph.engine.op", "tinygraph.errors"}
    assert graph["tinygraph.engine.late"] == {"tinygraph.ops.sums"}
    assert graph["tinygraph.ops.sums"] == {"tinygraph.engine.op", "tinygraph.tensors"}
    assert floors.circles(graph) == [("tinygraph.engine.node", "tinygraph.engine.op")]
    assert floors.climbing(built) == [
        "tinygraph.engine.late imports tinygraph.ops.sums",
        "tinygraph.ops.sums imports tinygraph.tensors",
        "tinygraph.tensors imports tinygraph.random",
    ]
    assert floors.rooms(built).keys() - floors.FLOOR_OF == {"hall"}
    assert list(imports_inside_functions(floors, built)) == ["engine/late.py:2"]
    assert list(imports_by_string(floors, built)) == ["hall.py:3", "random.py:2"]


def test_larger_circles_are_found_whole(floors: ModuleType) -> None:
    graph = {"a": {"b"}, "b": {"c", "x"}, "c": {"a"}, "d": {"a", "e"}, "e": {"d"}, "f": {"d"}, "x": set()}
    assert floors.circles(graph) == [("a", "b", "c"), ("d", "e")]
    assert floors.circles({"a": {"b"}, "b": set()}) == []


def test_no_file_imports_itself_through_others(floors: ModuleType) -> None:
    assert floors.circles(floors.imports()) == []


def test_every_room_has_a_floor_and_imports_go_down(floors: ModuleType) -> None:
    assert floors.rooms().keys() == floors.FLOOR_OF.keys()
    assert floors.climbing() == []


def test_the_linter_has_the_same_floors(floors: ModuleType) -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = re.findall(r"^layers = \[\n(.*?)^\]", text, re.M | re.S)[0]
    wanted = [" | ".join(f"tinygraph.{room}" for room in floor) for floor in floors.FLOORS if floor != ("__init__",)]
    assert re.findall(r'"(.+)"', layers) == wanted
    assert "exclude_type_checking_imports = true" not in text


def imports_inside_functions(floors: ModuleType, package: pathlib.Path) -> Iterator[str]:
    """Where a function imports something of ours."""
    known = floors.modules(package)
    for module, path in known.items():
        for function in ast.walk(floors.tree(path)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                for node in ast.walk(function):
                    if isinstance(node, ast.stmt) and list(floors.imported(node, module, path, known)):
                        yield f"{path.relative_to(package).as_posix()}:{node.lineno}"


def imports_by_string(floors: ModuleType, package: pathlib.Path) -> Iterator[str]:
    """Where a string names one of our modules, or a module is imported by its name from the place of the file on."""
    known = floors.modules(package)
    for module, path in known.items():
        every = [n for n in ast.walk(floors.tree(path)) if isinstance(n, ast.expr)]
        for node in every:
            named = isinstance(node, ast.Constant) and node.value in known.keys() - {package.name, module}
            relative = isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func) and len(node.args) > 1
            if named or relative:
                yield f"{path.relative_to(package).as_posix()}:{node.lineno}"


def test_functions_import_nothing_of_ours(floors: ModuleType) -> None:
    assert list(imports_inside_functions(floors, PACKAGE)) == []


def test_nothing_is_imported_by_a_string_but_by_the_table(floors: ModuleType) -> None:
    found = {f"tinygraph/{place.partition(':')[0]}" for place in imports_by_string(floors, PACKAGE)}
    assert found <= BY_STRING


def entries(folder: pathlib.Path) -> list[str]:
    """What a reader meets in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.name not in ("__pycache__", "py.typed"))


def test_the_top_of_the_package_is_seen_at_a_glance(floors: ModuleType) -> None:
    met = [name for name in entries(PACKAGE) if not (name.endswith(".py") and floors.leads_on(PACKAGE / name))]
    assert len(met) <= MOST_AT_THE_TOP, met


def test_so_is_the_top_of_the_pictures() -> None:
    assert len(entries(PACKAGE / "pictures")) <= MOST_IN_PICTURES


@pytest.mark.parametrize(("folder", "longest"), [("tinygraph", LONGEST), ("tests", LONGEST_TEST)])
def test_no_file_is_too_long(folder: str, longest: int) -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert not {path: length for path, length in lengths.items() if length > longest}


def test_the_picture_of_the_floors_is_what_the_imports_say() -> None:
    command = [sys.executable, str(DOCS / "draw_floors.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_tests_stand_in_the_rooms_of_what_they_test() -> None:
    inside = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    ours = {path for path in inside if not (PACKAGE / path).is_dir()}
    assert ours == {
        pathlib.Path("properties"),
        pathlib.Path("benchmarks"),
        pathlib.Path("autograd"),
        pathlib.Path("science"),
    }


def test_the_page_of_the_house_names_what_stands_at_the_top_and_in_the_engine(floors: ModuleType) -> None:
    page = (DOCS / "decisions" / "the-house.md").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", page.split("```")[1]))
    files = {path.stem for path in (PACKAGE / "engine").glob("*.py")}
    assert floors.rooms().keys() | files <= words
