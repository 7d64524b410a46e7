"""Say what a weights file is without loading it; torch is imported for pickled files only."""

import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.header import is_safetensors, read_header
from graphengine.diffusion.weights.identify import identify


@dataclass(frozen=True)
class PartDescription:
    """One network or adapter in a file.

    Attributes:
        role: denoiser, text_encoder, autoencoder, controlnet, lora, ...
        title: For people.
        family: Whose it is.
        layout: Whose names its tensors carry.
        prefix: Under which they lie.
        tensors, parameters: How many; a parameter is one number.
        dtypes: Number of tensors of each stored type.
    """

    role: str
    title: str
    family: str
    layout: str
    prefix: str
    tensors: int
    parameters: int
    dtypes: Mapping[str, int]


@dataclass(frozen=True)
class Description:
    """A weights file.

    Attributes:
        path: Of the file.
        kind: checkpoint, denoiser, autoencoder, text_encoder, controlnet, lora, ...
        family: Name of its family.
        title: The family for people.
        supported: Whether it can be loaded.
        layout: Whose names it carries.
        parts: What is in it.
        tensors, parameters, size: Of the whole file; size in bytes.
        metadata: What the file says about itself.
    """

    path: Path
    kind: str
    family: str
    title: str
    supported: bool
    layout: str
    parts: tuple[PartDescription, ...]
    tensors: int
    parameters: int
    size: int
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Listing:
    """Name -> (dtype, shape), and metadata."""

    tensors: Mapping[str, tuple[str, tuple[int, ...]]]
    metadata: Mapping[str, str]


def describe(path: str | os.PathLike[str]) -> Description:
    """Identify a file and count what is in it.

    Raises:
        WeightsError: The file cannot be read or is not recognised.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"{path} is not a file. Give the path of a weights file.")
    listing = _list(path)
    shapes = {name: shape for name, (_, shape) in listing.tensors.items()}
    found = identify(shapes, str(path))
    parts = []
    for part in found.parts:
        inside = {name: entry for name, entry in listing.tensors.items() if name.startswith(part.prefix)}
        parts.append(
            PartDescription(
                role=part.role,
                title=part.signature.title,
                family=part.family.name,
                layout=part.signature.layout,
                prefix=part.prefix,
                tensors=len(inside),
                parameters=_parameters(inside),
                dtypes=dict(Counter(dtype for dtype, _ in inside.values())),
            )
        )
    return Description(
        path=path,
        kind=found.kind,
        family=found.family.name,
        title=found.family.title,
        supported=found.family.supported,
        layout=found.layout,
        parts=tuple(parts),
        tensors=len(shapes),
        parameters=_parameters(listing.tensors),
        size=path.stat().st_size,
        metadata=listing.metadata,
    )


def _list(path: Path) -> _Listing:
    if is_safetensors(path) or path.suffix == ".safetensors":
        header = read_header(path)
        return _Listing({name: (entry.dtype, entry.shape) for name, entry in header.tensors.items()}, header.metadata)
    from graphengine.diffusion.weights.pickled import open_pickled

    return _Listing({name: (tensor.dtype, tensor.shape) for name, tensor in open_pickled(path).items()}, {})


def _parameters(tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> int:
    return sum(math.prod(shape) for _, shape in tensors.values())
