"""Everything that a pack may import, the built-in ones included."""

from graphengine.execution.looks import Look
from graphengine.execution.services import Memory, Progress, Provenance, Results
from graphengine.file_writing import write_aside
from graphengine.files import FileRef, Files
from graphengine.graph.errors import Cancelled, NodeError
from graphengine.graph.node import (
    LAZY,
    LINK_ONLY,
    MULTILINE,
    Choices,
    Expansion,
    Many,
    Mentions,
    Range,
    Seed,
    Text,
    Widget,
    node,
)
from graphengine.graph.output import Same, Size
from graphengine.graph.types import PortType
from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow

__all__ = [
    "LAZY",
    "LINK_ONLY",
    "MULTILINE",
    "Cancelled",
    "Choices",
    "Expansion",
    "Exposed",
    "FileRef",
    "Files",
    "Interface",
    "Link",
    "Look",
    "Many",
    "Memory",
    "Mentions",
    "Node",
    "NodeError",
    "PortType",
    "Progress",
    "Provenance",
    "Range",
    "Results",
    "Same",
    "Seed",
    "Size",
    "Text",
    "Widget",
    "Workflow",
    "node",
    "write_aside",
]
