"""Checkpoints, single networks and model folders as values; only headers are read."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from graphengine.diffusion.families import COMPONENTS, FAMILIES, SD1
from graphengine.diffusion.families.family import Family
from graphengine.diffusion.types import (
    Autoencoder,
    ControlNet,
    LatentFormat,
    Model,
    Prediction,
    StoredTensor,
    TextEncoder,
)
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.folder import open_folder, read_json
from graphengine.diffusion.weights.identify import Found, Identified, identify
from graphengine.diffusion.weights.parts import make_part
from graphengine.diffusion.weights.read import WeightsFile, open_weights

FilePath = str | os.PathLike[str]
PREDICTIONS: Mapping[str, Prediction] = {
    "eps": Prediction.EPS,
    "epsilon": Prediction.EPS,
    "v": Prediction.V,
    "v_prediction": Prediction.V,
    "x0": Prediction.X0,
    "sample": Prediction.X0,
}


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The networks of one model."""

    model: Model
    text_encoder: TextEncoder
    autoencoder: Autoencoder


def load_checkpoint(path: FilePath, *, averaged: bool = True, metadata: Mapping[str, str] | None = None) -> Checkpoint:
    """Load a single-file checkpoint or a diffusers folder (the one with model_index.json).

    Args:
        path: File or folder.
        averaged: Take the averaged weights (``model_ema.``) where a file has them beside the others, as the original
            programs do.
        metadata: Facts that the file should have stated and does not; they go before its own. ``prediction`` is eps, v
            or x0; ``denoiser.heads``, ``denoiser.norm_groups``, ``autoencoder.norm_groups``, ``text_encoder.heads``
            are numbers.

    Raises:
        WeightsError: The file cannot be read, is not recognised, is of a family that is not supported, is incomplete,
            or has no text encoder or autoencoder in it.
    """
    path = Path(path)
    facts = metadata or {}
    if path.is_dir():
        return _load_folder(path, facts)
    file = _stating(open_weights(path), facts)
    identified = identify(file.shapes, str(path))
    denoiser = _part_of(identified, file, "denoiser")
    family = denoiser.family
    return Checkpoint(
        _model(file, denoiser, averaged=averaged),
        TextEncoder(make_part(file, _part_of(identified, file, "text_encoder"), family)),
        _autoencoder(file, _part_of(identified, file, "autoencoder"), family),
    )


def load_denoiser(path: FilePath, *, averaged: bool = True, metadata: Mapping[str, str] | None = None) -> Model:
    """Load the denoiser of a file or of a diffusers ``unet`` folder; arguments as ``load_checkpoint``."""
    file = _stating(_open(path), metadata or {})
    return _model(file, _find(file, "denoiser"), averaged=averaged)


def load_text_encoder(path: FilePath, *, family: str = "sd1", metadata: Mapping[str, str] | None = None) -> TextEncoder:
    """Load the text encoder of a file or of a diffusers ``text_encoder`` folder, for models of a family."""
    file = _stating(_open(path), metadata or {})
    return TextEncoder(make_part(file, _find(file, "text_encoder"), _family(family)))


def load_autoencoder(path: FilePath, *, family: str = "sd1", metadata: Mapping[str, str] | None = None) -> Autoencoder:
    """Load the autoencoder of a file or of a diffusers ``vae`` folder.

    Args:
        path: File or folder.
        family: Whose latents it makes. Files do not tell: those of sd1 and sdxl differ only in scale.
        metadata: As ``load_checkpoint``.
    """
    file = _stating(_open(path), metadata or {})
    return _autoencoder(file, _find(file, "autoencoder"), _family(family))


def load_controlnet(path: FilePath, *, metadata: Mapping[str, str] | None = None) -> ControlNet:
    """Load a ControlNet alone, in either layout, or from a file that also holds its base model."""
    file = _stating(_open(path), metadata or {})
    found = _find(file, "controlnet")
    return ControlNet(make_part(file, found, found.family), average="shuffle" in file.path.name.lower())


