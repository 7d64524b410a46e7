"""What a weights file is, as plain data for programs that know nothing of weights."""

from pathlib import Path
from typing import Any

from graphengine.diffusion.weights.describe import PartDescription, describe
from graphengine.diffusion.weights.errors import WeightsError


def family_of(path: Path) -> str | None:
    """The name of a file's model family; None where it cannot be told, as of a text encoder that several have."""
    try:
        found = describe(path)
    except (WeightsError, OSError):
        return None
    return None if found.kind == "text_encoder" else found.family


def facts(path: Path) -> dict[str, Any]:
    """A file's kind, family, networks and size.

    Raises:
        WeightsError: The file cannot be read or is not recognised.
    """
    found = describe(path)
    return {
        "what": found.kind,
        "family": f"{found.title} ({found.family})",
        "supported": found.supported,
        "layout": found.layout,
        "parameters": found.parameters,
        "bytes": found.size,
        "parts": {f"{part.role} {part.prefix}".strip(): _sentence(part) for part in found.parts},
        "metadata": dict(found.metadata),
    }


def _sentence(part: PartDescription) -> str:
    dtypes = ", ".join(f"{count} {dtype}" for dtype, count in sorted(part.dtypes.items()))
    return f"{part.title}: {part.tensors} tensors ({dtypes}), {part.parameters} parameters"
