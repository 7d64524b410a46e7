"""The port types of training."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from graphengine.api import PortType
from graphengine.diffusion.training import loop, stage
from graphengine.diffusion.training.dataset import Dataset as AnyDataset
from graphengine.diffusion.training.world import caption


@dataclass(frozen=True)
class LoraFile:
    """A trained LoRA as it lies in its folder."""

    path: Path


Dataset = Annotated[AnyDataset, PortType("DATASET", "#8d6e63", "Captioned pictures to train on.")]
Settings = Annotated[loop.Settings, PortType("TRAINING_SETTINGS", "#a1887f", "How the weights move.")]
Curve = Annotated[stage.Curve, PortType("LOSS_CURVE", "#ffb74d", "The loss of each step of a training.")]
Lora = Annotated[LoraFile, PortType("LORA", "#d7a9e3", "A trained change of a denoiser.")]
Caption = Annotated[caption.Caption, PortType("WANTED", "#90a4ae", "A caption with what it demands of a picture.")]
