"""What annotations tell of outputs: how large their pictures are, and what they pass on.

def ImageCrop(image: Image, width: int = 512, height: int = 512) -> Annotated[Image, Size("width", "height")]:
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphengine.graph.errors import PackError
from graphengine.graph.facts import FormulaError, inputs_of
from graphengine.graph.spec import InputSpec, OutputSpec
from graphengine.graph.types import WIDGETS


@dataclass(frozen=True)
class Size:
    """How large the pictures of an output are, so that it is known before anything runs.

    ``Size("image")`` is as large as an input's; ``Size("width * 2", "image.height + top")`` are formulas over the
    node's inputs (``graph.facts``). Of latents it is the size of the picture, in pixels.
    """

    width: str
    height: str = ""

    @property
    def formulas(self) -> tuple[str, str]:
        """Of width and height."""
        return (self.width, self.height) if self.height else (f"{self.width}.width", f"{self.width}.height")


@dataclass(frozen=True)
class Same:
    """What an output gives, where that is known before anything runs: ``Same("value")``, ``Same("image.width")``."""

    formula: str


def told(markers: Sequence[Any]) -> dict[str, Any]:
    """What the markers of an output tell of it."""
    found: dict[str, Any] = {}
    for marker in markers:
        if isinstance(marker, Size):
            found["size"] = marker.formulas
        elif isinstance(marker, Same):
            found["same"] = marker.formula
    return found


def check_formulas(outputs: Sequence[OutputSpec], inputs: Mapping[str, InputSpec], where: str) -> None:
    """Look whether the formulas of a node's outputs can be worked out.

    Raises:
        PackError: One is not understood, or names what is no input.
    """
    for port in outputs:
        for formula in filter(None, (*port.size, port.same)):
            which = f"{where}: output '{port.name}': the formula '{formula[:100]}'"
            try:
                named = inputs_of(formula)
            except FormulaError as error:
                cure = "Use inputs, their .width and .height, numbers, + - * / // %, comparisons, min, max and round."
                raise PackError(f"{which} is not understood: {error}.", cure) from error
            for name, asks_size in named.items():
                if name not in inputs:
                    raise PackError(f"{which} names '{name}'.", f"There are the inputs {', '.join(inputs) or 'none'}.")
                if asks_size and inputs[name].type in WIDGETS and not inputs[name].source:
                    message = f"{which} asks for the size of '{name}', which is of type {inputs[name].type}."
                    raise PackError(message, "Give width and height, or name an input that has pictures.")
