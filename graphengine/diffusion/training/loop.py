"""The training loop: steps until a budget is spent, resumable at any checkpoint to exactly what it would have done.

What is trained is a ``Task``. All randomness of a step comes from one generator made of seed, process and step, so
a resumed run needs to remember nothing but the number of the step.
"""

import json
import logging
import math
import os
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from graphengine.diffusion.training.ema import EMA, tensor_of
from graphengine.diffusion.training.muon import muon_for
from graphengine.diffusion.training.peers import FlatGradients, Peers

log = logging.getLogger(__name__)

RESULT = "result.safetensors"  # in a run's folder: what it is for, the averaged weights
LOG = "log.jsonl"


class Task(Protocol):
    """Something to train: a network and its loss on a batch drawn with a generator."""

    @property
    def module(self) -> nn.Module:
        """Holds every parameter that is trained."""

    def loss(self, rng: random.Random) -> Tensor:
        """A scalar to minimise; every random choice comes from ``rng``."""


@dataclass(frozen=True)
class Budget:
    """How long to train: minutes of wall clock or a number of steps, whichever is given."""

    minutes: float | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise ValueError(f"a budget is either minutes or steps, not minutes={self.minutes} and steps={self.steps}")

    def fraction(self, elapsed: float, step: int) -> float:
        """The share that is spent after ``elapsed`` seconds and ``step`` steps, 1 at the end."""
        spent = step / self.steps if self.steps else elapsed / (60 * (self.minutes or 1))
        return min(spent, 1.0)


@dataclass(frozen=True)
class Settings:
    """How the weights move.

    Attributes:
        learning_rate: Muon's, at its highest.
        adam_share: AdamW's rate for vectors, embeddings and ends, relative to Muon's.
        warm_up: Steps in which the rate rises from nothing.
        decay_from: The share of the budget after which the rate falls along half a cosine.
        floor: What the rate falls to, relative to its highest.
        clip: Longest gradient that is not shortened.
        seed: Of everything random.
        checkpoint_seconds: How often the state is saved.
    """

    learning_rate: float = 2e-3
    adam_share: float = 0.7
    weight_decay: float = 0.01
    warm_up: int = 100
    decay_from: float = 0.0
    floor: float = 0.03
    ema_decay: float = 0.9985
    clip: float = 1.0
    seed: int = 0
    checkpoint_seconds: float = 120.0

    def rate(self, fraction: float, step: int) -> float:
        """The factor on the learning rates at a share of the budget."""
        decayed = max(0.0, fraction - self.decay_from) / max(1e-9, 1 - self.decay_from)
        cosine = self.floor + (1 - self.floor) * (1 + math.cos(math.pi * decayed)) / 2
        return min(1.0, (step + 1) / max(1, self.warm_up)) * cosine


@dataclass(frozen=True)
class Progress:
    """One step as it is reported and logged."""

    step: int
    fraction: float
    seconds: float
    loss: float
    gradient_norm: float
    rate: float


OnProgress = Callable[[Progress], bool]
"""Told of every step, in the first process only; says whether to go on."""


class Stopped(Exception):
    """Training was told to stop before its budget was spent. Its state is saved."""


class Run:
    """The state of one training run in a folder: ``state.pt`` to go on from, ``log.jsonl`` the loss curve."""

    def __init__(self, task: Task, folder: Path, settings: Settings, peers: Peers | None = None) -> None:
        self.task, self.folder, self.settings = task, folder, settings
        self.peers = peers or Peers()
        trained = [parameter for parameter in task.module.parameters() if parameter.requires_grad]
        self.gradients = FlatGradients(trained)
        self.optimizer = muon_for(
            task.module, settings.learning_rate, adam_share=settings.adam_share, weight_decay=settings.weight_decay
        )
        self.highest_rates = [group["lr"] for group in self.optimizer.param_groups]
        self.ema = EMA(task.module, settings.ema_decay)
        self.step, self.elapsed = 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)

    def train(self, budget: Budget, on_progress: OnProgress | None = None) -> None:
        """Go on from the last checkpoint, if there is one, until the budget is spent.

        Raises:
            Stopped: ``on_progress`` said so.
        """
        self.restore()
        saved_at = time.monotonic()
        fraction = budget.fraction(self.elapsed, self.step)
        going = True
        while going and fraction < 1:
            started = time.monotonic()
            progress = self.advance(fraction)
            self.elapsed += time.monotonic() - started
            if self.peers.rank == 0:
                going = self._record(progress, on_progress)
                if time.monotonic() - saved_at > self.settings.checkpoint_seconds:
                    self.save()
                    saved_at = time.monotonic()
            fraction, going = self._agreed(budget.fraction(self.elapsed, self.step), going)
        if self.peers.rank == 0:
            self.save()
        if not going:
            raise Stopped

    def advance(self, fraction: float) -> Progress:
        """One optimiser step, at a share of the budget."""
        rng = random.Random(f"step {self.settings.seed} {self.peers.rank} {self.step}")
        self.gradients.clear()
        loss = self.task.loss(rng)
        loss.backward()
        mean_loss = self.gradients.average(self.peers, float(loss.detach()))
        norm = self.gradients.clip(self.settings.clip)
        factor = self.settings.rate(fraction, self.step)
        for group, rate in zip(self.optimizer.param_groups, self.highest_rates, strict=True):
            group["lr"] = rate * factor
        self.optimizer.step()
        self.ema.update(self.task.module)
        self.step += 1
        return Progress(self.step, fraction, self.elapsed, mean_loss, norm, factor)

    def save(self) -> None:
        """Write the state aside, then put it in the place of the last one."""
        state = {
            "step": self.step,
            "elapsed": self.elapsed,
            "module": self._trained(),
            "optimizer": self.optimizer.state_dict(),
            "ema": self.ema.state_dict(),
        }
        aside = self.folder / "state.pt.partial"
        torch.save(state, aside)
        os.replace(aside, self.folder / "state.pt")
        log.info("step %d: saved %s", self.step, self.folder / "state.pt")

    def restore(self) -> None:
        """Take up the last checkpoint of the folder, if there is one."""
        path = self.folder / "state.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        with torch.no_grad():
            for name, parameter in self._trained().items():
                parameter.copy_(tensor_of(state["module"], name))
        self.optimizer.load_state_dict(state["optimizer"])
        self.ema.load_state_dict(state["ema"])
        self.step, self.elapsed = state["step"], state["elapsed"]
        log.info("resumed %s at step %d", path, self.step)

    def _trained(self) -> dict[str, Tensor]:
        """What moves, by name; what stands still is not saved again and again."""
        return {name: parameter.detach() for name, parameter in self.task.module.named_parameters()
                if parameter.requires_grad}  # fmt: skip

    def _agreed(self, fraction: float, going: bool) -> tuple[float, bool]:
        """The mean over all processes and whether all go on, so that they use one learning rate and stop together."""
        values = torch.tensor([fraction, float(going)], dtype=torch.float64)
        self.peers.average(values)
        return float(values[0]), float(values[1]) == 1

    def _record(self, progress: Progress, on_progress: OnProgress | None) -> bool:
        with (self.folder / LOG).open("a") as lines:
            lines.write(json.dumps(asdict(progress)) + "\n")
        return on_progress(progress) if on_progress else True
