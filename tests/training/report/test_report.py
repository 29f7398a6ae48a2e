"""The report page and what charts it shows: well-formed, self-contained, readable without script or colour."""

from __future__ import annotations

import html.parser
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tinygraph import plot
from tinygraph.training.data import Dataset, Preparation, Target
from tinygraph.training.data.arrays import Features
from tinygraph.training.loop import Training, prepare, run
from tinygraph.training.models import Learner
from tinygraph.training.report import charts
from tinygraph.training.report.graph import Picture, sheet
from tinygraph.training.report.graph import loss_picture as picture_of
from tinygraph.training.settings import TrainingSettings


class Outline(html.parser.HTMLParser):
    """Collects tags, and fails on an end tag that closes something else."""

    VOID = ("meta", "br", "link", "img")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


@pytest.fixture
def report(tinygraph: Callable, table: str, tmp_path: Path) -> Callable[..., str]:
    def make(target: str, *words: object) -> str:
        ran = tinygraph("train", "--data", table, "--target", target, "--epochs", 2, "--out", "run", *words)
        assert ran.code == 0, ran.err
        return (tmp_path / "run" / "report.html").read_text(encoding="utf-8")

    return make


def test_the_page_is_one_file_that_asks_for_nothing(report: Callable[..., str]) -> None:
    page = report("wild")
    tags = Outline(page).tags
    names = {tag for tag, _ in tags}
    assert not names & {"script", "link", "img", "iframe", "object"}
    for tag, attributes in tags:
        for key in ("src", "href", "xlink:href"):
            inside = "data:image/png;base64," if tag == "image" else "#"
            address = attributes.get(key) or inside
            assert address.startswith(inside) or (tag, address) == ("a", "graph.html")
    assert not re.search(r"url\(|@import", page)
    assert ("html", {"lang": "en"}) in tags
    assert "prefers-color-scheme: dark" in page
    identities = [attributes["id"] for tag, attributes in tags if "id" in attributes and tag != "g"]
    assert len(identities) == len(set(identities))


def test_every_picture_has_a_text(report: Callable[..., str]) -> None:
    roles = [attributes for _, attributes in Outline(report("wild")).tags if attributes.get("role") == "img"]
    assert len(roles) == 6
    assert all(attributes.get("aria-label") for attributes in roles)


def test_what_the_page_says(report: Callable[..., str]) -> None:
    page = report("species", "--model", "shallow", "--hidden", 7, "--lr", 0.05)
    assert "One hidden layer on flowers.csv" in page
    assert "tinygraph train --data flowers.csv --target species" in page
    assert "W := W − α dW, learning rate 0.05" in page
    assert "always saying aster gives 0.333" in page
    assert "Confusion on held-out samples: species: of true aster: " in page
    assert "gradient checked" in page


def test_regression_shows_predictions_against_the_truth(report: Callable[..., str]) -> None:
    page = report("weight")
    assert "Held-out predictions: predicted against true weight for 12 samples, R² " in page
    assert "held-out R²" in page


def test_the_graph_is_shown_with_its_gradients_and_can_be_stepped_through(
    report: Callable[..., str], tmp_path: Path
) -> None:
    page = report("species", "--model", "shallow", "--hidden", 7)
    assert '<a href="graph.html">Step through it</a>' in page
    graph = (tmp_path / "run" / "graph.html").read_text(encoding="utf-8")
    assert "One hidden layer on flowers.csv" in graph
    assert 'id="stepping"' in graph
    assert "width: size of the gradient" in page.replace("\u00a0", " ")
    assert "layers.0 : Linear" in page.replace("&#45;", "-").replace("\u00a0", " ")


def test_gradients_that_are_not_well_are_named() -> None:
    X = np.random.default_rng(0).normal(size=(50, 4))
    training = trained(X, np.arange(50) % 2, model="shallow", hidden=(3,), init="small")
    hidden, *_ = training.learner.net.parameters()
    hidden.data = np.full(hidden.shape, -9.0)  # relu lets nothing through
    training.dataset.X_train[:] = 1.0
    picture = picture_of(training)
    assert any(alarm.endswith(": zero") for alarm in picture.alarms)
    assert all(p.grad is None for p in training.learner.net.parameters())


