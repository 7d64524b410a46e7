"""Formulas: what they come to, against Python's own; and what is no formula."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphengine.graph.facts import Fact, FormulaError, evaluate, inputs_of, parse, side

NAMES = {"a": 7, "b": 0, "scale": 1.5, "turned": True, "how": "90 degrees", "nobody": None}


class Inputs:
    def fact(self, input):
        return Fact(NAMES.get(input), (640, 480) if input == "image" else None)

    def size(self, input):
        return self.fact(input).size


class Picture:
    width, height = 640, 480


NUMBERS = st.sampled_from(["a", "b", "scale", "3", "0.25", "image.width", "image.height"])
FORMULAS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "<", "and", "or"]), inner).map(
            lambda parts: "({} {} {})".format(*parts)
        ),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda parts: "{}({}, {})".format(*parts)),
        st.tuples(inner, inner, inner).map(lambda parts: "({} if {} else {})".format(*parts)),
        inner.map(lambda one: f"round({one})"),
        inner.map(lambda one: f"(-{one})"),
        inner.map(lambda one: f"(not {one})"),
    ),
    max_leaves=8,
)


@given(FORMULAS)
def test_a_formula_comes_to_what_python_makes_of_it(formula):
    try:
        wanted = eval(formula, {"image": Picture, "sqrt": math.sqrt, **NAMES})  # made above, of nothing else
    except ArithmeticError:
        wanted = None
    found = evaluate(formula, Inputs())
    assert (found.value if isinstance(found, Fact) else found) == wanted


def test_texts_are_compared_and_inputs_passed_on():
    assert evaluate("1 if how in ('90 degrees', 'none') else 2", Inputs()) == 1
    assert evaluate("sqrt(image.width * image.width)", Inputs()) == 640
    assert evaluate("image if turned else a", Inputs()) == Fact(None, (640, 480))


@pytest.mark.parametrize(
    "formula",
    ["nobody + 1", "unheard", "a / b", "how * 99999999999", "how + 1", "sqrt(0 - 1)", "a.width", "max(how, how)",
     "a in b", "1e300 * 1e300 % 1", "round(1e300 * 1e300)", "image + 1", "min(nobody, 4)"],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_not_known(formula):
    assert side(formula, Inputs()) is None


@pytest.mark.parametrize("formula", ["0 - 5", "b", "a / 2", "1048577", "turned", "how", "1e300 * 1e300"])
def test_an_absurd_length_is_not_known(formula):
    assert side(formula, Inputs()) is None


@pytest.mark.parametrize(
    "formula",
    ["", "a +", "__import__('os')", "a.real", "image.width.real", "a ** 9", "[a]", "lambda: a", "open('x')", "a if b",
     "round(a, 2)", "min(a)", "max(*a)", "a << 9", "~a", "f'{a}'", "min", "a := 3", "None", "b'x'", "a is b",
     "(" * 150 + "a" + ")" * 150, "-" * 200 + "a", "a + " * 90 + "a"],
)  # fmt: skip
def test_what_is_no_formula_is_refused(formula):
    with pytest.raises(FormulaError):
        parse(formula)


def test_a_formula_takes_no_time():
    began = time.process_time()
    for _ in range(100):
        evaluate("9999999999 * " * 20 + "9999999999", Inputs())
    assert time.process_time() - began < 0.5


def test_a_formula_names_its_inputs():
    named = {"image": True, "scale": False, "a": False, "b": False}
    assert inputs_of("image.width * scale if a else min(b, 3)") == named
