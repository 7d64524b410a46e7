"""What lies on the device: live networks under one budget of bytes, the least recently used leaving first.

A part is a value; ``use`` makes it live for as long as the ``with`` block lasts. State, all of it:

    residents   one for each live network: the part it stands for, its module, its bytes, how many users it has now,
                and when it was last used

A network that is in use is never evicted and never changed. A part that differs from an idle resident in nothing but
its patches takes that resident over: every weight whose patches differ is read again from the file, so that taking an
adapter away restores the weights bit for bit and costs only the tensors that it touched.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import psutil
import torch
from torch import nn

from graphengine.diffusion.allocator import give_back_large_blocks
from graphengine.diffusion.precision import Mode, Precision, parameters
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.build import materialize, patches_of, put_weights

BUDGET = 0.8  # of a device's memory: the rest is for activations and for others


@dataclass(eq=False)
class Resident:
    """A live network."""

    part: Part
    module: nn.Module
    dtype: torch.dtype
    users: int = 0
    used: int = 0

    @property
    def bytes(self) -> int:
        """Of its parameters and buffers."""
        tensors = (*self.module.parameters(), *self.module.buffers())
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


class Residency:
    """Live networks on one device. Safe to use from several threads.

    Args:
        device: Where networks go; None is the accelerator, or the processor where there is none.
        memory_budget: Bytes that live networks may take together; None is most of the device's memory.
        precision: Policy that chooses each network's number type.
        compile: Compile networks with ``torch.compile``.
        report: Told, in a sentence, when the budget has to be exceeded.
    """

    def __init__(
        self,
        device: torch.device | str | None = None,
        memory_budget: int | None = None,
        precision: Mode | Precision = "auto",
        compile: bool = False,
        report: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.device = torch.device(device) if device is not None else _best_device()
        self.memory_budget = memory_budget if memory_budget is not None else int(BUDGET * _memory(self.device))
        self.precision = precision if isinstance(precision, Precision) else Precision(precision)
        self._compile = compile
        self._report = report
        self._residents: list[Resident] = []
        self._clock = count(1)
        self._lock = threading.RLock()

    @classmethod
    def create(cls, settings: Any, report: Callable[[str], None] = lambda _message: None) -> "Residency":
        """From any object with the attributes device, memory_budget, precision and compile; absent is the default.

        A device called ``auto`` is the accelerator, or the processor where there is none. The process's allocator is
        set to give memory back.
        """
        give_back_large_blocks()
        names = ("device", "memory_budget", "precision", "compile")
        given = {name: getattr(settings, name) for name in names if hasattr(settings, name)}
        if given.get("device") == "auto":
            given["device"] = None
        return cls(**given, report=report)

    @contextmanager
    def use(self, part: Part) -> Iterator[nn.Module]:
        """The live network of a part, which stays as it is until the block ends."""
        with self._lock:
            resident = self._take(part)
            resident.users += 1
            resident.used = next(self._clock)
        try:
            yield resident.module
        finally:
            with self._lock:
                resident.users -= 1

    def held(self) -> list[tuple[str, int]]:
        """Name and bytes of every live network, the least recently used first."""
        with self._lock:
            return [(resident.part.name, resident.bytes) for resident in self._by_age()]

    def room(self) -> tuple[str, int, int]:
        """The device's name, the bytes of its memory, and how many of them are free."""
        return str(self.device), _memory(self.device), self.available()

    def free(self, bytes: int | None = None) -> int:
        """Let go of idle networks until this many bytes are free, or of all of them; returns how many were."""
        with self._lock:
            freed = 0
            for resident in self._by_age():
                if not resident.users and (bytes is None or freed < bytes):
                    freed += resident.bytes
                    self._residents.remove(resident)
            if freed and self.device.type != "cpu":
                torch.get_device_module(self.device).empty_cache()
            return freed

    def available(self) -> int:
        """Bytes of memory that are free for activations now."""
        backend = torch.get_device_module(self.device)
        if hasattr(backend, "mem_get_info"):
            return int(backend.mem_get_info(self.device)[0])
        return int(psutil.virtual_memory().available)

    def relieve(self) -> None:
        """Memory ran out somewhere: let go of every idle network."""
        self.free()

    def _by_age(self) -> list[Resident]:
        return sorted(self._residents, key=lambda resident: resident.used)

    def _take(self, part: Part) -> Resident:
        """The resident for a part: as it is, with its patches changed, or newly loaded."""
        dtype = self.precision.dtype(part, self.device)
        same = [other for other in self._residents if other.part.identity == part.identity and other.dtype == dtype]
        for resident in same:
            if resident.part.patches == part.patches:
                return resident
        for resident in same:
            if not resident.users:
                self._change_patches(resident, part)
                return resident
        self._make_room(part, dtype)
        resident = Resident(part, materialize(part, dtype, self.device), dtype)
        if self._compile:
            resident.module.compile()
        self._residents.append(resident)
        return resident

    def _change_patches(self, resident: Resident, part: Part) -> None:
        before = resident.part
        touched = {name for patch in (*before.patches, *part.patches) for name in patch.names()}
        changed = [name for name in sorted(touched) if patches_of(before, name) != patches_of(part, name)]
        self._residents.remove(resident)  # should a patch fail, nobody may find the half-changed network
        put_weights(resident.module, part, changed, resident.dtype, self.device)
        resident.part = part
        self._residents.append(resident)

    def _make_room(self, part: Part, dtype: torch.dtype) -> None:
        needed = parameters(part) * dtype.itemsize
        held = sum(resident.bytes for resident in self._residents)
        excess = held + needed - self.memory_budget
        if excess > 0 and (lacking := excess - self.free(excess)) > 0:
            self._report(
                f"{part.name} takes {_mib(needed)}, which is {_mib(lacking)} more than the budget of "
                f"{_mib(self.memory_budget)} for live networks has left; loading it all the same."
            )


def _mib(bytes: int) -> str:
    return f"{bytes / 2**20:.1f} MiB"


def _best_device() -> torch.device:
    return torch.accelerator.current_accelerator() or torch.device("cpu")


def _memory(device: torch.device) -> int:
    """Bytes of a device's memory; a device that cannot say shares the processor's."""
    backend = torch.get_device_module(device)
    if hasattr(backend, "get_device_properties") and hasattr(
        properties := backend.get_device_properties(device), "total_memory"
    ):
        return int(properties.total_memory)
    return int(psutil.virtual_memory().total)
