"""A signature is the whole spec."""

from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import pytest

from graphengine.api import (
    LAZY,
    LINK_ONLY,
    Choices,
    Expansion,
    Files,
    Many,
    Progress,
    Range,
    Same,
    Seed,
    Size,
    Text,
    Widget,
    node,
)
from graphengine.graph.errors import PackError
from graphengine.graph.node import derive, port_types
from graphengine.graph.spec import MISSING, InputSpec, OutputSpec
from graphengine.graph.types import PortType

Picture = Annotated[bytes, PortType("IMAGE", "#123456", "A picture.")]
Area = Annotated[bytes, PortType("MASK")]
T = TypeVar("T")


class Pair(NamedTuple):
    image: Picture
    mask_: Area
    names: Many[str]


def spec(function, **options):
    return derive(node(**options)(function))


INPUTS = {
    "int": (int, InputSpec("x", "INT")),
    "float": (float, InputSpec("x", "FLOAT")),
    "str": (str, InputSpec("x", "STRING")),
    "bool": (bool, InputSpec("x", "BOOLEAN")),
    "any": (Any, InputSpec("x", "*")),
    "object": (object, InputSpec("x", "*")),
    "text": (Text, InputSpec("x", "STRING", multiline=True)),
    "literal": (Literal["a", "b"], InputSpec("x", "COMBO", choices=("a", "b"))),
    "range": (Annotated[float, Range(0, 1, 0.1)], InputSpec("x", "FLOAT", low=0, high=1, step=0.1)),
    "seed": (Seed, InputSpec("x", "INT", low=0, high=2**64 - 1, seed=True)),
    "file": (Annotated[str, Choices("loras")], InputSpec("x", "COMBO", source="loras", file=True)),
    "own widget": (Annotated[float, Widget("dial")], InputSpec("x", "FLOAT", widget="dial.js:dial")),
    "widget of a module": (Annotated[int, Widget("a", "all.js")], InputSpec("x", "INT", widget="all.js:a")),
    "choice": (Annotated[str, Choices("samplers", file=False)], InputSpec("x", "COMBO", source="samplers")),
    "port": (Picture, InputSpec("x", "IMAGE")),
    "link only": (Annotated[int, LINK_ONLY], InputSpec("x", "INT", link_only=True)),
    "lazy": (Annotated[Picture, LAZY], InputSpec("x", "IMAGE", lazy=True)),
    "many": (Many[Picture], InputSpec("x", "IMAGE", many=True)),
    "many numbers": (Many[int], InputSpec("x", "INT", many=True)),
    "generic": (T, InputSpec("x", "~T")),
    "union": (int | float, InputSpec("x", "INT,FLOAT")),
    "union of ports": (Picture | Area, InputSpec("x", "IMAGE,MASK")),
    "none allowed, none given": (int | None, InputSpec("x", "INT")),
}


@pytest.mark.parametrize("case", INPUTS)
def test_an_annotation_makes_an_input(case):
    hint, wanted = INPUTS[case]

    def Kind(x):
        return None

    Kind.__annotations__ = {"x": hint, "return": None}
    assert spec(Kind).inputs == (wanted,)


def test_what_may_be_none_is_optional_and_has_no_default():
    def Kind(a: Picture | None = None, b: Annotated[int, Range(0, 3)] | None = None, c: int | None = 5) -> None: ...

    assert spec(Kind).inputs == (
        InputSpec("a", "IMAGE", optional=True),
        InputSpec("b", "INT", optional=True, low=0, high=3),
        InputSpec("c", "INT", default=5),
    )
    assert [port.required for port in spec(Kind).inputs] == [False, False, False]


def test_an_input_without_a_default_is_required():
    def Kind(a: int, b: int | None, c: float = 0.0, *d: int) -> None: ...

    assert [(port.name, port.required) for port in spec(Kind).inputs] == [
        ("a", True), ("b", True), ("c", False), ("d", False),
    ]  # fmt: skip


def test_a_variadic_input_stands_for_its_numbered_names():
    def Kind(first: int, *image: Picture) -> None: ...

    made = spec(Kind)
    assert made.inputs[1] == InputSpec("image", "IMAGE", variadic=True)
    assert made.input_port("image7") is made.inputs[1]
    assert made.input_port("image") is None
    assert made.input_port("imagex") is None
    assert made.input_port("first") is made.inputs[0]
    assert made.input_port("first1") is None


