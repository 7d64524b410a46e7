"""Settings: one frozen value, made by the command line (or by a caller), handed down, never global."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from graphengine import builtin

GIB = 2**30


def default_home() -> Path:
    """``GRAPHENGINE_HOME``, else the user's data folder."""
    named = os.environ.get("GRAPHENGINE_HOME")
    return Path(named).expanduser() if named else platformdirs.user_data_path("graphengine")


def _paths(given: Iterable[str | os.PathLike[str]] | str | os.PathLike[str]) -> tuple[Path, ...]:
    return tuple(map(Path, [given] if isinstance(given, (str, os.PathLike)) else given))


@dataclass(frozen=True)
class Settings:
    """What an engine is made with. A text is taken where a path belongs.

    Attributes:
        home: Holds models/, input/, output/, packs/, cache/.
        output: Where results are saved; ``home/output`` when None.
        model_paths: Files in the form of ComfyUI's ``extra_model_paths.yaml``.
        packs: Folders of packs beside the built-in ones and ``home/packs``.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``, ``xpu``.
        precision: ``auto``, ``fp32``, ``bf16`` or ``fp16``.
        memory_budget: Bytes of device memory for models; None asks the device.
        compile: Use ``torch.compile`` for denoisers.
        cache: Use the disk cache.
        cache_memory: Bytes of values kept in memory.
        cache_disk: Bytes of values kept on disk.
        cache_seconds: Work that took less is not written to disk.
        guard: Prove after each node that it changed no input in place (slow).
        metadata: Write the workflow into saved pictures.
    """

    home: Path = field(default_factory=default_home)
    output: Path | None = None
    model_paths: tuple[Path, ...] = ()
    packs: tuple[Path, ...] = ()
    device: str = "auto"
    precision: str = "auto"
    memory_budget: int | None = None
    compile: bool = False
    cache: bool = True
    cache_memory: int = 2 * GIB
    cache_disk: int = 10 * GIB
    cache_seconds: float = 0.02
    guard: bool = False
    metadata: bool = True

    def __post_init__(self) -> None:
        taken = {
            "home": Path(self.home),
            "output": None if self.output is None else Path(self.output),
            "model_paths": _paths(self.model_paths),
            "packs": _paths(self.packs),
        }
        for name, value in taken.items():
            object.__setattr__(self, name, value)  # it is frozen from here on

    @property
    def output_folder(self) -> Path:
        return self.output or self.home / "output"

    @property
    def input_folder(self) -> Path:
        return self.home / "input"

    @property
    def temp_folder(self) -> Path:
        return self.home / "temp"

    @property
    def cache_folder(self) -> Path:
        return self.home / "cache"

    @property
    def thumbnail_folder(self) -> Path:
        return self.cache_folder / "thumbnails"

    @property
    def pack_folders(self) -> tuple[Path, ...]:
        return (builtin.NODES, self.home / "packs", *self.packs)

    @property
    def numerics(self) -> str:
        """What changes the numbers that device work gives; part of its cache key."""
        return f"{self.device.partition(':')[0]}/{self.precision}"  # which of several makes no difference
