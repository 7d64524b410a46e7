"""The node kinds and port types that an engine knows."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphengine.graph.migrate import Migrations, migrate
from graphengine.graph.spec import NodeSpec
from graphengine.graph.types import PortType, fits
from graphengine.graph.workflow import Workflow


@dataclass(frozen=True)
class Registry:
    """Kinds by name, with the port types they use.

    Attributes:
        specs: Kind -> spec.
        types: Port type name -> colour, help and whether it carries a family.
        renamed: Old kind -> the kind that took its place.
        migrations: Kind -> what brings nodes of older documents up to date.
    """

    specs: Mapping[str, NodeSpec]
    types: Mapping[str, PortType] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    migrations: Migrations = field(default_factory=dict)

    def current(self, workflow: Workflow) -> Workflow:
        """The workflow with every node as this version of its kind has it."""
        return migrate(workflow, self.renamed, self.migrations)

    def near(self, kind: str) -> list[str]:
        """Known kinds that ``kind`` may have meant, best first."""
        bare = kind.rpartition("/")[2].casefold()
        names: dict[str, str] = {}
        for spec in self.specs.values():
            names.setdefault(spec.kind.rpartition("/")[2].casefold(), spec.kind)
            names.setdefault(spec.title.casefold(), spec.kind)
        matches = difflib.get_close_matches(bare, [name for name in names if name], n=3, cutoff=0.6)
        return list(dict.fromkeys(names[match] for match in matches))

    def converters(self, source: str, target: str) -> list[str]:
        """Kinds with one required input that takes ``source`` and an output that fits ``target``."""
        return [spec.kind for spec in self.specs.values() if _converts(spec, source, target)]

    def family_types(self) -> frozenset[str]:
        """Port types whose values belong to a model family."""
        return frozenset(name for name, port in self.types.items() if port.family)


def _converts(spec: NodeSpec, source: str, target: str) -> bool:
    required = [port for port in spec.inputs if port.required]
    types = [*(port.type for port in spec.inputs), *(port.type for port in spec.outputs)]
    plain = all("*" not in type and "~" not in type for type in types)
    return (
        plain
        and len(required) == 1
        and len(spec.outputs) == 1
        and fits(source, required[0].type)
        and fits(spec.outputs[0].type, target)
    )


def registry_of(specs: Iterable[NodeSpec], types: Iterable[PortType] = ()) -> Registry:
    """A registry of these specs and types."""
    return Registry({spec.kind: spec for spec in specs}, {port.name: port for port in types})
