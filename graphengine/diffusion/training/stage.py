"""One training in a folder of its own: what it was asked for, how far it is, what it left.

stage.json          what the result depends on, and the budget it was finished with
state.pt            the last checkpoint
log.jsonl           a line for each step
result.safetensors  the averaged weights, once it is finished
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from graphengine.diffusion.training.loop import LOG, RESULT, Budget, OnProgress
from graphengine.diffusion.training.processes import Work, train_together
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.build import read_weight

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Curve:
    """The loss of each step of a training."""

    name: str
    steps: tuple[int, ...]
    losses: tuple[float, ...]


class OtherTraining(ValueError):
    """The folder holds a training that was asked for something else."""


@dataclass(frozen=True)
class Stage:
    """A training in a folder.

    Attributes:
        folder: Made when it begins.
        depends: What its result depends on besides the budget: settings, pictures, digests of networks; plain data.
        budget: How long it goes; a finished stage with a larger budget goes on.
    """

    folder: Path
    depends: Mapping[str, Any]
    budget: Budget

    @property
    def result(self) -> Path:
        return self.folder / RESULT

    @property
    def finished(self) -> bool:
        """Whether the result of just this training is there."""
        wanted = {"depends": _plain(self.depends), "finished": asdict(self.budget)}
        return self.result.is_file() and self._read() == wanted

    def run(self, work: Work, processes: int, on_progress: OnProgress) -> None:
        """Begin, or go on from the last checkpoint, and finish.

        Raises:
            OtherTraining: The folder belongs to another training.
            Stopped: ``on_progress`` said so; the next run goes on.
        """
        found, depends = self._read(), _plain(self.depends)
        if found and found["depends"] != depends:
            names = (*depends, *found["depends"])
            other = dict.fromkeys(name for name in names if depends.get(name) != found["depends"].get(name))
            raise OtherTraining(f"{self.folder} holds a training with other {', '.join(other)}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write({"depends": depends})
        train_together(work, processes, on_progress)
        self._write({"depends": depends, "finished": asdict(self.budget)})

    @property
    def curve(self) -> Curve:
        """The loss of each step, as it was when the step was last done."""
        points = [json.loads(line) for line in (self.folder / LOG).read_text().splitlines()]
        losses = {point["step"]: point["loss"] for point in points if point["step"] <= points[-1]["step"]}
        return Curve(self.folder.name, tuple(losses), tuple(losses.values()))

    def _read(self) -> Any:
        path = self.folder / "stage.json"
        return json.loads(path.read_text()) if path.is_file() else None

    def _write(self, data: Mapping[str, Any]) -> None:
        aside = self.folder / "stage.json.partial"
        aside.write_text(json.dumps(data, indent=1))
        aside.replace(self.folder / "stage.json")


def digest(part: Part) -> str:
    """Of a network's patched weights."""
    sha256 = hashlib.sha256()
    for name in sorted(part.weights):
        weight = read_weight(part, name, torch.float32, CPU)
        sha256.update(f"{name}{tuple(weight.shape)}".encode())
        sha256.update(weight.contiguous().numpy().tobytes())
    return sha256.hexdigest()


def _plain(data: Mapping[str, Any]) -> Any:
    """As it comes back from JSON: tuples are lists there."""
    return json.loads(json.dumps(data))
