"""The kinds of nodes as clients see them, encoded once: specs are constants."""

import gzip
import hashlib
from functools import cached_property
from typing import Any
from urllib.parse import quote

import msgspec

from graphengine.graph.registry import Registry
from graphengine.graph.spec import MISSING, InputSpec, NodeSpec
from graphengine.graph.types import PortType
from graphengine.server.errors import NotFound
from graphengine.server.routes import API


class WidgetView(msgspec.Struct, frozen=True):
    """What a pack brings to edit an input with: a name in ``widgets`` of the module at an address."""

    pack: str
    module: str
    name: str


class InputView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An input of a kind; what is not said has its default.

    Attributes:
        name: In documents and links.
        type: Port type: a name, several with commas, ``*`` for any, ``~T`` for one and the same throughout a node.
        required: Must be given.
        default: Its value when it is not.
        low, high, step: Range of a number.
        choices: Values of a fixed choice.
        source: Name of a list of choices; ask ``/choices/{source}``.
        multiline: Text of several lines.
        seed: A seed: editors offer to change it after each run.
        link_only: Takes a link, never a value.
        optional: May be left out.
        lazy: Evaluated only when the node asks for it.
        many: Takes all items of a list at once.
        variadic: Stands for ``name1``, ``name2``, ...
        widget: What its pack brings to edit it with in our editor.
        help: For people.
    """

    name: str
    type: str
    required: bool = False
    default: Any = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: list[Any] | None = None
    source: str | None = None
    multiline: bool = False
    seed: bool = False
    link_only: bool = False
    optional: bool = False
    lazy: bool = False
    many: bool = False
    variadic: bool = False
    widget: WidgetView | None = None
    help: str = ""


class OutputView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An output of a kind; ``many``: it gives a list, whose items the nodes after it get one by one."""

    name: str
    type: str
    many: bool = False
    help: str = ""


class KindView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A node kind; what is not said has its default.

    Attributes:
        kind: Its name in documents.
        title, category, help: For people; ``/`` between the levels of a category.
        pack: Where it comes from.
        output: Runs are made for it: it saves or shows something.
        resource: What it keeps busy: ``device``, ``cpu`` or ``io``.
        volatile: Never taken from a cache.
        expands: Other nodes take its place in a run.
        version: Of its inputs' meaning.
    """

    kind: str
    inputs: list[InputView]
    outputs: list[OutputView]
    title: str = ""
    category: str = ""
    help: str = ""
    pack: str = ""
    output: bool = False
    resource: str = "cpu"
    volatile: bool = False
    expands: bool = False
    deprecated: bool = False
    experimental: bool = False
    version: int = 1


class TypeView(msgspec.Struct, frozen=True):
    """A port type: the colour of its links (``#rrggbb``), help, and whether its values belong to a model family."""

    color: str
    help: str
    family: bool


class Kinds(msgspec.Struct, frozen=True):
    """All kinds by name, and all port types by name."""

    nodes: dict[str, KindView]
    types: dict[str, TypeView]


class Catalogue:
    """The kinds of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @cached_property
    def encoded(self) -> bytes:
        """All of them (``Kinds``) as JSON."""
        known = self._registry
        kinds = {kind: kind_view(spec) for kind, spec in known.specs.items()}
        return msgspec.json.encode(Kinds(kinds, {name: _type_view(port) for name, port in known.types.items()}))

    @cached_property
    def compressed(self) -> bytes:
        """The same, by gzip."""
        return gzip.compress(self.encoded, compresslevel=6, mtime=0)

    @cached_property
    def digest(self) -> str:
        """What changes when they do."""
        return hashlib.sha256(self.encoded).hexdigest()[:24]

    def kind(self, name: str) -> KindView:
        """One of them.

        Raises:
            NotFound: There is none of that name.
        """
        spec = self._registry.specs.get(name)
        if spec is None:
            near = self._registry.near(name)
            cure = f"Did you mean {' or '.join(near)}?" if near else "List the nodes that there are."
            raise NotFound(f"There is no kind '{name[:200]}'.", cure)
        return kind_view(spec)


def kind_view(spec: NodeSpec) -> KindView:
    """A kind as clients see it."""
    own = {name: getattr(spec, name) for name in KindView.__struct_fields__ if name not in ("inputs", "outputs")}
    outputs = [OutputView(port.name, port.type, port.many, port.help) for port in spec.outputs]
    return KindView(inputs=[_input_view(port, spec.pack) for port in spec.inputs], outputs=outputs, **own)


def _input_view(port: InputSpec, pack: str) -> InputView:
    other = {"required", "default", "choices", "widget"}
    own = {name: getattr(port, name) for name in InputView.__struct_fields__ if name not in other}
    return InputView(
        required=port.required,
        default=None if port.default is MISSING else port.default,
        choices=None if port.choices is None else list(port.choices),
        widget=_widget_view(port.widget, pack) if port.widget else None,
        **own,
    )


def _widget_view(widget: str, pack: str) -> WidgetView:
    module, _, name = widget.rpartition(":")
    return WidgetView(pack, f"{API}/packs/{quote(pack)}/web/{quote(module)}", name)


def _type_view(port: PortType) -> TypeView:
    return TypeView(port.color, port.help, port.family)
