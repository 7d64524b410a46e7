"""Port types: names, and which output fits which input.

A port type is written as a string, as ComfyUI writes it: ``IMAGE``, a union ``INT,FLOAT``, ``*`` for anything, and
``~T`` for a generic, which stands for one type throughout a node. Python types carry them as annotations:

    Image = Annotated[Tensor, PortType("IMAGE", color="#64b5f6")]
"""

from dataclasses import dataclass
from functools import cache

ANY = "*"
SCALARS = {bool: "BOOLEAN", int: "INT", float: "FLOAT", str: "STRING"}
CHOICE = "COMBO"
WIDGETS = frozenset({*SCALARS.values(), CHOICE})

# what an output of one type may feed besides its own type, without a loss
WIDENS = {("INT", "FLOAT"), ("STRING", CHOICE), (CHOICE, "STRING")}


@dataclass(frozen=True)
class PortType:
    """The type of a port.

    Attributes:
        name: In capitals, as users of ComfyUI know it.
        color: Of its links in an editor, ``#rrggbb``.
        help: One sentence for people.
        family: Whether values belong to a model family, which must agree within a node.
        mixes: Whether values have a family that need not agree: one autoencoder serves several.
    """

    name: str
    color: str = "#9e9e9e"
    help: str = ""
    family: bool = False
    mixes: bool = False


def generic(name: str) -> str:
    """The port type that stands for one type throughout a node."""
    return f"~{name}"


def is_generic(port: str) -> bool:
    return port.startswith("~")


@cache
def fits(source: str, target: str) -> bool:
    """Whether an output of type ``source`` may be linked to an input of type ``target``."""
    if source == target or ANY in (source, target) or is_generic(source) or is_generic(target):
        return True
    sources, targets = set(source.split(",")), set(target.split(","))
    return bool(sources & targets) or any((a, b) in WIDENS for a in sources for b in targets)
