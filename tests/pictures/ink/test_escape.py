"""Names of any characters give well-formed labels, DOT and SVG."""

from __future__ import annotations

import json
import re
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tinygraph as tg
from tinygraph.pictures.ink.escape import markup, script
from tinygraph.pictures.output import paint
from tinygraph.pictures.output.dot import _arrow_label, _box_label
from tinygraph.pictures.scene.naming import LONGEST, unique

NASTY = ['"quoted" \'too\'', "<b>&amp;</b>", "a\nb\r\nc\td",
         "back\\slash\\", "nul\0", "שלום \u202eabc", "🎲👩‍👩‍👧", "x" * 10_000,
         "\ud800", "]]>", "-->", "", " ", "%s{}", "\\N\\G", "<<i>x</i>>"]  # fmt: skip
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.text(min_size=1).map(lambda s: s * 50))


@given(texts)
def test_markup_is_well_formed_and_keeps_the_visible_text(text: str) -> None:
    element = ET.fromstring(f"<a>{markup(text)}</a>")
    assert len(element.text or "") == len(text)
    assert [c for c in text if c.isalnum()] == [c for c in element.text or "" if c.isalnum()]


@given(texts)
@example("\\")
def test_dot_text_survives_any_name(name: str) -> None:
    x = tg.tensor(1.0, requires_grad=True, name=name)
    view = tg.draw(tg.exp(x) * x, name=name)
    for box in view.boxes:
        assert 0 < len(box.name) <= LONGEST + 2
    labels = [*map(_box_label, view.boxes), *map(_arrow_label, view.arrows)]
    for label in labels:
        ET.fromstring(f"<a>{label[1:-1]}</a>")
        assert f"label={label}" in view.dot()


@given(texts)
@example("</script><!--\u2028")
def test_json_in_a_script_ends_nothing_and_is_the_same(text: str) -> None:
    written = script(json.dumps(["</script>", text], ensure_ascii=False))
    assert "<" not in written
    assert json.loads(written.encode()) == ["</script>", text]


@settings(max_examples=25, deadline=None)
@given(texts)
def test_a_page_of_any_name_can_be_written(name: str) -> None:
    x = tg.tensor(1.0, requires_grad=True, name=name)
    assert tg.draw(tg.exp(x), name=name).html().encode()


def _compared(name: str) -> list[tg.GraphView]:
    """A picture of a value of that name, and two comparisons, where names, groups and views have it."""
    x = tg.tensor(1.0, requires_grad=True, name=name)
    one = tg.draw(tg.exp(x) * x, name=name)
    other = tg.draw(tg.exp(tg.sin(x)) * tg.tensor(2.0, requires_grad=True, name=f"{name}!"), name=f"{name}?")
    return [one, tg.diff(one, other), tg.diff(other, one)]


@settings(max_examples=40, deadline=None)
@given(texts)
@example("\x1b[31m")
def test_a_tree_of_any_name_has_a_line_for_each_value(name: str) -> None:
    for view in _compared(name):
        for ascii in (False, True):
            text = view.text(width=100, ascii=ascii)
            assert text.encode()
            assert not any(unicodedata.category(c) == "Cc" for c in text.replace("\n", ""))
            assert not set(text) & set("\u202e\u200e\u2066\u2028")
            lines = text.split("\n")
            assert len(lines) >= len(view.boxes) - 2
            assert all(len(line) <= 100 for line in lines)
            assert text.isascii() or not ascii


@settings(max_examples=20, deadline=None)
@given(texts)
@example("\\")
@example('"')
def test_pictures_of_differences_of_any_name_are_valid(name: str) -> None:
    for view in _compared(name):
        ET.fromstring(paint.svg(view))
        ET.fromstring(view._repr_html_().replace("&nbsp;", " "))
        for box in view.boxes:
            label = _box_label(box)
            ET.fromstring(f"<a>{label[1:-1]}</a>")
            assert f"label={label}" in view.dot()
        assert json.loads(json.dumps(view.json()))["name"] == view.name
        flowchart = view.mermaid()
        assert flowchart.encode()
        labels = re.findall(r'"([^"]*)"', flowchart)
        assert len(labels) * 2 == flowchart.count('"')
        assert not any(c in label.replace("<br/>", "") for label in labels for c in "<>\\`\n\0")
        page = view.html()
        assert page.encode()
        assert page.count("<script") == page.count("</script>")


@settings(max_examples=25, deadline=None)
@given(texts)
@example("\\")
@example('"')
def test_svg_of_any_name_is_valid_xml(name: str) -> None:
    pytest.importorskip("pygraphviz", reason="needs a renderer: pip install tinygraph[draw]")
    x = tg.tensor(1.0, requires_grad=True, name=name)
    root = ET.fromstring(tg.draw(tg.exp(x), name=name).svg())
    titles = [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "n1" in titles
    assert "n2" in titles


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.sampled_from(["a", "b", "v₁", "a₁", "w"]), texts), st.sampled_from("wx"))
    )
)
def test_names_are_unique(wanted: list[tuple[str | None, str]]) -> None:
    names = unique(wanted)
    assert len(set(names)) == len(wanted)
    assert names == unique(wanted)