def latent_format(family: Family) -> LatentFormat:
    """The family's latent space."""
    return LatentFormat(family.latent_channels, family.latent_scale, family.latent_shift)


def training_schedule(family: Family) -> Tensor:
    """The family's ``alphas_cumprod``, float32: betas linear in the square root, multiplied up in float64."""
    first, last = family.betas
    betas = torch.linspace(first**0.5, last**0.5, family.training_steps, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, dim=0).float()


def _load_folder(folder: Path, facts: Mapping[str, str]) -> Checkpoint:
    scheduler = read_json(folder / "scheduler" / "scheduler_config.json")
    said = {"prediction": str(scheduler["prediction_type"])} if "prediction_type" in scheduler else {}
    stated = {**said, **facts}
    unet, text_encoder, vae = (_stating(open_folder(folder / name), stated) for name in ("unet", "text_encoder", "vae"))
    denoiser = _find(unet, "denoiser")
    family = denoiser.family
    return Checkpoint(
        _model(unet, denoiser, averaged=False),
        TextEncoder(make_part(text_encoder, _find(text_encoder, "text_encoder"), family)),
        _autoencoder(vae, _find(vae, "autoencoder"), family),
    )


def _open(path: FilePath) -> WeightsFile:
    path = Path(path)
    return open_folder(path) if path.is_dir() else open_weights(path)


def _stating(file: WeightsFile, facts: Mapping[str, str]) -> WeightsFile:
    return replace(file, metadata={**file.metadata, **facts})


def _find(file: WeightsFile, role: str) -> Found:
    return _part_of(identify(file.shapes, str(file.path)), file, role)


def _part_of(identified: Identified, file: WeightsFile, role: str) -> Found:
    """The part of this role in a file, of a family that is supported."""
    found = identified.part(role)
    if found is None:
        has = ", ".join(part.signature.title for part in identified.parts)
        noun = role.replace("_", " ")
        raise WeightsError(
            f"{file.path} has no {noun} in it, only: {has}. "
            f"Load what it has with the loader for that, and the {noun} from another file."
        )
    if not found.family.supported:
        title = found.family.title
        raise WeightsError(f"{file.path}: this is {title} ({found.signature.title}), which is not supported yet.")
    return found


def _family(name: str) -> Family:
    families = {family.name: family for family in FAMILIES if family not in COMPONENTS}
    if name not in families:
        raise WeightsError(f"no family {name!r}; choose from {', '.join(families)}, such as {SD1.name!r}.")
    return families[name]


def _model(file: WeightsFile, found: Found, *, averaged: bool) -> Model:
    average = _average(file.tensors, found.prefix) if averaged else None
    part = make_part(file, found, found.family, average)
    if average is not None:
        part = replace(part, identity=f"{part.identity}:averaged")
    return Model(part, _prediction(file, found.family), training_schedule(found.family), latent_format(found.family))


def _autoencoder(file: WeightsFile, found: Found, family: Family) -> Autoencoder:
    return Autoencoder(make_part(file, found, family), latent_format(family))


def _average(tensors: Mapping[str, StoredTensor], prefix: str) -> dict[str, StoredTensor] | None:
    """The averaged copy of the denoiser by bare name, where all of it is there; its names have lost their dots."""
    names = [name[len(prefix) :] for name in tensors if name.startswith(prefix)]
    keys = {name: "model_ema." + (prefix.removeprefix("model.") + name).replace(".", "") for name in names}
    if not all(key in tensors for key in keys.values()):
        return None
    return {name: tensors[key] for name, key in keys.items()}


def _prediction(file: WeightsFile, family: Family) -> Prediction:
    """As the metadata says, or a marker tensor, or the family's own."""
    said = file.metadata.get("prediction") or file.metadata.get("modelspec.prediction_type")
    if said is None:
        said = "v" if "v_pred" in file.tensors else family.prediction
    if said not in PREDICTIONS:
        raise WeightsError(f"{file.path} says its prediction is {said!r}; known are {', '.join(PREDICTIONS)}.")
    return PREDICTIONS[said]