OUTPUTS = {
    "nothing": (None, ()),
    "number": (float, (OutputSpec("float", "FLOAT"),)),
    "port": (Picture, (OutputSpec("image", "IMAGE"),)),
    "anything": (Any, (OutputSpec("value", "*"),)),
    "generic": (T, (OutputSpec("value", "~T"),)),
    "union": (int | float, (OutputSpec("value", "INT,FLOAT"),)),
    "list": (Many[Picture], (OutputSpec("image", "IMAGE", many=True),)),
    "several": (
        Pair,
        (OutputSpec("image", "IMAGE"), OutputSpec("mask", "MASK"), OutputSpec("names", "STRING", many=True)),
    ),
    "expansion": (Expansion, ()),
    "number or expansion": (float | Expansion, (OutputSpec("float", "FLOAT"),)),
    "several or expansion": (
        Pair | Expansion,
        (OutputSpec("image", "IMAGE"), OutputSpec("mask", "MASK"), OutputSpec("names", "STRING", many=True)),
    ),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_what_is_returned_makes_the_outputs(case):
    hint, wanted = OUTPUTS[case]

    def Kind():
        return None

    Kind.__annotations__ = {"return": hint}
    assert spec(Kind).outputs == wanted
    assert spec(Kind).expands == ("expansion" in case)


def test_outputs_are_found_by_name_and_by_number():
    def Kind() -> Pair: ...

    made = spec(Kind)
    assert made.output_port("mask") is made.output_port("1") is made.outputs[1]
    assert made.output_port("3") is None
    assert made.output_port("-1") is None


def test_keyword_only_parameters_are_services():
    def Kind(a: int, *, progress: Progress) -> None: ...

    made = spec(Kind)
    assert made.services == {"progress": "graphengine.execution.services:Progress"}
    assert [port.name for port in made.inputs] == ["a"]


def test_the_docstring_gives_help_with_continuation_lines():
    def Kind(a: int = 0, b: int = 0, c: int = 0, *more: int) -> None:
        """What it is for.

        A second paragraph: with a colon.

        Args:
            a: The first,
                note: still the first.
            b, c: Both of
                them.
            *more: The rest.

        Returns:
            d: Nothing.
        """

    made = spec(Kind)
    assert made.help == "What it is for.\n\nA second paragraph: with a colon."
    assert [port.help for port in made.inputs] == [
        "The first, note: still the first.", "Both of them.", "Both of them.", "The rest.",
    ]  # fmt: skip


def test_a_function_stays_as_it_was_and_options_enter_the_spec():
    async def Kind(a: Annotated[int, LAZY] = 1) -> int:
        return a

    marked = node("Other", title="T", category="a/b", output=True, resource="io", volatile=True, needs=lambda: ["a"],
                  deprecated=True, experimental=True, version=3)(Kind)  # fmt: skip
    assert marked is Kind
    made = derive(marked)
    assert (made.kind, made.title, made.category, made.resource, made.version) == ("Other", "T", "a/b", "io", 3)
    assert (made.output, made.volatile, made.lazy, made.coroutine) == (True, True, True, True)
    assert (made.deprecated, made.experimental, made.function) == (True, True, "Kind")
    assert made.lazy_inputs == {"a"}
    assert MISSING is not made.inputs[0].default


def bare(x) -> None: ...
def listed(x: list[int]) -> None: ...
def unknown(x: "Nowhere") -> None: ...  # noqa: F821
def keywords(**x: int) -> None: ...
def no_service(*, x: Progress | None = None) -> None: ...
def bad_output() -> dict[str, int]: ...
def bad_default(x: Any = object()) -> None: ...  # noqa: B008
def bad_choice(x: Literal[b"a"] = b"a") -> None: ...
def right_of_the_star(*, flag: bool = True) -> None: ...
def by_position(x: int = 1, /) -> None: ...
def numbered(*x1: int) -> None: ...


@pytest.mark.parametrize(
    "function",
    [
        bare,
        listed,
        unknown,
        keywords,
        no_service,
        bad_output,
        bad_default,
        bad_choice,
        right_of_the_star,
        by_position,
        numbered,
    ],
    ids=lambda f: f.__name__,
)
def test_what_no_port_can_be_is_a_pack_error_that_names_the_node(function):
    with pytest.raises(PackError, match=f"node '{function.__name__}'"):
        spec(function)


def text_for_a_number(x: int = "8") -> None: ...  # type: ignore[assignment]
def part_of_a_whole(x: int = 8.0) -> None: ...  # type: ignore[assignment]
def number_for_a_text(x: Text = 8) -> None: ...  # type: ignore[assignment]
def truth_for_a_number(x: float = True) -> None: ...
def number_for_truth(x: bool = 1) -> None: ...  # type: ignore[assignment]
def nothing(x: float = None) -> None: ...  # type: ignore[assignment]  # noqa: RUF013
def no_choice(x: Literal["a", "b"] = "c") -> None: ...  # type: ignore[arg-type, assignment]
def number_for_a_file(x: Annotated[str, Choices("loras")] = 1) -> None: ...  # type: ignore[assignment]
def one_bad_item(x: Many[float] = (1.0, "two")) -> None: ...  # type: ignore[assignment]
def none_of_two(x: int | str = 0.5) -> None: ...  # type: ignore[assignment]
def lazy(x: Annotated[float, LAZY] = "two") -> None: ...  # type: ignore[assignment]
def may_be_none(x: int | None = "two") -> None: ...  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (text_for_a_number, "takes INT, and its default is '8'."),
        (part_of_a_whole, "takes INT, and its default is 8.0."),
        (number_for_a_text, "takes STRING, and its default is 8."),
        (truth_for_a_number, "takes FLOAT, and its default is True."),
        (number_for_truth, "takes BOOLEAN, and its default is 1."),
        (nothing, "takes FLOAT, and its default is None."),
        (no_choice, "takes one of 'a', 'b', and its default is 'c'."),
        (number_for_a_file, "takes COMBO, and its default is 1."),
        (one_bad_item, "takes FLOAT, and its default is 'two'."),
        (none_of_two, "takes INT,STRING, and its default is 0.5."),
        (lazy, "takes FLOAT, and its default is 'two'."),
        (may_be_none, "takes INT, and its default is 'two'."),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_default_of_another_type_than_its_annotation_is_a_pack_error(function, told):
    with pytest.raises(PackError) as caught:
        spec(function, **({"needs": lambda x: ["x"]} if function is lazy else {}))
    assert caught.value.message == f"node '{function.__name__}': parameter 'x' {told}"
    assert ("| None" in caught.value.cure) == (function is nothing)


def test_defaults_of_their_types_are_taken_as_they_are():
    def Kind(
        a: float = 1,
        b: Many[float] = (1, 2.0),  # type: ignore[assignment]
        c: Annotated[int, Range(0, 9)] = -1,
        d: int | str = "x",
        e: Annotated[str, Choices("input")] = "x.png",
        f: Any = None,
        g: int | None = None,
        h: Picture = None,  # type: ignore[assignment]
        i: Annotated[float, LAZY] = 2.0,
    ) -> None: ...

    defaults = [port.default for port in spec(Kind, needs=lambda **given: []).inputs]
    assert defaults == [1, (1, 2.0), -1, "x", "x.png", None, MISSING, None, 2.0]


def test_a_class_with_create_is_a_service_and_others_are_told_those_there_are():
    class Mine:
        @classmethod
        def create(cls, settings): ...

    def Kind(*, mine: Mine, files: Files) -> None: ...

    Kind.__annotations__ = {"mine": Mine, "files": Files}
    assert set(spec(Kind).services) == {"mine", "files"}
    with pytest.raises(PackError) as caught:
        spec(right_of_the_star)
    assert "Put inputs left of the star; services are Files, Memory, Progress, Provenance, Results" in caught.value.cure


def test_a_mark_without_parentheses_is_a_pack_error_that_says_so():
    with pytest.raises(PackError, match="node 'bare' is marked with @node without parentheses") as caught:
        node(bare)
    assert caught.value.cure == "Write @node()."


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        ({"version": "2"}, "Give a whole number."),
        ({"version": True}, "Give a whole number."),
        ({"version": 0}, "Give 1 or more."),
        ({"category": None}, "Give a text."),
        ({"title": 3}, "Give a text."),
        ({"output": "yes"}, "Give True or False."),
        ({"volatile": 1}, "Give True or False."),
        ({"deprecated": "no"}, "Give True or False."),
        ({"experimental": None}, "Give True or False."),
        ({"resource": None}, "Choose of device, cpu, io."),
        ({"needs": ["a"]}, "Give a function that returns names of lazy inputs."),
    ],
)
def test_an_option_of_another_type_is_a_pack_error_that_names_node_and_option(options, cure):
    def Kind() -> int: ...

    (name,) = options
    with pytest.raises(PackError, match=f"node 'Kind'.* {name}") as caught:
        spec(Kind, **options)
    assert caught.value.cure == cure
    with pytest.raises(PackError, match="node 5: its kind is no text"):
        derive(node(5)(Kind))


