"""``@node``: a typed function becomes a node kind.

Left of the star are ports, right of it services; annotations say the types, ``Annotated`` the widgets, the docstring
the help. The decorator marks the function and returns it unchanged, so a node is called in a test as it is:

    @node(category="image")
    def ImageBlur(
        image: Image,
        radius: Annotated[int, Range(1, 31)] = 1,
        *,
        progress: Progress,
    ) -> Image:
        \"\"\"Blur a picture.

        Args:
            radius: In pixels.
        \"\"\"
"""

import inspect
import itertools
import json
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from graphengine.graph.errors import PackError
from graphengine.graph.literals import short
from graphengine.graph.output import check_formulas, told
from graphengine.graph.spec import MISSING, InputSpec, NodeSpec, OutputSpec
from graphengine.graph.types import ANY, CHOICE, SCALARS, PortType, generic
from graphengine.graph.workflow import Workflow

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
MARK = "__graphengine_node__"
RESOURCES = ("device", "cpu", "io")
# option of ``node`` -> its type and what people call that
OPTIONS: Mapping[str, tuple[type, str]] = {
    "title": (str, "a text"), "category": (str, "a text"), "output": (bool, "True or False"),
    "volatile": (bool, "True or False"), "deprecated": (bool, "True or False"),
    "experimental": (bool, "True or False"), "version": (int, "a whole number"),
}  # fmt: skip
# what ``execution`` and the engine give without a ``create``; by name, for nothing here imports them
SERVICES = frozenset({
    "graphengine.execution.services:Progress", "graphengine.execution.services:Results",
    "graphengine.execution.services:Provenance", "graphengine.execution.services:Memory",
    "graphengine.files:Files",
})  # fmt: skip


@dataclass(frozen=True)
class Range:
    """Bounds of a number, both included, and the step an editor changes it by."""

    low: float | None = None
    high: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class Choices:
    """A choice from a named list that depends on the machine, such as ``checkpoints``."""

    source: str
    file: bool = True


@dataclass(frozen=True)
class Mentions:
    """A text that may mention files of a source by name, so that its result depends on them."""

    source: str


@dataclass(frozen=True)
class Widget:
    """What the pack itself brings to edit an input with, as ``widgets`` of a module in its ``web`` folder names it.

    Attributes:
        name: In the module's ``widgets``.
        module: File of that folder; ``NAME.js`` when empty.
    """

    name: str
    module: str = ""


@dataclass(frozen=True)
class Marker:
    """A yes-or-no property of an input or output."""

    name: str


MULTILINE, SEED, LINK_ONLY, LAZY, MANY = (Marker(n) for n in ("multiline", "seed", "link_only", "lazy", "many"))
Text = Annotated[str, MULTILINE]
Seed = Annotated[int, SEED, Range(0, 2**64 - 1)]
Many = Annotated[list[T], MANY]


@dataclass(frozen=True)
class Expansion:
    """What an expanding node returns: a workflow that takes its place.

    The inputs of the workflow's interface take the node's inputs of the same name; the outputs of its interface are
    the node's outputs.
    """

    workflow: Workflow


@dataclass(frozen=True)
class Mark:
    """What ``@node`` leaves on a function; ``derive`` makes the spec of it."""

    kind: str
    options: Mapping[str, Any]
    needs: Callable[..., Sequence[str]] | None


def node(
    kind: str = "",
    *,
    title: str = "",
    category: str = "",
    output: bool = False,
    resource: Literal["device", "cpu", "io"] = "cpu",
    volatile: bool = False,
    needs: Callable[..., Sequence[str]] | None = None,
    deprecated: bool = False,
    experimental: bool = False,
    version: int = 1,
) -> Callable[[F], F]:
    """Mark a function as a node kind.

    Args:
        kind: Stable name in documents; the function's name when empty.
        needs: Called with all inputs by name, of lazy ones those evaluated and None for the others; returns the names
            of the lazy inputs it needs beyond them.
        Others: See ``NodeSpec``.

    Raises:
        PackError: It stands without parentheses, so that the function itself is taken for the kind.
    """
    if callable(kind):
        name = getattr(kind, "__name__", repr(kind))
        raise PackError(f"node '{name}' is marked with @node without parentheses.", "Write @node().")
    options = {
        "title": title, "category": category, "output": output, "resource": resource, "volatile": volatile,
        "deprecated": deprecated, "experimental": experimental, "version": version,
    }  # fmt: skip

    def mark(function: F) -> F:
        setattr(function, MARK, Mark(kind or function.__name__, options, needs))
        return function

    return mark