def test_names_from_the_data_are_escaped(tinygraph: Callable, tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{'<b>&' if i % 2 else 'plain'}" for i in range(20))
    (tmp_path / "odd.csv").write_text(f"x,<i>y\n{rows}\n")
    assert tinygraph("train", "--data", "odd.csv", "--target", "<i>y", "--epochs", 1, "--out", "run").code == 0
    page = (tmp_path / "run" / "report.html").read_text()
    assert "&lt;b&gt;&amp;" in page
    assert "<b>&" not in page
    assert "<i>" not in page
    Outline(page)


def test_many_classes_are_shown_by_their_confusions(tinygraph: Callable, tmp_path: Path) -> None:
    labels = [f"kind{i}" for i in range(25)] * 4
    rng = np.random.default_rng(0)
    (tmp_path / "many.csv").write_text("x,y\n" + "\n".join(f"{rng.normal():.3f},{label}" for label in labels))
    assert tinygraph("train", "--data", "many.csv", "--target", "y", "--epochs", 1, "--out", "run").code == 0
    assert "the commonest confusions" in (tmp_path / "run" / "report.html").read_text()


def chart_titles(page: str) -> list[str]:
    return re.findall(r"<text class=\"heading\"[^>]*>([^<]*)</text>", page)


def test_the_charts_of_a_table(report: Callable[..., str]) -> None:
    page = report("species", "--model", "shallow", "--hidden", 7)
    assert chart_titles(page) == [
        "Loss",
        "Accuracy",
        "Confusion on held-out samples: species",
        "What the layers put out, for 48 samples",
        "Gradients of the same samples, by parameter",
    ]
    assert ">layers.0, relu<" in page
    assert ">layers.2.bias<" in page


@pytest.mark.parametrize("model", ["logistic", "shallow", "deep"])
def test_two_features_have_a_decision_boundary(tinygraph: Callable, tmp_path: Path, model: str) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{'in' if a + b > 0 else 'out'}" for a, b in rng.normal(size=(60, 2))]
    (tmp_path / "plane.csv").write_text("wide,high,side\n" + "\n".join(rows) + "\n")
    words = ("--data", "plane.csv", "--target", "side", "--model", model, "--epochs", 3, "--out", "run")
    assert tinygraph("train", *words).code == 0
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    Outline(page)
    assert "Decision boundary, and held-out samples" in chart_titles(page)
    assert "high against wide, regions of 2 classes: in, " in page


def test_the_boundary_is_in_the_units_of_the_data() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2)) * [5, 0.1] + [1000, 3]
    training = trained(X, (X[:, 0] > 1000).astype(int))
    (chart,) = charts.of_features(training)
    labels = re.findall(r'text-anchor="(\w+)">([\d.,]+)<', chart.svg())
    across = [float(label.replace(",", "")) for anchor, label in labels if anchor == "middle"]
    up = [float(label) for anchor, label in labels if anchor == "end"]
    assert across[0] < 1000 < across[-1] < 1100
    assert 2 < up[0] < 3 < up[-1] < 4
    right = np.mean(training.test_outputs().argmax(axis=1) == training.dataset.y_test)
    assert f"; {round(right * 40)} of 40 samples in the region of their class" in chart.alt


def trained(
    X: np.ndarray, y: np.ndarray, model: str = "logistic", hidden: tuple[int, ...] = (), init: str = "zeros"
) -> Training:
    """A model after 20 epochs on this data, one sample in five held out."""
    held = np.arange(len(X)) % 5 == 0
    preparation = Preparation.fit(Features.of(X[~held]), one_scale=X.ndim > 2)
    parts = [preparation.transform(Features.of(X[rows])) for rows in (~held, held)]
    dataset = Dataset(
        name="plane",
        about="",
        X_train=parts[0],
        y_train=y[~held],
        X_test=parts[1],
        y_test=y[held],
        target=Target("side", ("a", "b")),
        preparation=preparation,
    )
    settings = TrainingSettings(
        data="plane",
        model=model,
        hidden=hidden,
        activation="relu",
        optimizer="sgd",
        lr=0.5,
        epochs=20,
        batch_size=1000,
        init=init,
        seed=0,
    )
    training = prepare(settings, dataset)
    run(training)
    return training


@pytest.mark.parametrize("shape", [(5, 5), (3, 3, 3)])
def test_weights_of_images_are_shown_as_images(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    training = trained(rng.normal(size=(50, *shape)), rng.integers(0, 2, 50))
    (chart,) = charts.of_features(training)
    W = training.learner.net.parameters()[0].numpy()
    title = "Weights of the first layer"
    assert chart == plot.images(W.T, shape, titles=["the neuron"], title=title, columns=charts.COLUMNS)


def test_weights_that_began_at_random_are_shown_with_their_change() -> None:
    rng = np.random.default_rng(0)
    training = trained(rng.normal(size=(50, 5, 5)), rng.integers(0, 2, 50), model="shallow", hidden=(20,), init="small")
    weights, change = charts.of_features(training)
    W1 = training.learner.net.parameters()[0].numpy()
    before = Learner(training.learner.architecture, seed=0).net.parameters()[0].numpy()
    most = sorted(np.argsort(-np.linalg.norm(W1 - before, axis=1))[: charts.MOST_IMAGES].tolist())
    names = [f"unit {k + 1}" for k in most]
    assert weights.title == "Weights of the first layer, the 14 of 20 units that changed most"
    for chart, rows in ((weights, W1), (change, W1 - before)):
        again = plot.images(rows[most], (5, 5), titles=names, columns=charts.COLUMNS, title=chart.title)
        assert chart == again


@pytest.mark.parametrize("shape", [(25,), (2, 2), (2, 13)])
def test_weights_of_other_features_are_not(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    assert charts.of_features(trained(rng.normal(size=(50, *shape)), rng.integers(0, 2, 50))) == []


def test_histograms_leave_no_gradient_behind() -> None:
    rng = np.random.default_rng(0)
    training = trained(rng.normal(size=(50, 4)), rng.integers(0, 2, 50))
    outputs, gradients = charts.of_layers(training)
    assert "W, sigmoid" in outputs.alt
    assert re.match(r"W: 4 numbers, RMS .+; b: 1 number, ", gradients.alt)
    assert all(p.grad is None for p in training.learner.net.parameters())


def test_several_pictures_on_one_sheet() -> None:
    svg = '<?xml version="1.0"?>\n<svg width="8pt" height="6pt" viewBox="0.00 0.00 8.00 6.00"><g/></svg>'
    one = Picture("a < b", "", svg)
    assert sheet([one]) == svg
    root = ElementTree.fromstring(sheet([one, one]))
    inner = root.findall("{*}svg") or root.findall("svg")
    assert [(part.get("width"), part.get("height")) for part in inner] == [("8", "6")] * 2
    assert inner[0].get("x") != inner[1].get("x")