def test_two_outputs_of_one_name_are_a_pack_error():
    class Twice(NamedTuple):
        a: int
        a_: int

    def Kind() -> None: ...

    Kind.__annotations__ = {"return": Twice}
    with pytest.raises(PackError, match="node 'Kind' has two outputs called 'a'"):
        spec(Kind)


def test_a_named_tuple_with_a_port_type_is_one_output():
    class Point(NamedTuple):
        x: int
        y: int

    Port = Annotated[Point, PortType("POINT")]

    def Kind(): ...

    for hint, many in ((Port, False), (Port | Expansion, False), (Many[Port], True)):
        Kind.__annotations__ = {"return": hint}
        assert spec(Kind).outputs == (OutputSpec("point", "POINT", many=many),)


def test_a_resource_that_there_is_not_is_a_pack_error_that_names_those_there_are():
    def Kind() -> int: ...

    with pytest.raises(PackError, match="node 'Kind': there is no resource 'gpu'") as caught:
        derive(node(resource="gpu")(Kind))
    assert caught.value.cure == "Choose of device, cpu, io."


def test_an_output_tells_its_size_and_what_it_passes_on():
    class Told(NamedTuple):
        image: Annotated[Picture, Size("image")]
        mask: Annotated[Many[Picture], Size("image.width + left", "8")]
        number: Annotated[int, Same("left")]

    def Kind(image: Picture, left: int = 0) -> Told: ...

    made = derive(node()(Kind)).outputs
    assert [port.size for port in made] == [("image.width", "image.height"), ("image.width + left", "8"), ()]
    assert [(port.many, port.same) for port in made] == [(False, ""), (True, ""), (False, "left")]


