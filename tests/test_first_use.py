"""What is done once a module of another library is imported: now or later, once, and without a trace left behind."""

import importlib
import sys

import pytest

from tinygraph._first_use import when_imported


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library of two modules that is not imported yet."""
    folder = tmp_path / "some_library"
    folder.mkdir()
    (folder / "__init__.py").write_text("from . import inside\n", encoding="utf-8")
    (folder / "inside.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    before = list(sys.meta_path)
    yield "some_library"
    sys.meta_path[:] = before
    for name in ("some_library", "some_library.inside"):
        sys.modules.pop(name, None)


def test_done_after_the_import_and_once(library):
    seen, before = [], list(sys.meta_path)
    when_imported("some_library.inside", lambda: seen.append(sys.modules["some_library.inside"].x))
    assert seen == []
    module = importlib.import_module(library)
    assert seen == [1]
    assert sys.meta_path == before
    importlib.reload(module.inside)
    assert seen == [1]
    when_imported("some_library.inside", lambda: seen.append(2))
    assert seen == [1, 2]


def test_a_library_that_is_missing_stays_missing():
    before = list(sys.meta_path)
    when_imported("no_such_library", lambda: pytest.fail("there is none"))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_library")
    assert sys.meta_path == before
