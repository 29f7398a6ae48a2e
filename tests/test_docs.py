"""The documentation agrees with the code: pages written from it are current, links lead somewhere, README runs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

import tinygraph as tg
import tinygraph.testing
from tinygraph.errors import RendererNotFound

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.S | re.M)


def prose(page: pathlib.Path) -> str:
    """The text of a page without its code blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def name_of(page: pathlib.Path) -> str:
    """A page's path from the root."""
    return page.relative_to(ROOT).as_posix()


def test_readme_runs() -> None:
    result = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert result.attempted > 20
    assert result.failed == 0


@pytest.mark.parametrize("command", ["run", "test"])
def test_readme_marks_one_command_for_each_check(command: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(rf"<!-- ci: {command} -->\n```sh\n.+\n```\n", text)) == 1


def assert_current(script: str) -> None:
    """The page that a script of docs/ writes is what it would write; skipped where it is of another NumPy."""
    command = [sys.executable, str(DOCS / script), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    if done.stdout:
        pytest.skip(done.stdout.strip())


def test_page_of_operations_is_what_the_declarations_say() -> None:
    assert_current("build_reference.py")


def test_page_of_numpy_is_what_the_code_says() -> None:
    assert_current("build_numpy_page.py")


def test_page_of_numpys_versions_is_what_calls_give() -> None:
    assert_current("build_versions.py")


def test_page_of_special_functions_is_what_the_declarations_say() -> None:
    pytest.importorskip("scipy")
    assert_current("build_special.py")


def test_page_of_distributions_is_what_the_declarations_say() -> None:
    pytest.importorskip("scipy")
    assert_current("build_stats.py")


def test_page_of_operations_lists_every_function() -> None:
    text = (DOCS / "reference" / "ops.md").read_text(encoding="utf-8")
    public = [
        name for name in tg.ops.__all__ if callable(getattr(tg.ops, name)) and name not in ("abs", "conj")
    ]  # other names of absolute and conjugate
    missing = [name for name in public if f"`{name}(" not in text]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: pathlib.Path) -> None:
    for target in LINK.findall(prose(page)):
        assert "://" not in target, f"{target}: the pages stand on their own"
        path, _, _ = target.partition("#")
        assert (page.parent / path).exists(), target


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[pathlib.Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [(page.parent / target.partition("#")[0]).resolve() for target in LINK.findall(prose(page))]
    assert not {page for page in PAGES if page.parent != ROOT} - reached


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_blocks_are_closed_and_outputs_end_before_the_fence(page: pathlib.Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("\n```") % 2 == 0
    for block in FENCED.findall(text):
        lines = block.splitlines()
        if any(line.startswith(">>>") for line in lines):
            assert lines[0] == "```python"
            assert not lines[-2], "doctest takes a fence right below an output for output: leave a line free"
        elif lines[0] == "```python":
            assert "..." in block, "code that nobody runs: make it a doctest"


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("[!i]*.md")), ids=name_of)
def test_decisions_have_their_parts(page: pathlib.Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.match(r"# .+\n\n\d{4}-\d{2}-\d{2}\n\n", text)
    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Choice", "Alternatives", "Consequences"]
    assert f"({page.name})" in (page.parent / "index.md").read_text(encoding="utf-8")


def test_interface_page_names_everything_public() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))
    owners = [
        tg,
        tg.nn,
        tg.nn.init,
        tg.optim,
        tg.errors,
        tg.Tensor,
        tg.nn.Module,
        tg.GraphView,
        tg.Report,
        tg.plot,
        tg.plot.Chart,
    ]
    for owner in owners:
        names = owner.__all__ if hasattr(owner, "__all__") else vars(owner)
        public = [n for n in names if not n.startswith("_") and not inspect.ismodule(getattr(owner, n))]
        if inspect.ismodule(owner):
            public = [
                n for n in public
                if getattr(getattr(owner, n), "__module__", "").startswith("tinygraph") and n not in tg.ops.__all__
            ]  # fmt: skip
        assert not set(public) - words, owner


@pytest.fixture
def draw_pictures() -> Iterator[ModuleType]:
    """docs/draw_pictures.py."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("draw_pictures")
    sys.path.remove(str(DOCS))


def test_gallery_is_what_its_figures_say(draw_pictures: ModuleType) -> None:
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == draw_pictures.gallery.page()
    for file in draw_pictures.gallery.FIGURES:
        assert (DOCS / "img" / file).stat().st_size < 60_000


def test_pictures_are_there_and_can_be_drawn_again(draw_pictures: ModuleType, tmp_path: pathlib.Path) -> None:
    for file, build in draw_pictures.PICTURES.items():
        assert (DOCS / "img" / file).read_text(encoding="utf-8").rstrip().endswith("</svg>")
        view = build()
        if isinstance(view, tg.GraphView):
            assert view.dot() == build().dot()
        else:
            assert view.svg() == build().svg()
        try:
            view.save(tmp_path / file)
        except RendererNotFound:
            continue
        assert (tmp_path / file).stat().st_size > 1000


def test_check_op_of_the_documentation_exists() -> None:
    assert tinygraph.testing.check_op(tg.sigmoid) > 40