def no_formula(image: Picture) -> Annotated[Picture, Size("image.width", "import os")]: ...
def no_such_input(image: Picture) -> Annotated[Picture, Size("imge")]: ...
def no_pictures(width: int = 1) -> Annotated[Picture, Size("width")]: ...
def no_such_value(image: Picture) -> Annotated[int, Same("width")]: ...


@pytest.mark.parametrize(
    ("function", "words", "cure"),
    [
        (no_formula, "'import os' is not understood: it is no Python expression", "Use inputs"),
        (no_such_input, "'imge.width' names 'imge'", "There are the inputs image."),
        (no_pictures, "'width.width' asks for the size of 'width', which is of type INT", "Give width and height"),
        (no_such_value, "'width' names 'width'", "There are the inputs image."),
    ],
)
def test_a_formula_that_says_nothing_is_a_pack_error_that_names_node_and_output(function, words, cure):
    with pytest.raises(PackError) as told:
        derive(node()(function))
    output = "int" if function is no_such_value else "image"
    assert f"node '{function.__name__}': output '{output}': the formula {words}" in str(told.value)
    assert cure in told.value.cure


def test_port_types_are_found_wherever_they_are_mentioned():
    def Kind(a: Many[Area] | None = None, *, progress: Progress) -> Pair | Expansion: ...

    assert {port.name for port in port_types(node()(Kind))} == {"IMAGE", "MASK"}
    assert PortType("IMAGE", "#123456", "A picture.") in port_types(Kind)