def derive(function: Callable[..., Any]) -> NodeSpec:
    """The spec of a marked function.

    Raises:
        PackError: An annotation is missing or is not a type that a port can have, or an option of ``node`` is wrong.
    """
    mark: Mark = getattr(function, MARK)
    _check_options(mark)
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise PackError(f"node '{mark.kind}' has an annotation that means nothing: {error}.") from error
    text, arguments = _docstring(function)
    inputs, services = [], {}
    for parameter in inspect.signature(function).parameters.values():
        where = f"node '{mark.kind}': parameter '{parameter.name}'"
        if parameter.name not in hints:
            raise PackError(f"{where} has no annotation.", "Annotate it with a port type or a service.")
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            raise PackError(f"{where} takes any name.", "Name the inputs, or take ``*`` of one type.")
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            services[parameter.name] = _service(hints[parameter.name], where)
        elif parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            raise PackError(f"{where} can be given by position only.", "Leave the slash out: inputs have names.")
        else:
            inputs.append(_input(parameter, hints[parameter.name], arguments.get(parameter.name, ""), where))
    returned = hints.get("return", type(None))
    outputs = _outputs(returned, f"node '{mark.kind}'")
    names = [port.name for port in outputs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise PackError(f"node '{mark.kind}' has two outputs called '{twice[0]}'.", "A last _ is left out: rename one.")
    check_formulas(outputs, {port.name: port for port in inputs}, f"node '{mark.kind}'")
    return NodeSpec(
        kind=mark.kind,
        inputs=tuple(inputs),
        outputs=outputs,
        help=text,
        services=services,
        lazy=mark.needs is not None,
        expands=_expands(returned),
        coroutine=inspect.iscoroutinefunction(function),
        module=function.__module__,
        function=function.__name__,
        **mark.options,
    )


def _check_options(mark: Mark) -> None:
    """Raise unless the options of ``node`` are what a spec can hold."""
    if not isinstance(mark.kind, str):
        raise PackError(f"node {mark.kind!r}: its kind is no text.", "Give a name, or nothing for the function's own.")
    where = f"node '{mark.kind}'"
    for name, (type_, words) in OPTIONS.items():
        if type(value := mark.options[name]) is not type_:
            raise PackError(f"{where} has {name}={value!r}.", f"Give {words}.")
    if mark.options["version"] < 1:
        raise PackError(f"{where} has version={mark.options['version']}.", "Give 1 or more.")
    if (resource := mark.options["resource"]) not in RESOURCES:
        raise PackError(f"{where}: there is no resource {resource!r}.", f"Choose of {', '.join(RESOURCES)}.")
    if mark.needs is not None and not callable(mark.needs):
        raise PackError(f"{where} has needs={mark.needs!r}.", "Give a function that returns names of lazy inputs.")


def _service(hint: Any, where: str) -> str:
    """The id of a service."""
    id = f"{hint.__module__}:{hint.__qualname__}" if isinstance(hint, type) else ""
    if id in SERVICES or (id and callable(getattr(hint, "create", None))):
        return id
    ours = ", ".join(sorted(name.partition(":")[2] for name in SERVICES))
    raise PackError(
        f"{where} stands right of the star and has the annotation {hint!r}, which is no service.",
        f"Put inputs left of the star; services are {ours} and classes with create(settings).",
    )


def _input(parameter: inspect.Parameter, hint: Any, help: str, where: str) -> InputSpec:
    plain, markers, optional = _unwrap(hint)
    variadic = parameter.kind is inspect.Parameter.VAR_POSITIONAL
    if variadic and parameter.name[-1].isdigit():
        message = f"{where} stands for numbered inputs, and its own name ends in a digit, so that none could be linked."
        raise PackError(message, f"Call it {parameter.name.rstrip('0123456789_') or 'values'}.")
    values: dict[str, Any] = {marker.name: True for marker in markers if isinstance(marker, Marker)}
    for marker in markers:
        if isinstance(marker, Range):
            values |= {"low": marker.low, "high": marker.high, "step": marker.step}
        elif isinstance(marker, Choices):
            values |= {"source": marker.source, "file": marker.file}
        elif isinstance(marker, Mentions):
            values["mentions"] = marker.source
        elif isinstance(marker, Widget):
            values["widget"] = f"{marker.module or f'{marker.name}.js'}:{marker.name}"
    if get_origin(plain) is Literal:
        values["choices"] = get_args(plain)
    default = parameter.default
    optional = optional and default is None
    if default is not inspect.Parameter.empty or "choices" in values:
        _check_plain([default, values.get("choices")], where)
    type_ = CHOICE if "source" in values else _port(plain, markers, where)
    if default is not inspect.Parameter.empty and not optional:
        items = default if MANY in markers and isinstance(default, (list, tuple)) else [default]
        _check_default(items, plain, type_, where)
    return InputSpec(
        name=parameter.name,
        type=type_,
        default=MISSING if optional or default is inspect.Parameter.empty else default,
        optional=optional,
        variadic=variadic,
        help=help,
        **values,
    )


def _check_default(items: Sequence[Any], plain: Any, port: str, where: str) -> None:
    """Raise unless a default is of the annotated type."""
    wrong = [item for item in items if not _is_of(item, plain)]
    if wrong:
        wanted = f"one of {', '.join(map(repr, get_args(plain)))}" if get_origin(plain) is Literal else port
        cure = "Write | None in its annotation." if wrong[0] is None else "Give another default, or annotate its type."
        raise PackError(f"{where} takes {wanted}, and its default is {short(wrong[0])}.", cure)


def _is_of(value: Any, plain: Any) -> bool:
    """Whether a value is of a type, as far as that is one of those that documents hold."""
    if get_origin(plain) is Literal:
        return any(value == choice and type(value) is type(choice) for choice in get_args(plain))
    if get_origin(plain) in (Union, types.UnionType):
        return any(_is_of(value, _unwrap(member)[0]) for member in get_args(plain))
    if plain not in SCALARS:
        return True
    if isinstance(value, bool):
        return plain is bool
    return isinstance(value, (int, float) if plain is float else plain)


def _check_plain(values: Any, where: str) -> None:
    """Raise unless values can be written into an index of specs."""
    plain = [None if value is inspect.Parameter.empty else value for value in values]
    try:
        json.dumps(plain)
    except (TypeError, ValueError) as error:
        raise PackError(f"{where} has a default or choice that is no plain data: {error}.") from error


def _outputs(hint: Any, where: str) -> tuple[OutputSpec, ...]:
    if hint is type(None) or hint is Expansion:
        return ()
    plain, markers, _ = _unwrap(hint)
    one = any(isinstance(marker, PortType) for marker in markers)  # a tuple with a port type of its own is one value
    if one or not isinstance(plain, type) or not hasattr(plain, "_fields"):
        if Expansion in get_args(plain):
            return _outputs(_without(plain, Expansion), where)
        port = _port(plain, markers, where)
        return (OutputSpec(_output_name(port), port, many=MANY in markers, **told(markers)),)
    fields = get_type_hints(plain, include_extras=True)
    unwrapped = {name: _unwrap(fields[name])[:2] for name in plain._fields}
    return tuple(
        OutputSpec(name.rstrip("_"), _port(inner, marks, where), many=MANY in marks, **told(marks))
        for name, (inner, marks) in unwrapped.items()
    )


def _output_name(port: str) -> str:
    return "value" if not port.replace("_", "").isalnum() else port.lower()


def _expands(hint: Any) -> bool:
    return hint is Expansion or Expansion in get_args(hint)


def _without(union: Any, member: Any) -> Any:
    rest = tuple(item for item in get_args(union) if item is not member)
    return rest[0] if len(rest) == 1 else Union[rest]  # noqa: UP007  a union of a computed tuple


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    """The plain type, its ``Annotated`` markers (of every level), and whether None is allowed."""
    if get_origin(hint) is Annotated:
        inner, *markers = get_args(hint)
        plain, deeper, optional = _unwrap(inner)
        if MANY in (*markers, *deeper) and get_origin(plain) is list:
            item, item_markers, _ = _unwrap(get_args(plain)[0])
            return item, (*markers, *deeper, *item_markers), optional
        return plain, (*markers, *deeper), optional
    if type(None) in get_args(hint) and get_origin(hint) in (Union, types.UnionType):
        plain, markers_, _ = _unwrap(_without(hint, type(None)))
        return plain, markers_, True
    return hint, (), False


def _port(plain: Any, markers: Sequence[Any], where: str) -> str:
    for marker in markers:
        if isinstance(marker, PortType):
            return marker.name
    if plain in SCALARS:
        return SCALARS[plain]
    if get_origin(plain) is Literal:
        return CHOICE
    if plain in (Any, object):
        return ANY
    if isinstance(plain, TypeVar):
        return generic(plain.__name__)
    if get_origin(plain) in (Union, types.UnionType):
        return ",".join(_port(*_unwrap(member)[:2], where) for member in get_args(plain))
    raise PackError(
        f"{where} has the annotation {plain!r}, which is no port type.",
        'Use int, float, str, bool, Literal[...], or Annotated[YourType, PortType("NAME")].',
    )


def port_types(function: Callable[..., Any]) -> set[PortType]:
    """The port types with colour and help that a marked function mentions."""
    found: set[PortType] = set()
    pending = list(get_type_hints(function, include_extras=True).values())
    while pending:
        hint = pending.pop()
        if isinstance(hint, PortType):
            found.add(hint)
        elif isinstance(hint, type) and hasattr(hint, "_fields"):
            pending += get_type_hints(hint, include_extras=True).values()
        else:
            pending += get_args(hint)
            pending += getattr(hint, "__metadata__", ())
    return found


def _docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """The text before the first section, and the help of each argument of the ``Args:`` section."""
    doc = inspect.getdoc(function) or ""
    text, _, sections = doc.partition("\nArgs:\n")
    text = re.split(r"\n(?:Returns|Raises):\n", text)[0].strip()
    arguments: dict[str, str] = {}
    names: list[str] = []
    for line in itertools.takewhile(lambda line: not line or line.startswith(" "), sections.splitlines()):
        started = re.match(r"    \*?(\w[\w, ]*):\s*(.*)", line)
        if started:
            names = [name.strip() for name in started[1].split(",")]
            arguments |= dict.fromkeys(names, started[2].strip())
        elif line.strip():
            arguments |= {name: f"{arguments[name]} {line.strip()}".strip() for name in names}
    return text, arguments
