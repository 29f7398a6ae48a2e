"""What the compiler needs to know of an operation stands in its declaration, for users' operations as for ours."""

from __future__ import annotations

import ast
import dataclasses
import pathlib

import numpy as np
import pytest

import tinygraph as tg
import tinygraph.compiler
from tinygraph.engine.declare import registry
from tinygraph.testing.cases import derived_cases

FILES = sorted(pathlib.Path(tinygraph.compiler.__file__).parent.glob("*.py"))
OURS = [op for op in registry if op.function.__module__.startswith("tinygraph.")]


def texts(tree: ast.AST) -> list[str]:
    """All strings of a file but docstrings."""
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in strings if id(node) not in prose]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_compiler_names_no_operation(path):
    names = {op.name for op in OURS}
    found = texts(ast.parse(path.read_text()))
    assert not [text for text in found if text in names or text.startswith("tinygraph.")]


def test_the_compiler_names_no_function_of_numpy_that_is_an_operation():
    names = {op.name for op in OURS}
    used = [
        (path.name, node.attr)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np"
        and node.attr in names
    ]  # fmt: skip
    assert {path for path, _ in used} <= {"rehearsal.py"}  # which compares arrays


@pytest.mark.parametrize("op", [op for op in OURS if op.fresh and not isinstance(op.kernel, np.ufunc)], ids=repr)
def test_fresh_results_share_no_memory_with_inputs(op):
    x = np.arange(1.0, 7).reshape(2, 3)
    inputs = [x.copy() for _ in range(op.arity or 1)]
    required = {
        "scatter": {"index": (slice(None), slice(None)), "shape": (2, 3)}, "setitem": {"index": (0, 0)},
        "write_view": {"view": tg.transpose.op, "attrs": {"axes": None}},
        "concatenate": {"axis": 0, "ends": (2,)}, "stack": {"axis": 0}, "pad": {"pad_width": ((0, 0), (0, 0))},
    }.get(op.name, {})  # fmt: skip
    if op.name.endswith("_where") or op.name in ("where", "var_about"):
        inputs[0 if op.name == "where" else -1] = np.ones((2, 3), bool)
    if op.name in ("setitem", "write_view"):
        inputs[1] = np.array(5.0)
    choices = [
        required,
        *[{**required, "axis": axis} for axis in ((), 0, None) if "axis" in op.defaults and not required],
    ]
    tried = 0
    for attrs in choices:
        try:
            y = op.function(*inputs, **attrs)
        except (TypeError, ValueError):  # an axis that this one does not take
            continue
        tried += 1
        assert not any(np.shares_memory(y, x) for x in inputs)
    assert tried


def test_einsum_of_one_operand_may_be_a_view():
    """It was taken for fresh: what followed wrote over its operand, and the result changed with it."""

    def f(x):
        turned = tg.einsum("ij->ji", np.exp(x))
        return (turned * np.tan(np.cos(np.sin(x)))).sum()

    compiled, x = tg.compile(f), np.arange(9.0).reshape(3, 3) / 9
    assert [compiled(x).item() for _ in range(3)] == [f(x)] * 3


def test_functions_of_numpys_modules_are_not_mistaken_for_the_modules():
    compiled = tg.compile(lambda x: tg.fft.fft(x * 2))
    for _ in range(2):
        np.testing.assert_array_equal(compiled(np.arange(4.0)).numpy(), np.fft.fft(np.arange(4.0) * 2))


SPELLED = [op for op in OURS if op.spelling is not None and "{" not in op.spelling]


@pytest.mark.parametrize("op", SPELLED, ids=repr)
def test_a_function_that_spells_an_operation_does_the_same(op):
    function = np
    for name in op.spelling.removeprefix("np.").split("."):
        function = getattr(function, name)
    for case in derived_cases(op) if op.kind == "elementwise" and op.differentiable else ():
        np.testing.assert_array_equal(op.kernel(*case.inputs, **case.attrs), function(*case.inputs, **case.attrs))


def both(f, *args):
    """The result of `f`, after checking that its replay gives the same; and the source of the replay."""
    compiled = tg.compile(f)
    first, again = compiled(*args), compiled(*args)
    np.testing.assert_array_equal(first.numpy(), again.numpy())
    return first, compiled.source


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: np.reshape(x * 1, (3, 2)), "np.reshape(t1, (3, 2), order='C')"),
        (lambda x: x[1, :2] * 2, "x[1, :2]"),
        (lambda x: x[1], "x[1]"),
        (lambda x: x.astype(np.float32), "x.astype(np.float32)"),
        (lambda x: x.astype(np.bool_), "x.astype(np.bool"),
        (lambda x: x.astype(np.dtype(np.int32)), "x.astype(np.int32)"),
        (lambda x: x.astype(np.dtype(">f8")), "x.astype(c1)"),
        (lambda x: x.astype(">f8"), "x.astype('>f8')"),
        (lambda x: np.stack([x, x * 2], axis=1), "np.stack([x, t1], axis=1)"),
        (lambda x: np.concatenate([x, x * 2]), "np.concatenate([x, t1], axis=0)"),
        (lambda x: np.expand_dims(x, 0), "np.expand_dims(x, 0)"),
        (lambda x: np.sum(x, axis=0, dtype=np.float32), "np.sum(x, axis=0, dtype=np.float32)"),
        (lambda x: x.sum() * x.max() - x.min() / x.mean(), "t1 * t2"),
        (lambda x: np.round(x), "np.round(x)"),
    ],
)
def test_source_is_spelled_as_numpy_users_would(f, text):
    assert text in both(f, np.arange(1.0, 7).reshape(2, 3))[1]


