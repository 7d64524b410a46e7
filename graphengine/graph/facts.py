"""What can be known of a value before anything runs, and the formulas that packs tell it by.

A formula is a line of Python over the inputs of a node, kept as text in the index of specs:

    image.width * scale_by
    round(samples.width // 8 * scale_by) * 8
    image.height if rotation in ("90 degrees", "270 degrees") else image.width

Numbers, texts and truths; an input by its name, ``.width`` and ``.height`` of an input's picture; ``+ - * / // %``,
comparisons, ``in``, ``and``, ``or``, ``not``, ``a if b else c``, ``min``, ``max``, ``round``, ``abs`` and ``sqrt``.
Nothing else is understood, so that a formula does nothing and takes no time. Where it cannot be worked out, nothing is
known.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, cast

MAX_LENGTH = 300  # letters of a formula
MAX_DEPTH = 30  # operations inside of each other
MAX_SIDE = 2**20  # pixels: more is a mistake somewhere

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a value; None where it is not.

    Attributes:
        value: The value itself: a number, text or truth.
        size: Width and height of its pictures, of latents in pixels.
        family: The model family that it belongs to.
    """

    value: Any = None
    size: Size | None = None
    family: str | None = None


UNKNOWN = Fact()


class Known(Protocol):
    """What is known of the inputs of a node."""

    def fact(self, input: str) -> Fact:
        """What is known of the value of an input."""

    def size(self, input: str) -> Size | None:
        """Width and height of an input's pictures."""


class FormulaError(ValueError):
    """A formula that is not understood; says why."""


class _Unknown(LookupError):
    """A part of a formula is not known."""


def evaluate(formula: str, known: Known) -> Any:
    """What a formula comes to: a plain value, or the ``Fact`` of the input that it names; None where unknown."""
    try:
        return _value(parse(formula), known)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None


def side(formula: str, known: Known) -> int | None:
    """The length in pixels that a formula comes to; None when it is not known, or absurd."""
    try:
        length = _plain(evaluate(formula, known))
    except _Unknown:
        return None
    if type(length) is float and length.is_integer():
        length = int(length)
    return length if type(length) is int and 0 < length <= MAX_SIDE else None


def inputs_of(formula: str) -> dict[str, bool]:
    """The inputs in a formula, and whether it asks for the size of their pictures.

    Raises:
        FormulaError: It is not understood.
    """
    parts = list(ast.walk(parse(formula)))
    named = {part.id: False for part in parts if isinstance(part, ast.Name) and part.id not in FUNCTIONS}
    return named | {cast(ast.Name, part.value).id: True for part in parts if isinstance(part, ast.Attribute)}


@lru_cache(maxsize=4096)
def parse(formula: str) -> ast.expr:
    """The syntax tree of a formula.

    Raises:
        FormulaError: It is not understood.
    """
    if len(formula) > MAX_LENGTH:
        raise FormulaError(f"it has more than {MAX_LENGTH} letters")
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise FormulaError("it is no Python expression") from error
    _check(tree, MAX_DEPTH)
    return tree


def _check(part: ast.expr, depth: int) -> None:
    """Raise ``FormulaError`` unless all of a syntax tree can be worked out."""
    if depth == 0:
        raise FormulaError(f"it has more than {MAX_DEPTH} operations inside of each other")
    if type(part) not in _READERS or not _READERS[type(part)].takes(part):
        raise FormulaError(f"'{ast.unparse(part)[:60]}' is nothing that a formula can have")
    for inner in _READERS[type(part)].parts(part):
        _check(inner, depth - 1)


def _value(part: ast.expr, known: Known) -> Any:
    return _READERS[type(part)].value(part, known)


def _plain(value: Any) -> Any:
    """The value itself, where an input was named."""
    if isinstance(value, Fact):
        value = value.value
    if value is None:
        raise _Unknown
    return value


def _number(part: ast.expr, known: Known) -> int | float:
    value = _plain(_value(part, known))
    if type(value) not in (int, float, bool):  # a text times a number could fill the memory
        raise _Unknown
    return value


@dataclass(frozen=True)
class _Reader:
    """How one form of syntax is read: its value, the parts inside it, and whether this one is taken."""

    value: Callable[[Any, Known], Any]
    parts: Callable[[Any], list[ast.expr]] = lambda part: []
    takes: Callable[[Any], bool] = lambda part: True


OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
COMPARISONS: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda one, others: one in others, ast.NotIn: lambda one, others: one not in others,
}  # fmt: skip
SIGNS: Mapping[type, Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "round": round, "abs": abs, "sqrt": math.sqrt}
SIDES = ("width", "height")


def _side_of(part: ast.Attribute, known: Known) -> int:
    size = known.size(cast(ast.Name, part.value).id)
    if size is None:
        raise _Unknown
    return size[SIDES.index(part.attr)]


def _called(part: ast.Call, known: Known) -> Any:
    function = FUNCTIONS[cast(ast.Name, part.func).id]
    return function(*(_number(argument, known) for argument in part.args))


def _is_call(part: ast.Call) -> bool:
    name = part.func.id if isinstance(part.func, ast.Name) else ""
    count = len(part.args) > 1 if name in ("min", "max") else len(part.args) == 1
    return name in FUNCTIONS and count and not part.keywords


def _logical(part: ast.BoolOp, known: Known) -> Any:
    """As Python has it: the first that decides, and what comes after is not looked at."""
    wanted = isinstance(part.op, ast.Or)
    for inner in part.values[:-1]:
        value = _plain(_value(inner, known))
        if bool(value) is wanted:
            return value
    return _value(part.values[-1], known)


def _compared(part: ast.Compare, known: Known) -> bool:
    values = [_plain(_value(inner, known)) for inner in (part.left, *part.comparators)]
    pairs = zip(part.ops, values, values[1:], strict=False)
    return all(COMPARISONS[type(op)](one, other) for op, one, other in pairs)


_READERS: Mapping[type[ast.expr], _Reader] = {
    ast.Constant: _Reader(
        lambda part, known: part.value, takes=lambda part: type(part.value) in (int, float, str, bool)
    ),
    ast.Name: _Reader(lambda part, known: known.fact(part.id), takes=lambda part: part.id not in FUNCTIONS),
    ast.Attribute: _Reader(_side_of, takes=lambda part: part.attr in SIDES and isinstance(part.value, ast.Name)),
    ast.Tuple: _Reader(
        lambda part, known: tuple(_plain(_value(inner, known)) for inner in part.elts), lambda part: part.elts
    ),
    ast.UnaryOp: _Reader(
        lambda part, known: SIGNS[type(part.op)](_number(part.operand, known)),
        lambda part: [part.operand],
        lambda part: type(part.op) in SIGNS,
    ),
    ast.BinOp: _Reader(
        lambda part, known: OPERATORS[type(part.op)](_number(part.left, known), _number(part.right, known)),
        lambda part: [part.left, part.right],
        lambda part: type(part.op) in OPERATORS,
    ),
    ast.BoolOp: _Reader(_logical, lambda part: part.values),
    ast.Compare: _Reader(
        _compared,
        lambda part: [part.left, *part.comparators],
        lambda part: all(type(op) in COMPARISONS for op in part.ops),
    ),
    ast.IfExp: _Reader(
        lambda part, known: _value(part.body if _plain(_value(part.test, known)) else part.orelse, known),
        lambda part: [part.test, part.body, part.orelse],
    ),
    ast.Call: _Reader(_called, lambda part: part.args, _is_call),
}
