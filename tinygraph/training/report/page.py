"""The report page: one self-contained HTML file of what was trained and how well, without script or request."""

from __future__ import annotations

import html
import importlib.resources
import itertools
from collections.abc import Sequence

import numpy as np

from ...engine.wording import some_of
from ...pictures import plot
from ..data.arrays import Integers
from ..loop import Training
from ..settings import OPTIMIZERS
from . import charts
from .graph import Picture, file_name

MOST_CONFUSION_CLASSES = 20

MOST_ALARMS = 8

COLUMN = 500
"""Pixels of half the page; wider charts have it whole."""


def page(trainings: Sequence[Training], pictures: Sequence[Picture], when: str, command: str) -> str:
    """Return the HTML of the whole report. when: a date and time for the reader; command: what was typed."""
    seconds = sum(training.history[-1].seconds for training in trainings)
    count = "one model" if len(trainings) == 1 else f"{len(trainings)} models"
    sections = "".join(
        _section(number, training, picture) for number, (training, picture) in enumerate(zip(trainings, pictures), 1)
    )
    cards = "".join(_card(number, training) for number, training in enumerate(trainings, 1))
    css = importlib.resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tinygraph training report, {_text(when)}</title>
<style>
{css}</style>
</head>
<body>
<main>
<h1>Training report</h1>
<p class="lead">{_text(when)} · {count} trained in {seconds:.1f} s · <code>{_text(command)}</code></p>
<ul class="summary">{cards}</ul>
{sections}
<footer>
<p>Beside this page: <code>metrics.csv</code> holds every number of the curves, <code>graph.html</code>,
<code>graph.svg</code> and <code>graph.dot</code> the computation graphs, <code>model.npz</code> the parameters and the
preparation of the data.
<code>tinygraph predict model.npz FILE.csv</code> applies a model to new rows.</p>
<p>Held-out samples took no part in training, in standardising or in choosing when to stop.</p>
</footer>
</main>
</body>
</html>
"""


def architecture_line(training: Training) -> str:
    """Return what the model computes, in one line."""
    return str(training.learner.architecture)


def baseline(training: Training) -> str:
    """Return what a model that has learned nothing would score, in words."""
    y = training.dataset.y_test
    if not training.dataset.target.classes:
        return "always saying the mean gives 0.000"
    most = np.bincount(training.dataset.y_train).argmax()
    return f"always saying {training.dataset.target.classes[most]} gives {np.mean(y == most):.3f}"


def _text(value: object) -> str:
    return html.escape(str(value))


def _card(number: int, training: Training) -> str:
    return (
        f'<li><a href="#model-{number}"><span class="name">{_text(training.title)}</span>'
        f'<span class="figure">{training.history[-1].test_score:.3f}</span>'
        f'<span class="of">held-out {training.score_name}<br>{_text(baseline(training))}</span></a></li>'
    )


def _section(number: int, training: Training, picture: Picture) -> str:
    features = charts.of_features(training)
    narrow = [chart for chart in features if chart.width <= COLUMN]
    wide = [chart for chart in features if chart.width > COLUMN]
    checked = "gradient checked" if training.check.ok else "gradient check failed"
    return f"""
<section class="model" id="model-{number}" aria-labelledby="title-{number}">
<header><h2 id="title-{number}">{_text(training.title)}</h2>
<span class="badge{"" if training.check.ok else " warn"}">{checked}</span></header>
<p class="shape">{_text(architecture_line(training))}</p>
<p>{_text(training.dataset.about)}</p>
{_interruption(training)}
<div class="columns">{_figures([charts.losses(training), charts.scores(training)])}</div>
<div class="columns"><div>{_quality(training)}{_figures(narrow)}</div><div>{_settings(training)}</div></div>
{_figures(wide)}
<div class="columns">{_figures(charts.of_layers(training))}</div>
{_picture(number, picture)}
</section>"""


def _interruption(training: Training) -> str:
    if not training.interrupted:
        return ""
    done, planned = len(training.history), training.settings.epochs
    return (
        f'<p class="callout">Stopped by Ctrl-C after {done} of {planned} epochs; this is the model as it was then.</p>'
    )


def _figures(those: Sequence[plot.Chart]) -> str:
    return "".join(f'<figure class="chart">{chart.svg()}</figure>' for chart in those)


def _quality(training: Training) -> str:
    """The confusion table of the held-out samples, or true against predicted numbers in regression."""
    table = charts.confusion_table(training)
    if table is not None and len(table) > MOST_CONFUSION_CLASSES:
        return _worst_pairs(training.dataset.target.classes, table)
    return _figures([charts.quality(training, table)])


def _worst_pairs(classes: tuple[str, ...], table: Integers) -> str:
    """With many classes: the confusions that happen most."""
    wrong = [(int(table[i, j]), i, j) for i, j in itertools.permutations(range(len(classes)), 2) if table[i, j]]
    rows = "".join(
        f"<tr><td>{_text(classes[i])}</td><td>{_text(classes[j])}</td><td>{n}</td></tr>"
        for n, i, j in sorted(wrong, reverse=True)[:MOST_CONFUSION_CLASSES]
    )
    return (
        '<div class="scroll"><table><caption>Held-out samples: the commonest confusions</caption><thead><tr>'
        f'<th scope="col">true</th><th scope="col">predicted</th><th scope="col">samples</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _settings(training: Training) -> str:
    settings, dataset, last = training.settings, training.dataset, training.history[-1]
    facts = {
        "Data": f"{settings.data}: {len(dataset.y_train)} training and {len(dataset.y_test)} held-out samples",
        "Parameters": f"{sum(p.size for p in training.learner.net.parameters()):,}",
        "Optimizer": f"{OPTIMIZERS[settings.optimizer]}, learning rate {settings.lr:.3g}",
        "Epochs": f"{last.epoch} of {settings.epochs}, batches of {settings.batch_size}",
        "First weights": settings.init,
        "Seed": settings.seed,
        "Time": f"{last.seconds:.2f} s, {1000 * last.seconds / last.epoch:.1f} ms an epoch",
        "Gradient": training.check.text,
    }
    constant = dataset.preparation.constant
    if constant:
        facts["Constant"] = f"{', '.join(constant[:6])}{' …' if len(constant) > 6 else ''} (carry nothing)"
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{_text(fact)}</td></tr>' for name, fact in facts.items())
    return f'<table class="settings"><caption>Settings and timing</caption><tbody>{rows}</tbody></table>'


def _picture(number: int, picture: Picture) -> str:
    """The graph with its gradients, what is not well with them, and the way to the page that steps through it."""
    label, alarms = _text(picture.alt), picture.alarms
    named = some_of([_text(alarm) for alarm in alarms], MOST_ALARMS)
    well = f'<p class="callout">Gradients that are not well: {named}.</p>' if alarms else ""
    return (
        '<figure class="graph"><figcaption>Computation graph of the loss of the first training samples: arrows are as '
        f'wide as gradients are large. <a href="{file_name(number)}">Step through it</a></figcaption>{well}'
        f'<div class="paper" role="img" tabindex="0" aria-label="{label}">{picture.element()}</div></figure>'
    )
