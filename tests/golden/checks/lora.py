"""LoRA files: the merged weights."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from graphengine.diffusion.adapters.embedding import read_embedding
from graphengine.diffusion.adapters.lora import read_lora, with_lora
from graphengine.diffusion.types import Model, Part, TextEncoder
from graphengine.diffusion.weights.build import read_weight
from graphengine.diffusion.weights.load import load_denoiser, load_text_encoder
from harness import Case, Outputs, golden

PREFIXES = {"unet": "model.diffusion_model.", "clip": "cond_stage_model.transformer."}


def networks(case: Case) -> tuple[Model, TextEncoder]:
    unet = load_denoiser(case.files["unet"], metadata={"heads": str(case.config["unet"]["num_heads"])})
    clip = load_text_encoder(case.files["clip"], metadata={"heads": str(case.config["clip"]["heads"])})
    return unet, clip


def merged(case: Case, file: Path, layers: list[dict[str, str]]) -> Iterator[tuple[str, Tensor]]:
    """Every listed weight with the LoRA on top, by its name in the checkpoint."""
    model, clip = networks(case)
    lora = read_lora(file)
    model, clip = with_lora(model, clip, lora, case.config["strength_model"], case.config["strength_clip"])
    parts: dict[str, Part] = {"unet": model.part, "clip": clip.part}
    for layer in layers:
        part, name = parts[layer["part"]], f"{layer['target']}.weight"
        native = name.removeprefix(PREFIXES[layer["part"]])
        yield name, read_weight(part, native, torch.float32, torch.device("cpu"))


@golden("lora_kohya")
def kohya(case: Case) -> Outputs:
    yield from merged(case, case.files["lora"], case.config["layers"])


@golden("lora_diffusers")
def diffusers(case: Case) -> Outputs:
    for role in ("lora_new", "lora_plain", "lora_old"):
        for name, value in merged(case, case.files[role], case.config["modules"]):
            yield f"{role}.{name}", value


@golden("lora_embeddings")
def embeddings(case: Case) -> Outputs:
    for role, path in case.files.items():
        for tower, vectors in read_embedding(path).items():
            yield f"{role}.{tower}", vectors
