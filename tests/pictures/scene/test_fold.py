"""Folding, choosing parts, modes and the outputs for other programs: counts of boxes, wiring, messages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.pictures.scene.parts import Group
from tinygraph.pictures.scene.repetitions import FEWEST_COPIES
from tinygraph.testing.programs import program

RNG = np.random.default_rng(0)
nn = tg.nn


RNG_TABLE = np.array([0.1, 0.2])


class Block(nn.Module):
    """Attention and a network of two layers, each around which the input passes."""

    def __init__(self, seed: int, size: int = 4) -> None:
        self.q, self.k, self.v = (nn.Linear(size, size, rng=seed + k) for k in range(3))
        self.up, self.down = nn.Linear(size, 2 * size, rng=seed), nn.Linear(2 * size, size, rng=seed)

    def __call__(self, x: Any) -> Any:
        x = x + tg.softmax(self.q(x) @ self.k(x).T / 2.0) @ self.v(x)
        return x + self.down(tg.relu(self.up(x)))


class Blocks(nn.Module):
    def __init__(self, count: int) -> None:
        self.blocks = [Block(k) for k in range(count)]
        self.head = nn.Linear(4, 3, rng=1)

    def __call__(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def repeated(times: int) -> Any:
    def f(x: Any) -> Any:
        for _ in range(times):
            x = tg.tanh(x * 0.9 + 0.1)
        return x.sum()

    return f


def kinds(view: tg.GraphView) -> list[str]:
    return [box.kind for box in view.shown.boxes]


def test_twelve_blocks_show_one() -> None:
    view = tg.draw(Blocks(12), RNG.normal(size=(3, 4)))
    assert len(view.shown.boxes) <= 40
    assert kinds(view).count("repetition") == 1
    text = view.text()
    assert "Block ×12, the first" in text
    assert "Block ×11 more" in text
    assert "blocks.0 : Block" in text
    assert "blocks.1 : Block" not in text


def test_three_hundred_operations_are_legible() -> None:
    view = tg.draw(repeated(100), np.ones(3))
    assert len(view.shown.boxes) <= 12
    assert "tanh(x₁·0.9 + 0.1) ×99 more" in view.text()


def test_a_repetition_is_named_by_what_it_computes_or_by_its_modules() -> None:
    def labels(view: tg.GraphView) -> set[str]:
        return {g.label for g in view.groups if g.kind == "repetition"}

    w, b = tg.tensor(np.eye(2), requires_grad=True, name="w"), tg.tensor([0.1, 0.2], requires_grad=True, name="b")
    h = tg.tensor([[1.0, 2.0]], name="h")
    for _ in range(5):
        h = tg.tanh(h @ w + b)
    assert labels(tg.draw(h)) == {"tanh(h₁ @ w + b)"}
    net = nn.Sequential(*[layer for k in range(4) for layer in (nn.Linear(3, 3, rng=k), nn.Tanh())])
    assert labels(tg.draw(net, np.ones((1, 3)))) == {"Linear, Tanh"}


def test_what_a_function_closes_over_has_its_name() -> None:
    scale, table = tg.tensor([2.0, 3.0], requires_grad=True), np.array([0.5, 0.25])
    view = tg.draw(lambda x: x * scale + table + RNG_TABLE, np.ones(2))
    assert {box.name for box in view.boxes if not box.made} == {"x", "scale", "table", "RNG_TABLE"}


def test_a_folded_group_that_holds_the_output_says_so() -> None:
    net = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    boxes = tg.draw(net, np.ones((1, 2)), level="module").shown.boxes
    assert [(box.name, box.ends) for box in boxes if box.kind == "module"] == [("layers.0", False), ("layers.1", True)]
    assert "gives v₂ · output" in tg.draw(net, np.ones((1, 2)), level="module").dot()


def test_paths_are_written_as_they_read_inside_their_frame() -> None:
    net = nn.Sequential(nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh()), nn.Linear(2, 1, rng=1))
    view = tg.draw(net, np.ones((1, 2)))
    seen = view.shown
    assert next(box.name for box in view.boxes if box.kind == "parameter") == "layers.0.layers.0.weight"
    assert [box.name for box in seen.boxes if box.kind == "parameter"] == ["weight", "bias"] * 2
    assert [box.formula for box in seen.boxes if box.op == "affine"] == ["x @ weightᵀ + bias", "v₂ @ weightᵀ + bias"]
    assert [g.name for g in seen.groups] == ["", "layers.0", "layers.0", "layers.1", "layers.1"]
    derivatives = [a.derivative for a in seen.arrows]
    assert "dweight = dv₁ᵀ @ x" in derivatives
    assert "dv₂ = dv₃ @ layers.1.weight" in derivatives  # between two frames
    assert seen.shown is seen


def test_four_layers() -> None:
    layers = [layer for k in range(4) for layer in (nn.Linear(8, 8 - k, rng=k), nn.ReLU())]
    sizes = iter((8, 7, 6, 5, 4))
    before = next(sizes)
    net = nn.Sequential()
    for k, after in enumerate(sizes):
        net.layers += [nn.Linear(before, after, rng=k), nn.ReLU()] if k < 3 else [nn.Linear(before, after, rng=k)]
        before = after
    assert layers
    view = tg.draw(net, np.ones((2, 8)))
    assert len(view.shown.boxes) <= 16
    assert len(view.fold("Sequential").shown.boxes) <= 5
    assert kinds(tg.draw(net, np.ones((2, 8)), level="module")).count("module") == 7  # its parts
    nested = nn.Sequential(*[nn.Sequential(nn.Linear(8, 8, rng=k), nn.Tanh()) for k in range(4)])
    for model, target in ((net, np.ones((2, 4))), (nested, np.ones((2, 8)))):

        def loss(x: Any, y: Any, model: Any = model) -> Any:
            return nn.binary_cross_entropy_with_logits(model(x), y)

        folded = tg.draw(loss, np.ones((2, 8)), target, level="module")
        assert len(folded.shown.boxes) <= 5
        assert kinds(folded).count("module") == 1
        assert kinds(folded)[-1] == "output"


def test_logistic_regression_with_its_loss() -> None:
    layer = nn.Linear(4, 1, rng=0)
    view = tg.draw(lambda x, y: nn.binary_cross_entropy(tg.sigmoid(layer(x)), y), np.ones((8, 4)), np.ones((8, 1)))
    assert len(view.shown.boxes) <= 9


@pytest.mark.parametrize("times", range(1, 8))
def test_copies_are_counted(times: int) -> None:
    view = tg.draw(repeated(times), np.ones(3))
    copies = [g for g in view.groups if g.kind == "repetition"]
    assert [g.copies for g in copies] == ([times - 1] if times >= FEWEST_COPIES else [])
    assert [g.operations for g in copies] == ([3 * (times - 1)] if times >= FEWEST_COPIES else [])


def test_unequal_sub_graphs_stay_apart() -> None:
    def widths(x: Any) -> Any:
        for n in (3, 4, 5, 6, 7):
            x = tg.tanh(x @ np.ones((x.shape[1], n)))
        return x.sum()

    def constants(x: Any) -> Any:
        for n in (1.0, 2.0, 3.0, 4.0, 5.0):
            x = tg.tanh(x * n)
        return x.sum()

    def wiring(x: Any) -> Any:
        first = x
        for n in range(6):
            x = tg.tanh(x) * (x if n in (2, 3) else first)
        return x.sum()

    for f in (widths, constants, wiring):
        assert not [g for g in tg.draw(f, np.ones((2, 3))).groups if g.kind == "repetition"]


def test_parameters_are_counted_where_they_are() -> None:
    view = tg.draw(Blocks(2), np.ones((3, 4)))
    groups = {g.name: g for g in view.groups}
    assert groups[""].parameters == sum(p.size for p in Blocks(2).parameters())
    assert groups["blocks.1.up"].parameters == 40
    assert groups["blocks.1"].operations == 13
    homes = {box.name: box.group for box in view.boxes}
    assert homes["blocks.1.up.weight"] == groups["blocks.1.up"].id


def test_what_enters_a_row_of_copies_is_no_part_of_the_first() -> None:
    x = tg.tensor([0.5, -1.0], requires_grad=True, name="x")
    scales = [tg.tensor([1.0, 2.0], requires_grad=True) for _ in range(4)]
    y = x
    for scale in scales:
        y = tg.tanh(y * scale) + 0.1
    view = tg.draw(y.sum())
    assert [(g.kind, g.parameters) for g in view.groups] == [("copy", 2), ("repetition", 6)]
    homes = {box.name: box.group for box in view.boxes if box.kind == "parameter"}
    assert homes["x"] is None
    assert [home for name, home in homes.items() if name != "x"] == ["g1", "g2", "g2", "g2"]


def test_a_folded_group_says_which_values_leave_it() -> None:
    class Halves(nn.Module):
        def __call__(self, x: Any) -> Any:
            y = tg.exp(x)
            return tg.sin(y), tg.cos(y)

    halves = Halves()
    view = tg.draw(lambda x: [half * 2.0 for half in halves(x)], 1.0, fold="Halves")
    [box] = [box for box in view.shown.boxes if box.kind == "module"]
    assert box.gives == ("v₂", "v₄")
    assert "gives v₂, v₄" in view.text()
    net = nn.Sequential(nn.Tanh(), nn.Tanh())
    [_, last] = [box for box in tg.draw(net, 1.0, level="module").shown.boxes if box.kind == "module"]
    assert last.gives == ("v₂",)  # the output, though nothing reads it


def test_open_and_fold_by_glob_and_function() -> None:
    view = tg.draw(Blocks(2), np.ones((3, 4)))
    assert view.fold("blocks.*").shown.text().count("Linear") == 1
    assert view.fold(["blocks.0", "head"]).shut == view.fold("blocks.0").fold("head").shut
    assert view.fold(lambda g: g.label == "Linear").shut == view.fold("Linear").shut
    assert view.fold("*").open("*").shut == frozenset()
    small = tg.draw(Blocks(2), np.ones((3, 4)), level="module")
    assert kinds(small).count("module") == 3
    assert kinds(tg.draw(Blocks(2), np.ones((3, 4)), level="module", open="head")).count("module") == 2
    assert not tg.draw(Blocks(5), np.ones((3, 4)), level="all").shut
    with pytest.raises(ValueError, match=r"open: 'gone' names no group of this picture; it has Blocks, blocks\.0"):
        view.open("gone")
    with pytest.raises(ValueError, match="fold: 'x' names no group of this picture; it has none"):
        tg.draw(lambda x: tg.exp(x), 1.0).fold("x")


def test_more_than_150_boxes_fold_modules() -> None:
    class Varied(nn.Module):
        def __init__(self) -> None:
            self.layers = [nn.Linear(k + 2, k + 3, rng=k) for k in range(80)]

        def __call__(self, x: Any) -> Any:
            for layer in self.layers:
                x = layer(x)
            return x

    view = tg.draw(Varied(), np.ones((1, 2)))
    assert len(view.boxes) == 241
    assert len(view.shown.boxes) == 81
    assert view.shown.note == '80 ops, 0 drawn one by one; level="all" or open=... shows more'


@pytest.mark.parametrize("seed", range(30))
def test_what_is_folded_is_a_picture_of_the_same_graph(seed: int) -> None:
    rng = np.random.default_rng(seed)
    f = program(lambda n: int(rng.integers(n)), max_ops=12)
    try:
        view = tg.draw(f, *f.inputs.values())
    except tg.GraphError:
        return  # nothing in it is differentiable
    groups = {None, *[g.id for g in view.groups]}
    assert all(box.group in groups for box in view.boxes)
    for seen in (view.shown, view.fold("*").shown if view.groups else view, view.open("*") if view.groups else view):
        ids = {box.id for box in seen.boxes}
        assert len(ids) == len(seen.boxes)
        assert all(a.source in ids and a.target in ids and a.source != a.target for a in seen.arrows)
        assert json.dumps(seen.json(), allow_nan=True)


def test_around_and_path() -> None:
    view = tg.draw(lambda x, y: tg.exp(x * y).sum() + tg.sin(y).sum(), np.ones(2), np.ones(2))
    names = [box.name for box in view.boxes]
    assert names == ["x", "y", "v₁", "v₂", "v₃", "v₄", "v₅", "v₆"]
    assert [b.name for b in view.around("v₂", 1).boxes] == ["v₁", "v₂", "v₃"]
    assert [b.name for b in view.around("v₂", 0).boxes] == ["v₂"]
    assert [b.name for b in view.path("x", "v₃").boxes] == ["x", "v₁", "v₂", "v₃"]
    assert view.path("x", "v₃").note == "from x to v₃: 4 of 8 values"
    with pytest.raises(ValueError, match="path: no way leads from v₃ to x; values flow along the arrows"):
        view.path("v₃", "x")
    with pytest.raises(ValueError, match="around: no value is called 'q'; there are x, y, v₁, v₂, v₃, v₄, v₅, v₆"):
        view.around("q")
    with pytest.raises(ValueError, match="around: radius is -1; give the number of arrows to go, 0 or more"):
        view.around("x", -1)


def test_a_group_is_chosen_by_name_label_or_both() -> None:
    from tinygraph.pictures.scene.fold import is_chosen

    group = Group("g1", "module", "layers.0", "Linear")
    assert all(is_chosen(choice, group) for choice in ("layers.0", "layers.*", "Linear", "*:Linear", ["x", "Lin*"]))
    assert not is_chosen("layers", group)
    assert not is_chosen((), group)


# --------------------------------------------------------------------------------------------- modes


def test_backward_says_what_each_gradient_is_made_of() -> None:
    def f(x: Any, y: Any) -> Any:
        return (tg.tanh(x) * y).sum()

    x, y = np.array([0.5, 1.0]), np.array([2.0])
    view = tg.draw(f, x, y, mode="backward")
    made = {box.name: box for box in view.boxes}
    assert made["dx"].formula == "dv₁·(1 − v₁²)"
    assert made["dy"].formula == "Σ(dv₂·v₁)"
    grads = tg.grad(lambda x, y: f(x, y), argnums=(0, 1))(x, y)
    assert np.allclose(made["dx"].value.values, grads[0])  # type: ignore[union-attr]
    assert np.allclose(made["dy"].value.values, grads[1])  # type: ignore[union-attr]
    assert all(box.phase == "backward" for box in view.boxes)


def test_a_value_that_is_read_twice_adds_up() -> None:
    view = tg.draw(lambda x: x * 3.0 + tg.sin(x), 1.0, mode="backward")
    [dx] = [box for box in view.boxes if box.name == "dx"]
    assert dx.formula == "dv₁·3 + dv₂·(cos(x))"


def test_both_is_mirrored_and_paired() -> None:
    view = tg.draw(lambda x: tg.exp(tg.sin(x)), 1.0, mode="both")
    names = [box.name for box in view.boxes]
    assert names == ["x", "v₁", "v₂", "dx", "dv₁", "dv₂"]
    pairs = [(a.source, a.target) for a in view.arrows if a.pairs]
    assert sorted(pairs) == [("n1", "dn1"), ("n2", "dn2"), ("n3", "dn3")]
    assert "dir=back" in view.dot()
    assert "style=dotted" in view.dot()
    assert [box.step for box in view.boxes] == [None, 1, 2, 4, 3, None]  # the steps of the gradients go on
    assert "parameter · backward" not in view.dot()
    assert view.dot().count("() · gradient") == 3


def test_double_marks_who_made_what() -> None:
    view = tg.draw(lambda x: (x**3).sum(), np.array([1.0, 2.0]), mode="double")
    phases = {box.phase for box in view.boxes}
    assert phases == {"forward", "backward", "double"}
    outputs = [box.value.values for box in view.boxes if box.kind == "output"]  # type: ignore[union-attr]
    assert (3.0, 12.0) in outputs  # 3 x²
    assert (6.0, 12.0) in outputs  # 6 x
    with pytest.raises(tg.GraphError, match=r'draw: mode "double" starts from one number, and this has shape \(2,\)'):
        tg.draw(lambda x: x**3, np.ones(2), mode="double")


# ------------------------------------------------------------------------------ functions and settings


def test_drawing_a_model_touches_no_gradient() -> None:
    net = Blocks(1)
    tg.draw(lambda x: net(x).sum(), np.ones((3, 4)))
    assert all(p.grad is None for p in net.parameters())


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (lambda: tg.draw(lambda x: 1.0, 2.0), tg.GraphError, "draw: what <lambda> returns does not depend"),
        (lambda: tg.draw(tg.exp(tg.tensor(1.0, True)), 1.0), TypeError, "draw: 1 inputs were given with a tensor"),
        (lambda: tg.draw(tg.exp, 1.0, mode="up"), ValueError, "draw: mode is 'forward', .*'double', got 'up'"),
        (lambda: tg.draw(tg.exp, 1.0, level="x"), ValueError, 'draw: level is "op", "module" or "all", got \'x\''),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        given()


# ------------------------------------------------------------------------------------------- Mermaid


def test_mermaid() -> None:
    net = nn.Sequential(nn.Linear(2, 1, rng=0))
    text = tg.draw(net, np.ones((1, 2))).mermaid()
    lines = text.splitlines()
    assert lines[0] == "flowchart LR"
    starts, ends = (sum(line.strip().startswith(word) for line in lines) for word in ("subgraph", "end"))
    assert starts == ends == 2
    assert any(line.strip().startswith("n1") for line in lines)
    assert any("-.->" in line and "no grad" in line for line in lines)


def test_mermaid_refuses_what_it_would_not_draw() -> None:
    view = tg.draw(repeated(150), np.ones(2), level="all")
    with pytest.raises(ValueError, match=r"mermaid: 751 arrows are more than the 400 that Mermaid"):
        view.mermaid()


def test_mermaid_refuses_too_many_characters() -> None:
    view = tg.draw(repeated(79), np.linspace(0.1, 1.0, 16), level="all")
    assert len(view.arrows) == 396
    message = r"mermaid: 100,\d{3} characters are more than the 45,000 that Mermaid draws by default; fold groups"
    with pytest.raises(ValueError, match=message):
        view.mermaid()
    assert len(tg.draw(repeated(79), np.linspace(0.1, 1.0, 16)).mermaid()) < 5_000


def test_json_goes_through_text_and_back() -> None:
    view = tg.draw(Blocks(3), np.ones((3, 4)))
    given = view.json()
    read = json.loads(json.dumps(given, allow_nan=False))
    assert read == json.loads(json.dumps(read))
    assert [box["name"] for box in read["boxes"]] == [box.name for box in view.boxes]
    assert [tuple(box["shape"]) for box in read["boxes"]] == [box.shape for box in view.boxes]
    assert [(a["source"], a["target"]) for a in read["arrows"]] == [(a.source, a.target) for a in view.arrows]
    assert {g["id"] for g in read["groups"] if g["shut"]} == view.shut != frozenset()
