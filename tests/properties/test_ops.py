"""Every declared operation passes the whole property suite, on the examples of its row."""

import pytest

from tests.properties.table import OPS, cases
from tinygraph.engine.declare import define, registry
from tinygraph.engine.op import Op
from tinygraph.testing import check_op
from tinygraph.testing.derivatives import positions
from tinygraph.testing.suite import PROPERTIES

PACKED = {"slogdet", "eigh", "eig", "svd"}
"""Several factors in one array. Of complex ones only what no phase changes has a gradient, and the direction that
slogdet returns is made of its logarithm: users get them unpacked, and so test_complex_linalg has them."""


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_property_holds(op: Op) -> None:
    only = [name for name in PROPERTIES if name != "complex_numbers" or op.name not in PACKED]
    assert check_op(op, cases=cases(op), only=only) > 0


def test_names_are_unique() -> None:
    names = [op.name for op in OPS]
    assert sorted(set(names)) == sorted(names)


def test_table_has_no_row_for_an_op_that_is_gone() -> None:
    from tests.properties import table

    assert {*table._ROWS, *table._EXTRA} <= {op.name for op in OPS}


def test_a_new_op_without_a_row_fails() -> None:
    new = define(Op("linear", lambda x: x, (lambda g, y, x: g,), name="new_op"))
    assert new not in registry
    with pytest.raises(KeyError, match="new_op has no row"):
        cases(new)


def test_rows_differentiate_every_input_that_has_a_rule() -> None:
    for op in OPS:
        reached = {k for case in cases(op) for k in positions(op, case)}
        if op.arity is not None:
            assert reached == {k for k, rule in enumerate(op.rules) if rule is not None}, op.name
