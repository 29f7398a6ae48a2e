"""What a rule is found to read, against the names in its source: rules of all constructs, written by a generator."""

import ast
import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from tinygraph.engine.reads import reads

PARAMETERS = ("y", "x0", "x1")
FACTS = ("shape", "dtype", "ndim", "size")
NAMES = st.sampled_from([*PARAMETERS, "a", "b", "k"])

EXPRESSIONS = st.recursive(
    st.one_of(
        NAMES,
        st.builds("{}.{}".format, st.sampled_from(PARAMETERS), st.sampled_from(FACTS)),
        st.builds("{}.T".format, st.sampled_from(PARAMETERS)),
    ),
    lambda e: st.one_of(
        st.builds("({} + {})".format, e, e),
        st.builds("(-{})".format, e),
        st.builds("({} * {} - {} ** 2)".format, e, e, e),
        st.builds("((a := {}) + {} * (1 - a))".format, e, e),
        st.builds("({} * 2.0)".format, e),
        st.builds("({} if {} else {})".format, e, e, e),
        st.builds("({} and {} or not {})".format, e, e, e),
        st.builds("({} < {} <= {})".format, e, e, e),
        st.builds("sum([{} for k in ({}, 2.0)])".format, e, e),
        st.builds("sum([({} == k) * 1.0 for k in (0.0, 1.0) if {}])".format, e, e),
        st.builds("sum({} for k in ({},))".format, e, e),
        st.builds("{{k: {} for k in ({}, {})}}".format, e, e, e),
        st.builds("[[{} for b in (k, {})] for k in (1.0, 2.0)]".format, e, e),
        st.builds("(lambda k: {})({})".format, e, e),
        st.builds("(lambda k={}: {})()".format, e, e),
        st.builds("abs({})".format, e),
        st.builds("max({}, {}, key=lambda k: {})".format, e, e, e),
        st.builds("dict(k={}, **{{'b': {}}})".format, e, e),
        st.builds("f(*[{}], {})".format, e, e),
        st.builds("{}[{}:, None]".format, e, e),
        st.builds("(*[{}], {})[0]".format, e, e),
        st.builds("f'{{{}}}'".format, st.sampled_from(PARAMETERS)),
    ),
    max_leaves=6,
)


def indented(block):
    return textwrap.indent(block, "    ")


STATEMENTS = st.recursive(
    st.one_of(
        st.builds("{} = {}".format, NAMES, EXPRESSIONS),
        st.builds("{} = {}; {} = {}".format, NAMES, EXPRESSIONS, NAMES, EXPRESSIONS),
        st.builds("{} += {}".format, NAMES, EXPRESSIONS),
        st.builds("a, (b, *k) = {}, {}".format, EXPRESSIONS, EXPRESSIONS),
        st.builds("a[{}] = {}".format, EXPRESSIONS, EXPRESSIONS),
        st.builds("{}[0] *= {}".format, NAMES, EXPRESSIONS),
        st.builds("a: float = {}".format, EXPRESSIONS),
        st.builds("del {}".format, NAMES),
        st.builds("assert {}, {}".format, EXPRESSIONS, EXPRESSIONS),
        st.builds("(x0 := {}) * {}".format, EXPRESSIONS, EXPRESSIONS),
        EXPRESSIONS,
    ),
    lambda s: st.one_of(
        st.builds("{}\n{}".format, s, s),
        st.builds(lambda e, s: f"for k in ({e}, 1.0):\n{indented(s)}", EXPRESSIONS, s),
        st.builds(lambda n, s, t: f"for {n} in range(3):\n{indented(s)}\nelse:\n{indented(t)}", NAMES, s, s),
        st.builds(lambda e, s: f"while {e}:\n{indented(s)}\n    break", EXPRESSIONS, s),
        st.builds(lambda e, s, t: f"if {e}:\n{indented(s)}\nelse:\n{indented(t)}", EXPRESSIONS, s, s),
        st.builds(lambda *b: "try:\n{}\nexcept Exception as b:\n{}\nfinally:\n{}".format(*map(indented, b)), s, s, s),
        st.builds(lambda e, s: f"with f({e}) as a:\n{indented(s)}", EXPRESSIONS, s),
        st.builds(lambda e, s: f"match {e}:\n    case [a, *b] if a:\n{indented(indented(s))}", EXPRESSIONS, s),
        st.builds("def f(k={}):\n    return {}".format, EXPRESSIONS, EXPRESSIONS),
        st.builds("class f:\n    k = {}\n    def g(self, k={}):\n        return {}".format, *[EXPRESSIONS] * 3),
    ),
    max_leaves=6,
)  # fmt: skip


def mentioned(source):
    """Of each parameter what the source makes of it: 'value', 'shape' (facts alone), 'written', or None: no name.

    Functions and classes inside assign to none of them, so that a name is one variable wherever it stands.
    """
    found = dict.fromkeys(PARAMETERS)
    tree = ast.parse(source).body[0]
    facts = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in FACTS}
    written = {id(n.target) for n in ast.walk(tree) if isinstance(n, ast.AugAssign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in found:
            read = isinstance(node.ctx, ast.Load) or id(node) in written
            use = "shape" if id(node) in facts else "value" if read else "written"
            found[node.id] = max(found[node.id] or "", use, key=["", "written", "shape", "value"].index)
    return found


@settings(max_examples=400, deadline=None)
@given(STATEMENTS, EXPRESSIONS, st.sampled_from(["y, x0, x1", "y, x0, x1, *, k=2.0", "y, x0, *x1"]))
def test_nothing_that_a_rule_names_is_missed(body, result, parameters):
    source = f"def rule({parameters}):\n{indented(body)}\n    return {result}"
    namespace = {}
    try:
        exec(source, namespace)
    except SyntaxError:  # a name that is assigned in a comprehension over it, and the like
        return
    found = dict(zip(PARAMETERS, reads(namespace["rule"], 0, 2), strict=True))
    for name, use in mentioned(source).items():
        if use == "value":
            assert found[name] == "value", (name, source)
        elif use == "shape":
            assert found[name] is not None, (name, source)
        elif use is None:
            assert found[name] is None, (name, source)


def test_the_generator_reaches_the_construct_that_was_once_misread():
    """On Python 3.13 a store and a load are one instruction; a rule written so lost what was loaded."""
    source = "def rule(y, x0, x1):\n    return (a := x0) + y * (1 - a)"
    assert mentioned(source) == {"y": "value", "x0": "value", "x1": None}
    namespace = {}
    exec(source, namespace)
    assert reads(namespace["rule"], 0, 2) == ("value", "value", None)
