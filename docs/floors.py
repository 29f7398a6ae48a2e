"""The floors of tinygraph: the table that says which room stands on which, and what the files really import.

A room is an entry at the top of tinygraph/: a folder or a file. It may use the rooms of the floors below its own.
"""

from __future__ import annotations

import ast
import functools
import pathlib
from collections.abc import Iterator

PACKAGE = pathlib.Path(__file__).resolve().parents[1] / "tinygraph"
FLOORS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("__init__",),
    ("training",),
    ("interop",),
    ("testing", "pictures"),
    ("check", "explain"),
    ("transforms", "compiler", "nn"),
    ("random", "optim"),
    ("tensors",),
    ("ops",),
    ("engine",),
    ("errors", "_first_use"),
)
"""From the top to the ground. The rooms of one floor do not use each other. `__init__`, the public names, stands above
what they are names of, and below the command line, which uses tinygraph as any program does."""
FLOOR_OF = {room: len(FLOORS) - 1 - k for k, floor in enumerate(FLOORS) for room in floor}

Imports = dict[str, set[str]]


@functools.cache
def tree(path: pathlib.Path) -> ast.Module:
    """Return what a file says, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(package: pathlib.Path = PACKAGE) -> dict[str, pathlib.Path]:
    """Return every module's file by the module's name; a folder's __init__ goes by the name of the folder."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(statement: ast.AST, module: str, path: pathlib.Path, known: dict[str, pathlib.Path]) -> Iterator[str]:
    """Yield which modules of ours a statement of a module imports: none, unless it is an import."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names if alias.name in known)
    elif isinstance(statement, ast.ImportFrom):
        base = statement.module or ""
        if statement.level:
            package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
            package = package[: len(package) + 1 - statement.level]
            base = ".".join([*package, *base.split(".")] if base else package)
        for alias in statement.names:
            for name in (f"{base}.{alias.name}", base):
                if name in known:
                    yield name
                    break


def imports(package: pathlib.Path = PACKAGE) -> Imports:
    """Return what each module imports of ours, anywhere in it: for types only and inside functions as well."""
    known = modules(package)
    found: Imports = {}
    for module, path in known.items():
        found[module] = {name for node in ast.walk(tree(path)) for name in imported(node, module, path, known)} - {
            module
        }
    return found


def circles(graph: Imports) -> list[tuple[str, ...]]:
    """Return the sets of modules that import each other, directly or through others.

    What can be taken away, one module after another, because it imports nothing that is left, or nothing that is left
    imports it, is in no circle; what then remains is gathered by who reaches whom.
    """
    left = {module: set(others) for module, others in graph.items()}
    while loose := {m for m, others in left.items() if not others or not any(m in others for others in left.values())}:
        left = {module: others - loose for module, others in left.items() if module not in loose}
    reached = {module: _reached(module, left) for module in left}
    found = {tuple(sorted(n for n in ways if m in reached[n])) for m, ways in reached.items() if m in ways}
    return sorted(found)


def _reached(start: str, graph: Imports) -> set[str]:
    """All that `start` leads to in one step or more."""
    found: set[str] = set()
    stack = [start]
    while stack:
        stack += graph[stack.pop()] - found
        found |= set(stack)
    return found


def room_of(module: str) -> str:
    """Return the room of a module: tinygraph.check.routes.run is in the room check."""
    return [*module.split("."), "__init__"][1]


def leads_on(path: pathlib.Path) -> bool:
    """Return whether a file at the top only hands on the names of another, for those who know them by its path."""
    body = tree(path).body
    kinds = [type(node) for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    return ast.ImportFrom in kinds and set(kinds) <= {ast.ImportFrom, ast.Assign}


def rooms(package: pathlib.Path = PACKAGE) -> Imports:
    """Return what each room imports of the others; files at the top that only lead on are no rooms."""
    found: Imports = {}
    for module, others in _between_rooms(package).items():
        found.setdefault(room_of(module), set()).update({room_of(other) for other in others} - {room_of(module)})
    return found


def _between_rooms(package: pathlib.Path) -> Imports:
    """The imports of modules that are part of a room, from such modules."""
    aside = {module for module, path in modules(package).items() if path.parent == package and leads_on(path)}
    return {module: others - aside for module, others in imports(package).items() if module not in aside}


def climbing(package: pathlib.Path = PACKAGE) -> list[str]:
    """Return the imports that do not go down, each as "module imports module", among the rooms that have a floor."""
    inside = rooms(package).keys() & FLOOR_OF
    return [
        f"{module} imports {other}"
        for module, others in _between_rooms(package).items()
        for other in sorted(others)
        if room_of(module) in inside
        and room_of(module) != room_of(other)
        and FLOOR_OF.get(room_of(other), len(FLOORS)) >= FLOOR_OF[room_of(module)]
    ]
