"""ComfyUI counts a node's outputs, we name them."""

from graphengine.graph.spec import NodeSpec

DIGITS = 4300  # that a number may have where Python reads one from a text


def output_name(spec: NodeSpec | None, index: int) -> str:
    """Our name of an output; the index itself where no spec names it."""
    return spec.outputs[index].name if spec is not None and 0 <= index < len(spec.outputs) else str(index)


def output_index(spec: NodeSpec | None, name: str) -> int | None:
    """The index of an output by our name; None if there is no such output."""
    if spec is not None and name in spec.outputs_by_name:
        return list(spec.outputs_by_name).index(name)
    digits = name.removeprefix("-")
    return int(name) if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS else None
