"""Node specifications: what a node kind takes and gives, as plain data.

Specs are constants: they hold nothing that depends on the machine, so they can be cached, documented and read without
importing the code they describe. Choices that depend on files name a ``source`` that is asked separately.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


class Missing:
    """The type of ``MISSING``, the default of an input that has none."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@dataclass(frozen=True)
class InputSpec:
    """One input of a node kind.

    Attributes:
        name: In documents and links.
        type: Port type, see ``types``.
        default: Value when the document gives none; ``MISSING`` makes the input required.
        low, high, step: Range of a number.
        choices: Values of a fixed choice.
        source: Name of a list of choices that depends on the machine (``checkpoints``, ``input``, ...).
        multiline: Text of several lines.
        seed: A seed: editors offer to change it after each run.
        link_only: Takes a link, never a literal.
        optional: May be left out; the function's own default is used.
        lazy: Evaluated only when the node asks for it.
        many: Takes all items of a list at once instead of being called for each.
        variadic: Stands for ``name1``, ``name2``, ...
        file: The value names a file, whose fingerprint enters the cache key.
        mentions: Source whose files a text may mention by name, with the same effect.
        widget: ``MODULE:NAME`` of what its pack brings to edit it with.
        help: From the docstring.
    """

    name: str
    type: str
    default: Any = MISSING
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[Any, ...] | None = None
    source: str | None = None
    multiline: bool = False
    seed: bool = False
    link_only: bool = False
    optional: bool = False
    lazy: bool = False
    many: bool = False
    variadic: bool = False
    file: bool = False
    mentions: str | None = None
    widget: str = ""
    help: str = ""

    @property
    def required(self) -> bool:
        return self.default is MISSING and not self.optional and not self.variadic


@dataclass(frozen=True)
class OutputSpec:
    """One output of a node kind.

    Attributes:
        name: In links: the field of the returned tuple, or the type in small letters.
        type: Port type.
        many: Gives a list whose items the nodes downstream are called with one by one.
        help: For people.
        size: Formulas (``facts``) of the width and height of its pictures, in pixels also for latents.
        same: Formula of what it gives, where that is an input or a number.
    """

    name: str
    type: str
    many: bool = False
    help: str = ""
    size: tuple[str, str] | tuple[()] = ()
    same: str = ""


@dataclass(frozen=True)
class NodeSpec:
    """A node kind.

    Attributes:
        kind: Stable name in documents; ``pack/Kind`` for users' packs.
        title: For people.
        category: Menu path, ``/`` between levels.
        help: The docstring's text before its sections.
        services: Keyword-only parameter -> service id (``module:Class``).
        output: Its work is seen outside the graph (saves, shows); runs are made for these.
        resource: What it keeps busy: ``device`` (one at a time), ``cpu`` or ``io``.
        volatile: Never served from a cache.
        lazy: Has a function that tells which lazy inputs it needs.
        expands: Returns a workflow that takes its place.
        coroutine: Awaited.
        version: Of the inputs' meaning; documents of an older one are migrated.
        code: Digest of the code that computes it.
        pack, module, function: Where it lives.
    """

    kind: str
    inputs: tuple[InputSpec, ...] = ()
    outputs: tuple[OutputSpec, ...] = ()
    title: str = ""
    category: str = ""
    help: str = ""
    services: Mapping[str, str] = field(default_factory=dict)
    output: bool = False
    resource: str = "cpu"
    volatile: bool = False
    lazy: bool = False
    expands: bool = False
    coroutine: bool = False
    deprecated: bool = False
    experimental: bool = False
    version: int = 1
    code: str = ""
    pack: str = ""
    module: str = ""
    function: str = ""

    @cached_property
    def inputs_by_name(self) -> dict[str, InputSpec]:
        return {port.name: port for port in self.inputs}

    @cached_property
    def outputs_by_name(self) -> dict[str, OutputSpec]:
        return {port.name: port for port in self.outputs}

    @cached_property
    def lazy_inputs(self) -> frozenset[str]:
        """Inputs that are evaluated only when the node asks for them."""
        return frozenset(port.name for port in self.inputs if port.lazy and self.lazy)

    @cached_property
    def plain(self) -> bool:
        """Whether its key depends on nothing but its code, its literals and its links."""
        special = self.lazy or self.volatile or self.output or self.resource == "device"
        return not special and not any(port.file or port.mentions for port in self.inputs)

    @cached_property
    def tells(self) -> bool:
        """Whether something of its outputs is known before it runs."""
        return any(port.size or port.same for port in self.outputs)

    @cached_property
    def port_types(self) -> frozenset[str]:
        """The types of all its ports."""
        return frozenset([port.type for port in self.inputs] + [port.type for port in self.outputs])

    def input_port(self, name: str) -> InputSpec | None:
        """The input of this name, or the variadic one that it is a member of (``image3`` of ``image``)."""
        found = self.inputs_by_name.get(name)
        if found is not None and not found.variadic:
            return found
        stem = name.rstrip("0123456789")
        found = self.inputs_by_name.get(stem)
        return found if found is not None and found.variadic and stem != name else None

    def output_port(self, name: str) -> OutputSpec | None:
        """The output of this name, or of this number (files of ComfyUI know outputs by their position only)."""
        found = self.outputs_by_name.get(name)
        if found is None and name.isdecimal() and int(name) < len(self.outputs):
            return self.outputs[int(name)]
        return found
