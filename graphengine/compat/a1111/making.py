"""A workflow in the making."""

from dataclasses import dataclass, field
from typing import Any

from graphengine.compat.a1111.emphasis import read, written
from graphengine.compat.a1111.infotext import Infotext, number_of
from graphengine.compat.a1111.inversions import UNSAYABLE, inversions_of, named
from graphengine.graph.workflow import Link, Node

SAME = ("Use same sampler", "Use same scheduler", "Use same checkpoint")  # values that say nothing
SILENT = (
    "Version", "User", "Model hash", "VAE hash", "Lora hashes", "Hashes", "RNG", "Init image hash", "Template",
    "Negative Template",
)  # fmt: skip
"""Keys that need no counterpart."""


@dataclass
class Making:
    """Nodes, and what of the text was taken into them."""

    told: Infotext
    nodes: dict[str, Node] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    inversions: set[str] = field(default_factory=set)

    def add(self, id: str, kind: str, title: str = "", **inputs: Any) -> str:
        self.nodes[id] = Node(kind, {name: value for name, value in inputs.items() if value is not None}, title)
        return id

    def text(self, key: str) -> str | None:
        """A setting; None where it is not told, or says that it is as elsewhere."""
        self.taken.add(key)
        value = self.told.values.get(key)
        return None if value in SAME else value

    def number(self, key: str, kind: type[int] | type[float] = int, default: Any = None) -> Any:
        value = self.text(key)
        return default if value is None else number_of(key, value, kind)

    def encoded(self, id: str, title: str, clip: Link, prompt: str) -> Link:
        """A prompt, written as prompts are here."""
        pieces, names = read(prompt, self.text("Emphasis")), inversions_of(self.text("TI hashes") or "")
        if names:
            pieces = [(named(words, names, self.inversions), weight) for words, weight in pieces]
        text = written(pieces)
        return Link(self.add(id, "CLIPTextEncode", title, clip=clip, text=text), "conditioning")

    def note(self) -> str:
        """What people are to know of it."""
        left = {key: value for key, value in self.told.values.items() if key not in self.taken and key not in SILENT}
        named = [name for name in sorted(self.inversions) if not UNSAYABLE.search(name)]
        unsaid = [
            f"the textual inversion '{name}': give its file a name without spaces, commas and brackets, "
            f"and write 'embedding:' before it"
            for name in sorted(self.inversions.difference(named))
        ]
        lost = [*dict.fromkeys(self.lost), *unsaid, *(f"{key}: {value[:200]}" for key, value in left.items())]
        lines = ["Read from a picture of A1111's web UI. What this makes is like it, not the same to the pixel."]
        remarks = [*dict.fromkeys(self.remarks)]
        if named:
            remarks.append(f"Textual inversions that must be in the folder 'embeddings': {', '.join(named)}.")
        lines += ["", *remarks] if remarks else []
        return "\n".join(lines + (["", "Not taken over:", *lost] if lost else []))
