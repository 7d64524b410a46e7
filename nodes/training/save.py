"""Trained networks as files that every loader finds."""

from typing import Literal

import torch
from torch import nn

from graphengine.api import Files, Provenance, Results, Text, node
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.training.export import export, rewrite
from graphengine.ports import Clip, ControlNet, Model, Vae

from .ports import Lora
from .watch import stable_diffusion_1, trainable

Precision = Literal["fp16", "bf16", "fp32"]
DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}


@node(category="training", title="Save as Checkpoint", output=True, resource="io", volatile=True)
def SaveCheckpoint(
    model: Model,
    clip: Clip,
    vae: Vae,
    name: str = "mine",
    precision: Precision = "fp16",
    notes: Text = "",
    *,
    files: Files,
    devices: Residency,
    results: Results,
    provenance: Provenance,
) -> str:
    """Save a denoiser with its adapters, text encoder and autoencoder as one file among the checkpoints.

    Args:
        name: Of the file, without its ending; one of this name is replaced.
        precision: Type of number to save.
        notes: Kept in the file, such as what the network scored.
    """
    stable_diffusion_1(model.part, "model")
    networks = [trainable(part, nn.Module, devices) for part in (model.part, vae.part, clip.part)]
    metadata = {**_facts(provenance, notes), "prediction": model.prediction.value}
    path = files.to_model("checkpoints", f"{name}.safetensors")
    export(path, *networks, metadata=metadata, dtype=DTYPES[precision])
    results.add("text", f"saved {path}")
    return f"{name}.safetensors"


@node(category="training", title="Save ControlNet", output=True, resource="io", volatile=True)
def SaveControlNet(
    control_net: ControlNet,
    name: str = "mine",
    precision: Precision = "fp16",
    notes: Text = "",
    *,
    files: Files,
    devices: Residency,
    results: Results,
    provenance: Provenance,
) -> str:
    """Save a control network as a file among the control networks.

    Args:
        name: Of the file, without its ending; one of this name is replaced.
        precision: Type of number to save.
        notes: Kept in the file, such as what the network scored.
    """
    path = files.to_model("controlnet", f"{name}.safetensors")
    network = trainable(control_net.part, nn.Module, devices)
    export(path, network, metadata=_facts(provenance, notes), dtype=DTYPES[precision])
    results.add("text", f"saved {path}")
    return f"{name}.safetensors"


@node(category="training", title="Save LoRA", output=True, resource="io", volatile=True)
def SaveLora(
    lora: Lora,
    name: str = "mine",
    precision: Precision = "fp16",
    notes: Text = "",
    *,
    files: Files,
    results: Results,
    provenance: Provenance,
) -> str:
    """Save a LoRA as a file among the LoRAs.

    Args:
        name: Of the file, without its ending; one of this name is replaced.
        precision: Type of number to save.
        notes: Kept in the file, such as what the network scored.
    """
    path = files.to_model("loras", f"{name}.safetensors")
    rewrite(lora.path, path, _facts(provenance, notes), DTYPES[precision])
    results.add("text", f"saved {path}")
    return f"{name}.safetensors"


def _facts(provenance: Provenance, notes: str) -> dict[str, str]:
    """Metadata: the workflow that the network comes from, and what else is said about it."""
    return {**provenance.texts, **({"notes": notes} if notes else {})}
