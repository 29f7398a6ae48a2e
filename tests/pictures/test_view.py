"""The outputs of a view: DOT, SVG, files, text, notebooks; which renderer is used, and that none is an error."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import graphviz
import numpy as np
import pytest

import tinygraph as tg
from tinygraph.pictures.output import notebook, paint, render

from . import graphs


@pytest.fixture
def view() -> tg.GraphView:
    return graphs.scalar()


@pytest.fixture
def no_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def renderer() -> None:
    pytest.importorskip("pygraphviz", reason="needs a renderer: pip install tinygraph[draw]")


@pytest.mark.usefixtures("renderer")
def test_svg_is_one_well_formed_element(view: tg.GraphView) -> None:
    svg = view.svg()
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    classes = [g.get("class", "").split()[-1] for g in root.iter("{http://www.w3.org/2000/svg}g")]
    assert classes.count("parameter") == 2
    assert classes.count("edge") == len(view.arrows)
    assert svg == view.svg()
    assert "file:" not in svg


@pytest.mark.usefixtures("renderer")
@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", b"<?xml"),
        ("dot", b"digraph"),
        ("gv", b"digraph"),
        ("png", b"\x89PNG"),
        ("pdf", b"%PDF"),
        ("SVG", b"<?xml"),
    ],
)
def test_save_by_suffix(view: tg.GraphView, tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"picture.{suffix}"
    path.write_text("old")
    view.save(path)
    view.save(str(path))
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


def test_save_with_another_suffix(view: tg.GraphView, tmp_path: Path) -> None:
    message = r"save: the suffix of 'x\.jpg' names no format; use one of \.svg \.html \.dot \.gv \.png \.pdf"
    with pytest.raises(ValueError, match=message):
        view.save(tmp_path / "x.jpg")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("no_renderer")
def test_save_that_fails_leaves_the_old_file(view: tg.GraphView, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_text("old")
    with pytest.raises(tg.errors.RendererNotFound):
        view.save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("no_renderer")
def test_without_renderer_both_remedies_are_named(view: tg.GraphView) -> None:
    with pytest.raises(tg.errors.RendererNotFound) as caught:
        view.png()
    message = str(caught.value)
    assert message.startswith("draw: no renderer for png (no dot program on PATH; pygraphviz cannot be imported: ")
    assert 'pip install "tinygraph[draw]"' in message
    assert "apt-get install graphviz" in message
    assert message.endswith("view.svg() and view.text() need neither")


@pytest.mark.usefixtures("no_renderer")
def test_without_renderer_there_is_the_own_painter(view: tg.GraphView, tmp_path: Path) -> None:
    assert view.svg() == paint.svg(view)
    assert view._repr_mimebundle_() == {"text/plain": repr(view), "image/svg+xml": paint.svg(view)}
    view.save(tmp_path / "x.svg")
    assert ET.parse(tmp_path / "x.svg").getroot().get("class") == "tinygraph"
    for method in (view.png, view.pdf):
        with pytest.raises(tg.errors.RendererNotFound):
            method()


def test_notebooks_get_the_folded_picture_of_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    view = graphs.folded_layers()
    whole, folded = view.svg(), view.fold().svg()
    monkeypatch.setattr(notebook, "LARGEST", len(whole.encode()) - 1)
    assert len(folded.encode()) < notebook.LARGEST
    shown = view._repr_mimebundle_()
    assert set(shown) == {"text/plain", "image/svg+xml"}
    assert shown["image/svg+xml"] == view._repr_svg_()
    texts = "".join(ET.fromstring(shown["image/svg+xml"]).itertext())
    assert "×4 more" not in texts
    assert "Sequential" in texts
    notice = "folded here: of 8 operations, 12 parameters, 1 input the SVG has more than "
    notice = notice.replace("12", str(sum(box.kind == "parameter" for box in view.boxes)))
    for text in (shown["text/plain"], texts, view._repr_html_()):
        assert notice in text
        assert "give the whole" in text
    assert shown["text/plain"].startswith(repr(view))
    assert "<svg" in view._repr_html_()


def test_notebooks_get_text_where_the_folded_picture_is_too_large(
    view: tg.GraphView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "LARGEST", 5000)
    monkeypatch.setattr(notebook, "_MOST_LINES", 5)
    assert view._repr_svg_() is None
    text = view._repr_mimebundle_()["text/plain"]
    assert list(view._repr_mimebundle_()) == ["text/plain"]
    *first, more, notice = text.splitlines()
    assert first == view.text().splitlines()[:5]
    assert more == "… and 6 more lines"
    assert notice.startswith(
        "as text here: of 9 operations, 2 parameters, 3 constants the SVG has more than 5 KB; view."
    )
    html = ET.fromstring(view._repr_html_())
    assert [part.tag for part in html] == ["pre", "p"]
    assert (html[0].text or "").splitlines() == text.splitlines()[:-1]


def test_a_picture_of_very_many_boxes_is_not_painted_for_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    x = tg.tensor(0.5, requires_grad=True)
    for _ in range(1001):
        x = tg.sin(x)
    view = tg.draw(x, level="all")
    monkeypatch.setattr(render, "svg", lambda _: pytest.fail("painted"))
    assert "as text here" in view._repr_mimebundle_()["text/plain"]


def test_no_box_takes_less_of_an_svg_than_notebooks_count_on() -> None:
    x = tg.tensor(0.5, requires_grad=True)
    for _ in range(500):
        x = tg.sin(x)
    view = tg.draw(x, level="all")
    assert len(view.svg()) > notebook._FEWEST * len(view.boxes)


@pytest.mark.usefixtures("renderer")
def test_notebooks_get_svg(view: tg.GraphView) -> None:
    assert view._repr_mimebundle_() == {"text/plain": repr(view), "image/svg+xml": view.svg()}
    assert view._repr_svg_() == view.svg()
    assert view._repr_html_() == f"<div>{view.svg()}</div>"


def _program(folder: Path, script: str) -> None:
    path = folder / "dot"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for dot is a shell script")
def test_the_dot_program_comes_first(view: tg.GraphView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path, "echo '<?xml?><!DOCTYPE svg>' \"<svg>$@\"; while read -r line; do :; done; echo '</svg>'")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    svg = view.svg()
    assert svg.startswith("<svg>")
    assert "-Tsvg" in svg


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for dot is a shell script")
@pytest.mark.usefixtures("renderer")
def test_a_broken_dot_program_is_passed_over(
    view: tg.GraphView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path, "exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert view.svg().startswith("<svg")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(tg.errors.RendererNotFound, match="the dot program failed"):
        view.png()
    assert view.svg() == paint.svg(view)


@pytest.mark.usefixtures("renderer")
def test_a_pygraphviz_that_fails_is_named(view: tg.GraphView, monkeypatch: pytest.MonkeyPatch) -> None:
    import pygraphviz

    def draw(*args: object, **kwargs: object) -> None:
        raise OSError("no library")

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(pygraphviz.AGraph, "draw", draw)
    with pytest.raises(tg.errors.RendererNotFound, match="pygraphviz failed: no library"):
        view.png()


@pytest.mark.usefixtures("renderer")
def test_size_limit_is_what_is_laid_out(view: tg.GraphView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "LIMIT", len(view.boxes))
    assert view.png()
    assert "tinygraph" not in view.svg()
    monkeypatch.setattr(render, "LIMIT", len(view.boxes) - 1)
    assert view.svg() == paint.svg(view)
    for suffix in ("png", "pdf"):
        message = rf"{suffix}: 14 boxes are more than the 13 that Graphviz .*; use view\.svg\(\) or view\.html"
        with pytest.raises(ValueError, match=message):
            view.save(f"x.{suffix}")


@pytest.mark.usefixtures("renderer")
def test_png_has_the_size_that_was_told_before_and_not_more_than_programs_open(
    view: tg.GraphView, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide, high = (int.from_bytes(view.png()[k : k + 4], "big") for k in (16, 20))
    monkeypatch.setattr(render, "PIXELS", max(wide, high) + 2)
    assert view.png()
    monkeypatch.setattr(render, "PIXELS", max(wide, high) - 2)
    with pytest.raises(ValueError) as caught:
        view.png()
    told = re.match(r"png: the picture would be ([\d,]+) x ([\d,]+) pixels, more than the", str(caught.value))
    assert told is not None
    assert [int(n.replace(",", "")) for n in told.groups()] == pytest.approx([wide, high], abs=2)
    assert "use view.svg() or view.html(), which have no such limit, or fold" in str(caught.value)


@pytest.mark.usefixtures("renderer")
def test_a_strip_is_refused_as_png_and_is_a_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    x = tg.tensor(0.5, requires_grad=True)
    for _ in range(120):
        x = tg.sin(x)
    view = tg.draw(x, level="all")
    asked = []
    known = render.render
    monkeypatch.setattr(render, "render", lambda source, format: asked.append(format) or known(source, format))
    with pytest.raises(ValueError, match=r"png: the picture would be \d\d,\d\d\d x \d+ pixels, more than the 16,000"):
        view.png()
    assert asked == ["svg"]
    assert view.pdf().startswith(b"%PDF")


def test_graphviz_object_is_the_dot_text(view: tg.GraphView) -> None:
    digraph = view.graphviz()
    assert isinstance(digraph, graphviz.Digraph)
    assert digraph.source == view.dot()
    assert digraph is not view.graphviz()


def test_direction(view: tg.GraphView) -> None:
    assert "rankdir=LR" in view.dot()
    assert "rankdir=TB" in tg.draw(tg.exp(tg.tensor(1.0, requires_grad=True)), direction="down").dot()


def test_shapes_and_strokes_carry_the_meaning_without_colour() -> None:
    lines = graphs.logistic_regression().dot().splitlines()
    looks = {}
    for line in lines:
        for kind in ("input", "constant", "parameter", "operation", "output"):
            if f"class={kind} " in line:
                facts = line[line.index("class=") :].replace("]", "").split()
                looks[kind] = tuple(f for f in facts if f.startswith(("shape", "style", "penwidth")))
    assert len(set(looks.values())) == 5


def test_repr_is_short(view: tg.GraphView) -> None:
    assert repr(view) == "<GraphView 'scalar': 9 operations, 2 parameters, 3 constants>"


def test_importing_tinygraph_imports_no_renderer() -> None:
    code = "import sys, tinygraph; sys.exit('graphviz' in sys.modules or 'pygraphviz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_save_that_cannot_be_renamed_leaves_nothing_behind(view: tg.GraphView, tmp_path: Path) -> None:
    folder = tmp_path / "x.dot"
    folder.mkdir()
    with pytest.raises(OSError):
        view.save(folder)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_value_read_all_along_a_chain_is_not_given_to_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    w = h = tg.tensor(0.5, requires_grad=True, name="w")
    for _ in range(150):
        h = tg.tanh(h * w)
    view = tg.draw(h, level="all")
    monkeypatch.setattr(render, "render", lambda *_: pytest.fail("Graphviz was asked"))
    assert view.svg().startswith("<svg")
    for suffix in ("png", "pdf"):
        message = rf"{suffix}: arrows pass by \d\d,\d+ boxes, more than the 10,000 .*; use view\.svg\(\) or view\.html"
        with pytest.raises(ValueError, match=message):
            view.save(f"x.{suffix}")


@pytest.mark.usefixtures("renderer")
def test_titles_of_frames_stand_above_the_arrows() -> None:
    net = tg.nn.Sequential(tg.nn.Linear(2, 2, rng=0), tg.nn.Sequential(tg.nn.Tanh()))
    view = tg.draw(lambda x: net(x).sum(), np.ones((1, 2)))
    source = render.render(view.dot(), "svg").decode()
    svg = view.svg()
    titles = re.findall(r">([^<]+ : [^<]+)</text>", svg[svg.index('class="titles"') :])
    assert len(titles) == sum(bool(group.name) for group in view.groups) > 2
    for title in titles:
        assert source.index(title) < source.rindex('class="edge')
        assert svg.index(title) > svg.rindex('class="edge')
    assert sorted(re.findall("<text.*", svg)) == sorted(re.findall("<text.*", source))
    assert svg.count("<g") == svg.count("</g>") == source.count("<g") + 1
    ET.fromstring(svg)


def test_an_svg_without_frames_stays_as_it_is(view: tg.GraphView) -> None:
    assert render.titles_above("<svg>\n<g>\n</g>\n</svg>\n") == "<svg>\n<g>\n</g>\n</svg>\n"
