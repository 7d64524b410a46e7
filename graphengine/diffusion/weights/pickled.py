"""Read pickled checkpoints (.ckpt, .pt, .pth, .bin) without running what is in them.

Only torch's weights-only unpickler is used. Training frameworks leave objects of their own beside the weights; those
become inert stand-ins, since nothing of them is wanted. Anything else that is not a tensor or a plain container is a
reason to refuse the file.
"""

import io
import os
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.mapped import DTYPES

INERT_PACKAGES = frozenset({"pytorch_lightning", "lightning", "lightning_fabric", "omegaconf", "numpy"})
NAMES: Mapping[torch.dtype, str] = {dtype: name for name, dtype in DTYPES.items()}
# what torch's unpickler comes to where a file is no pickle, or one that means nothing: it checks no operand
MALFORMED = (
    UnpicklingError, RuntimeError, ValueError, EOFError, LookupError, TypeError, AttributeError, AssertionError,
    ArithmeticError, MemoryError, OSError, struct.error,
)  # fmt: skip
MAX_NAME = 1000  # letters of a class: torch tells of foreign ones in time that grows with their square
OVERLONG = f"it names a class of more than {MAX_NAME} letters"
_ALLOWING = threading.Lock()  # torch's list of allowed classes belongs to the whole process


@dataclass(frozen=True, eq=False, slots=True)
class PickledTensor:
    """A ``StoredTensor`` that torch has mapped."""

    tensor: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.tensor.shape)

    @property
    def dtype(self) -> str:
        return NAMES.get(self.tensor.dtype, str(self.tensor.dtype))

    def read(self) -> Tensor:
        return self.tensor.detach()


def open_pickled(path: str | os.PathLike[str]) -> dict[str, PickledTensor]:
    """Every tensor of a pickled checkpoint by name; of its ``state_dict`` where there is one.

    Raises:
        WeightsError: The file is no checkpoint, or holds objects that are not weights.
    """
    path = Path(path)
    content = load_pickle(path)
    weights = content.get("state_dict", content) if isinstance(content, Mapping) else None
    if not isinstance(weights, Mapping):
        raise WeightsError(f"{path} holds a {type(content).__name__}, not tensors by name. Export its state dict.")
    return {str(name): PickledTensor(value) for name, value in weights.items() if isinstance(value, Tensor)}


def load_pickle(path: Path) -> Any:
    """What a file saved by torch holds, foreign bookkeeping replaced by stand-ins.

    Raises:
        WeightsError: As ``open_pickled``.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"PK"
        if not zipped:
            return _load_old(path)
        foreign = torch.serialization.get_unsafe_globals_in_checkpoint(path)
        if any(len(name) > MAX_NAME for name in foreign):
            raise UnpicklingError(OVERLONG)
        inert: list[Any] = [(_inert_class(), name) for name in foreign if name.partition(".")[0] in INERT_PACKAGES]
        with _ALLOWING, torch.serialization.safe_globals(inert):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except MALFORMED as error:
        reason = str(error).strip().partition("\n")[0]
        raise WeightsError(
            f"{path} is not loaded: it is not a checkpoint of plain weights, and unpickling anything else could run "
            f"foreign code ({reason}). Get it as .safetensors, or convert it on a machine you can afford to lose."
        ) from error


def _load_old(path: Path) -> Any:
    """What a file holds that torch saved before version 1.6: one pickle after the other, and then the values."""
    with _Measured(io.FileIO(path)) as file:
        return torch.load(file, map_location="cpu", weights_only=True)


class _Measured(io.BufferedReader):
    """A file that is asked for no more than it has: memory is made for what is asked, and a pickle may claim it all."""

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes, or what there is."""
        if size is not None and size > io.DEFAULT_BUFFER_SIZE:
            size = min(size, os.fstat(self.fileno()).st_size - self.tell())
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """The name of a class, which is all that a pickle has lines for."""
        line = super().readline(MAX_NAME)
        if len(line) == MAX_NAME:
            raise UnpicklingError(OVERLONG)
        return line


def _inert_class() -> type:
    """A class whose objects take any arguments and any state, and do nothing; a new one for each name it stands for."""

    class Inert:
        def __new__(cls, *_arguments: object, **_named: object) -> "Inert":
            return super().__new__(cls)

        def __init__(self, *_arguments: object, **_named: object) -> None:
            pass

        def __setstate__(self, _state: object) -> None:
            pass

    return Inert
