"""Open a weights file of either kind: what lies in it, by name, before any value is read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from graphengine.diffusion.types import StoredTensor
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.header import is_safetensors, read_header
from graphengine.diffusion.weights.mapped import map_tensors
from graphengine.diffusion.weights.pickled import open_pickled


@dataclass(frozen=True, eq=False)
class WeightsFile:
    """Tensors of a file (or of the shards of one model) by name.

    Attributes:
        path: The file, or the folder of shards.
        tensors: Every tensor by name.
        metadata: What the file says about itself; a pickled file says nothing.
        identity: Changes when the file does: path, size and modification time.
    """

    path: Path
    tensors: Mapping[str, StoredTensor]
    identity: str
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor by name."""
        return {name: tensor.shape for name, tensor in self.tensors.items()}


def open_weights(path: str | os.PathLike[str]) -> WeightsFile:
    """Open a file by what it holds; only ``.safetensors`` is taken at its word.

    Raises:
        WeightsError: There is no such file, or it is neither safetensors nor a pickled checkpoint of plain weights.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"{path} is not a file. Give the path of a .safetensors, .ckpt, .pt, .pth or .bin file.")
    if is_safetensors(path) or path.suffix == ".safetensors":
        header = read_header(path)
        return WeightsFile(path, map_tensors(header), fingerprint(path), header.metadata)
    return WeightsFile(path, open_pickled(path), fingerprint(path))


def fingerprint(path: Path) -> str:
    """Path, size and modification time of a file."""
    stat = path.stat()
    return f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
