"""A stage of training inside a node: run to its end, or until the run is cancelled."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, TypeVar

import torch
from torch import nn

from graphengine.api import Files, NodeError, Progress
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.training import loop
from graphengine.diffusion.training.stage import OtherTraining, Stage, digest
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.build import materialize

from .ports import Dataset

Network = TypeVar("Network", bound=nn.Module)

PARTS = 1000  # that progress is told in where the time is set, not the steps


def stage_of(
    files: Files,
    name: str,
    minutes: float,
    steps: int,
    config: Any,
    parts: Mapping[str, Part],
    datasets: Mapping[str, Dataset],
) -> Stage:
    """The stage of a training: everything that its result depends on."""
    depends = {
        **asdict(config),
        **{role: digest(part) for role, part in parts.items()},
        **{role: dataset.identity for role, dataset in datasets.items()},
    }
    budget = loop.Budget(steps=steps) if steps else loop.Budget(minutes=minutes)
    return Stage(files.to_train(name), depends, budget)


def finish(stage: Stage, train: Callable[..., None], processes: int, progress: Progress) -> None:
    """Train until the stage is finished.

    Args:
        train: A training function that lacks only its folder, its budget, its place among others and whom to tell.

    Raises:
        NodeError: The folder belongs to another training, or there is too little to train on.
        Cancelled: The run was cancelled; the next one goes on from there.
    """
    total = stage.budget.steps or PARTS

    def on_progress(step: loop.Progress) -> bool:
        done = step.step if stage.budget.steps else round(PARTS * step.fraction)
        progress.report(min(done, total), total, None)
        progress.say(f"step {step.step}, loss {step.loss:.4f}")
        return not progress.cancelled()

    work = partial(train, folder=stage.folder, budget=stage.budget)
    progress.check()
    try:
        stage.run(work, processes, on_progress)
    except loop.Stopped:
        progress.check()
        raise
    except OtherTraining as error:
        cure = "Choose another name, undo the change, or remove the folder to start anew."
        raise NodeError(f"{error}.", cure, input="name") from error


def trainable(part: Part, kind: type[Network], devices: Residency) -> Network:
    """A network of its own, in float32."""
    network = materialize(part, torch.float32, devices.device, copy=True)
    assert isinstance(network, kind)
    return network


def stable_diffusion_1(part: Part, input: str) -> None:
    """Check that a network is of the family that training knows.

    Raises:
        NodeError: It is not.
    """
    if part.family != "sd1":
        raise NodeError(f"{part.name} is of the family {part.family}.", "Training takes models of sd1.", input=input)