def test_users_operations_are_spelled_as_they_say(forget_declarations):
    doubled = tg.linear(lambda g, y, x: 2 * g, spelling="{} * 2.0")(lambda x: x * 2.0)
    total = tg.linear(lambda g, y, x, *, axis: tg.broadcast_to(g, shape=x.shape), name="total", fresh=True,
                      spelling="np.add.reduce")(lambda x, *, axis=0: np.add.reduce(x, axis=axis))  # fmt: skip
    _, source = both(lambda x: total(doubled(x), axis=None) + total(np.exp(x)).sum(), np.ones((2, 3)))
    assert "t1 = x * 2.0" in source
    assert "np.add.reduce(t1, axis=None)" in source


@pytest.mark.parametrize("spelling", ["{} + {}", "{}.scaled({factor})", "{} * {times"])
def test_spellings_that_ask_for_more_than_there_is_are_an_error(spelling):
    with pytest.raises(
        TypeError, match=r"linear: scale cannot be spelled .*; give {} for each input \['x'\] and {name}"
    ):
        tg.linear(lambda g, y, x, *, times: g, name="scale", spelling=spelling)(lambda x, *, times: x * times)
    with pytest.raises(
        TypeError, match=r"linear: scale has no attribute 'where' for its mask; name one of \['times'\]"
    ):
        tg.linear(lambda g, y, x, *, times: g, name="scale", mask="where")(lambda x, *, times: x * times)


def test_users_operations_with_fresh_results_free_their_inputs(forget_declarations):
    def buffers(fresh):
        op = tg.linear(lambda g, y, x: g, name="copied", fresh=fresh)(lambda x: np.array(x))
        source = both(lambda x: (lambda y: (np.cos(y) * y).sum())(op(np.exp(x))), np.ones(3))[1]
        return source.count("out=b2")

    assert buffers(True) == 0
    assert buffers(False) > 0


def test_users_operations_that_select_by_a_mask_say_so(forget_declarations):
    chosen = tg.linear(lambda g, y, x, *, where: g, name="chosen", mask="where")(lambda x, *, where: x[data(where)])
    with pytest.raises(tg.TraceError, match=r"compile: a mask computed in the step selects elements at "):
        tg.compile(lambda x: chosen(x, where=x > 0))(np.ones(3))


def data(x):
    """The array of a Tensor, which kernels are given as an attribute as it is."""
    return x._array if isinstance(x, tg.Tensor) else x


@dataclasses.dataclass
class Both:
    a: object
    b: object


@pytest.mark.parametrize("make", [lambda *x: x, lambda *x: [*x], lambda *x: dict(enumerate(x))])
def test_attributes_may_be_nests_of_traced_tensors(make, forget_declarations):
    def kernel(x, *, extra):
        first, second = extra.values() if isinstance(extra, dict) else extra
        return x + data(first) * second

    op = tg.linear(lambda g, y, x, *, extra: g, name="extended")(kernel)
    compiled = tg.compile(lambda x, y: op(x, extra=make(y, 2.0)))
    compiled(np.ones(2), np.ones(2))
    assert compiled(np.ones(2), np.full(2, 5.0)).tolist() == [11.0, 11.0]


def test_other_attributes_with_traced_tensors_are_an_error(forget_declarations):
    op = tg.linear(lambda g, y, x, *, extra: g, name="extended")(lambda x, *, extra: x + 1)
    with pytest.raises(tg.TraceError, match=r"compile: an attribute is Both with traced tensors in it, which cannot"):
        tg.compile(lambda x: op(x * 2, extra=Both(x, 1)))(np.ones(2))


INDEXES = [
    (slice(1, None), 0), (slice(None), None, 1), ((0, 1),), (slice(None),), (0, ...), ((0, 1), (1, 2)), (), ...,
    slice(None, None, -2), np.array([1, 0]), (np.array([1, 0]), slice(1)), None, 1, (-1,), [1, 0],
]  # fmt: skip


@pytest.mark.parametrize("index", INDEXES, ids=repr)
def test_indexes_are_written_as_they_are_read(index):
    m = np.arange(6.0).reshape(2, 3)
    compiled = tg.compile(lambda m: m[index] * 2)
    for k in (1.0, 10.0):
        np.testing.assert_array_equal(compiled(k * m).numpy(), (k * m)[index] * 2)


def test_slices_are_written_with_colons():
    compiled = tg.compile(lambda m: m[1:, 0] * 2)
    compiled(np.ones((2, 3)))
    assert "= m[1:, 0]  #" in compiled.source
