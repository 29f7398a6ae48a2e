"""Names: one class name is one class."""

import ast
import pathlib
from collections import defaultdict

import tinygraph


def test_one_class_name_is_one_class() -> None:
    package = pathlib.Path(tinygraph.__file__).parent
    files: dict[str, list[str]] = defaultdict(list)
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                files[node.name].append(path.relative_to(package).as_posix())
    assert {name: where for name, where in files.items() if len(where) > 1} == {}
